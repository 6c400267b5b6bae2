"""The index of the archive: jobs for the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import Connection, Select, Table, and_, delete, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from ivr.archive.tables import recording_absences, recording_purges, recordings
from ivr.calls import pending


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One row of the index.

    Attributes:
        id: `<call id>` or `<call id>-<part>`.
        call_id: Our own id of the call.
        part: Empty for the main recording.
        path: Relative to the archive's folder.
        bytes: Size of the file.
        seconds: Length of the sound.
        sha256: Of the file, hexadecimal.
        started_at: When the recording began, aware.
        taken_at: When it was taken over, aware.
        expires_at: When it may be deleted, aware.
        legal_hold: Whether it must not be deleted, whatever its age.
        repaired: Whether the header was mended.
        purge_begun_at: When its deletion was begun, or None.
    """

    id: str
    call_id: str
    part: str
    path: str
    bytes: int
    seconds: float
    sha256: str
    started_at: datetime
    taken_at: datetime
    expires_at: datetime
    legal_hold: bool = False
    repaired: bool = False
    purge_begun_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Absence:
    """Why a conversation has no recording."""

    call_id: str
    part: str
    reason: str
    noted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which recordings are meant; what is not given does not matter.

    Attributes:
        ids: Ids of recordings or of calls.
        since: First day on which the recording began, in the company's time zone.
        until: Last such day.
        zone: The company's time zone.
    """

    ids: frozenset[str] = frozenset()
    since: date | None = None
    until: date | None = None
    zone: tzinfo

    def _statement(self) -> Select[Any]:
        statement = select(recordings).order_by(recordings.c.id)
        if self.ids:
            chosen = list(self.ids)
            statement = statement.where(recordings.c.id.in_(chosen) | recordings.c.call_id.in_(chosen))
        if self.since:
            statement = statement.where(recordings.c.started_at >= self._midnight(self.since))
        if self.until:
            next_day = self.until + timedelta(days=1)
            statement = statement.where(recordings.c.started_at < self._midnight(next_day))
        return statement

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone)

    def page(self, connection: Connection, after: str, limit: int) -> list[Recording]:
        """The next recordings by id, behind the one named."""
        return _read(connection, self._statement().where(recordings.c.id > after).limit(limit))


def expiry(started_at: datetime, days: int) -> datetime:
    """The end of the last of so many calendar days after the recording's own, in the zone of `started_at`."""
    return datetime.combine(started_at.date() + timedelta(days=days + 1), time(), started_at.tzinfo)


def add(connection: Connection, found: Sequence[Recording], absences: Sequence[Absence]) -> None:
    """Note recordings and absences; a repetition changes nothing, a recording ends an absence."""
    pending.note(connection, [row.call_id for row in (*found, *absences)])
    if found:
        connection.execute(
            _insert(connection, recordings).on_conflict_do_nothing(), [asdict(row) for row in found]
        )
        key = tuple_(recording_absences.c.call_id, recording_absences.c.part)
        connection.execute(
            delete(recording_absences).where(key.in_([(row.call_id, row.part) for row in found]))
        )
    if absences:
        connection.execute(
            _insert(connection, recording_absences).on_conflict_do_nothing(),
            [asdict(row) for row in absences],
        )


def unexplained(connection: Connection, call_ids: Iterable[str]) -> list[str]:
    """Those of the calls that have neither a recording nor a reason why not."""
    left = set(call_ids)
    for table in (recordings, recording_absences, recording_purges):
        if left:
            statement = select(table.c.call_id).where(table.c.call_id.in_(list(left)))
            left -= set(connection.execute(statement).scalars())
    return sorted(left)


def absences(connection: Connection) -> list[Absence]:
    """Every conversation without a recording, with the reason."""
    return [Absence(**row) for row in _mappings(connection, select(recording_absences))]


def known_paths(connection: Connection, paths: Iterable[str]) -> set[str]:
    """Those of the paths that the index knows."""
    statement = select(recordings.c.path).where(recordings.c.path.in_(list(paths)))
    return set(connection.execute(statement).scalars())


def expired(connection: Connection, now: datetime, after: str, limit: int) -> list[Recording]:
    """The next recordings whose term is over and that nobody holds, and those whose deletion was begun."""
    over = and_(recordings.c.expires_at <= now, recordings.c.legal_hold.is_(False))
    statement = (
        select(recordings)
        .where(over | recordings.c.purge_begun_at.is_not(None), recordings.c.id > after)
        .order_by(recordings.c.id)
        .limit(limit)
    )
    return _read(connection, statement)


def begin_purge(connection: Connection, now: datetime, limit: int) -> list[Recording]:
    """Mark the next expired recordings, so that none of them can be held any more."""
    found = expired(connection, now, "", limit)
    chosen = [row.id for row in found]
    connection.execute(
        update(recordings)
        .where(recordings.c.id.in_(chosen), recordings.c.purge_begun_at.is_(None))
        .values(purge_begun_at=now)
    )
    return found


def end_purge(connection: Connection, gone: Sequence[Recording], now: datetime) -> None:
    """Take rows off the index whose files are deleted; what was deleted stays on record."""
    kept = ("call_id", "part", "sha256", "started_at", "expires_at")
    rows = [{name: getattr(row, name) for name in kept} for row in gone]
    for row, recording in zip(rows, gone, strict=True):
        row |= {"recording_id": recording.id, "purged_at": now}
    if rows:
        connection.execute(insert(recording_purges), rows)
        connection.execute(delete(recordings).where(recordings.c.id.in_([row.id for row in gone])))


def hold(connection: Connection, recording_id: str, on: bool) -> bool:
    """Set or lift the legal hold; False when there is no such recording, or its deletion has begun."""
    changed = connection.execute(
        update(recordings)
        .where(recordings.c.id == recording_id, recordings.c.purge_begun_at.is_(None))
        .values(legal_hold=on)
    )
    return changed.rowcount == 1


def _read(connection: Connection, statement: Select[Any]) -> list[Recording]:
    return [Recording(**row) for row in _mappings(connection, statement)]


def _mappings(connection: Connection, statement: Select[Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(statement).mappings()]


def _insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
