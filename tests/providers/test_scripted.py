"""The scripted provider does what chaos tests rely on."""

import time
from typing import Any

import httpx2
import pytest

from tests.providers.scripted import KEY, Mischief, OpenAIScript
from tests.providers.scripted.control import Control
from tests.providers.scripted.living import Living

JOBS = "/v1/fine_tuning/jobs"


@pytest.fixture
def script() -> OpenAIScript:
    return OpenAIScript().start()


@pytest.fixture
def client(script: OpenAIScript) -> httpx2.Client:
    headers = {"Authorization": f"Bearer {KEY}"}
    return httpx2.Client(base_url=script.url, headers=headers, timeout=5)


def create(client: httpx2.Client) -> httpx2.Response:
    return client.post("/fine_tuning/jobs", json={"model": "m", "training_file": "file-1"})


@pytest.mark.parametrize("fault", [{"reset": True}, {"cut": True}, {"half_closed": True}])
def test_an_answer_is_lost_and_the_job_is_there_all_the_same(script, client, fault):
    script.break_next("POST", JOBS, done=True, **fault)
    with pytest.raises(httpx2.RemoteProtocolError):
        create(client)
    assert len(script.jobs) == 1


def test_a_provider_that_restarts_comes_back_as_it_was(script, client):
    create(client)
    script.go_away(0.05)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            listed = client.get("/fine_tuning/jobs").json()["data"]
        except httpx2.TransportError:
            continue
        break
    assert len(listed) == 1


def test_mischief_hits_the_share_it_was_told_and_the_same_requests_each_time(script, client):
    def outcome() -> list[int]:
        script.mischief = Mischief(0.5, ways=["500", "429"], seed=7)
        return [client.get("/models").status_code for _ in range(20)]

    first = outcome()
    assert outcome() == first
    assert {200, 429, 500} == set(first)
    assert script.mischief.met.total() == sum(status != 200 for status in first)


def test_jobs_live_to_their_end_and_are_counted(script, client):
    living = Living(script, steps=3, failing=0)
    control = Control(living)
    control.obey({"jobs": 4})
    create(client)
    control.obey({"finish": True})
    told: dict[str, Any] = control.history()
    assert told["active"] == 0
    assert {(job["status"], job["steps"]) for job in told["jobs"].values()} == {("succeeded", 3)}
    assert len(told["jobs"]) == 5
