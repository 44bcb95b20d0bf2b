"""The formula of several graders, such as `0.8 * exact + 0.2 * similar`: read, never run as code.

`+ - * / ^`, parentheses, `min max abs floor ceil exp sqrt log`, numbers, and names of graders.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

MAX_LENGTH = 500
MAX_DEPTH = 40
TOKEN = re.compile(
    r"\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z_]\w*)|([-+*/^(),]))", re.ASCII
)
FUNCTIONS: dict[str, Callable[..., float]] = {
    "min": min,
    "max": max,
    "abs": abs,
    "floor": math.floor,
    "ceil": math.ceil,
    "exp": math.exp,
    "sqrt": math.sqrt,
    "log": math.log,
}
MANY = frozenset(("min", "max"))

Scores = Mapping[str, float]
Term = Callable[[Scores], float]


class FormulaRefused(Exception):
    """This is no formula, or it has no value; `str()` says why, for people."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that was understood, and the names that it reads."""

    names: frozenset[str]
    _term: Term

    def value(self, scores: Scores) -> float:
        """Return the result for these scores, one for each name."""
        try:
            result = float(self._term(scores))
        except ZeroDivisionError:
            raise FormulaRefused(_("The formula divides by zero.")) from None
        except (ValueError, OverflowError):
            raise FormulaRefused(_("The formula has no value for these scores.")) from None
        if not math.isfinite(result):
            raise FormulaRefused(_("The formula has no value for these scores."))
        return result


def read_formula(text: str) -> Formula:
    """Understand a formula; raises FormulaRefused."""
    if len(text) > MAX_LENGTH:
        words = _("The formula is longer than %(limit)d characters.")
        raise FormulaRefused(words % {"limit": MAX_LENGTH})
    reader = _Reader(_tokens(text))
    term = reader.sum()
    if reader.next:
        raise _unexpected(reader.next)
    return Formula(frozenset(reader.names), term)


@dataclass(slots=True)
class _Reader:
    """Reads from left to right; each method takes what binds at least as tightly as its name."""

    tokens: list[str]
    names: set[str] = field(default_factory=set)
    depth: int = 0

    @property
    def next(self) -> str:
        return self.tokens[0] if self.tokens else ""

    def take(self, expected: str = "") -> str:
        if not self.tokens or (expected and self.next != expected):
            raise _unexpected(self.next)
        return self.tokens.pop(0)

    def sum(self) -> Term:
        self._deeper()
        term = self.product()
        while self.next in ("+", "-"):
            term = _joined(self.take(), term, self.product())
        self.depth -= 1
        return term

    def product(self) -> Term:
        term = self.signed()
        while self.next in ("*", "/"):
            term = _joined(self.take(), term, self.signed())
        return term

    def signed(self) -> Term:
        if self.next not in ("+", "-"):
            return self.power()
        self._deeper()
        is_minus = self.take() == "-"
        term = self.signed()
        self.depth -= 1
        return (lambda scores: -term(scores)) if is_minus else term

    def power(self) -> Term:
        base = self.single()
        if self.next != "^":
            return base
        self._deeper()
        self.take()
        exponent = self.signed()
        self.depth -= 1
        return lambda scores: math.pow(base(scores), exponent(scores))

    def single(self) -> Term:
        word = self.take()
        if word == "(":
            term = self.sum()
            self.take(")")
            return term
        if word[0].isdigit() or word[0] == ".":
            number = float(word)
            return lambda scores: number
        if not (word[0].isalpha() or word[0] == "_"):
            raise _unexpected(word)
        return self.call(word) if self.next == "(" else self.name(word)

    def name(self, token: str) -> Term:
        self.names.add(token)
        return lambda scores: scores[token]

    def call(self, token: str) -> Term:
        if token not in FUNCTIONS:
            words = _("There is no function “%(name)s”. There are: %(known)s.")
            raise FormulaRefused(words % {"name": token, "known": ", ".join(FUNCTIONS)})
        self.take("(")
        terms = [self.sum()]
        while self.next == ",":
            self.take()
            terms.append(self.sum())
        self.take(")")
        if (len(terms) > 1) != (token in MANY):
            words = _("“%(name)s” is given the wrong number of values.")
            raise FormulaRefused(words % {"name": token})
        return lambda scores: FUNCTIONS[token](*(term(scores) for term in terms))

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise FormulaRefused(_("The formula is nested too deeply."))


def _joined(sign: str, one: Term, other: Term) -> Term:
    if sign == "+":
        return lambda scores: one(scores) + other(scores)
    if sign == "-":
        return lambda scores: one(scores) - other(scores)
    if sign == "*":
        return lambda scores: one(scores) * other(scores)
    return lambda scores: one(scores) / other(scores)


def _tokens(text: str) -> list[str]:
    tokens, place, text = [], 0, text.rstrip()
    while place < len(text):
        match = TOKEN.match(text, place)
        if match is None:
            raise _unexpected(text[place:].strip()[:1])
        tokens.append(match[0].strip())
        place = match.end()
    return tokens


def _unexpected(token: str) -> FormulaRefused:
    if not token:
        return FormulaRefused(_("The formula ends too early."))
    words = _("“%(token)s” is not understood at this place of the formula.")
    return FormulaRefused(words % {"token": token[:40]})
