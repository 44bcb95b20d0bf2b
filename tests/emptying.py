"""A pytest plugin: empties the database after a test that has committed to it, quickly.

Django's own way empties every table, makes all content types and permissions anew, and connects
anew: thirty times as long. Ours deletes the rows of those that hold any; truncating would make
files for each of their indexes.
"""

import gc
from contextlib import suppress
from functools import cache

import pytest
from django.db import OperationalError
from django.test import TransactionTestCase

from tests.served import wait_until_all_is_answered

ATTEMPTS = 5
PATIENCE_SECONDS = 5
KEPT = {"django_migrations", "django_content_type", "auth_permission"}


@cache
def _used() -> str:
    from django.db import connection

    tables = set(connection.introspection.django_table_names(only_existing=True)) - KEPT
    names = map(connection.ops.quote_name, sorted(tables))
    return " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (TABLE {name})" for name in names)


def _empty(_test: TransactionTestCase) -> None:
    """Empty what was used, once nobody is at work on it."""
    wait_until_all_is_answered()
    for _attempt in range(ATTEMPTS - 1):
        with suppress(OperationalError):  # a deadlock, of which PostgreSQL ends one side, or a wait
            return _delete()
        gc.collect()  # a thread that is gone leaves its connection open until then
    return _delete()


def _delete() -> None:
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{PATIENCE_SECONDS}s'")
        cursor.execute(_used())
        if used := [name for (name,) in cursor.fetchall()]:
            cursor.execute(f"LOCK TABLE {', '.join(used)} IN SHARE ROW EXCLUSIVE MODE")
            # As a replica asks nobody whether a row may go: in whichever order, all will.
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute("; ".join(f"DELETE FROM {name}" for name in used))


@pytest.fixture(scope="session", autouse=True)
def _empty_quickly() -> None:
    TransactionTestCase._fixture_teardown = _empty  # type: ignore[attr-defined, method-assign]
    # The next test finds the connection as a request finds it that comes after another.
    TransactionTestCase._should_reload_connections = lambda _test: False  # type: ignore[attr-defined, method-assign]
