"""The migrations make exactly the tables that the features declare, in one chain."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from dms_workbench.kernel import store as kernel_store
from dms_workbench.kernel.store import Store, metadata, newest_version
from dms_workbench.workbench import open_store

FOLDER = Path(kernel_store.__file__ or "").parent / "migrations"


def differences(store: Store) -> list[object]:
    with store.reading() as db:
        context = MigrationContext.configure(db, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, metadata))


def test_there_is_one_head_and_the_numbers_have_no_gap() -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [newest_version()]
    numbers = sorted(revision.revision for revision in script.walk_revisions())
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


def test_the_migrations_equal_the_tables_on_sqlite(store: Store) -> None:
    assert differences(store) == []


@pytest.mark.postgres
def test_the_migrations_equal_the_tables_on_postgresql(postgres_url: str) -> None:
    opened = open_store(postgres_url)
    assert differences(opened) == []
    opened.close()


def test_an_upgrade_that_fails_leaves_the_store_as_it_was(clean_environment: Path) -> None:
    opened = open_store()
    with opened.writing() as db:
        for table in reversed(metadata.sorted_tables):
            if table.name != "outbox":
                table.drop(db)
        db.exec_driver_sql("DELETE FROM alembic_version")
    with pytest.raises(Exception, match="already exists"):
        open_store()
    with opened.reading() as db:
        names = {row[0] for row in db.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert names == {"alembic_version", "outbox"}
    opened.close()
