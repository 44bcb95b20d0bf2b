"""How the engine says no: OpenAI's error body, always with its four keys."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse


class Refusal(Exception):
    """A request that is not done; `str()` tells the caller why."""

    def __init__(
        self,
        message: str,
        *,
        status: int = HTTPStatus.BAD_REQUEST,
        param: str | None = None,
        code: str | None = None,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.status, self.param, self.code, self.kind = status, param, code, kind

    def body(self) -> dict[str, dict[str, str | None]]:
        """Return the error as OpenAI writes it."""
        fields = {"message": str(self), "type": self.kind, "param": self.param, "code": self.code}
        return {"error": fields}

    def response(self) -> JsonResponse:
        return JsonResponse(self.body(), status=self.status)


def not_found(kind: str, public_id: str) -> Refusal:
    """Say that a thing is not there; other workspaces' things are not there either."""
    return Refusal(f"No such {kind}: {public_id}", status=HTTPStatus.NOT_FOUND, param="id")


def model_not_found(name: str) -> Refusal:
    return Refusal(
        f"The model `{name}` does not exist or you do not have access to it.",
        status=HTTPStatus.NOT_FOUND,
        code="model_not_found",
    )


def unknown_url(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request for an address that is not there."""
    return Refusal(
        f"Unknown request URL: {request.method} {request.path}. Please check the URL for typos.",
        status=HTTPStatus.NOT_FOUND,
        code="unknown_url",
    ).response()


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django could not make sense of."""
    return Refusal("The request could not be understood.").response()


def fault() -> Refusal:
    """Say that the fault is ours; the reason is in the log."""
    return Refusal(
        "The server had an error while processing your request. Its log says more.",
        status=HTTPStatus.INTERNAL_SERVER_ERROR,
        kind="server_error",
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer when a view broke."""
    return fault().response()
