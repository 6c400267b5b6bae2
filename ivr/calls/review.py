"""The review of speech that was not understood: the list, what was looked at, deletion after a term."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import structlog
from sqlalchemy import Connection, Select, func, select, update

from ivr.calls.settings import ReviewSettings
from ivr.calls.tables import KEPT, calls, turns
from ivr.dialogue.ports import Clock
from ivr.errors import Fault
from ivr.store import Database, StoreUnavailable

log = structlog.get_logger(__name__)

_HOUR_SECONDS = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Misunderstood:
    """One speech that was not understood.

    Attributes:
        id: Number of the turn.
        call_id: Its call.
        at: When it was noted, aware.
        line: Name of the line, as far as it is known.
        flow: Label of the flow.
        state: Name of the state.
        kind: What was asked, an `AnswerKind`.
        text: What was recognised, numbers masked; None when no word was made out.
        confidence: The recogniser's, from 0 to 1.
        clip: Id of the sound that was kept, or None.
    """

    id: int
    call_id: str
    at: datetime
    line: str | None
    flow: str
    state: str
    kind: str
    text: str | None
    confidence: float | None
    clip: str | None


def waiting(connection: Connection, limit: int) -> list[Misunderstood]:
    """What nobody has looked at yet, newest first."""
    unseen = _speeches().where(turns.c.reviewed_at.is_(None))
    statement = unseen.order_by(turns.c.at.desc(), turns.c.id.desc()).limit(limit)
    return [Misunderstood(**row) for row in connection.execute(statement).mappings()]


def one(connection: Connection, turn_id: int) -> Misunderstood | None:
    """A speech that was not understood and kept, looked at or not."""
    found = connection.execute(_speeches().where(turns.c.id == turn_id)).mappings().first()
    return None if found is None else Misunderstood(**found)


def _speeches() -> Select[Any]:
    columns = ("id", "call_id", "at", "flow", "state", "kind", "text", "confidence", "clip")
    shown = select(*(turns.c[name] for name in columns), calls.c.line)
    return shown.join(calls, calls.c.call_id == turns.c.call_id).where(KEPT)


def count_waiting(connection: Connection) -> int:
    """How many nobody has looked at yet."""
    statement = select(func.count()).select_from(turns).where(KEPT, turns.c.reviewed_at.is_(None))
    return connection.execute(statement).scalar_one()


def resolve(
    connection: Connection, ids: Collection[int], at: datetime, topic: str | None, note: str | None
) -> set[int]:
    """Mark turns as looked at, or add to what was noted of them.

    Args:
        connection: A writing one.
        ids: Numbers of the turns.
        at: The moment, aware.
        topic: Topic that was meant, or None.
        note: Anything else, or None.

    Returns:
        Ids that are none of a speech that was not understood and kept.
    """
    told = {name: value for name, value in (("topic", topic), ("note", note)) if value is not None}
    found = set(connection.execute(select(turns.c.id).where(turns.c.id.in_(ids), KEPT)).scalars())
    connection.execute(update(turns).where(turns.c.id.in_(found)).values(reviewed_at=at, **told))
    return set(ids) - found


# --- deletion --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Purged:
    """What was deleted, or would be: turns whose text and sound are forgotten, and files."""

    turns: int
    files: int


async def purge(database: Database, folder: Path, before: datetime, *, dry_run: bool = False) -> Purged:
    """Delete text and sound that are older; that a speech was not understood stays on record.

    Args:
        database: Has the turns.
        folder: Of the sound; it need not exist.
        before: What was said before this moment goes.
        dry_run: Only count.

    Raises:
        StoreUnavailable: The database can't be written.
        Fault: A file can't be deleted.
    """
    files = await asyncio.to_thread(_files, folder, before)
    if dry_run:
        return Purged(await database.read(partial(_count_expired, before=before)), len(files))
    await asyncio.to_thread(_delete, files)
    return Purged(await database.write(partial(_forget, before=before)), len(files))


class ReviewSweep:
    """Deletes what is past its term, again and again."""

    def __init__(self, database: Database, folder: Path, settings: ReviewSettings, clock: Clock) -> None:
        """Args: folder, of the sound."""
        self._database = database
        self._folder = folder
        self._settings = settings
        self._clock = clock

    async def run(self) -> NoReturn:
        """Sweep until it is cancelled; what fails is tried again the next time."""
        while True:
            await self._sweep()
            await self._clock.sleep(self._settings.sweep_hours * _HOUR_SECONDS)

    async def _sweep(self) -> None:
        before = self._clock.now() - timedelta(days=self._settings.keep_days)
        try:
            gone = await purge(self._database, self._folder, before)
        except (StoreUnavailable, Fault) as fault:
            log.warning("review.not-swept", fault=type(fault).__name__)
        else:
            log.info("review.swept", turns=gone.turns, files=gone.files)


def _files(folder: Path, before: datetime) -> list[Path]:
    """All sound written before, also what nobody claimed, and what no turn knows."""
    limit = before.timestamp()
    return [file for file in folder.rglob("*.wav") if _written_at(file, limit) < limit]


def _written_at(file: Path, unknown: float) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:  # dropped meanwhile
        return unknown


def _delete(files: list[Path]) -> None:
    for file in files:
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            raise Fault(
                f"The sound of a speech can't be deleted: {error.strerror}.",
                str(file),
                "Mend its folder's rights; then purge again.",
            ) from error


def _count_expired(connection: Connection, before: datetime) -> int:
    statement = select(func.count()).select_from(turns).where(KEPT, turns.c.at < before)
    return connection.execute(statement).scalar_one()


def _forget(connection: Connection, before: datetime) -> int:
    expired = update(turns).where(KEPT, turns.c.at < before).values(text=None, clip=None)
    return connection.execute(expired).rowcount
