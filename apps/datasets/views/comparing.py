"""Two versions of a dataset side by side."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.core.http import AuthedRequest
from apps.datasets.diffs.kept import DiffPage, NotComparable, diff_page
from apps.datasets.diffs.versions import Kind
from apps.datasets.models import Version
from apps.datasets.views import versions

MOST_OTHERS = 8  # named above the rows; the list of versions has them all


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of both versions."""

    label: str
    before: int | None
    after: int | None

    @property
    def change(self) -> int | None:
        if self.before is None or self.after is None:
            return None
        return self.after - self.before

    @property
    def shown_change(self) -> str:
        change = self.change or 0
        return f"{'+' if change > 0 else '−'}{intcomma(abs(change))}"


@require_GET
def version_diff(request: AuthedRequest, dataset_id: UUID, number: int, other: int) -> HttpResponse:
    """Show the rows that differ, from the earlier version to the later one."""
    asked = versions.visible(request, dataset_id, number)
    compared = versions.visible(request, dataset_id, other)
    before, after = sorted((asked, compared), key=lambda version: version.number)
    kind = _kind(request)
    context: dict[str, Any] = {
        "version": after,
        "before": before,
        "kind": kind,
        "figures": _figures(before, after),
        "others": _others(after),
        "can_edit": request.membership.can_edit,
    }
    try:
        context["page"] = diff_page(before, after, start=_start(request), kind=kind)
        context["kinds"] = _kinds(context["page"])
    except NotComparable:
        context["page"] = None
    return render(request, "datasets/diff.html", context)


def _kind(request: AuthedRequest) -> Kind | None:
    asked = request.GET.get("kind", "")
    return Kind(asked) if asked in list(Kind) else None


def _start(request: AuthedRequest) -> int:
    text = request.GET.get("start", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0


def _kinds(page: DiffPage) -> list[tuple[str, str, int]]:
    """Return what can be chosen: the kind, its word, how many rows."""
    words = {Kind.CHANGED: _("Changed"), Kind.ADDED: _("Added"), Kind.REMOVED: _("Removed")}
    counts = [(str(kind), words[kind], count) for kind, count in page.counts.items()]
    return [("", _("All"), sum(page.counts.values())), *counts]


def _others(version: Version) -> list[int]:
    """Return the numbers of the other versions, the newest first."""
    siblings = version.dataset.versions.exclude(pk=version.pk).order_by("-number")
    return list(siblings.values_list("number", flat=True)[:MOST_OTHERS])


def _figures(before: Version, after: Version) -> list[Figure]:
    """Return the numbers that tell two versions apart."""
    return [
        Figure(_("Rows"), before.row_count, after.row_count),
        Figure(_("Tokens"), before.token_total, after.token_total),
        Figure(_("Problems"), _problems(before), _problems(after)),
        Figure(_("Rows to fix"), _rows_to_fix(before), _rows_to_fix(after)),
    ]


def _problems(version: Version) -> int | None:
    return None if version.row_count is None else version.problem_count


def _rows_to_fix(version: Version) -> int | None:
    return None if version.row_count is None else version.problem_row_count
