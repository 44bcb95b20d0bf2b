"""The first page, the answer for monitors, and the choice of colours."""

from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from apps.core import theme
from apps.core.http import AuthedRequest, page_of_ours, wants_partial
from apps.home import health as health_checks
from apps.home import selectors


@require_GET
def overview(request: AuthedRequest) -> HttpResponse:
    """Show what runs, what is new and what to do next."""
    content = selectors.overview(request.membership, at=timezone.now())
    template = "home/overview.html#overview" if wants_partial(request) else "home/overview.html"
    return render(request, template, {"overview": content, "membership": request.membership})


@login_not_required
@never_cache
@require_GET
def health(request: HttpRequest) -> JsonResponse:
    """Say whether this process, the database and the queue are well."""
    found = health_checks.check(at=timezone.now())
    answer = {
        "status": "ok" if found.is_well else "unavailable",
        "database": found.database,
        "queue": found.queue,
        "worker_heartbeat_seconds": _seconds(found.heartbeat_age),
        "oldest_overdue_seconds": _seconds(found.overdue),
    }
    return JsonResponse(answer, status=200 if found.is_well else 503)


@login_not_required
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or the system's colours, and go back to where the person was."""
    target = page_of_ours(request, request.POST.get("next", ""))
    response = redirect(target or "home:overview")
    theme.remember(response, request.POST.get("theme", ""))
    return response


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()
