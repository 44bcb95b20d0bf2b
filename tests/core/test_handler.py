"""A page takes one trip to a thread, a file none, and a coroutine stays on the event loop."""

import threading
from collections.abc import AsyncIterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from asgiref.current_thread_executor import CurrentThreadExecutor
from asgiref.sync import AsyncToSync, SyncToAsync
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import path

from apps.core.handler import Handler
from config import urls

pytestmark = pytest.mark.urls(__name__)
ran_in: dict[str, int] = {}


def page(request: HttpRequest) -> HttpResponse:
    ran_in["page"] = threading.get_ident()
    return HttpResponse("page")


async def coroutine(request: HttpRequest) -> HttpResponse:
    ran_in["coroutine"] = threading.get_ident()
    return HttpResponse("coroutine")


def refused(request: HttpRequest) -> HttpResponse:
    raise PermissionDenied("Ask Ada.")


def private(request: HttpRequest) -> HttpResponse:
    return HttpResponse("private")


urlpatterns = [
    *(path(f"{v.__name__}/", login_not_required(v)) for v in (page, coroutine, refused)),
    path("private/", private),
    *urls.urlpatterns,
]


@pytest.fixture
def _a_file(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "plain.css").write_text("p {}")
    settings.STATIC_ROOT, settings.SERVESTATIC_USE_STATIC_ROOT = str(tmp_path), True


@pytest_asyncio.fixture
async def browser(_a_file: None) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=Handler())
    async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield client


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What was called in a thread, from the event loop."""
    made: list[Any] = []
    call = SyncToAsync.__call__

    def noted(self: Any, *args: Any, **kwargs: Any) -> Any:
        made.append(self.func)
        return call(self, *args, **kwargs)

    monkeypatch.setattr(SyncToAsync, "__call__", noted)
    return made


async def test_a_page_takes_one_trip_beside_the_end(
    browser: httpx2.AsyncClient, trips: list[Any]
) -> None:
    response = await browser.get("/page/")
    assert (response.text, ran_in["page"] == threading.get_ident()) == ("page", False)
    assert len(trips) == 2
    assert "Content-Security-Policy" in response.headers


async def test_a_coroutine_stays_on_the_event_loop(browser: httpx2.AsyncClient) -> None:
    response = await browser.get("/coroutine/")
    assert (response.text, ran_in["coroutine"]) == ("coroutine", threading.get_ident())
    assert "Content-Security-Policy" in response.headers


async def test_a_static_file_is_nothing_but_itself(browser: httpx2.AsyncClient) -> None:
    response = await browser.get("/static/plain.css")
    assert (response.status_code, response.text) == (200, "p {}")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Content-Security-Policy" not in response.headers


async def test_what_is_raised_forbidden_or_not_there_becomes_a_page(
    browser: httpx2.AsyncClient,
) -> None:
    answers = [await browser.get(f"/{name}/") for name in ("refused", "private", "nowhere")]
    assert [answer.status_code for answer in answers] == [403, 302, 404]
    assert (await browser.post("/page/")).status_code == 403  # no token against forgery


async def test_what_an_earlier_request_left_in_the_context_harms_no_later_one(
    browser: httpx2.AsyncClient,
) -> None:
    left: Future[None] = Future()
    left.set_result(None)
    AsyncToSync.executors.current = CurrentThreadExecutor(None)
    AsyncToSync.executors.current.run_until_future(left)  # its thread has gone
    assert (await browser.get("/page/")).status_code == 200
