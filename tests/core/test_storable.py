"""What PostgreSQL cannot hold is replaced, the same way wherever it comes from."""

import math
from types import MappingProxyType

import pytest
from django.db import connection

from apps.core.sentences import Sentence
from apps.core.storable import storable


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("grüß dich \U0001f600", "grüß dich \U0001f600"),
        ("a\0b", "a\ufffdb"),
        ("a\ud800b\udfff", "a\ufffdb\ufffd"),
        ("\ufffd", "\ufffd"),
        (math.nan, None),
        (-math.inf, None),
        (0.5, 0.5),
        (10**30, 10**30),
        (True, True),
        (None, None),
        (
            {"a\0": {"\ud800": ["\0", (math.nan, 1)]}},
            {"a\ufffd": {"\ufffd": ["\ufffd", [None, 1]]}},
        ),
        (MappingProxyType({1: "\0"}), {"1": "\ufffd"}),
    ],
)
def test_what_cannot_be_kept_is_replaced(told, kept):
    assert storable(told) == kept


def test_a_sentence_stays_one():
    sentence = Sentence("The server at %(origin)s did not answer.", origin="api.test")
    assert storable(sentence) is sentence


@pytest.mark.django_db
def test_postgres_takes_what_is_left():
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text", [storable("a\0\ud800")])
        assert cursor.fetchone() == ("a\ufffd\ufffd",)
