"""A live part with nothing new is answered without Django, and only while that is true."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.db import OperationalError, connections
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Membership
from apps.core import unchanged
from apps.core.handler import Handler
from apps.core.unchanged import Unchanged
from apps.jobs.models import Job
from apps.providers.models import Connection
from tests.factories import make_job

pytestmark = pytest.mark.django_db(transaction=True)


class Site:
    """The web process, asked by the page of one job; counts what reaches Django."""

    def __init__(self, browser: httpx2.AsyncClient, asked: list[str]) -> None:
        self._browser = browser
        self.asked = asked
        self.cookie = f"sessionid={browser.cookies['sessionid']}"

    async def ask(self, job: Job, seen: str = "", **headers: str) -> int:
        """Ask whether anything is new; return the status."""
        url = f"{job.get_absolute_url()}?seen={seen or f'{job.updated_at.timestamp()}.000'}"
        answer = await self._browser.get(url, headers={"HX-Request": "true", **headers})
        return answer.status_code


@pytest_asyncio.fixture
async def site(client: Client, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Site]:
    asked: list[str] = []
    handler = Handler()

    async def django(scope: Any, receive: Any, send: Any) -> None:
        asked.append(scope["path"])
        await handler(scope, receive, send)

    monkeypatch.setattr(unchanged, "CHECKED_AGAIN_SECONDS", -1)
    transport = httpx2.ASGITransport(app=Unchanged(django))
    cookies = {"sessionid": client.cookies["sessionid"].value}
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://testserver", cookies=cookies
    ) as browser:
        yield Site(browser, asked)
    await sync_to_async(connections.close_all)()


@pytest.fixture
def job(owner: Membership, connection: Connection) -> Job:
    return make_job(
        workspace=owner.workspace,
        connection=connection,
        provider_job_id="ftjob-1",
        status="running",
        last_news_at=timezone.now(),
    )


async def test_what_django_has_said_once_holds_while_the_row_is_as_it_was(site, job):
    assert [await site.ask(job) for _ in range(3)] == [204, 204, 204]
    assert len(site.asked) == 1


async def test_a_change_of_the_row_is_shown_at_once(site, job):
    await site.ask(job)
    await Job.objects.filter(pk=job.pk).aupdate(name="New", updated_at=timezone.now())
    assert await site.ask(job) == 200
    await job.adelete()
    assert await site.ask(job) == 404


async def test_nothing_holds_for_anybody_else_or_for_another_version(
    site, job, client_of, stranger
):
    await site.ask(job)
    foreign = (await sync_to_async(client_of)(stranger)).cookies["sessionid"].value
    assert await site.ask(job, cookie=f"sessionid={foreign}") == 404
    assert await site.ask(job, seen="1.0") == 200
    assert await site.ask(job, **{"HX-Request": "false"}) == 200


async def test_django_is_asked_again_after_a_while(site, job, monkeypatch):
    monkeypatch.setattr(unchanged, "LONGEST_SECONDS", 0)
    assert [await site.ask(job) for _ in range(2)] == [204, 204]
    assert len(site.asked) == 2


async def test_nothing_holds_while_the_database_cannot_tell(site, job, monkeypatch):
    def away(*_: object) -> list[int]:
        raise OperationalError

    await site.ask(job)
    monkeypatch.setattr(unchanged, "_changed", away)
    assert [await site.ask(job) for _ in range(2)] == [204, 204]
    assert len(site.asked) == 3


async def test_no_more_is_held_than_there_is_room_for(site, job, monkeypatch):
    monkeypatch.setattr(unchanged, "MOST_HELD", 0)
    assert [await site.ask(job) for _ in range(2)] == [204, 204]
    assert len(site.asked) == 2


async def test_what_is_too_old_makes_room(site, job, monkeypatch):
    monkeypatch.setattr(unchanged, "MOST_HELD", 1)
    monkeypatch.setattr(unchanged, "LONGEST_SECONDS", 0)
    await site.ask(job, cookie=f"{site.cookie}; tab=closed")
    monkeypatch.setattr(unchanged, "LONGEST_SECONDS", 30)
    assert [await site.ask(job) for _ in range(3)] == [204, 204, 204]
    assert len(site.asked) == 2


async def test_questions_longer_than_any_page_asks_are_not_held(site, job):
    endless = f"{site.cookie}; pad={'x' * 5000}"
    assert [await site.ask(job, cookie=endless) for _ in range(2)] == [204, 204]
    assert len(site.asked) == 2
