"""The questions of a suite, found by words and by the parts that they fall into."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from apps.evals.graders import Kind, judge
from apps.evals.models import Case, Suite
from apps.evals.results.slice_rows import NAMES, VALUES

LONGEST = 200  # characters of a filter
MOST_VALUES = 12  # of one kind of part


@dataclass(frozen=True, slots=True)
class Part:
    """Questions that have something in common."""

    key: str  # in addresses: "language:de"
    words: str
    count: int


@dataclass(frozen=True, slots=True)
class Parts:
    """All parts of one kind: by length, by language."""

    words: str
    parts: Sequence[Part]


def parts_of(suite: Suite) -> list[Parts]:
    """Return what the questions have in common, the largest part first."""
    counts: dict[str, Counter[str]] = {}
    for slices in suite.cases.values_list("slices", flat=True):
        for name, value in slices.items():
            counts.setdefault(name, Counter())[str(value)] += 1
    return [
        Parts(
            words=str(NAMES.get(name, name)),
            parts=[_part(name, *told) for told in counts[name].most_common(MOST_VALUES)],
        )
        for name in sorted(counts)
    ]


def found(suite: Suite, *, words: str, part: str) -> "QuerySet[Case]":
    """Return the questions that hold these words and belong to this part; "" is all of them."""
    cases = suite.cases.order_by("position")
    name, colon, value = part.replace("\0", "")[:LONGEST].partition(":")
    if colon:
        cases = cases.filter(slices__contains={name: value})
    if words:
        asked = cases.alias(asked=Cast("messages", TextField()))
        cases = asked.filter(Q(asked__icontains=words) | Q(expected__icontains=words))
    return cases


def unseen_images(suite: Suite) -> int:
    """Return how many questions hold images that a judge of the suite is not shown."""
    judges = [each for each in suite.graders if each["kind"] == Kind.JUDGE]
    if all(map(judge.sees_images, judges)):
        return 0
    asked = suite.cases.alias(asked=Cast("messages", TextField()))
    return asked.filter(asked__contains='"image_url"').count()


def _part(name: str, value: str, count: int) -> Part:
    return Part(f"{name}:{value}", str(VALUES.get((name, value), value)), count)
