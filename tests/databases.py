"""Databases with all tables. Making them takes longer than most tests: they are made once and copied."""

from __future__ import annotations

import asyncio
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import make_url

from ivr.store import Database, StoreSettings, upgrade


@cache
def sqlite_file() -> bytes:
    """What a SQLite database with all tables and without rows has in its file."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "ivr.db"
        asyncio.run(_made(StoreSettings(url=f"sqlite:///{file}")))
        return file.read_bytes()


def _copy(file: Path) -> None:
    file.write_bytes(sqlite_file())


async def _made(settings: StoreSettings) -> None:
    database = await Database.open(settings)
    await upgrade(database)
    await database.close()


async def with_tables(settings: StoreSettings) -> Database:
    """Open a database that nobody has opened before, and give it all tables."""
    url = make_url(settings.url)
    if url.get_backend_name() == "sqlite":
        await asyncio.to_thread(_copy, Path(url.database or ""))
    database = await Database.open(settings)
    await upgrade(database)
    return database
