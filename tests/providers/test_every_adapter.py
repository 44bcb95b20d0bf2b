"""What every adapter promises, whatever its provider's API looks like. Over real HTTP."""

import base64
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from apps.providers.types import (
    NOT_OFFERED,
    ChatRequest,
    DeploymentStatus,
    JobStatus,
    ProviderError,
    ProviderUnavailable,
)
from tests.providers.dialects import CLIENT_KEY, DIALECTS, SHAPES, Dialect, Spoken
from tests.providers.scripted import Fault, Mischief, Seen

pytestmark = pytest.mark.usefixtures("trusted_network")

STATUSES = [(each, told) for each in SHAPES for told in each.STATUSES]
ROWS = b'{"messages": []}\n'


@pytest_asyncio.fixture(params=DIALECTS, ids=lambda dialect: dialect.name)
async def spoken(request: Any, trusted_network: None) -> AsyncIterator[Spoken]:
    async for each in speaking(request.param):
        yield each


@pytest_asyncio.fixture(params=SHAPES, ids=lambda dialect: dialect.name)
async def spoken_shape(request: Any, trusted_network: None) -> AsyncIterator[Spoken]:
    """The same, once for each adapter: profiles make no difference to the test."""
    async for each in speaking(request.param):
        yield each


async def speaking(dialect: Dialect) -> AsyncIterator[Spoken]:
    script = dialect.script()
    adapter = dialect.adapter(script)
    yield Spoken(dialect, script, adapter)
    await adapter.close()


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    path = tmp_path / "any-name"
    path.write_bytes(ROWS)
    return path


async def test_a_check_says_what_the_key_is_good_for(spoken):
    assert (await spoken.adapter.check()).model_count == 1
    stranger = spoken.dialect.adapter(spoken.script, key="sk-wrong")
    refused = await stranger.check()
    await stranger.close()
    assert not refused.ok
    assert "sk-wrong" not in str(refused.message)


async def test_models_without_a_name_are_left_out(spoken_shape):
    spoken = spoken_shape
    spoken.script.models += [{}, {"id": None, "name": None}]
    (model,) = await spoken.adapter.list_models()
    assert model.id


async def test_an_uploaded_file_is_found_again_by_name_and_size(spoken, rows):
    file_id = await spoken.adapter.upload_file(rows, "retune-1.jsonl")
    assert await spoken.adapter.find_file("retune-1.jsonl", len(ROWS)) == file_id
    assert await spoken.adapter.find_file("retune-1.jsonl", 1) is None
    assert ROWS in spoken.script.contents.values()
    (listed,) = await spoken.adapter.list_files()
    assert (listed.id, listed.filename) == (file_id, "retune-1.jsonl")


@pytest.mark.parametrize("is_done", [False, True], ids=["never arrived", "answer lost"])
@pytest.mark.parametrize("place", range(4))
async def test_a_file_whose_sending_broke_off_anywhere_is_there_once_after_the_next_try(
    spoken_shape, rows, place, is_done
):
    adapter, script = spoken_shape.adapter, spoken_shape.script
    script.mischief = BreakWrite(place, done=is_done)
    with suppress(ProviderUnavailable):
        await adapter.upload_file(rows, "retune-1.jsonl")
    script.mischief = Mischief(0)
    found = await adapter.find_file("retune-1.jsonl", len(ROWS))
    file_id = found or await adapter.upload_file(rows, "retune-1.jsonl")
    assert await adapter.find_file("retune-1.jsonl", len(ROWS)) == file_id
    told = [held for held in script.contents.values() if held == ROWS]
    assert len(told) == 1


class BreakWrite(Mischief):
    """Breaks one of the calls that send something, and no other."""

    def __init__(self, place: int, *, done: bool) -> None:
        super().__init__(0)
        self._left, self._done = place, done

    def meet(self, seen: Seen) -> Fault | None:
        if seen.method == "GET":
            return None
        self._left -= 1
        return Fault(reset=True, done=self._done) if self._left == -1 else None


async def test_a_new_job_carries_our_key(spoken):
    made = await spoken.adapter.create_job(spoken.dialect.spec(suffix="parrot"))
    assert made.client_key == CLIENT_KEY
    assert made.status not in (JobStatus.UNKNOWN, JobStatus.FAILED)
    found = await spoken.adapter.find_job(CLIENT_KEY)
    assert found is not None
    assert found.provider_job_id == made.provider_job_id
    assert (await spoken.adapter.get_job(made.provider_job_id)).raw == found.raw
    assert await spoken.adapter.find_job(CLIENT_KEY.replace("6", "7")) is None


