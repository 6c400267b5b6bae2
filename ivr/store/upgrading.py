"""Bringing the tables to the version of the code.

Revisions are files `NNNN_what.py` in `migrations/versions/`, with `NNNN` as their id. Alembic is imported
only when there is something to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import Connection, inspect, text

from ivr.errors import Fault
from ivr.store.database import Database

_log = structlog.get_logger(__name__)
MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK_ID = 4_839_200  # any number that only this program uses


@dataclass(frozen=True, slots=True)
class Upgrade:
    """Versions before and after; None before the first."""

    before: str | None
    after: str


def newest() -> str:
    """Id of the newest revision that the code knows."""
    return max(path.name.split("_", 1)[0] for path in MIGRATIONS.glob("versions/[0-9]*_*.py"))


def current(connection: Connection) -> str | None:
    """Id of the revision that the database is at; None when it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return version


async def upgrade(database: Database) -> Upgrade:
    """Bring the tables up to date, in one transaction, while no other process can.

    Raises:
        Fault: The database was made by a newer version of the program.
        StoreUnavailable: The database cannot be written.
    """
    target = newest()
    before = await database.read(current)
    if before == target:
        return Upgrade(before, target)
    if before is not None and before > target:
        raise Fault(
            f"The database is at revision {before}, newer than this program, which knows {target}.",
            database.place,
            "Install the newer version of the program.",
        )
    await database.write(_migrate)
    _log.info("store.upgraded", before=before, after=target)
    return Upgrade(before, target)


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": _LOCK_ID})
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
