"""The list of models, and the search for those that were made elsewhere."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from apps.core.http import AuthedRequest
from apps.library import selectors, services
from apps.library.forms import FilterForm
from apps.providers.models import Connection
from apps.providers.types import ProviderError, ProviderUnavailable


@require_GET
def model_list(request: AuthedRequest) -> HttpResponse:
    """Show one page of models."""
    form = FilterForm(
        request.GET, membership=request.membership, tags=selectors.tags(request.membership)
    )
    filters = form.filters()
    today = timezone.localdate()
    found = selectors.model_page(request.membership, filters, request.GET.get("page", 1))
    context = {
        "models": found.models,
        "page_obj": found.page,
        "form": form,
        "filters": filters,
        "idle": selectors.idle_deployments(request.membership),
        "has_models": selectors.has_models(request.membership),
        "today": today,
        "can_edit": request.membership.can_edit,
    }
    return render(request, "library/list.html", context)


@require_POST
def look_elsewhere(request: AuthedRequest, connection_id: UUID) -> HttpResponse:
    """Ask one provider for tuned models that no job here explains."""
    mine = Connection.objects.editable_by(request.membership)
    connection = get_object_or_404(mine, public_id=connection_id)
    try:
        found = services.look_elsewhere(connection=connection)
    except (ProviderError, ProviderUnavailable) as refusal:
        words = _("The models of “%(name)s” could not be listed: %(words)s")
        messages.error(request, words % {"name": connection.name, "words": refusal.words})
    else:
        messages.success(request, _found_words(found, connection))
    return redirect("library:list")


def _found_words(found: int, connection: Connection) -> str:
    if not found:
        words = _("“%(name)s” lists no tuned model that is not here already.")
        return words % {"name": connection.name}
    words = ngettext(
        "%(count)d model made elsewhere was found at “%(name)s”.",
        "%(count)d models made elsewhere were found at “%(name)s”.",
        found,
    )
    return words % {"count": found, "name": connection.name}