@pytest.mark.parametrize("fault", ["reset", "cut", "half_closed"])
async def test_a_job_whose_answer_was_lost_is_found_not_made_again(spoken, fault):
    spoken.script.break_next("POST", spoken.dialect.JOBS, done=True, **{fault: True})
    with pytest.raises(ProviderUnavailable):
        await spoken.adapter.create_job(spoken.dialect.spec())
    found = await spoken.adapter.find_job(CLIENT_KEY)
    assert found is not None
    assert len(spoken.script.jobs) == 1


async def test_every_method_of_the_profile_starts_a_job(spoken):
    for number, method in enumerate(spoken.methods()):
        key = f"{number}{CLIENT_KEY[1:]}"
        made = await spoken.adapter.create_job(spoken.dialect.spec(client_key=key, method=method))
        assert made.method == method
        assert (await spoken.adapter.find_job(key)) == made


async def test_every_setting_of_the_profile_comes_back_as_it_was_chosen(spoken):
    sample = {"integer": 3, "number": 0.125, "boolean": True, "text": "all-linear"}
    for number, method in enumerate(spoken.methods()):
        chosen = {
            field.name: field.choices[0] if field.choices else sample[field.kind]
            for field in spoken.profile.hyperparameters_for(method)
            if field.name not in ("early_stopping", "training_type")  # not told again
        }
        key = f"{number}{CLIENT_KEY[1:]}"
        spec = spoken.dialect.spec(client_key=key, method=method, hyperparameters=chosen)
        made = await spoken.adapter.create_job(spec)
        told = {name: made.hyperparameters.get(name) for name in chosen}
        assert told == chosen


@pytest.mark.parametrize(
    ("dialect", "told"), STATUSES, ids=[f"{each.name}-{told}" for each, told in STATUSES]
)
async def test_every_status_has_a_word_of_ours(dialect, told):
    async for spoken in speaking(dialect):
        job = await spoken.adapter.get_job(spoken.add_job(**{dialect.STATUS: told}))
        assert (job.status, job.provider_status) == (dialect.STATUSES[told], told)


@pytest.mark.parametrize("told", ["reticulating", "", None, 7, ["running"], {}])
async def test_an_unknown_status_is_unknown_and_kept(spoken_shape, told):
    spoken = spoken_shape
    job = await spoken.adapter.get_job(spoken.add_job(**{spoken.dialect.STATUS: told}))
    assert job.status == JobStatus.UNKNOWN
    assert job.provider_status == (str(told) if isinstance(told, str | int) else "")


async def test_a_failed_job_says_why(spoken):
    job_id = spoken.add_job(**spoken.dialect.failure("Row 3 has no answer.", "bad_rows"))
    job = await spoken.adapter.get_job(job_id)
    assert (job.status, job.error, job.error_code) == (
        JobStatus.FAILED,
        "Row 3 has no answer.",
        "bad_rows",
    )


async def test_a_finished_job_names_its_model_and_a_running_one_does_not(spoken):
    made = "accounts/test/models/tuned"
    facts = dict(spoken.dialect.success(made))
    job = await spoken.adapter.get_job(spoken.add_job(**facts))
    assert (job.status, job.fine_tuned_model) == (JobStatus.SUCCEEDED, made)
    assert job.created_at is not None
    assert job.created_at.year == datetime.now(UTC).year
    facts[spoken.dialect.STATUS] = spoken.dialect.RUNNING
    if spoken.script.PREFIX != "/v1" or spoken.dialect.name == "together":  # known long before
        assert not (await spoken.adapter.get_job(spoken.add_job(**facts))).fine_tuned_model


HOSTILE = [None, "", "x" * 20_000, "a\x00b\ud800c", -1, 10**400, 1e308, True, [], {}, [None, {}]]


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value)[:20])
async def test_a_job_of_strange_values_can_be_stored(spoken_shape, value):
    spoken = spoken_shape
    job_id = spoken.add_job()
    raw = spoken.dialect.raw(spoken.script, job_id)
    raw.update({name: value for name in raw if name not in ("id", "name")})
    job = await spoken.adapter.get_job(job_id)
    told = json.dumps(job.raw, ensure_ascii=False)
    told.encode()  # a lone half of a character would fail
    assert "\x00" not in told
    assert len(job.fine_tuned_model) <= 300
    assert len(job.error) <= 5000
    assert job.status in JobStatus
    for moment in (job.created_at, job.finished_at, job.estimated_finish_at):
        assert moment is None or moment.tzinfo is not None


