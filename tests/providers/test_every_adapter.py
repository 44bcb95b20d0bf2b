"""What every adapter promises, whatever its provider's API looks like. Over real HTTP.

Checks, models, files, new jobs and chat here; what is said of jobs in test_every_job.py, what they
tell in test_every_event.py, what goes wrong in test_every_refusal.py.
"""

from contextlib import suppress

import pytest

from apps.providers.types import ChatRequest, JobStatus, ProviderUnavailable
from tests.providers.dialects import CLIENT_KEY, ROWS
from tests.providers.scripted import Fault, Mischief, Seen


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


async def test_chat_goes_by_openais_format_everywhere(spoken):
    request = ChatRequest("tuned", [{"role": "user", "content": "Hi"}])
    chunks = [chunk async for chunk in spoken.adapter.stream_chat(request)]
    assert "".join(chunk.text for chunk in chunks) == "Hello!"
    assert chunks[-1].completion_tokens == 3
