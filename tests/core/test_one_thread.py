"""Ordinary views answer in one trip to a thread, coroutines on the event loop."""

import threading
from typing import Any

import pytest
from asgiref.sync import SyncToAsync
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient, Client
from django.urls import path

from config import urls

seen: dict[str, int] = {}


def ordinary(request: HttpRequest) -> HttpResponse:
    seen["ordinary"] = threading.get_ident()
    return HttpResponse("ordinary")


async def coroutine(request: HttpRequest) -> HttpResponse:
    seen["coroutine"] = threading.get_ident()
    return HttpResponse("coroutine")


def private(request: HttpRequest) -> HttpResponse:
    return HttpResponse("private")


def refusing(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("Ask Ada.")


urlpatterns = [
    *(path(f"{v.__name__}/", login_not_required(v)) for v in (ordinary, coroutine, refusing)),
    path("private/", private),
    *urls.urlpatterns,
]


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The functions that were called in a thread, from the event loop."""
    made: list[str] = []
    call = SyncToAsync.__call__

    def noted(self: Any, *args: Any, **kwargs: Any) -> Any:
        made.append(getattr(self.func, "__qualname__", repr(self.func)))
        return call(self, *args, **kwargs)

    monkeypatch.setattr(SyncToAsync, "__call__", noted)
    return made


@pytest.mark.urls(__name__)
async def test_all_that_stands_below_is_one_trip(trips: list[str]) -> None:
    response = await AsyncClient().get("/ordinary/")
    assert response.content == b"ordinary"
    assert seen["ordinary"] != threading.get_ident()
    # Two of the middleware above, and the end of the request.
    assert len(trips) <= 5
    assert "Content-Security-Policy" in response.headers


@pytest.mark.urls(__name__)
async def test_a_coroutine_stays_on_the_event_loop() -> None:
    response = await AsyncClient().get("/coroutine/")
    assert response.content == b"coroutine"
    assert seen["coroutine"] == threading.get_ident()
    assert "Content-Security-Policy" in response.headers


@pytest.mark.urls(__name__)
async def test_what_is_raised_or_not_there_becomes_a_page() -> None:
    assert (await AsyncClient().get("/refusing/")).status_code == 403
    assert (await AsyncClient().get("/nowhere/")).status_code == 404


@pytest.mark.urls(__name__)
def test_without_an_event_loop_nothing_changes() -> None:
    assert Client().get("/ordinary/").content == b"ordinary"
    assert Client().get("/coroutine/").content == b"coroutine"


@pytest.mark.urls(__name__)
async def test_what_the_middleware_forbids_is_forbidden() -> None:
    private = await AsyncClient().get("/private/")
    assert private.headers["Location"].startswith("/sign-in/")
    forged = await AsyncClient(enforce_csrf_checks=True).post("/ordinary/")
    assert forged.status_code == 403
