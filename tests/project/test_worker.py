"""What a worker's process sets before its first task."""

import gc
from collections.abc import Iterator

import pytest
from celery.signals import worker_process_init

from config import celery, garbage


@pytest.fixture
def _garbage_as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.usefixtures("_garbage_as_before")
def test_what_was_loaded_is_not_searched_for_garbage() -> None:
    loaded = [gc]
    assert any(each is loaded for each in gc.get_objects())
    garbage.look_for_it_seldom()
    assert not any(each is loaded for each in gc.get_objects())
    assert gc.get_threshold()[0] == garbage.FROM


@pytest.mark.parametrize("setting", [celery.use_fast_loops, garbage.look_for_it_seldom])
def test_every_process_of_a_worker_is_set_up(setting: object) -> None:
    heard = [receiver() for _key, receiver in worker_process_init.receivers]
    assert setting in heard
