"""Lets the jobs of a scripted provider live by themselves, in an order that a seed decides."""

import random
from collections.abc import Callable
from typing import Any

from tests.providers.scripted.script import Script
from tests.providers.scripted.shelf import Thing

TICK_SECONDS = 0.02


class Living:
    """Moves jobs on: one move is a change of status, or one step of one job.

    Jobs that clients create live too. `script.move_on(job, steps, fate)` makes the move.
    """

    def __init__(self, script: Script, *, steps: int = 50, failing: float = 0.05, seed: int = 1):
        self.script = script
        self.moves = 0
        self._steps = steps
        self._failing = failing
        self._chance = random.Random(seed)
        self._active: list[str] = []
        script.on_new_job = self._active.append

    @property
    def active(self) -> int:
        return len(self._active)

    def add_jobs(self, count: int, **facts: Any) -> None:
        """Let this many jobs begin."""
        for _ in range(count):
            self.script.add_job(**facts)

    def move(self, moves: int) -> None:
        """Make this many moves, each of any active job."""
        for _ in range(moves):
            if not self._active:
                return
            place = self._chance.randrange(len(self._active))
            if not self._move_on(self._active[place]):
                self._active[place] = self._active[-1]
                self._active.pop()
            self.moves += 1

    def finish(self) -> None:
        """Let every job come to its end."""
        while self._active:
            self.move(len(self._active))

    def _move_on(self, job_id: str) -> bool:
        """Return whether the job goes on after its move."""
        job: Thing | None = self.script.jobs.get(job_id)
        fails = self._chance.random() < self._failing / self._steps
        return job is not None and self.script.move_on(job, self._steps, fails=fails)


def at_pace(living: Living, moves_per_second: Callable[[], float]) -> Callable[[], float]:
    """Return what a loop calls at every tick; it returns when to be called again."""
    owed = 0.0

    def tick() -> float:
        nonlocal owed
        owed += moves_per_second() * TICK_SECONDS
        living.move(int(owed))
        owed -= int(owed)
        return TICK_SECONDS

    return tick
