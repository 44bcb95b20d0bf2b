"""Connections: everybody in the workspace sees them, owners change them."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import aget_object_or_404, get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.permissions import owners_only
from apps.core.http import AuthedRequest, wants_partial
from apps.providers import overrides, refusals, services
from apps.providers.forms.connections import (
    FIRST,
    TYPED_PROFILES,
    ConnectionForm,
    suggested_base_url,
)
from apps.providers.models import Connection
from apps.providers.profiles.deployments import deployment_facts
from apps.providers.profiles.offers import offers
from apps.providers.profiles.words import in_words
from apps.providers.types import ModelInfo, ProviderError, ProviderUnavailable


@require_GET
def connection_list(request: AuthedRequest) -> HttpResponse:
    """Show every connection with its last test."""
    connections = Connection.objects.visible_to(request.membership).order_by("created_at", "pk")
    context = {"connections": connections, "membership": request.membership}
    return render(request, "providers/list.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@owners_only
def connection_create(request: AuthedRequest) -> HttpResponse:
    """Add a connection; its page then asks the server for the first time."""
    form = ConnectionForm(request.POST or None, initial=_first_values(request.GET))
    if form.is_valid():
        try:
            connection = services.create_connection(
                workspace=request.membership.workspace, **form.wish()
            )
        except services.KeyNeeded as exc:
            form.add_error(exc.field, str(exc))
        except ValidationError as exc:
            form.add_error(None, exc)
        else:
            return redirect(connection)
    return render(
        request, "providers/create.html", {"form": form}, status=422 if form.errors else 200
    )


@require_GET
@owners_only
def connection_kind(request: AuthedRequest) -> HttpResponse:
    """Return the fields that depend on the kind of provider, for the one that was chosen."""
    form = ConnectionForm(initial=_first_values(request.GET))
    return render(request, "providers/_other_kind.html", {"form": form})


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def connection_detail(request: AuthedRequest, connection_id: UUID) -> HttpResponse:
    """Show one connection; an owner changes it here."""
    if request.method == "POST":
        return _change(request, connection_id)
    mine = Connection.objects.visible_to(request.membership)
    connection = get_object_or_404(mine, public_id=connection_id)
    return _detail_page(request, connection, ConnectionForm(connection=connection))


@require_POST
async def connection_test(request: AuthedRequest, connection_id: UUID) -> HttpResponse:
    """Ask the server who it is, and show its own words."""
    membership = await request.amembership()
    mine = Connection.objects.editable_by(membership)
    connection = await aget_object_or_404(mine, public_id=connection_id)
    result = await services.test_connection(connection)
    if not wants_partial(request):
        (messages.success if result.ok else messages.error)(request, result.message)
        return redirect(connection)
    await connection.arefresh_from_db()
    context = {"connection": connection, "membership": membership}
    return render(request, "providers/_test.html", context)


@require_POST
def connection_delete(request: AuthedRequest, connection_id: UUID) -> HttpResponse:
    """Delete a connection and its key, unless something still needs it."""
    mine = Connection.objects.owned_by(request.membership)
    connection = get_object_or_404(mine, public_id=connection_id)
    try:
        services.delete_connection(connection=connection)
    except services.ConnectionInUse as exc:
        messages.error(request, str(exc))
        return redirect(connection)
    messages.success(request, _("“%(name)s” is deleted.") % {"name": connection.name})
    return redirect("providers:list")


@require_POST
def forget_refusal(request: AuthedRequest, connection_id: UUID) -> HttpResponse:
    """Forget that the provider let no new job begin: somebody wants to try again."""
    mine = Connection.objects.editable_by(request.membership)
    connection = get_object_or_404(mine, public_id=connection_id)
    refusals.forget(connection.pk)
    return redirect(connection)


@require_GET
async def connection_models(request: AuthedRequest, connection_id: UUID) -> HttpResponse:
    """Return the models as options of a picker: with `?for=tuning` only those that can be tuned.

    When the server does not answer, its words are the only, disabled option.
    """
    mine = Connection.objects.visible_to(await request.amembership())
    connection = await aget_object_or_404(mine, public_id=connection_id)
    context: dict[str, object] = {"chosen": request.GET.get("chosen", "")}
    try:
        models = await services.list_models(connection)
    except (ProviderError, ProviderUnavailable) as exc:
        context["refusal"] = str(exc)
    else:
        context["models"] = _for_picker(models, for_tuning=request.GET.get("for") == "tuning")
    return render(request, "providers/_models.html", context)


def _change(request: AuthedRequest, connection_id: UUID) -> HttpResponse:
    mine = Connection.objects.owned_by(request.membership)
    others = mine.exclude(profile=Connection.Profile.ENGINE)
    connection = get_object_or_404(others, public_id=connection_id)
    form = ConnectionForm(request.POST, connection=connection)
    if form.is_valid():
        try:
            services.update_connection(connection=connection, **form.wish())
        except services.KeyNeeded as exc:
            form.add_error(exc.field, str(exc))
        except ValidationError as exc:
            form.add_error(None, exc)
        else:
            messages.success(request, _("The connection is saved."))
            return redirect(connection)
    saved = get_object_or_404(others, public_id=connection_id)  # not what was just refused
    return _detail_page(request, saved, form, status=422)


def _detail_page(
    request: AuthedRequest, connection: Connection, form: ConnectionForm, *, status: int = 200
) -> HttpResponse:
    profile = overrides.profile_of(connection)
    context = {
        "connection": connection,
        "form": form,
        "membership": request.membership,
        "profile": profile,
        "retirement": profile.retirement(timezone.localdate()),
        "details": in_words(connection.details),
        "offers": offers(profile),
        "serving": deployment_facts(profile.name),
        "is_quiet": bool(connection.quiet_until and connection.quiet_until > timezone.now()),
        "prices": [{"model": model, "price": price} for model, price in profile.prices.items()],
    }
    return render(request, "providers/detail.html", context, status=status)


def _first_values(query: QueryDict) -> dict[str, str]:
    """Return what an empty form starts with: a kind, and the address that belongs to it."""
    asked = query.get("profile", "")
    kind = asked if asked in dict(TYPED_PROFILES) else FIRST
    return {"profile": kind, "base_url": suggested_base_url(kind, query.get("base_url", ""))}


def _for_picker(models: list[ModelInfo], *, for_tuning: bool) -> list[ModelInfo]:
    """Return the models sorted by name; where nobody knows what can be tuned, all of them."""
    known = [model for model in models if not for_tuning or model.can_tune is not False]
    return sorted(known, key=lambda model: model.id)
