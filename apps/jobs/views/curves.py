"""The numbers of a job: points for its charts, a table, a file."""

import csv
from collections.abc import Iterator, Sequence
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from apps.core.http import AuthedRequest
from apps.jobs.curves import drawing, layout, metrics, points
from apps.jobs.models import Job

STEPS_PER_PAGE = 200
MOST_COLUMNS = 24


@require_GET
@gzip_page
def job_series(request: AuthedRequest, job_id: UUID) -> HttpResponse:
    """Return the curves of a job as columns, from one step to another, thinned to be drawn."""
    job = _visible(request, job_id)
    plots = layout.plots_of(job.latest_metrics)
    shown = drawing.wanted(plots, request.GET.getlist("plot"))
    names = [curve.name for plot in shown for curve in plot.curves]
    first, last = _step(request, "first", 0), _step(request, "last", metrics.LARGEST_STEP)
    told, is_whole = drawing.columns(points.series(job.pk, names, first=first, last=last))
    answer = {
        "plots": [_words(plot) for plot in plots],
        "series": told,
        "isWhole": is_whole,
        "checkpoints": list(job.checkpoints.order_by("step").values_list("step", flat=True)),
    }
    return HttpResponse(drawing.as_json(answer), content_type="application/json")


def _words(plot: layout.Plot) -> dict[str, object]:
    told = [drawing.curve_words(name, number) for number, name in enumerate(plot.curves, 1)]
    return drawing.plot_words(plot, told)


@require_GET
def job_metrics_csv(request: AuthedRequest, job_id: UUID) -> StreamingHttpResponse:
    """Send every point of every series as a CSV file."""
    job = _visible(request, job_id)
    response = StreamingHttpResponse(_csv_lines(job, _names(job)), content_type="text/csv")
    response["Content-Disposition"] = f'attachment; filename="metrics-{job.public_id}.csv"'
    return response


@require_GET
def job_numbers(request: AuthedRequest, job_id: UUID) -> HttpResponse:
    """Show the numbers of the charts as a table: a few steps, and the series that are asked for."""
    job = _visible(request, job_id)
    plots = layout.plots_of(job.latest_metrics)
    main = [curve.name for plot in plots if plot.is_main for curve in plot.curves]
    chosen = [name for name in request.GET.getlist("series") if name in job.latest_metrics]
    names = (chosen or main or _names(job))[:MOST_COLUMNS]
    first = _step(request, "from", 0)
    rows = points.first_rows(job.pk, names, first=first, most=STEPS_PER_PAGE + 1)
    query = request.GET.copy()
    query.pop("from", None)
    context = {
        "job": job,
        "plots": plots,
        "columns": [layout.understood(name) for name in names],
        "names": names,
        "rows": [(row[0], row[1:]) for row in rows[:STEPS_PER_PAGE]],
        "first": first,
        "next_step": rows[STEPS_PER_PAGE][0] if len(rows) > STEPS_PER_PAGE else None,
        "query": query.urlencode(),
    }
    return render(request, "jobs/numbers.html", context)


def _visible(request: AuthedRequest, job_id: UUID) -> Job:
    jobs = Job.objects.visible_to(request.membership)
    return get_object_or_404(jobs.only("public_id", "name", "latest_metrics"), public_id=job_id)


def _names(job: Job) -> list[str]:
    plots = layout.plots_of(job.latest_metrics)
    return [curve.name for plot in plots for curve in plot.curves]


def _step(request: AuthedRequest, key: str, otherwise: int) -> int:
    """Return a step from the address; nonsense asks for nothing."""
    try:
        found = metrics.whole_number(float(request.GET.get(key, "")) // 1)
    except ValueError:
        found = None
    return otherwise if found is None else found


class _Echo:
    """A file that hands back what is written to it: csv wants a file, a response wants lines."""

    def write(self, line: str) -> str:
        return line


def _csv_lines(job: Job, names: Sequence[str]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(["step", *map(_harmless, names)])
    for first, last in points.stretches(job.pk):
        yield "".join(
            writer.writerow(row) for row in points.rows(job.pk, names, first=first, last=last)
        )


def _harmless(name: str) -> str:
    """Keep a name from being a formula in a spreadsheet."""
    return f"'{name}" if name[0] in "=+-@" else name
