"""The wire format of server-sent events."""

from apps.core import sse


def test_every_line_of_the_text_is_a_line_of_the_event():
    assert sse.event("token", "one\ntwo\r\nthree\rfour") == (
        "event: token\ndata: one\ndata: two\ndata: three\ndata: four\n\n"
    )


def test_an_event_without_text_still_has_its_data_line():
    assert sse.event("done") == "event: done\ndata: \n\n"


def test_text_cannot_end_its_event_and_begin_another():
    forged = sse.event("token", "x\n\nevent: done\ndata: y")
    assert forged.count("\n\n") == 1
    assert "\nevent: done" not in forged


async def test_a_stream_tells_proxies_not_to_hold_it_back():
    async def words():
        yield sse.event("token", "hello")

    response = sse.stream(words())
    assert response["Content-Type"] == "text/event-stream"
    assert response["X-Accel-Buffering"] == "no"
    assert [part async for part in response] == [b"event: token\ndata: hello\n\n"]
