"""Sweeps: the list, one sweep with the table of its trials, and the way to stop it."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.core.http import AuthedRequest, wants_partial
from apps.sweeps import advancing, outcomes, services
from apps.sweeps.models import Sweep, Trial

PER_PAGE = 50


@require_GET
def sweep_list(request: AuthedRequest) -> HttpResponse:
    """Show the sweeps, newest first."""
    mine = Sweep.objects.visible_to(request.membership).with_details()
    begun = Count("trials", filter=Q(trials__begun_at__isnull=False))
    counted = mine.annotate(trial_count=Count("trials"), begun_count=begun)
    page = Paginator(counted.order_by("-created_at", "-pk"), PER_PAGE)
    context = {
        "page_obj": page.get_page(request.GET.get("page", 1)),
        "can_edit": request.membership.can_edit,
    }
    return render(request, "sweeps/list.html", context)


@require_GET
def sweep_detail(request: AuthedRequest, sweep_id: UUID) -> HttpResponse:
    """Show what came of the trials; to a page that knows this state, nothing."""
    mine = Sweep.objects.visible_to(request.membership).with_details()
    sweep = get_object_or_404(mine, public_id=sweep_id)
    trials = list(sweep.trials.select_related("job").defer("job__raw"))
    version = _version(sweep, trials)
    if wants_partial(request) and request.GET.get("seen") == version:
        return HttpResponse(status=204)
    context = {
        "sweep": sweep,
        "version": version,
        "table": outcomes.table_of(trials, list(sweep.grid)),
        "started": [trial for trial in trials if trial.job],
        "under_way": advancing.under_way(trials),
        "committed": advancing.committed(trials),
        "can_edit": request.membership.can_edit,
    }
    template = "sweeps/detail.html#sweep-live" if wants_partial(request) else "sweeps/detail.html"
    return render(request, template, context)


@require_POST
def sweep_stop(request: AuthedRequest, sweep_id: UUID) -> HttpResponse:
    """Start no more trials, and ask those under way to stop."""
    mine = Sweep.objects.editable_by(request.membership)
    sweep = get_object_or_404(mine, public_id=sweep_id)
    services.stop_sweep(sweep=sweep)
    messages.info(request, _("The sweep is stopped; its jobs under way are asked to stop."))
    return redirect(sweep)


def _version(sweep: Sweep, trials: list[Trial]) -> str:
    """Return a word that changes whenever the page would."""
    newest = max((trial.job.updated_at for trial in trials if trial.job), default=sweep.updated_at)
    began = sum(1 for trial in trials if trial.begun_at or trial.refusal)
    return f"{newest.timestamp()}.{began}.{sweep.ended_at is not None:d}"
