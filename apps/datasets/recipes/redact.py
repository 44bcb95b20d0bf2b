"""The step that takes secrets and personal data out of rows (pure)."""

import re
from collections import Counter
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.datasets.quality.hits import Hit
from apps.datasets.quality.private import find_private
from apps.datasets.quality.texts import rewritten
from apps.datasets.recipes.params import Param, StepError
from apps.datasets.recipes.rows import Row
from apps.datasets.recipes.steps import Step, register

LABELS = {
    "secret": "SECRET",
    "email": "EMAIL",
    "phone": "PHONE",
    "card": "CARD",
    "iban": "IBAN",
    "ip_address": "IP",
    "national_id": "ID",
}
PLACEHOLDER = re.compile(r"\[(SECRET|EMAIL|PHONE|CARD|IBAN|IP|ID)_(\d{1,6})\]")
MOST_ROUNDS = 6  # what is replaced may bring a shorter number beside it to light
SAME_LINE = 10  # the last digits of a phone number, written with and without its country


@register
class Redact(Step):
    """`kinds`: which kinds to replace; none given means all of them."""

    code = "redact"
    title = gettext_lazy("Redact secrets and personal data")
    help = gettext_lazy(
        "Replaced by [EMAIL_1], [PHONE_1] and the like. The same value gets the same number within "
        "a row, so that a conversation still makes sense."
    )
    params = (
        Param(
            "kinds",
            gettext_lazy("Only these kinds"),
            "names",
            default=(),
            placeholder=", ".join(LABELS),
            help=gettext_lazy("All kinds when empty."),
        ),
    )
    kinds: list[str]

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self.kinds = self.kinds or list(LABELS)
        for kind in self.kinds:
            if kind not in LABELS:
                words = _("“%(kind)s” is not a kind. These are: %(kinds)s.")
                raise StepError(words % {"kind": kind, "kinds": ", ".join(LABELS)}, "kinds")

    def apply(self, row: Row) -> Row | None:
        if row.data is None:
            return row
        names = _Names(row.line, self.kinds)
        try:
            after = rewritten(row.data, names.redacted)
        except RecursionError:
            return row
        self.counted.update(names.replaced)
        return row.having(after) if names.replaced else row

    def learned(self) -> dict[str, Any]:
        return {"replaced": dict(self.counted)}


class _Names:
    """The placeholders of one row: the same value has the same one everywhere in it."""

    def __init__(self, line: bytes, kinds: list[str]) -> None:
        self._kinds = kinds
        self._names: dict[tuple[str, str], str] = {}
        self._last: Counter[str] = Counter()
        self.replaced: Counter[str] = Counter()
        if b"[" in line:
            for label, number in PLACEHOLDER.findall(line.decode(errors="replace")):
                self._last[label] = max(self._last[label], int(number))

    def redacted(self, path: str, role: str, text: str) -> str:
        for _round in range(MOST_ROUNDS):
            data = text.encode("utf-8", "surrogatepass")
            hits = [hit for hit in find_private(data) if kind_of(hit) in self._kinds]
            if not hits:
                break
            text = self._replace(data, hits).decode("utf-8", "surrogatepass")
        return text

    def _replace(self, data: bytes, hits: list[Hit]) -> bytes:
        parts, end = [], 0
        for hit in hits:
            parts += [data[end : hit.start], self._name(hit, data).encode()]
            end = hit.end
        return b"".join([*parts, data[end:]])

    def _name(self, hit: Hit, data: bytes) -> str:
        kind = kind_of(hit)
        self.replaced[kind] += 1
        value = _plain(kind, data[hit.start : hit.end].decode("utf-8", "surrogatepass"))
        if (kind, value) not in self._names:
            label = LABELS[kind]
            self._last[label] += 1
            self._names[kind, value] = f"[{label}_{self._last[label]}]"
        return self._names[kind, value]


def kind_of(hit: Hit) -> str:
    """Return which of the step's kinds a hit belongs to: every sort of key is a secret."""
    return hit.kind if hit.kind in LABELS else "secret"


def _plain(kind: str, value: str) -> str:
    """Write a value as others would write the same one."""
    if kind == "secret":
        return value
    if kind in ("email", "ip_address"):
        return value.lower()
    plain = re.sub(r"[^0-9A-Za-z]", "", value).upper()
    return plain[-SAME_LINE:] if kind == "phone" else plain
