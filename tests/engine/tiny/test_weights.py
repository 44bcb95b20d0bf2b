import numpy as np
import pytest

from apps.engine.tiny.model import ModelConfig, initial_parameters
from apps.engine.tiny.weights import BASE_WEIGHTS, load_weights, save_weights, write_atomically


def test_weights_come_back_in_half_precision(tmp_path):
    parameters = initial_parameters(ModelConfig())

    save_weights(tmp_path / "deep" / "model.npz", parameters)
    loaded = load_weights(tmp_path / "deep" / "model.npz")

    assert loaded.keys() == parameters.keys()
    for name, array in loaded.items():
        assert array.dtype == np.float32
        np.testing.assert_allclose(array, parameters[name], atol=1e-3)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "model.npz"
    target.write_bytes(b"old")

    def fail_halfway(file):
        file.write(b"half")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_atomically(target, fail_halfway)

    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_pickles_are_never_read(tmp_path):
    np.savez(tmp_path / "evil.npz", embedding=np.array([{"a": 1}], dtype=object))

    with pytest.raises(ValueError, match="allow_pickle"):
        load_weights(tmp_path / "evil.npz")


def test_the_shipped_base_fits_the_model():
    loaded, fresh = load_weights(BASE_WEIGHTS), initial_parameters(ModelConfig())

    assert {name: array.shape for name, array in loaded.items()} == {
        name: array.shape for name, array in fresh.items()
    }
    assert BASE_WEIGHTS.stat().st_size < 2_300_000
