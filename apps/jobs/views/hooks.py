"""The door for webhooks: no sign-in, but a signature. Every refusal looks the same."""

from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.jobs.news import hooks


@csrf_exempt
@login_not_required
@require_POST
def receive(request: HttpRequest, connection_id: UUID) -> HttpResponse:
    """Take a provider's word that something has changed; 400 for whatever is not genuine."""
    length = request.headers.get("Content-Length", "")
    if length.isdigit() and int(length) > hooks.LARGEST_BODY:
        return HttpResponse(status=413)
    body = request.read(hooks.LARGEST_BODY + 1)
    if len(body) > hooks.LARGEST_BODY:
        return HttpResponse(status=413)
    try:
        hooks.receive(connection_id, body, request.headers, at=timezone.now())
    except hooks.NotGenuine:
        return HttpResponse(status=400)
    return HttpResponse(status=204)
