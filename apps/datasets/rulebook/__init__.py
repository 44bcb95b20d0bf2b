"""Every rule: its code, how grave it is, its words, where it comes from, and what repairs it.

One module per group; `rule.py` says what a rule is, `words.py` puts what was found into sentences.
"""

from apps.datasets.rulebook import (
    chat,
    images,
    length,
    line,
    preference,
    quality,
    reinforcement,
    shape,
    tools,
    whole_file,
)
from apps.datasets.rulebook.rule import Rule, Severity

GROUPS = (
    line, shape, chat, tools, images, preference, reinforcement, length, whole_file, quality,
)  # fmt: skip
RULES: dict[str, Rule] = {code: rule for group in GROUPS for code, rule in group.RULES.items()}
ERRORS = frozenset(code for code, rule in RULES.items() if rule.severity == Severity.ERROR)

__all__ = ["ERRORS", "GROUPS", "RULES", "Rule", "Severity", "severity"]


def severity(code: str) -> Severity:
    """Return how grave a rule is; a code of a later version is only good to know."""
    return RULES[code].severity if code in RULES else Severity.INFO
