"""What stands in Redis is plain text."""

import pickle
from contextvars import Context
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.core.cache import cache
from redis import Redis


def test_values_come_back_as_they_were():
    kept = {"models": [{"id": "tiny-chat-1m", "can_tune": True}], "dated": None}
    cache.set("kept", kept)
    assert cache.get("kept") == kept


def test_numbers_can_be_counted_up():
    cache.set("attempts", 1)
    cache.incr("attempts")
    assert cache.get("attempts") == 2


def test_what_json_cannot_hold_is_refused():
    with pytest.raises(TypeError):
        cache.set("moment", datetime(2026, 11, 21, tzinfo=UTC))


def test_a_pickle_in_redis_is_never_loaded_and_counts_as_missing():
    Redis.from_url(settings.REDIS_URL).set(cache.make_key("planted"), pickle.dumps({"a": 1}))
    assert cache.get("planted") is None


def test_requests_share_their_connections():
    """Each request has its own context, and with it its own cache object."""
    pools = [Context().run(lambda: cache._cache.get_client().connection_pool) for _ in range(2)]
    assert pools[0] is pools[1]
