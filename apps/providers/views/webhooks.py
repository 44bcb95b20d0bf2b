"""Where an owner enters the secret of a provider's webhooks, and finds the address for them."""

from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from apps.core.http import AuthedRequest
from apps.providers import keys
from apps.providers.forms.webhooks import SecretForm
from apps.providers.models import Connection
from apps.providers.profiles import profile_for


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def connection_webhook(request: AuthedRequest, connection_id: UUID) -> HttpResponse:
    """Show the address to enter at the provider; take the secret, or forget it."""
    mine = Connection.objects.owned_by(request.membership)
    connection = get_object_or_404(mine, public_id=connection_id)
    if "forget" in request.POST:
        return _keep(request, connection, "", _("Webhooks of this provider are no longer heard."))
    form = SecretForm(request.POST or None)
    if form.is_valid():
        encrypted = keys.encrypt(form.cleaned_data["secret"], base_url=connection.base_url)
        return _keep(request, connection, encrypted, _("Webhooks of this provider are heard now."))
    path = reverse("hooks:receive", args=[connection.public_id])
    context = {
        "connection": connection,
        "form": form,
        "offers_webhooks": profile_for(connection.profile).capabilities.offers("webhooks"),
        "address": urljoin(settings.PUBLIC_URL, path),
        "is_reachable": settings.PUBLIC_URL.startswith("https://"),
        "why_not": profile_for(connection.profile).why_not("webhooks"),
    }
    status = 422 if form.errors else 200
    return render(request, "providers/webhook.html", context, status=status)


def _keep(
    request: AuthedRequest, connection: Connection, encrypted: str, words: str
) -> HttpResponse:
    connection.encrypted_webhook_secret = encrypted
    connection.save(update_fields=["encrypted_webhook_secret", "updated_at"])
    messages.success(request, words)
    return redirect("providers:webhook", connection.public_id)
