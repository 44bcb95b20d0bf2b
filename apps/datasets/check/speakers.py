"""What the order of speakers says about an everyday row, found out once for each order (pure)."""

from functools import lru_cache
from typing import NamedTuple

from apps.datasets.check.everyday import answers_among
from apps.datasets.check.features import features_of_roles
from apps.datasets.check.findings import Finding
from apps.datasets.check.order import Roles, order_findings
from apps.datasets.check.token_counts import kinds_of
from apps.datasets.rulebook import ERRORS


class Speakers(NamedTuple):
    """All that is known of a row without a look at what is said in it."""

    findings: tuple[Finding, ...]
    has_errors: bool
    is_answered: bool
    answers: tuple[int, ...]  # their places
    system: int  # the place of the first system message; -1 without one
    kinds: list[int]  # of the texts
    features: int


@lru_cache(maxsize=4096)  # a file of a million chats has a few hundred orders of speakers
def speakers(roles: Roles) -> Speakers:
    """Return what these roles, one after the other, say about a row."""
    findings = order_findings(roles)
    return Speakers(
        findings,
        any(finding.code in ERRORS for finding in findings),
        roles[-1] == "assistant",
        answers_among(roles),
        roles.index("system") if "system" in roles else -1,
        kinds_of(roles),
        features_of_roles(roles),
    )


class Plain(NamedTuple):
    """An everyday row of a piece: which one, what is said in it, and all that is known of it."""

    number: int
    texts: list[str]
    canonical: bytes
    known: Speakers
