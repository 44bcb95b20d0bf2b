"""Jobs that were made elsewhere: what a connection has, and the ways to bring it here."""

from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.accounts.models import Membership
from apps.core.http import AuthedRequest, wants_partial
from apps.jobs.elsewhere import finding, importing
from apps.jobs.models import Job
from apps.providers.models import Connection
from apps.providers.profiles import profile_for
from apps.providers.types import ProviderError, ProviderUnavailable

JOBS_PER_PAGE = 50


@require_GET
async def jobs_elsewhere(request: AuthedRequest) -> HttpResponse:
    """Show what a connection has that Retune does not know; the page asks once it is there."""
    membership = await request.amembership()
    connections = await sync_to_async(_listing)(membership)
    connection = _chosen(connections, request.GET.get("connection", ""))
    context: dict[str, Any] = {
        "connections": connections,
        "connection": connection,
        "can_edit": membership.can_edit,
    }
    if wants_partial(request) and connection is not None:
        context |= await _found(request, connection)
        return render(request, "jobs/elsewhere.html#found-jobs", context)
    if connection is not None:
        mine = Job.objects.visible_to(membership).filter(connection=connection, is_imported=True)
        context["imported"] = await mine.acount()
    context["page"] = request.GET.get("page", "1")
    return render(request, "jobs/elsewhere.html", context)


async def _found(request: AuthedRequest, connection: Connection) -> dict[str, Any]:
    try:
        found = await finding.found_at(connection)
    except (ProviderError, ProviderUnavailable) as refusal:
        return {"refusal": str(refusal)}
    page = Paginator(found.jobs, JOBS_PER_PAGE).get_page(request.GET.get("page", 1))
    return {"found": found, "page_obj": page}


@require_POST
def import_jobs(request: AuthedRequest, connection_id: UUID) -> HttpResponse:
    """Import one job and go to its page, or everything in the background."""
    connection = _editable(request, connection_id)
    provider_job_id = request.POST.get("job", "")[:200]
    if not provider_job_id:
        importing.import_soon(connection)
        messages.info(request, _("The jobs are imported now; they appear in this list."))
        return redirect(f"{reverse('jobs:list')}?connection={connection.public_id}")
    try:
        job = importing.import_one(connection, provider_job_id)
    except (ProviderError, ProviderUnavailable) as refusal:
        messages.error(request, str(refusal))
        return redirect(_address(connection))
    return redirect(job) if job else redirect("jobs:list")


@require_POST
def follow_jobs(request: AuthedRequest, connection_id: UUID) -> HttpResponse:
    """Import every job of this connection from now on, or stop that."""
    connection = _editable(request, connection_id)
    follows = request.POST.get("follow") == "yes"
    importing.follow(connection, follows_all_jobs=follows)
    if follows:
        messages.success(request, _("Every job of this account comes here from now on."))
    else:
        messages.info(request, _("New jobs of this account stay where they are. Those here stay."))
    return redirect(_address(connection))


def _listing(membership: Membership) -> list[Connection]:
    """Return the connections whose providers list jobs; the engine's jobs are made here too."""
    mine = Connection.objects.visible_to(membership).order_by("name", "pk")
    return [each for each in mine if profile_for(each.profile).capabilities.list_jobs]


def _chosen(connections: list[Connection], public_id: str) -> Connection | None:
    asked = (each for each in connections if str(each.public_id) == public_id)
    return next(asked, connections[0] if connections else None)


def _editable(request: AuthedRequest, connection_id: UUID) -> Connection:
    mine = Connection.objects.editable_by(request.membership)
    return get_object_or_404(mine, public_id=connection_id)


def _address(connection: Connection) -> str:
    return f"{reverse('jobs:elsewhere')}?connection={connection.public_id}"