async def test_a_job_of_which_only_the_id_is_told_is_a_job(spoken_shape):
    spoken = spoken_shape
    job_id = spoken.add_job()
    raw = spoken.dialect.raw(spoken.script, job_id)
    for name in set(raw) - {"id", "name"}:
        del raw[name]
    job = await spoken.adapter.get_job(job_id)
    assert (job.provider_job_id, job.status) == (job_id, JobStatus.UNKNOWN)


async def test_jobs_are_listed_newest_first_page_by_page(spoken):
    ids = [spoken.add_job() for _ in range(230)]
    asked = await spoken.adapter.list_jobs(limit=220)
    assert [job.provider_job_id for job in asked] == ids[::-1][:220]
    assert await spoken.adapter.find_job(CLIENT_KEY) is None


async def test_a_list_that_never_ends_is_left(spoken_shape):
    spoken = spoken_shape
    page = {"data": [{"id": "same"}], "has_more": True, "next_cursor": "same"}
    page |= {"supervisedFineTuningJobs": [{"name": "a/b/same"}], "nextPageToken": "same"}
    spoken.script.break_next("GET", spoken.dialect.JOBS, status=200, body=page, times=500)
    assert len(await spoken.adapter.list_jobs(limit=100)) <= 4
    assert len(spoken.script.requests) <= 8


async def test_events_come_once_and_oldest_first(spoken):
    job_id = spoken.running_job()
    if not spoken.offers("events"):
        await refuses(spoken.adapter.list_events(job_id))
        return
    for step in range(1, 131):
        spoken.script.add_metrics(job_id, step, 130)
    events = await spoken.adapter.list_events(job_id)
    assert [event.data["step"] for event in events] == list(range(1, 131))
    assert events[0].data["train_loss"] == 1.0
    known = frozenset(event.provider_event_id for event in events[115:120])  # the newest will do
    news = await spoken.adapter.list_events(job_id, known_ids=known)
    assert [event.data["step"] for event in news] == list(range(121, 131))
    everything = frozenset(event.provider_event_id for event in events)
    assert await spoken.adapter.list_events(job_id, known_ids=everything) == []


async def test_events_that_come_twice_and_in_disorder_are_all_there(spoken):
    if not spoken.offers("events"):
        return
    job_id = spoken.running_job()
    for step in range(1, 31):
        spoken.script.add_metrics(job_id, step, 30)
    spoken.script.repeats_events = spoken.script.shuffles_events = True
    events = await spoken.adapter.list_events(job_id)
    assert sorted(event.data["step"] for event in events) == list(range(1, 31))
    known = frozenset(event.provider_event_id for event in events if event.data["step"] <= 20)
    news = await spoken.adapter.list_events(job_id, known_ids=known)
    assert sorted(event.data["step"] for event in news) == list(range(21, 31))


async def test_words_of_a_job_come_with_their_level_and_once(spoken):
    if not spoken.offers("events"):
        return
    job_id = spoken.running_job()
    for number in range(3):
        spoken.script.add_event(job_id, message=f"Word {number}", level="error")
    events = await spoken.adapter.list_events(job_id)
    assert [(event.message, event.level) for event in events] == [
        (f"Word {number}", "error") for number in range(3)
    ]
    known = frozenset({events[1].provider_event_id})
    (last,) = await spoken.adapter.list_events(job_id, known_ids=known)
    assert last.message == "Word 2"


async def test_checkpoints_come_once_each_in_the_order_of_their_steps(spoken):
    job_id = spoken.running_job()
    if not spoken.offers("checkpoints"):
        await refuses(spoken.adapter.list_checkpoints(job_id))
        return
    for step in (24, 12, 36):
        spoken.script.add_checkpoint(job_id, step)
    found = await spoken.adapter.list_checkpoints(job_id)
    assert [checkpoint.step for checkpoint in found] == [12, 24, 36]
    assert all(checkpoint.provider_checkpoint_id for checkpoint in found)


