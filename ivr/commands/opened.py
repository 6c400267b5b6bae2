"""Work of a command on an open, current database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from ivr.store import Database, StoreSettings, upgrade

T = TypeVar("T")


def with_database(settings: StoreSettings, work: Callable[[Database], Awaitable[T]]) -> T:
    """Open the database, bring its tables up to date, do the work, close it.

    Raises:
        Fault: The database cannot be opened, or is newer than the program.
    """

    async def run() -> T:
        database = await Database.open(settings)
        try:
            await upgrade(database)
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())
