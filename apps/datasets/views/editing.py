"""The editor of one row, and the check of what stands in it."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.core.http import AuthedRequest
from apps.datasets.check.lines import MAX_ROW_BYTES
from apps.datasets.editing import changes, warming
from apps.datasets.editing.changes import NEW, Opened
from apps.datasets.editing.desk import FORM, RAW, Desk, lay_out, new_row, posted, turned
from apps.datasets.editing.drafts import notation
from apps.datasets.editing.drafts.draft import Card
from apps.datasets.models import Version
from apps.datasets.rows import reading
from apps.datasets.views import versions

MOST_SECONDS = 10  # that somebody without JavaScript waits for the first count
OTHER_FIELDS_BYTES = 200_000  # all that a form sends beside its text areas
BLANK = Card("m999999999", role="user")  # the message in the template for new ones


@require_http_methods(["GET", "POST"])
def row_editor(request: AuthedRequest, dataset_id: UUID, number: int, row: int) -> HttpResponse:
    """Show one row as fields or as JSON; keep what was made of it.

    Who may only look, and was sent this address, sees the row in the list.
    """
    if request.method == "GET" and not request.membership.can_edit:
        version = versions.visible(request, dataset_id, number)
        return redirect(f"{reverse('datasets:rows', args=version.address)}?row={row}")
    version = versions.editable(request, dataset_id, number)
    opened = _opened(request, version, row)
    if request.method == "POST":
        return _answer(request, version, opened)
    warming.begin()
    desk = lay_out(opened.line, size=opened.size, expected=version.format)
    return _page(request, version, opened, desk)


@require_POST
def row_check(request: AuthedRequest, dataset_id: UUID, number: int, row: int) -> HttpResponse:
    """Say what is wrong with the row as it stands in the editor, and count its tokens."""
    version = versions.editable(request, dataset_id, number)
    opened = _opened(request, version, row)
    can_count = warming.can_count()
    desk = _posted(request, version, opened, counts_tokens=can_count)
    context = {
        "review": desk.review,
        "is_answer": True,
        "is_counting": not can_count and warming.is_loading(),
    }
    return render(request, "datasets/_review.html", context)


def _opened(request: AuthedRequest, version: Version, row: int) -> Opened:
    edit = request.GET.get("edit", "")
    opened: Opened | None
    if row != NEW:
        opened = changes.open_row(version, request.membership, row)
    elif edit.isascii() and edit.isdigit():
        opened = changes.open_new(version, request.membership, int(edit[:18]))
    else:
        line = notation.compact(new_row(version.format, version.system_prompt)).encode()
        opened = Opened(NEW, line, len(line))
    if opened is None:
        raise Http404
    return opened


def _posted(
    request: AuthedRequest, version: Version, opened: Opened, *, counts_tokens: bool
) -> Desk:
    line, _size = reading.line_of(version, opened.number, most=MAX_ROW_BYTES)
    return posted(
        request.POST, [opened.line, line], expected=version.format, counts_tokens=counts_tokens
    )


def _answer(request: AuthedRequest, version: Version, opened: Opened) -> HttpResponse:
    """Do what the pressed button says with the row that was sent."""
    wish = request.POST.get("do", "")
    desk = _posted(
        request, version, opened, counts_tokens=wish == "check" and warming.wait(MOST_SECONDS)
    )
    if wish in ("keep", "next", "fix"):
        return _keep(request, version, opened, desk)
    if wish in (FORM, RAW):
        other = turned(desk, wants_raw=wish == RAW, expected=version.format)
        return _page(request, version, opened, other, status=200 if desk.row else 422)
    return _page(request, version, opened, desk)


def _keep(request: AuthedRequest, version: Version, opened: Opened, desk: Desk) -> HttpResponse:
    if desk.row is None:
        return _page(request, version, opened, desk, status=422)
    content = notation.compact(desk.row)
    here = request.get_full_path()
    if content == notation.compacted(opened.line) and (opened.edit or opened.number != NEW):
        messages.info(request, _("This row is kept as it stands here."))
    elif request.POST.get("seen") != _seen(opened):
        return _page(request, version, opened, desk, status=409)
    else:
        try:
            here = _store(request, version, opened, content)
        except changes.TooMuchToKeep as exc:
            messages.error(request, str(exc))
            return _page(request, version, opened, desk, status=422)
        messages.success(request, _("Kept. It becomes part of the next version."))
    return redirect(_next(request, version, opened) or here)


def _next(request: AuthedRequest, version: Version, opened: Opened) -> str:
    """Return where the button leads: to the next row, to the next one to fix, or nowhere."""
    wish, row = request.POST.get("do"), opened.number
    after: int | None = None
    if wish == "next" and row < (version.row_count or 0):
        after = row + 1
    elif wish == "fix":
        marks = changes.pending(version, request.membership).marks
        after = changes.next_to_fix(version, row, marks)
    return reverse("datasets:row", args=[*version.address, after]) if after else ""


def _store(request: AuthedRequest, version: Version, opened: Opened, content: str) -> str:
    """Write the edit; return the address of the row as it is now."""
    if opened.number == NEW and opened.edit:
        changes.rewrite(edit=opened.edit, content=content)
        return request.get_full_path()
    edit = changes.keep(
        version=version, membership=request.membership, row=opened.number, content=content
    )
    url = reverse("datasets:row", args=[*version.address, opened.number])
    return f"{url}?edit={edit.pk}" if opened.number == NEW else url


def _seen(opened: Opened) -> str:
    return str(opened.edit.pk if opened.edit else 0)


def _page(
    request: AuthedRequest, version: Version, opened: Opened, desk: Desk, *, status: int = 200
) -> HttpResponse:
    pending = changes.pending(version, request.membership)
    context = {
        "version": version,
        "can_edit": True,
        "number": opened.number,
        "opened": opened,
        "desk": desk,
        "blank": BLANK,
        "max_bytes": settings.DATA_UPLOAD_MAX_MEMORY_SIZE - OTHER_FIELDS_BYTES,
        "conflict": status == 409,
        "seen": _seen(opened),
        "others": changes.others_of(version, request.membership, opened.number),
        "pending": pending,
        "next_to_fix": changes.next_to_fix(version, opened.number, pending.marks),
    }
    return render(request, "datasets/row.html", context, status=status)
