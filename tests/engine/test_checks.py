"""Start-up checks: what is missing, and what to do about it."""

from pathlib import Path

from apps.engine import checks


def test_all_is_well_in_a_fresh_checkout() -> None:
    assert checks.base_model_is_there() == []
    assert checks.folder_is_writable() == []


def test_missing_weights_stop_the_start_with_the_way_to_make_them(
    monkeypatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(checks, "BASE_WEIGHTS", tmp_path / "gone.npz")
    (error,) = checks.base_model_is_there()
    assert "make_base" in error.hint


def test_a_folder_that_cannot_be_written_stops_the_start(settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "file"
    settings.DATA_DIR.write_text("in the way")
    (error,) = checks.folder_is_writable()
    assert "DATA_DIR" in error.hint
