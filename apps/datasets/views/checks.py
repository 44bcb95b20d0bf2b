"""Stopping a check, and beginning it anew."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.http import AuthedRequest
from apps.datasets.services.datasets import cancel_check, check_again
from apps.datasets.views import versions


@require_POST
def version_cancel(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Stop the check of this version, or say that it had just ended."""
    version = versions.editable(request, dataset_id, number)
    if not cancel_check(version=version):
        messages.info(request, _("There was nothing to cancel: the check had just ended."))
    return redirect(version)


@require_POST
def version_check_again(request: AuthedRequest, dataset_id: UUID, number: int) -> HttpResponse:
    """Begin the check of this version anew."""
    version = versions.editable(request, dataset_id, number)
    check_again(version=version)
    return redirect(version)
