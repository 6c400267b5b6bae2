"""The database: reachable, writable, of this program's revision, in WAL mode, with sane times."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, func, make_url, select, text
from sqlalchemy.exc import ArgumentError

from ivr.app.doctor.finding import Result
from ivr.app.doctor.machine import nearest, takes_files
from ivr.calls.tables import calls
from ivr.store import Database, StoreSettings
from ivr.store.upgrading import current, newest

_LATE = timedelta(minutes=5)


async def database(settings: StoreSettings, now: datetime) -> Result:
    """Look without changing anything: a database that is not there yet is not made.

    Raises:
        Fault: The URL is wrong, or the database can't be reached or written.
    """
    missing = _missing_file(settings)
    if missing is not None:
        return _can_be_made(missing)
    opened = await Database.open(settings)  # which waits for the lock that a write needs
    try:
        revision = await opened.read(current)
        journal = await opened.read(_journal)
        latest = await opened.read(_latest_call) if revision == newest() else None
    finally:
        await opened.close()
    return _judged(opened.place, revision, journal) or _dated(opened.place, latest, now)


def _missing_file(settings: StoreSettings) -> Path | None:
    try:
        url = make_url(settings.url)
    except ArgumentError:
        return None
    if url.get_backend_name() != "sqlite" or not url.database:
        return None
    file = Path(url.database).absolute()
    return None if file.exists() else file


def _can_be_made(file: Path) -> Result:
    folder = nearest(file.parent)
    if not takes_files(folder):
        return Result(f"{file} can't be made.", f"Give {folder} to the user that runs the engine.")
    return Result(f"{file} is not there yet; the engine makes it.")


def _journal(connection: Connection) -> str | None:
    if connection.dialect.name != "sqlite":
        return None
    mode: str = connection.execute(text("PRAGMA journal_mode")).scalar_one()
    return mode


def _latest_call(connection: Connection) -> datetime | None:
    came: datetime | None = connection.execute(select(func.max(calls.c.came_at))).scalar()
    return came


def _judged(place: str, revision: str | None, journal: str | None) -> Result | None:
    """What is wrong with revision or journal, or None."""
    wanted = newest()
    if revision is not None and revision > wanted:
        return Result(
            f"{place} is at revision {revision}, newer than this program ({wanted}).",
            "Install the newer version of the program.",
        )
    if revision != wanted:
        return Result(f"{place} is at revision {revision or 'none'}, not {wanted}.", "Run `ivr db upgrade`.")
    if journal not in (None, "wal"):
        return Result(
            f"{place} keeps its journal in mode {journal}, not WAL.",
            "Put the file on a local disk: network file systems can't do WAL.",
        )
    return None


def _dated(place: str, latest: datetime | None, now: datetime) -> Result:
    detail = f"{place}, revision {newest()}, writable"
    if latest is None:
        return Result(f"{detail}, no calls yet.")
    if latest > now + _LATE:
        return Result(
            f"{detail}, but its last call came in the future ({latest:%Y-%m-%d %H:%M} UTC).",
            "Set the clock right; find out which machine wrote with a wrong one.",
        )
    return Result(f"{detail}, last call {latest:%Y-%m-%d %H:%M} UTC.")
