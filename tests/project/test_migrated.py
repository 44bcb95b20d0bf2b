"""The cluster that the tests copy is made by the migrations as they are now."""

from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests import migrated


def test_every_migration_is_applied_to_the_database_of_the_tests(db):
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []


@pytest.mark.parametrize("change", ["edited", "new", "gone"])
def test_other_migrations_make_another_cluster(tmp_path: Path, monkeypatch, change):
    folder = tmp_path / "apps" / "some" / "migrations"
    folder.mkdir(parents=True)
    first = folder / "0001_initial.py"
    first.write_text("one")
    monkeypatch.setattr(migrated, "ROOT", tmp_path)
    before = migrated._fingerprint()
    assert migrated._fingerprint() == before
    if change == "edited":
        first.write_text("another")
    elif change == "new":
        (folder / "0002_more.py").write_text("two")
    else:
        first.unlink()
    assert migrated._fingerprint() != before
