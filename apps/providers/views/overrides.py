"""What the workspace knows better about a provider: everybody sees it, owners change it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.accounts.permissions import owners_only
from apps.core.http import AuthedRequest
from apps.providers import services
from apps.providers.forms.overrides import OverrideForm
from apps.providers.models import Override
from apps.providers.profiles import Profile, has_profile, profile_for


@require_http_methods(["GET", "POST"])
def provider_facts(request: AuthedRequest, profile: str) -> HttpResponse:
    """Show prices, limits and dates of one kind of provider; an owner corrects them here."""
    if not has_profile(profile):
        raise Http404
    if request.method == "POST":
        return _change(request, profile_for(profile))
    return _page(request, profile_for(profile))


@owners_only
def _change(request: AuthedRequest, profile: Profile) -> HttpResponse:
    form = _form(request, profile)
    if not form.is_valid():
        return _page(request, profile, form, status=422)
    data = form.cleaned_data
    services.keep_overrides(
        membership=request.membership,
        profile=profile.name,
        values=form.values(),
        as_of=data["as_of"],
        source=data["source"],
    )
    messages.success(request, _("Saved. New estimates and refusals go by it."))
    return redirect("providers:facts", profile.name)


def _form(request: AuthedRequest, profile: Profile) -> OverrideForm:
    own = {(row.model, row.name): row.value for row in _own(request, profile)}
    return OverrideForm(request.POST or None, profile=profile, own=own)


def _own(request: AuthedRequest, profile: Profile) -> list[Override]:
    mine = Override.objects.visible_to(request.membership).filter(profile=profile.name)
    return list(mine.order_by("model", "name"))


def _page(
    request: AuthedRequest, profile: Profile, form: OverrideForm | None = None, *, status: int = 200
) -> HttpResponse:
    context = {
        "profile": profile,
        "form": form or _form(request, profile),
        "own": _own(request, profile),
        "membership": request.membership,
    }
    return render(request, "providers/facts.html", context, status=status)
