"""One job: its live page and its events."""

import json
from datetime import datetime
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from apps.core.http import AuthedRequest, wants_partial
from apps.core.unchanged import nothing_new
from apps.jobs import selectors, services, wishes
from apps.jobs.models import Job
from apps.jobs.showing import advice, waiting
from apps.jobs.showing.waiting import Standstill
from apps.providers.profiles import profile_for

EVENTS_PER_PAGE = 100
TELLING = (  # whether anything is new, and whether to ask the provider sooner
    "status",
    "provider_job_id",
    "attempts",
    "updated_at",
    "last_news_at",
    "last_polled_at",
    "next_poll_at",
    "watched_until",
    "connection__profile",
    "connection__quiet_until",
)


@require_GET
def job_detail(request: AuthedRequest, job_id: UUID) -> HttpResponse:
    """Show a job; to a page that knows this version, nothing. Whoever looks is told sooner."""
    now = timezone.now()
    if wants_partial(request) and (answer := _nothing_new(request, job_id, at=now)):
        return answer
    job = _visible(request, job_id)
    services.watch_job(job=job, at=now)
    standstill = waiting.standstill_of(job, at=now)
    context = {
        "job": job,
        "detail": selectors.job_detail(job, at=now, with_steps=_wants_steps(request)),
        "with_steps": _wants_steps(request),
        "version": _version(job, standstill),
        "standstill": standstill,
        "raw": json.dumps(job.raw, indent=2, ensure_ascii=False),
        "advice": advice.advice_for(job),
        "can_edit": request.membership.can_edit,
        "is_owner": request.membership.is_owner,
        "steering": wishes.steering_of(job, at=now),
        "why_no_steps": profile_for(job.connection.profile).why_not("events"),
    }
    template = "jobs/detail.html#job-live" if wants_partial(request) else "jobs/detail.html"
    return render(request, template, context)


@require_GET
def job_events(request: AuthedRequest, job_id: UUID) -> HttpResponse:
    """Show the events, newest first, in pages."""
    job = _visible(request, job_id)
    found = job.events.all() if _wants_steps(request) else job.events.milestones()
    events = Paginator(found.order_by("-created_at", "-pk"), EVENTS_PER_PAGE)
    page = events.get_page(request.GET.get("page", 1))
    context = {"job": job, "page_obj": page, "with_steps": _wants_steps(request)}
    return render(request, "jobs/events.html", context)


def _nothing_new(request: AuthedRequest, job_id: UUID, *, at: datetime) -> HttpResponse | None:
    """Answer a page that knows this version; None where there is something to show."""
    visible = Job.objects.visible_to(request.membership).select_related("connection")
    job = get_object_or_404(visible.only(*TELLING), public_id=job_id)
    if request.GET.get("seen") != _version(job, waiting.standstill_of(job, at=at)):
        return None
    services.watch_job(job=job, at=at)
    # Whether the trainer of this machine lives stands in no row.
    return HttpResponse(status=204) if job.connection.is_engine else nothing_new(request, job)


def _version(job: Job, standstill: Standstill) -> str:
    return f"{job.updated_at.timestamp()}.{standstill.token}"


def _visible(request: AuthedRequest, job_id: UUID) -> Job:
    jobs = Job.objects.visible_to(request.membership).with_details()
    lean = jobs.defer("training_data__statistics", "validation_data__statistics")
    return get_object_or_404(lean, public_id=job_id)


def _wants_steps(request: AuthedRequest) -> bool:
    """Tell whether the address asks for the message of every step too."""
    return request.GET.get("events") == "all"
