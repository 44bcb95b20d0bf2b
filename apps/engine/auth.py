"""Who asks: the bearer token of a workspace."""

from http import HTTPStatus

from django.http import HttpRequest

from apps.accounts import tokens
from apps.accounts.models import ApiToken, Workspace
from apps.engine.errors import Refusal


class EngineRequest(HttpRequest):
    """A request whose token has been checked; everything it may touch is in its workspace."""

    token: ApiToken
    workspace: Workspace


async def authenticate(request: HttpRequest) -> ApiToken:
    """Return the token that came with the request, or refuse in OpenAI's words."""
    scheme, _, raw = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not raw.strip():
        raise Refusal(
            "You didn't provide an API key. Send it in an Authorization header, using Bearer auth"
            " (i.e. Authorization: Bearer YOUR_KEY).",
            status=HTTPStatus.UNAUTHORIZED,
        )
    token = await tokens.aauthenticate(raw.strip())
    if token is None:
        raise Refusal(
            f"Incorrect API key provided: {_masked(raw.strip())}.",
            status=HTTPStatus.UNAUTHORIZED,
            code="invalid_api_key",
        )
    return token


def _masked(raw: str) -> str:
    return f"{raw[:3]}…{raw[-4:]}" if len(raw) > 11 else "…"
