"""Webhooks: everybody in the workspace sees them, owners change them."""

from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts.permissions import owners_only
from apps.core.http import AuthedRequest
from apps.notifications import services
from apps.notifications.forms import WebhookForm
from apps.notifications.models import Delivery, Webhook

DELIVERIES_SHOWN = 50


@never_cache
@require_http_methods(["GET", "POST"])
def webhook_list(request: AuthedRequest) -> HttpResponse:
    """Show the webhooks; an owner adds one and sees its secret this once."""
    if request.method == "POST":
        return _create(request)
    return _list_page(request, WebhookForm())


@require_GET
def webhook_detail(request: AuthedRequest, webhook_id: UUID) -> HttpResponse:
    """Show one webhook and what was sent to it."""
    mine = Webhook.objects.visible_to(request.membership)
    webhook = get_object_or_404(mine, public_id=webhook_id)
    context = {
        "webhook": webhook,
        "deliveries": _newest(webhook),
        "membership": request.membership,
    }
    return render(request, "notifications/webhook.html", context)


@require_POST
def webhook_trial(request: AuthedRequest, webhook_id: UUID) -> HttpResponse:
    """Send a request without news, so that the receiver can be tried."""
    webhook = get_object_or_404(_owned(request), public_id=webhook_id)
    services.send_trial(webhook=webhook)
    messages.info(request, _("A request is on its way. Its answer appears below."))
    return redirect(webhook)


@require_POST
def webhook_delete(request: AuthedRequest, webhook_id: UUID) -> HttpResponse:
    """Delete a webhook; nothing is sent there any more."""
    webhook = get_object_or_404(_owned(request), public_id=webhook_id)
    webhook.delete()
    messages.success(request, _("“%(name)s” is deleted.") % {"name": webhook.name})
    return redirect("notifications:webhooks")


@require_POST
def send_again(request: AuthedRequest, webhook_id: UUID, delivery_id: UUID) -> HttpResponse:
    """Try a delivery that did not arrive once more."""
    webhook = get_object_or_404(_owned(request), public_id=webhook_id)
    delivery = get_object_or_404(webhook.deliveries, public_id=delivery_id)
    services.send_again(delivery=delivery)
    return redirect(webhook)


def _owned(request: AuthedRequest) -> QuerySet[Webhook]:
    return Webhook.objects.owned_by(request.membership)


def _newest(webhook: Webhook) -> QuerySet[Delivery]:
    details = webhook.deliveries.select_related("notification__job")
    return details.order_by("-created_at", "-pk")[:DELIVERIES_SHOWN]


@owners_only
def _create(request: AuthedRequest) -> HttpResponse:
    form = WebhookForm(request.POST)
    if form.is_valid():
        try:
            made = services.create_webhook(membership=request.membership, **form.cleaned_data)
        except services.TooMany as refusal:
            form.add_error(None, str(refusal))
        else:
            webhook, secret = made
            return _list_page(request, WebhookForm(), webhook=webhook, secret=secret, status=201)
    return _list_page(request, form, status=422)


def _list_page(
    request: AuthedRequest, form: WebhookForm, *, status: int = 200, **made: object
) -> HttpResponse:
    webhooks = Webhook.objects.visible_to(request.membership).order_by("created_at", "pk")
    context = {"webhooks": webhooks, "form": form, "membership": request.membership, **made}
    return render(request, "notifications/webhooks.html", context, status=status)
