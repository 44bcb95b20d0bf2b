"""Rows of datasets for the composer: the list to choose from, and the row that was chosen."""

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.accounts.permissions import editors_only
from apps.core.http import AuthedRequest
from apps.core.typed import uuid_of, whole_of
from apps.datasets.rows.filters import RowFilter
from apps.datasets.rows.pages import row_page
from apps.jobs.models import Job
from apps.playground.data import cases, rows
from apps.playground.data.rows import Loaded
from apps.playground.models import Conversation

LISTED = 10
LONGEST_SEARCH = 200


@require_GET
@editors_only
def row_choices(request: AuthedRequest) -> HttpResponse:
    """Show the versions to take a row from; with a version, those of its rows that match."""
    if "data" in request.GET:
        return _listed(request)
    versions = rows.choices(request.membership, job_named(request))
    return render(request, "playground/_row_choices.html", {"versions": versions})


@require_GET
@editors_only
def row_loaded(request: AuthedRequest) -> HttpResponse:
    """Show one row as the composer takes it; `row` may be "random"."""
    query = request.GET
    row = rows.loaded(request.membership, query.get("data", ""), query.get("row", ""))
    if row is None:
        raise Http404
    return render(request, "playground/_loaded_row.html", {"loaded": row})


def _listed(request: AuthedRequest) -> HttpResponse:
    version = rows.version_named(request.membership, request.GET["data"])
    if version is None:
        raise Http404
    query = request.GET
    found = min(whole_of(query.get("found")), LISTED - 1)
    after = whole_of(query.get("after")) or max(0, whole_of(query.get("number")) - 1)
    wanted = RowFilter(text=query.get("q", "")[:LONGEST_SEARCH].replace("\0", ""))
    page = row_page(version, wanted, after=after, most=LISTED - found)
    context = {
        "version": version,
        "page": page,
        "prompts": [rows.as_prompt(version, shown.row) for shown in page.rows],
        "found": found + len(page.rows),
    }
    return render(request, "playground/_row_choices.html#row-choices", context)


def job_named(request: AuthedRequest) -> Job | None:
    """Return the job that the page is about, if it is about one."""
    jobs = Job.objects.visible_to(request.membership).with_details()
    public_id = uuid_of(request.GET.get("job", ""))
    return jobs.filter(public_id=public_id).first() if public_id else None


def for_composer(request: AuthedRequest, conversation: Conversation) -> dict[str, Loaded | None]:
    """Return what the address names for a new conversation, or the row that was asked last."""
    if conversation.pk is None:
        return {"loaded": cases.loaded(request.membership, _named(request.GET))}
    last = max(conversation.turns.all(), key=lambda turn: turn.position, default=None)
    if last is None or last.data is None or last.row is None:
        return {}
    return {"asked_row": rows.LoadedRow(data=last.data, row=last.row)}


def _named(query: QueryDict) -> dict[str, str]:
    return {name: query.get(name, "") for name in cases.NAMES}


def job_of_row(request: AuthedRequest) -> Job | None:
    """Return the job to compare where an address names a row, and not which models to ask."""
    if not request.GET.keys().isdisjoint(("connection", "tuned")):
        return None
    version = rows.version_named(request.membership, request.GET.get("data", ""))
    return rows.job_of(version) if version else None
