"""The first page, and the choice of colours."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from apps.core import theme
from apps.core.http import AuthedRequest


@require_GET
def overview(request: AuthedRequest) -> HttpResponse:
    """Show what runs, what is new and what to do next."""
    return render(request, "home/overview.html")


@login_not_required
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or the system's colours, and go back to where the person was."""
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    response = redirect(target if is_ours else "home:overview")
    theme.remember(response, request.POST.get("theme", ""))
    return response
