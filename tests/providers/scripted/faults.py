"""How a scripted provider misbehaves: one fault on command, or by chance and by the clock."""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.providers.scripted.http import Answer, Ending, Seen

MUTATES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass
class Fault:
    """An answer to give instead of the right one; `times` counts down.

    `done` first does what was asked: the answer is lost, not the request. `change` is given the
    right answer's body and returns what is sent in its place.
    """

    status: int = 500
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False  # within the body
    half_closed: bool = False
    reset: bool = False
    hang: bool = False  # never answer
    done: bool = False
    change: Callable[[Any], Any] | None = None
    delay: float = 0.0
    times: int = 1

    @property
    def acts(self) -> bool:
        """True when the request is carried out all the same."""
        return self.done or self.change is not None

    def answer(self, right: Answer | None) -> Answer:
        """Return what is sent; `right` is there when the request was carried out."""
        if self.change and right:
            return Answer(right.status, self.change(right.body), self.headers, delay=self.delay)
        status = 200 if self.cut else self.status
        ending = self._ending()
        return Answer(status, self.body, self.headers, delay=self.delay, ending=ending)

    def _ending(self) -> Ending:
        if self.hang:
            return "silence"
        if self.reset:
            return "reset"
        if self.half_closed:
            return "half_closed"
        return "cut" if self.cut else "whole"


class Faults:
    """The faults that wait for their request."""

    def __init__(self) -> None:
        self._waiting: list[tuple[str, re.Pattern[str], Fault]] = []

    def add(self, method: str, path: str, fault: Fault) -> None:
        """Let the next requests to this path (a regular expression) meet the fault."""
        self._waiting.append((method, re.compile(path), fault))

    def meet(self, seen: Seen) -> Fault | None:
        """Return the fault that this request meets, if any."""
        for entry in self._waiting:
            method, path, fault = entry
            if method == seen.method and path.fullmatch(seen.path):
                fault.times -= 1
                if not fault.times:
                    self._waiting.remove(entry)
                return fault
        return None


class Mischief:
    """Faults by chance: a share of all requests goes wrong, in the ways that are named.

    The same seed and the same requests give the same faults. `met` counts them.
    """

    WAYS = ("500", "503", "429", "reset", "cut", "half_closed", "lost", "late", "html")

    def __init__(self, rate: float, *, ways: Iterable[str] = WAYS, seed: int = 1) -> None:
        self.rate = rate
        self.met: Counter[str] = Counter()
        self._ways = tuple(ways)
        self._chance = random.Random(seed)

    def meet(self, seen: Seen) -> Fault | None:
        """Return the fault that befalls this request, if any."""
        if self._chance.random() >= self.rate:
            return None
        way = self._chance.choice(self._ways)
        if way == "lost" and seen.method not in MUTATES:
            way = "reset"
        self.met[way] += 1
        return make_fault(way)


def make_fault(way: str) -> Fault:
    """Return a new fault of this kind."""
    return _MAKERS[way]()


def _too_many() -> Fault:
    words = {"message": "Slow down.", "type": "requests", "code": "rate_limit_exceeded"}
    return Fault(429, {"error": words}, {"Retry-After": "1"})


def _no_credit() -> Fault:
    words = {"message": "You exceeded your current quota.", "code": "insufficient_quota"}
    return Fault(429, {"error": words})


_MAKERS: dict[str, Callable[[], Fault]] = {
    "500": lambda: Fault(500, {"error": {"message": "The server had an error."}}),
    "503": lambda: Fault(503, {"error": {"message": "Overloaded."}}, {"Retry-After": "2"}),
    "429": _too_many,
    "429_quota": _no_credit,
    "reset": lambda: Fault(reset=True),
    "cut": lambda: Fault(cut=True, body=b'{"object": "list", "data": [{"id": "ft'),
    "half_closed": lambda: Fault(200, b'{"object": "li', half_closed=True),
    "lost": lambda: Fault(reset=True, done=True),
    "late": lambda: Fault(200, done=True, change=lambda body: body, delay=0.5),
    "html": lambda: Fault(502, b"<html><head><title>Bad Gateway</title></head></html>"),
}
