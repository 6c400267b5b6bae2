"""The log of the archive: each entry holds the hash of the one before; none can be changed or left out.

Whoever keeps the number and hash of a late entry elsewhere can prove later that all entries up to it are
the same (`ivr recordings verify` tells them).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, cast

from sqlalchemy import Connection, RowMapping, and_, exists, insert, select, text

from ivr.archive.tables import archive_log, recordings

ENGINE: Final = "engine"
"""Who did it when no person did."""
_START: Final = "0" * 64
_PAGE: Final = 2000


class What(StrEnum):
    """What was done."""

    TAKEN = "taken"
    LISTENED = "listened"
    EXPORTED = "exported"
    HELD = "held"
    RELEASED = "released"
    PURGE_BEGUN = "purge-begun"
    PURGED = "purged"
    KEY_MADE = "key-made"
    KEYS_ROTATED = "keys-rotated"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something done.

    Attributes:
        what: What.
        recording_id: To which recording, or empty.
        who: Login of a person, or ENGINE.
        why: The reason that was given, or a detail.
        sha256: Of the recording's content, or empty.
    """

    what: What
    recording_id: str = ""
    who: str = ENGINE
    why: str = ""
    sha256: str = ""


@dataclass(slots=True)
class Checked:
    """What a check of the log found.

    Attributes:
        entries: How many there are.
        head: Number and hash of the last, `<seq>:<hash>`, or empty.
        broken: Numbers of the entries that are not as they were written, or follow a gap.
        vanished: Ids of recordings that were taken and not purged, and are not in the index.
        differing: Ids of recordings whose hash in the index is not that of the log.
    """

    entries: int = 0
    head: str = ""
    broken: list[int] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    differing: list[str] = field(default_factory=list)


def append(connection: Connection, entries: Sequence[Entry], now: datetime) -> None:
    """Write entries behind the last one; a job for `Database.write`, with what they tell of."""
    if not entries:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE archive_log IN EXCLUSIVE MODE"))
    last = (
        connection.execute(select(archive_log).order_by(archive_log.c.seq.desc()).limit(1)).mappings().first()
    )
    seq, previous = (last["seq"], last["hash"]) if last else (0, _START)
    rows = []
    for entry in entries:
        seq += 1
        row = {
            "seq": seq,
            "at": now.astimezone(UTC),
            "what": entry.what.value,
            "recording_id": entry.recording_id,
            "who": entry.who,
            "why": entry.why,
            "sha256": entry.sha256,
            "previous": previous,
        }
        previous = row["hash"] = _hash(row)
        rows.append(row)
    connection.execute(insert(archive_log), rows)


def of(connection: Connection, recording_id: str) -> list[RowMapping]:
    """The entries about one recording, in order."""
    mine = archive_log.c.recording_id == recording_id
    return list(connection.execute(select(archive_log).where(mine).order_by(archive_log.c.seq)).mappings())


def check(connection: Connection) -> Checked:
    """Compute the chain anew and compare it with the index."""
    result = Checked()
    seq, previous = 0, _START
    while page := _page(connection, seq):
        for row in page:
            whole = row["seq"] == seq + 1 and row["previous"] == previous and row["hash"] == _hash(row)
            if not whole:
                result.broken.append(row["seq"])
            seq, previous = row["seq"], row["hash"]
            result.entries += 1
    result.head = f"{seq}:{previous}" if result.entries else ""
    result.vanished = _vanished(connection)
    result.differing = _differing(connection)
    return result


def holds(connection: Connection, head: str) -> bool:
    """Whether the log still has the entry that was its last once, `<seq>:<hash>`."""
    seq, _, digest = head.partition(":")
    if not seq.isdigit():
        return False
    mine = (archive_log.c.seq == int(seq)) & (archive_log.c.hash == digest)
    return connection.execute(select(archive_log.c.seq).where(mine)).first() is not None


def _page(connection: Connection, after: int) -> Sequence[RowMapping]:
    statement = select(archive_log).where(archive_log.c.seq > after).order_by(archive_log.c.seq).limit(_PAGE)
    return connection.execute(statement).mappings().all()


def _vanished(connection: Connection) -> list[str]:
    purged = archive_log.alias()
    taken = archive_log.c.what == What.TAKEN.value
    done = exists().where(
        and_(
            purged.c.recording_id == archive_log.c.recording_id,
            purged.c.what == What.PURGED.value,
            purged.c.seq > archive_log.c.seq,
        )
    )
    there = exists().where(recordings.c.id == archive_log.c.recording_id)
    statement = select(archive_log.c.recording_id).where(taken, ~done, ~there).distinct()
    return sorted(connection.execute(statement).scalars())


def _differing(connection: Connection) -> list[str]:
    statement = (
        select(recordings.c.id)
        .join(archive_log, archive_log.c.recording_id == recordings.c.id)
        .where(archive_log.c.what == What.TAKEN.value, archive_log.c.sha256 != recordings.c.sha256)
        .distinct()
    )
    return sorted(connection.execute(statement).scalars())


def _hash(row: RowMapping | dict[str, object]) -> str:
    at = cast("datetime", row["at"])
    names = ("seq", "what", "recording_id", "who", "why", "sha256", "previous")
    told = [row[name] for name in names] + [at.astimezone(UTC).isoformat(timespec="microseconds")]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()
