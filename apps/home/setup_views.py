"""The first start in the browser: one form behind a link that works once."""

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from apps.accounts import limits
from apps.accounts.forms import OwnerForm
from apps.accounts.services import OwnerExists, has_owner, is_setup_link_open
from apps.home import services


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest, link: str) -> HttpResponse:
    """Ask for a name and a password, make the owner and sign in."""
    if limits.too_many_tries(request, door="setup"):
        return _page(request, status=429, refusal=limits.words())
    if not is_setup_link_open(link):
        return _closed(request)
    form = OwnerForm(request.POST or None)
    if form.is_valid():
        try:
            owner = services.set_up_by_link(link=link, **form.owner_fields())
        except ValidationError as exc:
            form.add_error(None, exc)
        except (OwnerExists, services.SetupLinkClosed):
            return _closed(request)
        else:
            login(request, owner.user)
            return redirect("home:overview")
    return _page(request, status=422 if form.errors else 200, form=form)


def _closed(request: HttpRequest) -> HttpResponse:
    return _page(request, status=410, is_set_up=has_owner())


def _page(request: HttpRequest, *, status: int, **context: object) -> HttpResponse:
    return render(request, "home/setup.html", context, status=status)
