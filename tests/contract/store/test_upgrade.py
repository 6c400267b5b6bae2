"""Migrations on every driver."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

import ivr
from ivr.store import Database, StoreSettings, metadata, upgrade
from ivr.store.upgrading import MIGRATIONS, newest


@pytest.fixture(scope="module", autouse=True)
def _all_tables() -> None:
    for module in pkgutil.walk_packages(ivr.__path__, "ivr."):
        if module.name.endswith("tables"):
            importlib.import_module(module.name)


def _is_sqlalchemys(name: str | None, kind: str, parents: object) -> bool:
    """Not the full-text index: a virtual table in SQLite, with tables of its own."""
    return kind != "table" or not (name or "").startswith("transcript_words")


def differences(connection: Connection) -> list[object]:
    options = {"compare_type": True, "compare_server_default": True, "include_name": _is_sqlalchemys}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


async def test_the_migrations_make_the_tables_of_the_code(database: Database) -> None:
    done = await upgrade(database)
    assert (done.before, done.after) == (None, newest())
    assert await database.read(differences) == []


async def test_a_second_upgrade_does_nothing(database: Database) -> None:
    await upgrade(database)
    before = database.statistics.jobs
    done = await upgrade(database)
    assert done.before == done.after
    assert database.statistics.jobs == before


async def test_two_processes_may_start_at_once(settings: StoreSettings) -> None:
    databases = [await Database.open(settings) for _ in range(2)]
    await asyncio.gather(*(upgrade(database) for database in databases))
    assert await databases[0].read(differences) == []
    for database in databases:
        await database.close()


def test_the_file_names_tell_the_newest_revision() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [newest()]


def test_alembic_is_not_loaded_when_nothing_is_to_do(sqlite_settings: StoreSettings) -> None:
    program = f"""
import asyncio, sys
from ivr.store import Database, StoreSettings, upgrade
async def main():
    database = await Database.open(StoreSettings(url={sqlite_settings.url!r}))
    await upgrade(database)
    await database.close()
asyncio.run(main())
print("alembic" in sys.modules)
"""
    runs = [subprocess.run([sys.executable, "-c", program], capture_output=True, text=True) for _ in range(2)]
    assert [run.stdout.split()[-1] for run in runs] == ["True", "False"]
