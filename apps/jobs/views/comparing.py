"""Several jobs beside each other, at an address that can be shared."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from apps.core.http import AuthedRequest
from apps.jobs import selectors
from apps.jobs.curves import drawing, metrics, overlays, points
from apps.jobs.curves.chunks import Series
from apps.jobs.curves.overlays import Lane, Unit
from apps.jobs.models import Job
from apps.jobs.showing import comparing

UNIT_WORDS = {"step": _("Step"), "epoch": _("Epoch"), "tokens": _("Trained tokens")}


@require_GET
def job_compare(request: AuthedRequest) -> HttpResponse:
    """Show curves of the chosen jobs over each other, and what differs between them."""
    jobs, unit = _chosen(request), _unit(request)
    lanes, shows_all = overlays.lanes_of(jobs, unit), request.GET.get("equal") == "show"
    context = {
        "runs": [(drawing.hue(number), number, job) for number, job in enumerate(jobs, 1)],
        "is_cut": len(_ids(request)) > comparing.MOST,
        "is_enough": len(jobs) >= comparing.FEWEST,
        "left_out": [job for job in jobs if job not in [lane.job for lane in lanes]],
        "query": _query(jobs),
        "unit": unit,
        "units": [(each, UNIT_WORDS[each]) for each in overlays.UNITS],
        "x_label": UNIT_WORDS[unit],
        "shows_all": shows_all,
        "tables": _tables(jobs, shows_all=shows_all) if len(jobs) >= comparing.FEWEST else [],
    }
    return render(request, "jobs/compare.html", context)


def _tables(jobs: list[Job], *, shows_all: bool) -> list[tuple[object, list[comparing.Row]]]:
    curves = [selectors.curves_to_judge(job) for job in jobs]
    tables = [
        (_("Settings"), comparing.settings_rows(jobs)),
        (_("Data"), comparing.data_rows(jobs)),
        (_("Results"), comparing.result_rows(jobs, curves)),
    ]
    return [(title, [row for row in rows if shows_all or row.differs]) for title, rows in tables]


@require_GET
@gzip_page
def compare_series(request: AuthedRequest) -> HttpResponse:
    """Return the curves of the chosen jobs as columns, thinned to be drawn."""
    lanes = overlays.lanes_of(_chosen(request), _unit(request))
    plots = overlays.plots_of(lanes)
    shown = drawing.wanted(plots, request.GET.getlist("plot"))
    names = [curve.name for plot in shown for curve in plot.curves]
    found = {key: each for lane in lanes for key, each in _read(request, lane, names).items()}
    told, is_whole = drawing.columns(found)
    answer = {
        "plots": [overlays.plot_words(plot, lanes) for plot in plots],
        "series": told,
        "isWhole": is_whole,
        "checkpoints": [],
    }
    return HttpResponse(drawing.as_json(answer), content_type="application/json")


def _read(request: AuthedRequest, lane: Lane, names: list[str]) -> dict[str, Series]:
    mine = [name for name in names if name in lane.job.latest_metrics]
    first, last = lane.steps_between(_place(request, "first", 0), _place(request, "last", 1e18))
    return overlays.placed(lane, points.series(lane.job.pk, mine, first=first, last=last))


def _chosen(request: AuthedRequest) -> list[Job]:
    """Return the jobs that the address names, in its order; 404 for one that is not there."""
    ids = _ids(request)[: comparing.MOST]
    visible = Job.objects.visible_to(request.membership).with_details().defer("raw")
    found = {job.public_id: job for job in visible.filter(public_id__in=ids)}
    if len(found) < len(ids):
        raise Http404
    return [found[each] for each in ids]


def _ids(request: AuthedRequest) -> list[UUID]:
    told = [part for text in request.GET.getlist("jobs") for part in text.split(",") if part]
    return list(dict.fromkeys(map(_id, told)))


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


def _unit(request: AuthedRequest) -> Unit:
    asked = request.GET.get("x")
    return next((unit for unit in overlays.UNITS if unit == asked), "step")


def _place(request: AuthedRequest, name: str, otherwise: float) -> float:
    """Return a place on the x axis from the address; nonsense asks for nothing."""
    try:
        found = metrics.finite_number(float(request.GET.get(name, "")))
    except ValueError:
        found = None
    return otherwise if found is None else found


def _query(jobs: list[Job]) -> str:
    return "&".join(f"jobs={job.public_id}" for job in jobs)
