"""What graders take and say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from apps.evals.graders.reasons import because

Options = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a grader. `path` says where: `pattern`, `texts[2]`."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Grade:
    """A score from 0 to 1, whether that passes, and why. None: there is none.

    `passed` alone is None where a score has no threshold.
    """

    score: float | None
    passed: bool | None
    why: str  # a Sentence: a SentenceField keeps it for readers of any language

    @classmethod
    def right(cls, code: str, **values: object) -> "Grade":
        """Return a plain yes."""
        return cls(1.0, passed=True, why=because(code, **values))

    @classmethod
    def wrong(cls, code: str, *, score: float = 0.0, **values: object) -> "Grade":
        """Return a no, with a score where a part is right."""
        return cls(score, passed=False, why=because(code, **values))

    @classmethod
    def none(cls, code: str, **values: object) -> "Grade":
        """Return no grade at all: the row or the grader is at fault, not the answer."""
        return cls(None, None, because(code, **values))


Grading = Callable[[str, str], Grade]  # expected, answer