async def test_a_result_file_is_read_as_base64_or_as_it_is(spoken):
    if not spoken.offers("result_files"):
        return
    table = b"step,train_loss\n1,0.5\n"
    spoken.script.contents = {"file-1": base64.b64encode(table), "file-2": table}
    assert await spoken.adapter.file_content("file-1") == table
    assert await spoken.adapter.file_content("file-2") == table


async def test_a_job_is_cancelled_where_that_is_offered(spoken):
    job_id = spoken.running_job()
    if not spoken.offers("cancel"):
        await refuses(spoken.adapter.cancel_job(job_id))
        return
    job = await spoken.adapter.cancel_job(job_id)
    assert job.status in (JobStatus.CANCELLED, JobStatus.CANCELLING)
    over = spoken.add_job(**spoken.dialect.success("m"))
    with pytest.raises(ProviderError):
        await spoken.adapter.cancel_job(over)


async def test_a_job_is_paused_where_that_is_offered(spoken):
    job_id = spoken.running_job()
    if not spoken.offers("pause"):
        await refuses(spoken.adapter.pause_job(job_id))
        return
    assert (await spoken.adapter.pause_job(job_id)).status == JobStatus.PAUSED


async def test_a_paused_job_goes_on_where_that_is_offered(spoken):
    paused = [told for told, ours in spoken.dialect.STATUSES.items() if ours == JobStatus.PAUSED]
    job_id = spoken.add_job(**{spoken.dialect.STATUS: next(iter(paused), "any")})
    if not spoken.offers("resume"):
        await refuses(spoken.adapter.resume_job(job_id))
        return
    assert (await spoken.adapter.resume_job(job_id)).status == JobStatus.QUEUED


@pytest.mark.parametrize("thing", ["job", "model", "file"])
async def test_what_can_be_deleted_is_deleted_and_then_unknown(spoken, thing):
    adapter, script = spoken.adapter, spoken.script
    calls = {"job": adapter.delete_job, "model": adapter.delete_model, "file": adapter.delete_file}
    delete = calls[thing]
    if not spoken.offers(f"delete_{thing}"):
        await refuses(delete("any"))
        return
    script.models.append({"id": "ft:mine", "name": "accounts/test/models/mine"})
    last_model = "accounts/test/models/mine" if spoken.dialect.name == "fireworks" else "ft:mine"
    script.add_file("a.jsonl", b"x")
    file_id = (await adapter.list_files())[0].id
    name = {"job": spoken.add_job(), "model": last_model, "file": file_id}[thing]
    await delete(name)
    with pytest.raises(ProviderError) as caught:
        await delete(name)
    assert caught.value.status == 404


async def test_a_model_is_served_once_under_one_name(spoken):
    job_id = spoken.add_job(**spoken.dialect.success("accounts/test/models/tuned"))
    spec = spoken.dialect.deployment(job_id)
    if not spoken.offers("deploys"):
        await refuses(spoken.adapter.deploy(spec))
        await refuses(spoken.adapter.get_deployment("d"))
        await refuses(spoken.adapter.stop_deployment("d"))
        return
    first, second = await spoken.adapter.deploy(spec), await spoken.adapter.deploy(spec)
    assert first.provider_deployment_id == second.provider_deployment_id
    assert len(spoken.script.deployments) == 1
    spoken.dialect.let_serve(spoken.script, first.provider_deployment_id)
    serving = await spoken.adapter.get_deployment(first.provider_deployment_id)
    assert serving.status == DeploymentStatus.ACTIVE
    assert serving.model
    stopped = await spoken.adapter.stop_deployment(first.provider_deployment_id)
    assert stopped.status in (DeploymentStatus.STOPPING, DeploymentStatus.STOPPED)


async def test_chat_goes_by_openais_format_everywhere(spoken):
    request = ChatRequest("tuned", [{"role": "user", "content": "Hi"}])
    chunks = [chunk async for chunk in spoken.adapter.stream_chat(request)]
    assert "".join(chunk.text for chunk in chunks) == "Hello!"
    assert chunks[-1].completion_tokens == 3


async def refuses(call: Any) -> None:
    """Assert that the adapter says that its provider has no such call."""
    with pytest.raises(ProviderError) as caught:
        await call
    assert caught.value.code == NOT_OFFERED
