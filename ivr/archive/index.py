"""The index of the archive: jobs for the database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from sqlalchemy import Connection, Select, Table, delete, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from ivr.archive.chain import Entry, What, append
from ivr.archive.tables import recording_absences, recording_purges, recordings
from ivr.calls import pending


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One row of the index.

    Attributes:
        id: `<call id>` or `<call id>-<part>`.
        call_id: Our own id of the call.
        part: Empty for the main recording.
        path: In the storage.
        bytes: Length of the content, as it is before it is encrypted.
        seconds: Length of the sound.
        sha256: Of the content, hexadecimal.
        started_at: When the recording began, aware.
        taken_at: When it was taken over, aware.
        expires_at: When it may be deleted, aware.
        legal_hold: Whether it must not be deleted, whatever its age.
        repaired: Whether the header was mended.
        purge_begun_at: When its deletion was begun, or None.
        format: `opus`, `mp3` or `wav`.
        channels: 1: mixed; 2: the caller left, everybody else right.
        frames: Length of the sound as it was recorded; None where nobody counted.
        rate: Frames a second, as it was recorded.
        source_sha256: Of the file that was recorded, hexadecimal.
        key_id: Master key that wraps the recording's own; None: it is not encrypted.
        wrapped_key: The recording's own key, wrapped, hexadecimal.
        hold_reason: Why it is held.
        held_by: Who said so.
        held_at: When, aware.
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
    format: str = "wav"
    channels: int = 1
    frames: int | None = None
    rate: int = 8000
    source_sha256: str | None = None
    key_id: str | None = None
    wrapped_key: str | None = field(default=None, repr=False)
    hold_reason: str | None = None
    held_by: str | None = None
    held_at: datetime | None = None


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
        return read_rows(connection, self._statement().where(recordings.c.id > after).limit(limit))


def expiry(started_at: datetime, days: int) -> datetime:
    """The end of the last of so many calendar days after the recording's own, in the zone of `started_at`."""
    return datetime.combine(started_at.date() + timedelta(days=days + 1), time(), started_at.tzinfo)


def add(connection: Connection, found: Sequence[Recording], absences: Sequence[Absence]) -> None:
    """Note recordings and absences; a repetition changes nothing, a recording ends an absence."""
    pending.note(connection, [row.call_id for row in found] + [row.call_id for row in absences])
    if found:
        _note_taken(connection, found)
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


def known(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Those of the recordings that the index has, with the hash of the file that they were made from."""
    columns = select(recordings.c.id, recordings.c.source_sha256, recordings.c.sha256)
    statement = columns.where(recordings.c.id.in_(list(ids)))
    return {row.id: row.source_sha256 or row.sha256 for row in connection.execute(statement)}


def one(connection: Connection, recording_id: str) -> Recording | None:
    """A recording, or None."""
    found = read_rows(connection, select(recordings).where(recordings.c.id == recording_id))
    return found[0] if found else None


def named(connection: Connection, ids: Iterable[str]) -> list[Recording]:
    """Those of the recordings that are there and not being deleted, as they began."""
    chosen = recordings.c.id.in_(list(ids)) & recordings.c.purge_begun_at.is_(None)
    return read_rows(connection, select(recordings).where(chosen).order_by(recordings.c.started_at))


def any_encrypted(connection: Connection) -> bool:
    """Whether some recording needs a key."""
    statement = select(recordings.c.id).where(recordings.c.key_id.is_not(None)).limit(1)
    return connection.execute(statement).first() is not None


def hold(connection: Connection, chosen: str, reason: str, who: str, now: datetime) -> list[str]:
    """Keep the recording of that id, or all of the call of that id, whatever their age.

    Returns:
        Ids of those that are held now; one whose deletion has begun can't be.
    """
    values = {"legal_hold": True, "hold_reason": reason, "held_by": who, "held_at": now}
    return _mark(connection, chosen, values, Entry(What.HELD, who=who, why=reason), now)


def release(connection: Connection, chosen: str, reason: str, who: str, now: datetime) -> list[str]:
    """Lift the hold of a recording, or of all recordings of a call; returns which of them were held."""
    values = {"legal_hold": False, "hold_reason": None, "held_by": None, "held_at": None}
    return _mark(connection, chosen, values, Entry(What.RELEASED, who=who, why=reason), now)


def _mark(
    connection: Connection, chosen: str, values: dict[str, Any], entry: Entry, now: datetime
) -> list[str]:
    named = (recordings.c.id == chosen) | (recordings.c.call_id == chosen)
    free = named & recordings.c.purge_begun_at.is_(None)
    if not values["legal_hold"]:
        free &= recordings.c.legal_hold.is_(True)
    found = read_rows(connection, select(recordings).where(free).order_by(recordings.c.id))
    ids = [row.id for row in found]
    connection.execute(update(recordings).where(recordings.c.id.in_(ids)).values(**values))
    append(connection, [replace(entry, recording_id=row.id, sha256=row.sha256) for row in found], now)
    return ids


def _note_taken(connection: Connection, found: Sequence[Recording]) -> None:
    there = known(connection, [row.id for row in found])
    for row in found:
        if row.id not in there:
            how = f"{row.format}, key {row.key_id}" if row.key_id else f"{row.format}, not encrypted"
            append(connection, [Entry(What.TAKEN, row.id, why=how, sha256=row.sha256)], row.taken_at)


def read_rows(connection: Connection, statement: Select[Any]) -> list[Recording]:
    """The recordings that a selection of whole rows finds."""
    return [Recording(**row) for row in _mappings(connection, statement)]


def _mappings(connection: Connection, statement: Select[Any]) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(statement).mappings()]


def _insert(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
