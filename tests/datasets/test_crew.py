"""Who is free gets the next piece; results come in the order of the pieces all the same."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from threading import Event, Thread

import pytest

from apps.datasets.check import crew
from apps.datasets.check.crew import CheckerDied, in_order


@dataclass(frozen=True)
class Piece:
    number: int

    def work(self) -> int:
        return self.number


def start(serve: Callable[[Connection], None]) -> Connection:
    """Stand in for a process: serve one end of a pipe in a thread, return the other."""
    here, there = Pipe()

    def run() -> None:
        with there:
            serve(there)

    Thread(target=run, daemon=True).start()
    return here


def work_on(pipe: Connection, done: list[int], *, until: int = 1_000_000) -> None:
    """Do pieces as they come; never the one of this number."""
    try:
        while (piece := pipe.recv()).number != until:
            done.append(piece.number)
            pipe.send(piece.work())
    except (EOFError, OSError):
        return


def test_a_slow_piece_keeps_nobody_else_waiting_and_comes_first_all_the_same():
    others_are_through, fast = Event(), list[int]()

    def slowly(pipe: Connection) -> None:
        others_are_through.wait(10)
        work_on(pipe, [])

    def quickly(pipe: Connection) -> None:
        work_on(pipe, fast, until=19)
        others_are_through.set()
        pipe.send(19)

    pipes = [start(slowly), start(quickly)]
    assert list(in_order(map(Piece, range(20)), pipes, lambda: None)) == list(range(20))
    assert fast == list(range(2, 19))


def test_results_do_not_pile_up_behind_a_piece_that_takes_for_ever(monkeypatch):
    monkeypatch.setattr(crew, "OPEN_PIECES", 8)
    monkeypatch.setattr(crew, "WAIT_SECONDS", 0.01)
    done: list[int] = []
    pipes = [start(lambda pipe: Event().wait(2)), start(lambda pipe: work_on(pipe, done))]

    def give_up() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        list(in_order(map(Piece, range(100)), pipes, give_up))
    assert done == list(range(2, 8))


def test_nobody_has_more_pieces_waiting_than_keep_it_busy():
    taken = Event()

    def take_one(pipe: Connection) -> None:
        pipe.recv()
        pipe.recv()
        assert not pipe.poll(0.2)
        taken.set()
        pipe.send(0)

    with closing(in_order(map(Piece, range(9)), [start(take_one)], lambda: None)) as results:
        next(results)
    assert taken.is_set()


def test_pieces_are_cut_while_nobody_has_a_result_yet():
    cut, all_cut = list[Piece](), Event()

    def cutting():
        for number in range(50):
            cut.append(Piece(number))
            yield cut[-1]
        all_cut.set()

    def load_first(pipe: Connection) -> None:
        all_cut.wait(2)
        pipe.send(len(cut))

    with closing(in_order(cutting(), [start(load_first)], lambda: None)) as results:
        assert next(results) == 50


def test_a_process_that_ends_with_work_in_hand_is_noticed():
    with pytest.raises(CheckerDied):
        list(in_order([Piece(0)], [start(lambda pipe: None)], lambda: None))
