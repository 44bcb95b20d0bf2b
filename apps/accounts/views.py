"""Signing in and out, and what people change about themselves."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.accounts import limits, services
from apps.accounts.forms import LanguageForm, OwnPasswordForm, SignInForm, TokenForm
from apps.accounts.models import ApiToken
from apps.accounts.permissions import owners_only
from apps.core import language
from apps.core.http import AuthedRequest, page_of_ours


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for name and password; go on to where the person wanted to go, if that is ours."""
    if request.user.is_authenticated:
        return redirect(_destination(request))
    if request.method != "POST":
        return _sign_in_page(request, SignInForm(request))
    if limits.too_many_tries(request, door="sign-in", name=request.POST.get("username", "")):
        return _sign_in_page(request, SignInForm(request), status=429)
    form = SignInForm(request, request.POST)
    if not form.is_valid():
        return _sign_in_page(request, form, status=422)
    login(request, form.get_user())
    return redirect(_destination(request))


@require_POST
def sign_out(request: AuthedRequest) -> HttpResponse:
    """End the session. POST only, so that no picture or link can do it."""
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@never_cache
@require_GET
def account(request: AuthedRequest) -> HttpResponse:
    """Show password, language and, to owners, the tokens for scripts."""
    return _account_page(request)


@sensitive_post_parameters()
@require_POST
def change_password(request: AuthedRequest) -> HttpResponse:
    """Change one's own password; other sessions of this person end."""
    if limits.too_many_tries(request, door="password", name=request.user.get_username()):
        messages.error(request, limits.words())
        return _account_page(request, status=429)
    form = OwnPasswordForm(request.user, request.POST)
    if not form.is_valid():
        return _account_page(request, password_form=form, status=422)
    update_session_auth_hash(request, form.save())
    messages.success(request, _("Your password is changed."))
    return redirect("accounts:account")


@login_not_required
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Remember the language in this browser, and go back to where the person was."""
    response = redirect(_destination(request))
    language.remember(response, request.POST.get("language", ""))
    return response


@never_cache
@require_POST
@owners_only
def create_token(request: AuthedRequest) -> HttpResponse:
    """Make a token and show it this once: it is in the answer and nowhere else."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _account_page(request, token_form=form, status=422)
    workspace = request.membership.workspace
    token, raw = services.issue_token(workspace=workspace, name=form.cleaned_data["name"])
    return _account_page(request, new_token=token, raw_token=raw, status=201)


@require_POST
def revoke_token(request: AuthedRequest, token_id: UUID) -> HttpResponse:
    """End a token; scripts that use it are refused from now on."""
    tokens = ApiToken.objects.owned_by(request.membership).filter(is_internal=False)
    token = get_object_or_404(tokens, public_id=token_id)
    services.revoke_token(token=token)
    messages.success(request, _("“%(name)s” is revoked.") % {"name": token.name})
    return redirect("accounts:account")


def _sign_in_page(request: HttpRequest, form: SignInForm, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "next": _destination(request),
        "refusal": limits.words() if status == 429 else "",
        "is_set_up": services.has_owner(),
    }
    return render(request, "accounts/sign_in.html", context, status=status)


def _destination(request: HttpRequest) -> str:
    """Return where to go on: a page of ours, whatever the link said."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    return page_of_ours(request, wanted) or resolve_url(settings.LOGIN_REDIRECT_URL)


def _account_page(request: AuthedRequest, *, status: int = 200, **changes: object) -> HttpResponse:
    tokens = ApiToken.objects.owned_by(request.membership).filter(is_internal=False)
    context = {
        "membership": request.membership,
        "password_form": OwnPasswordForm(request.user),
        "language_form": LanguageForm(initial={"language": get_language()}),
        "token_form": TokenForm(),
        "tokens": tokens.order_by("revoked_at", "-created_at", "-pk"),
        "engine_url": settings.ENGINE_URL,
        **changes,
    }
    return render(request, "accounts/account.html", context, status=status)
