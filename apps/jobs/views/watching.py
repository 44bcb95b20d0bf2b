"""One job: its live page, its numbers and events."""

import csv
import json
from collections.abc import Iterable, Iterator
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from apps.core.http import AuthedRequest, wants_partial
from apps.jobs import advice, chart, metrics, points, selectors, services, waiting, wishes
from apps.jobs.models import Job

EVENTS_PER_PAGE = 100
NUMBERS_PER_PAGE = 200


@require_GET
def job_detail(request: AuthedRequest, job_id: UUID) -> HttpResponse:
    """Show a job; to a page that knows this version, nothing. Whoever looks is told sooner."""
    now = timezone.now()
    job = _visible(request, job_id)
    services.watch_job(job=job, at=now)
    waiting_words = waiting.waiting_words(job, at=now)
    version = f"{job.updated_at.timestamp()}.{bool(waiting_words):d}"
    if wants_partial(request) and request.GET.get("seen") == version:
        return HttpResponse(status=204)
    context = {
        "job": job,
        "detail": selectors.job_detail(job, at=now, with_steps=_wants_steps(request)),
        "with_steps": _wants_steps(request),
        "version": version,
        "waiting_words": waiting_words,
        "raw": json.dumps(job.raw, indent=2, ensure_ascii=False),
        "advice": advice.advice_for(job),
        "can_edit": request.membership.can_edit,
        "is_owner": request.membership.is_owner,
        "steering": wishes.steering_of(job, at=now),
    }
    template = "jobs/detail.html#job-live" if wants_partial(request) else "jobs/detail.html"
    return render(request, template, context)


@require_GET
def job_metrics(request: AuthedRequest, job_id: UUID) -> JsonResponse:
    """Return the points after a step as columns, thinned to what a chart can show.

    Only series that have a number are read: 100,000 steps have 700,000 cells.
    """
    job = _visible(request, job_id)
    after = metrics.whole_number(_number(request.GET.get("after", ""))) or 0
    names = [name for name in metrics.CLASSIC if name in job.latest_metrics]
    rows = points.rows(job.pk, names, first=after + 1) if names else []
    told = chart.columns(["step", *names], rows)
    steps = list(job.checkpoints.order_by("step").values_list("step", flat=True))
    missing = dict.fromkeys(metrics.CLASSIC, [None] * len(told["step"]))
    return JsonResponse({**missing, **told, "checkpoints": steps})


@require_GET
def job_metrics_csv(request: AuthedRequest, job_id: UUID) -> StreamingHttpResponse:
    """Send every point as a CSV file."""
    job = _visible(request, job_id)
    rows = points.rows(job.pk, metrics.CLASSIC)
    response = StreamingHttpResponse(_csv_lines(rows), content_type="text/csv")
    response["Content-Disposition"] = f'attachment; filename="metrics-{job.public_id}.csv"'
    return response


@require_GET
def job_numbers(request: AuthedRequest, job_id: UUID) -> HttpResponse:
    """Show the numbers of the charts as a table."""
    job = _visible(request, job_id)
    rows = points.rows(job.pk, metrics.CLASSIC)
    found = [dict(zip(("step", *metrics.CLASSIC), row, strict=True)) for row in rows]
    page = Paginator(found, NUMBERS_PER_PAGE).get_page(request.GET.get("page", 1))
    return render(request, "jobs/numbers.html", {"job": job, "page_obj": page})


@require_GET
def job_events(request: AuthedRequest, job_id: UUID) -> HttpResponse:
    """Show the events, newest first, in pages."""
    job = _visible(request, job_id)
    found = job.events.all() if _wants_steps(request) else job.events.milestones()
    events = Paginator(found.order_by("-created_at", "-pk"), EVENTS_PER_PAGE)
    page = events.get_page(request.GET.get("page", 1))
    context = {"job": job, "page_obj": page, "with_steps": _wants_steps(request)}
    return render(request, "jobs/events.html", context)


def _visible(request: AuthedRequest, job_id: UUID) -> Job:
    jobs = Job.objects.visible_to(request.membership).with_details()
    lean = jobs.defer("raw", "training_data__statistics", "validation_data__statistics")
    return get_object_or_404(lean, public_id=job_id)


def _wants_steps(request: AuthedRequest) -> bool:
    """Tell whether the address asks for the message of every step too."""
    return request.GET.get("events") == "all"


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


class _Echo:
    """A file that hands back what is written to it: csv wants a file, a response wants lines."""

    def write(self, line: str) -> str:
        return line


def _csv_lines(rows: Iterable[chart.Row]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(["step", *metrics.CLASSIC])
    for row in rows:
        yield writer.writerow(row)
