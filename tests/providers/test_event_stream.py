"""Server-sent events, cut anywhere."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.providers.adapters.event_stream import EventSplitter

LINE_END = st.sampled_from([b"\n", b"\r\n", b"\r"])
LINE = st.one_of(
    st.sampled_from([b"", b"data", b"data:", b"data: [DONE]", b"event: ping", b": still here"]),
    st.text().map(lambda text: b"data: " + text.encode().translate(None, b"\r\n")),
    st.binary(max_size=20),
)
STREAM = st.lists(st.tuples(LINE, LINE_END)).map(lambda lines: b"".join(map(b"".join, lines)))


def events_of(*parts: bytes) -> list[bytes]:
    splitter = EventSplitter()
    return [data for part in parts for data in splitter.feed(part)]


def cut(stream: bytes, places: Sequence[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[start:end] for start, end in pairwise(edges)]


@given(STREAM, st.lists(st.integers(min_value=0)))
def test_however_the_bytes_are_cut_the_events_are_the_same(
    stream: bytes, places: list[int]
) -> None:
    assert events_of(*cut(stream, places)) == events_of(stream)


@given(STREAM)
def test_byte_by_byte_the_events_are_the_same(stream: bytes) -> None:
    assert events_of(*(bytes([byte]) for byte in stream)) == events_of(stream)


@given(st.lists(st.text(min_size=1).map(lambda text: text.encode().translate(None, b"\r\n"))))
def test_what_was_sent_is_what_is_read(texts: list[bytes]) -> None:
    sent = [text for text in texts if text]
    assert events_of(b"".join(b"data: %b\n\n" % text for text in sent)) == sent


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_every_line_end_of_the_standard_ends_a_line(end: bytes) -> None:
    assert events_of(b"data: a" + end + end + b"data: b" + end + end) == [b"a", b"b"]


def test_several_lines_of_data_are_one_event() -> None:
    assert events_of(b"data: {\ndata:  1}\n\n") == [b"{\n 1}"]


def test_only_data_counts() -> None:
    stream = b": comment\nevent: x\nid: 7\nretry: 3\n<html>\ndatabase: no\n\ndata:a\n\n"
    assert events_of(stream) == [b"a"]


def test_an_event_without_data_is_none() -> None:
    assert events_of(b"\n\n: keep-alive\n\ndata\n\ndata:\n\n") == []


def test_an_event_is_there_with_its_last_byte_and_not_before() -> None:
    splitter = EventSplitter()
    assert splitter.feed(b"data: a\r\n") == []
    assert splitter.feed(b"\r") == [b"a"]
    assert splitter.feed(b"\ndata: b") == []


def test_an_empty_part_changes_nothing() -> None:
    assert events_of(b"data: a\r", b"", b"\ndata: b\r\n\r\n") == [b"a\nb"]
