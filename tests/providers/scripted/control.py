"""What another process tells a scripted provider, beside the provider's own API.

GET  /_script                 what is there: every job with its status, steps, events
POST /_script {"jobs": 100, "moves": 5000, "finish": true, "pace": 2000, "away": 1.5,
               "mischief": 0.05, "ways": ["500"], "repeats": true, "shuffles": true}
"""

from collections.abc import Callable
from typing import Any

from tests.providers.scripted.faults import Mischief
from tests.providers.scripted.http import Answer, Seen
from tests.providers.scripted.living import Living


class Control:
    """Stands before a script's answers and takes what is not meant for the provider."""

    def __init__(self, living: Living) -> None:
        self.living = living
        self.script = living.script
        self.pace = 0.0
        self._answer = self.script.answer

    def answer(self, seen: Seen) -> Answer:
        if seen.path != "/_script":
            return self._answer(seen)
        if seen.method == "POST":
            self.obey(seen.json())
        return Answer(200, self.history())

    def obey(self, wishes: dict[str, Any]) -> None:
        """Carry out what was asked, in the order in which it was written."""
        for name, value in wishes.items():
            if name in self._verbs:
                self._verbs[name](value)
        if "mischief" in wishes:
            ways = wishes.get("ways") or Mischief.WAYS
            self.script.mischief = Mischief(wishes["mischief"], ways=ways)

    @property
    def _verbs(self) -> dict[str, Callable[[Any], None]]:
        return {
            "jobs": self.living.add_jobs,
            "moves": self.living.move,
            "finish": lambda _yes: self.living.finish(),
            "pace": lambda pace: setattr(self, "pace", float(pace)),
            "away": self.script.go_away,
            "repeats": lambda yes: setattr(self.script, "repeats_events", yes),
            "shuffles": lambda yes: setattr(self.script, "shuffles_events", yes),
        }

    def history(self) -> dict[str, Any]:
        """Return what a recount needs."""
        return {
            "active": self.living.active,
            "moves": self.living.moves,
            "calls": dict(self.script.calls),
            "mischief": dict(self.script.mischief.met),
            "files": len(self.script.files),
            "jobs": {job_id: self.script.summary(job_id) for job_id in self.script.jobs},
        }
