"""What addresses and forms of versions say. Strangers' versions are not there at all."""

from datetime import datetime
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_datetime

from apps.core.http import AuthedRequest
from apps.core.typed import token_of
from apps.datasets.models import Version


def visible(request: AuthedRequest, dataset_id: UUID, number: int) -> Version:
    """Return the version that the address names, if this member may see it."""
    mine = Version.objects.visible_to(request.membership)
    return get_object_or_404(mine, dataset__public_id=dataset_id, number=number)


def editable(request: AuthedRequest, dataset_id: UUID, number: int) -> Version:
    """Return the version that the address names, if this member may work on it."""
    mine = Version.objects.editable_by(request.membership)
    return get_object_or_404(mine, dataset__public_id=dataset_id, number=number)


def token(request: AuthedRequest) -> UUID:
    """Return the token of the form; a form without one is its own."""
    return token_of(request.POST)


def seen(request: AuthedRequest) -> datetime | None:
    """Return up to when the page knows what happened; None when it does not say."""
    try:
        return parse_datetime(request.GET.get("seen", ""))
    except ValueError:
        return None
