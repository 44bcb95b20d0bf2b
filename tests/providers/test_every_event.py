"""What every adapter promises of events, checkpoints and results. Over real HTTP."""

import base64

from tests.providers.dialects import refuses


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
