"""What the check found, page by page: problems, rows, and both as files."""

import csv
from collections.abc import AsyncIterator, Iterable
from io import StringIO
from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.core.http import AuthedRequest
from apps.datasets.models import Problem, Version
from apps.datasets.selectors.problems import problem_page
from apps.datasets.views import versions

CSV_PROBLEMS = 500
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@require_GET
def problem_list(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Show problems in the order of rows, all of them or one kind."""
    version = versions.visible(request, dataset_id, number)
    page = problem_page(
        version,
        code=request.GET.get("code", ""),
        severity=request.GET.get("severity", ""),
        from_row=whole(request.GET.get("row")),
        after=request.GET.get("after", ""),
    )
    context = {
        "version": version,
        "page": page,
        "can_edit": request.membership.can_edit,
    }
    return render(request, "datasets/problems.html", context)


def whole(text: str | None) -> int:
    """Read a row number that a person typed; 0 when it is none."""
    return min(int(text), 2**62) if text and text.isascii() and text.isdigit() else 0


@require_GET
def problem_csv(request: AuthedRequest, dataset_id: UUID, number: int) -> StreamingHttpResponse:
    """Send every problem as CSV, while it is read from the database."""
    version = versions.visible(request, dataset_id, number)
    response = StreamingHttpResponse(
        _csv_parts(version, translation.get_language()), content_type="text/csv; charset=utf-8"
    )
    name = f"{version.name}-problems.csv"
    response["Content-Disposition"] = content_disposition_header(True, name) or ""  # noqa: FBT003
    return response


async def _csv_parts(version: Version, language: str | None) -> AsyncIterator[str]:
    """Yield the lines, some hundreds at a time: other pages have their turn in between."""
    row, pk = 0, 0
    with translation.override(language):
        header = (_("row"), _("path"), _("severity"), _("code"), _("problem"), _("hint"))
    yield "\ufeff" + _as_csv([header])  # the mark tells spreadsheets that this is UTF-8
    while part := await sync_to_async(_csv_part)(version, row, pk, language):
        text, row, pk = part
        yield text


def _csv_part(
    version: Version, row: int, pk: int, language: str | None
) -> tuple[str, int, int] | None:
    """Return the lines that follow a place in the order, and where they end."""
    problems = list(version.problems.in_order().after(row, pk)[:CSV_PROBLEMS])
    if not problems:
        return None
    with translation.override(language):  # the answer outlives its request
        return _as_csv(map(_csv_row, problems)), problems[-1].row, problems[-1].pk


def _as_csv(rows: Iterable[Iterable[str | int]]) -> str:
    target = StringIO()
    csv.writer(target).writerows(rows)
    return target.getvalue()


def _csv_row(problem: Problem) -> list[str | int]:
    gravity = str(problem.gravity.label)
    words = (problem.path, gravity, problem.code, problem.message, problem.hint)
    return [problem.row, *(_not_a_formula(text) for text in words)]


def _not_a_formula(text: str) -> str:
    """Keep a spreadsheet from running what somebody wrote into a dataset."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


@require_GET
def version_download(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponseBase:
    """Send the file back exactly as it came, never to be shown by the browser."""
    version = versions.visible(request, dataset_id, number)
    is_rewritten = version.source_path.is_file()
    try:
        file = (version.source_path if is_rewritten else version.path).open("rb")
    except FileNotFoundError as exc:
        raise Http404 from exc
    response = FileResponse(
        file,
        as_attachment=True,
        filename=version.filename,
        content_type="application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response
