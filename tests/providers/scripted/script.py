"""What scripted providers of all shapes share: state, requests, faults, and a port of their own."""

import itertools
import random
import re
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar, Self, TypeVar

from tests.providers.scripted.faults import Fault, Faults, Mischief
from tests.providers.scripted.http import Answer, Listener, Seen
from tests.providers.scripted.shelf import Shelf, Thing

KEY = "sk-test-0000"
CREATED = 1_795_000_000

Handler = Callable[..., "tuple[int, Any] | Answer"]


def route(method: str, pattern: str) -> Callable[[Handler], Handler]:
    """Mark a method of a script as the answer to these requests; groups become arguments."""

    def mark(handler: Handler) -> Handler:
        handler.route = (method, re.compile(pattern))  # type: ignore[attr-defined]
        return handler

    return mark


class Script(ABC):
    """One provider: state that tests set and read while it answers over HTTP."""

    PREFIX: ClassVar[str] = "/v1"
    ROUTES: ClassVar[list[tuple[str, re.Pattern[str], str]]] = []

    def __init_subclass__(cls) -> None:
        marked = {
            name: handler.route
            for parent in reversed(cls.__mro__)
            for name, handler in vars(parent).items()
            if hasattr(handler, "route")
        }
        cls.ROUTES = [(method, pattern, name) for name, (method, pattern) in marked.items()]

    def __init__(self, *, port: int = 0) -> None:
        self.reset()
        self._listener = Listener(self.answer, port=port)

    def answer_with(self, answer: Callable[[Seen], Answer]) -> None:
        """Let something stand before this script's own answers."""
        self._listener.answer = answer

    def start(self) -> Self:
        """Begin to answer."""
        self._listener.start()
        return self

    def reset(self) -> None:
        """Forget everything that tests set or sent."""
        self.key = KEY
        self.jobs = Shelf()
        self.files = Shelf()
        self.deployments = Shelf()
        self.contents: dict[str, bytes] = {}
        self.events: dict[str, list[Thing]] = {}
        self.checkpoints: dict[str, list[Thing]] = {}
        self.requests: list[Seen] = []
        self.keeps_requests = True  # not where there will be a million
        self.calls: Counter[str] = Counter()  # by the name of the handler
        self.mischief = Mischief(0)
        self.repeats_events = False  # each page holds every event twice
        self.shuffles_events = False  # each page is in any order
        self.on_new_job: Callable[[str], object] = lambda _job_id: None
        self._chance = random.Random(1)
        self._faults = Faults()
        self._numbers = itertools.count(1)

    @property
    def url(self) -> str:
        """The base URL of a connection to this provider."""
        return self._listener.origin + self.PREFIX

    def next_number(self) -> int:
        """Return a number that nothing here has yet."""
        return next(self._numbers)

    def break_next(self, method: str, path: str, **fault: Any) -> None:
        """Answer the next requests to this path (a regular expression) with a Fault."""
        self._faults.add(method, path, Fault(**fault))

    def forget_faults(self) -> None:
        """Answer rightly again."""
        self._faults = Faults()

    def count(self, method: str, path: str) -> int:
        """Return how many requests of this kind arrived."""
        return sum(seen.method == method and seen.path == path for seen in self.requests)

    def go_away(self, seconds: float) -> None:
        """Be unreachable for a while, as during a restart; nothing is forgotten."""
        self._listener.go_away(seconds)

    def every(self, tick: Callable[[], float]) -> None:
        """Run something again and again between two requests; it says after how many seconds."""
        self._listener.every(tick)

    # --- what every shape has

    @abstractmethod
    def add_job(self, **facts: Any) -> Thing:
        """Add a job and return the very dict that will be served; change it to make news."""

    @abstractmethod
    def move_on(self, job: Thing, steps: int, *, fails: bool = False) -> bool:
        """Let the job do its next step; False when that was its last."""

    @abstractmethod
    def summary(self, job_id: str) -> Thing:
        """Return what a recount of this job needs."""

    def answer(self, seen: Seen) -> Answer:
        """Return what this request gets, right or wrong."""
        if self.keeps_requests:
            self.requests.append(seen)
        fault = self._faults.meet(seen) or self.mischief.meet(seen)
        if fault:
            return fault.answer(self._right_answer(seen) if fault.acts else None)
        return self._right_answer(seen)

    def _right_answer(self, seen: Seen) -> Answer:
        if not self.is_let_in(seen):
            return Answer(401, self.refusal(401, "Incorrect API key provided.", "invalid_api_key"))
        for method, pattern, name in self.ROUTES:
            found = pattern.fullmatch(seen.path) if method == seen.method else None
            if found:
                self.calls[name] += 1
                given = getattr(self, name)(seen, *found.groups())
                return given if isinstance(given, Answer) else Answer(*given)
        return self.unknown(f"Invalid URL ({seen.method} {seen.path})")

    def is_let_in(self, seen: Seen) -> bool:
        """Say whether the request carries the key."""
        return seen.headers.get("authorization") == f"Bearer {self.key}"

    @abstractmethod
    def refusal(self, status: int, words: str, code: str | None = None) -> Any:
        """Return an error body of this shape."""

    def unknown(self, words: str) -> Answer:
        return Answer(404, self.refusal(404, words))

    def as_told(self, events: list[Thing]) -> list[Thing]:
        """Return a page of events as this provider tells them today."""
        told = [event for event in events for _ in range(2)] if self.repeats_events else events
        return self._chance.sample(told, len(told)) if self.shuffles_events else told


S = TypeVar("S", bound=Script)
_FRESH: dict[type[Script], Script] = {}
_LOCK = threading.Lock()


def fresh(shape: type[S]) -> S:
    """Return this process's provider of a shape, running and empty."""
    with _LOCK:
        if shape not in _FRESH:
            _FRESH[shape] = shape().start()
    script = _FRESH[shape]
    script.reset()
    assert isinstance(script, shape)
    return script
