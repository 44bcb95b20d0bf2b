"""Doors for views that have no row to fetch: who may create things."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils.translation import gettext as _

from apps.core.http import AuthedRequest

P = ParamSpec("P")
View = Callable[Concatenate[AuthedRequest, P], HttpResponse]


def editors_only(view: "View[P]") -> "View[P]":
    """Answer 403 with words to a viewer; rows themselves are guarded by their querysets."""

    @wraps(view)
    def guarded(request: AuthedRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.membership.can_edit:
            raise PermissionDenied(_("You can look at everything here. Ask an owner to change it."))
        return view(request, *args, **kwargs)

    return guarded


def owners_only(view: "View[P]") -> "View[P]":
    """Answer 403 with words to anybody but an owner."""

    @wraps(view)
    def guarded(request: AuthedRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.membership.is_owner:
            raise PermissionDenied(_("Only an owner of the workspace can do this."))
        return view(request, *args, **kwargs)

    return guarded
