"""New events are told from old ones, though only the newest known ones are named."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.providers.adapters.event_order import oldest_first, unknown
from apps.providers.types import ProviderEvent

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)


def event(number: int, *, second: int | None = None) -> ProviderEvent:
    moment = BEGIN + timedelta(seconds=number if second is None else second)
    return ProviderEvent(str(number), moment, "info", "message", "")


@pytest.mark.parametrize(
    ("told", "known", "new"),
    [
        ([5, 4, 3, 2, 1], set(), [5, 4, 3, 2, 1]),
        ([5, 4, 3, 2, 1], {"3"}, [5, 4]),
        ([5, 3, 4, 2, 1], {"3"}, [5, 4]),  # 4 came behind 3 and is younger
        ([5, 5, 4, 4, 3], {"3"}, [5, 4]),
        ([3, 2, 1], {"3"}, []),
        ([5, 4], {"9"}, [5, 4]),
        ([], {"1"}, []),
    ],
)
def test_what_is_behind_a_known_event_is_known_unless_it_is_younger(told, known, new):
    found = unknown([event(number) for number in told], known)
    assert [each.provider_event_id for each in found] == [str(number) for number in new]


def test_what_has_no_time_of_its_own_is_no_sign_of_disorder():
    undated = ProviderEvent("1", datetime.now(UTC) + timedelta(seconds=1), "info", "message", "")
    assert unknown([event(2), undated], {"2"}) == []


def test_events_of_one_moment_are_turned_around():
    rising = oldest_first([event(3, second=9), event(2, second=9), event(1, second=1)])
    assert [each.provider_event_id for each in rising] == ["1", "2", "3"]
