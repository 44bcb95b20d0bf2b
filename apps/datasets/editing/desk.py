"""What lies before a person who edits a row: fields or text, and what the check says (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from apps.datasets.check.findings import Finding
from apps.datasets.check.lines import parse
from apps.datasets.editing.drafts import kept, notation
from apps.datasets.editing.drafts.draft import Draft, DraftFault, draft_of, row_of
from apps.datasets.editing.drafts.moves import move
from apps.datasets.editing.drafts.notation import NotJson
from apps.datasets.editing.drafts.posted import draft_from
from apps.datasets.editing.drafts.review import Remark, Review, review_of, review_of_line
from apps.datasets.editing.drafts.texts import plain_lines
from apps.datasets.rulebook import Severity

FORM, RAW, CLOSED = "form", "raw", "closed"
MOST_CARDS = 500
FORM_BYTES = 500_000
RAW_BYTES = 1_500_000  # a form of ours may have 2 MB
SHOWN_BYTES = 20_000


@dataclass(slots=True)
class Desk:
    """A row while it is edited. `row` is what it would become; None while it is no row."""

    mode: str
    draft: Draft | None = None
    raw: str = ""
    row: dict[str, Any] | None = None
    review: Review = field(default_factory=Review)
    only_raw: str = ""  # why there are no fields: "unreadable" or "long"
    is_dirty: bool = False

    @property
    def is_form(self) -> bool:
        return self.mode == FORM

    @property
    def has_marks(self) -> bool:
        texts = self.draft.texts if self.draft else [self.raw]
        return any(kept.MARK.search(text) for text in texts)


def lay_out(line: bytes, *, size: int, expected: str = "") -> Desk:
    """Prepare a row for its editor, tokens not counted; one that is too large is only shown."""
    row = None if len(line) < size else _read(line)
    if row is None:
        return _as_text(line, size, expected)
    desk = _choose(row)
    desk.row = row
    desk.review = review_of(row, draft=desk.draft, expected=expected, counts_tokens=False)
    return desk


def _choose(row: dict[str, Any], *, wants_raw: bool = False) -> Desk:
    """Choose fields for a row, or text where there would be too many of them."""
    folded = kept.fold(row)
    text = notation.pretty(folded)
    size = len(text.encode())
    if size > RAW_BYTES:
        return Desk(CLOSED, raw=text[:SHOWN_BYTES])
    draft = draft_of(folded)
    is_long = size > FORM_BYTES or len(draft.cards) > MOST_CARDS
    if is_long or wants_raw or draft.kind == "other":
        return Desk(RAW, raw=text, only_raw="long" if is_long else "")
    return Desk(FORM, draft)


def _as_text(line: bytes, size: int, expected: str) -> Desk:
    text = line.decode("utf-8", "replace")
    if size > RAW_BYTES:
        return Desk(CLOSED, raw=text[:SHOWN_BYTES])
    desk = Desk(RAW, raw=text, only_raw="unreadable")
    try:
        notation.read(text)
        desk.review = review_of_line(line, expected=expected)
    except NotJson as exc:
        desk.review = Review([_fault(exc, None)])
    return desk


def _read(line: bytes) -> dict[str, Any] | None:
    parsed = parse(line)
    if isinstance(parsed, Finding) or not isinstance(parsed.value, dict):
        return None
    value: dict[str, Any] = notation.read(line.decode())
    return value


def posted(
    post: QueryDict, sources: Iterable[bytes], *, expected: str = "", counts_tokens: bool = False
) -> Desk:
    """Read what came back from the editor; the review says why when it is no row.

    A button that moves a message has done so by then.
    """
    if post.get("mode") not in (FORM, RAW):
        return Desk(RAW, review=Review([_fault(DraftFault("raw"), None)]))
    if post.get("mode") == RAW:
        desk = Desk(RAW, raw=plain_lines(post.get("raw", "")), is_dirty=True)
    else:
        draft = draft_from(post)
        move(draft, post.get("do", ""))
        desk = Desk(FORM, draft, is_dirty=True)
    try:
        made = _an_object(_row_from(desk))
        desk.row = kept.unfold(made, map(_read, sources))
    except (DraftFault, NotJson, kept.NotKept) as exc:
        desk.review = Review([_fault(exc, desk.draft)])
    else:
        desk.review = review_of(
            desk.row, draft=desk.draft, expected=expected, counts_tokens=counts_tokens
        )
    return desk


def turned(desk: Desk, *, wants_raw: bool, expected: str = "") -> Desk:
    """Show the same row the other way; unchanged while it is no row."""
    if desk.row is None:
        return desk
    other = _choose(desk.row, wants_raw=wants_raw)
    if other.mode == CLOSED:
        return desk
    other.row, other.is_dirty = desk.row, True
    other.review = review_of(desk.row, draft=other.draft, expected=expected, counts_tokens=False)
    return other


def new_row(form: str, system_prompt: str) -> dict[str, Any]:
    """Return an empty row of this format, as a beginning."""
    question = [{"role": "system", "content": system_prompt}] if system_prompt else []
    question.append({"role": "user", "content": ""})
    answer = [{"role": "assistant", "content": ""}]
    if form == "prompt_completion":
        return {"prompt": "", "completion": ""}
    if form == "preference":
        outputs = {"preferred_output": answer, "non_preferred_output": answer}
        return {"input": {"messages": question}, **outputs}
    return {"messages": question if form == "reinforcement" else question + answer}


def _row_from(desk: Desk) -> Any:
    return row_of(desk.draft) if desk.draft else notation.read(desk.raw)


def _an_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DraftFault("raw")
    return value


def _fault(exc: DraftFault | NotJson | kept.NotKept, draft: Draft | None) -> Remark:
    """Say why the fields make no row, and where."""
    if isinstance(exc, kept.NotKept):
        words = _("The mark %(mark)s stands for nothing in this row.") % {"mark": str(exc)}
        return Remark(Severity.ERROR, "", words, "")
    where = exc.where if isinstance(exc, DraftFault) else "raw"
    name = draft.path_of(where) if draft else ""
    cause = exc.cause if isinstance(exc, DraftFault) else exc
    if cause is None:
        words = _("One JSON object belongs here: { … }.")
        return Remark(Severity.ERROR, name, words, "", where)
    line = _("Line %(line)s.") % {"line": cause.line} if cause.line > 1 else ""
    place = (cause.line, cause.column) if cause.has_place else (0, 0)
    return Remark(Severity.ERROR, name, f"{line} {cause.words}".strip(), "", where, *place)
