"""What the commands about recordings take from the settings, and a database for one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from ivr.archive.settings import ArchiveSettings
from ivr.archive.storage import StorageAway
from ivr.errors import Fault
from ivr.store import Database, StoreSettings

T = TypeVar("T")


class Company(Protocol):
    """Whose recordings they are."""

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the days."""


class RecordingsContext(Protocol):
    """What these commands take from the settings of the call."""

    @property
    def store(self) -> StoreSettings:
        """The database."""

    @property
    def archive(self) -> ArchiveSettings:
        """The archive."""

    @property
    def company(self) -> Company:
        """The company."""


def with_database(settings: RecordingsContext, work: Callable[[Database], Awaitable[T]]) -> T:
    """Do something with the database of the settings, and close it.

    Raises:
        Fault: The storage of the recordings is away.
    """

    async def run() -> T:
        database = await Database.open(settings.store)
        try:
            return await work(database)
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except StorageAway as error:
        fix = "Mend the storage, its rights or archive.folder and archive.s3; then try again."
        raise Fault(f"The storage of the archive does not do it: {error}.", "archive", fix) from error
