"""Marks in the database. Jobs of a connection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from ivr.archive.index import Recording
from ivr.quality.model import Mark, MarkKind, Verdict
from ivr.quality.tables import quality_marks

_SAME_MILLISECONDS = 5000
"""A mark that was resolved stands for another one of its kind so near in a new transcript."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A mark for review.

    Attributes:
        talk_at: When the recording began, aware.
        resolved_by: Login, or None while it is open.
    """

    id: int
    recording_id: str
    call_id: str
    kind: MarkKind
    at_ms: int
    agent: str | None
    rule: str
    clause: str
    words: str = field(repr=False)
    talk_at: datetime
    verdict: Verdict
    resolved_at: datetime | None
    resolved_by: str | None
    note: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which marks; None does not matter.

    Attributes:
        since: The talk began at this instant or later.
        until: It began before this instant.
        before: Moment and id of the last one of the page before.
    """

    verdict: Verdict | None = None
    kind: MarkKind | None = None
    agent: str | None = None
    recording_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: tuple[datetime, int] | None = None


def replace(connection: Connection, recording: Recording, marks: Sequence[Mark]) -> None:
    """Put marks in place of the open ones of a recording; what was resolved stays."""
    mine = quality_marks.c.recording_id == recording.id
    connection.execute(delete(quality_marks).where(mine, quality_marks.c.verdict == Verdict.OPEN))
    resolved = connection.execute(select(quality_marks).where(mine)).all()
    new = [mark for mark in marks if not any(_same(mark, row) for row in resolved)]
    if new:
        connection.execute(insert(quality_marks), [_row(recording, mark) for mark in new])


def find(connection: Connection, wanted: Wanted, limit: int) -> list[Found]:
    """Marks of recordings that are there, of the latest talks first."""
    statement = select(quality_marks).where(quality_marks.c.gone.is_(False), *_conditions(wanted))
    if wanted.before:
        at, last = wanted.before
        earlier = (quality_marks.c.talk_at == at) & (quality_marks.c.id < last)
        statement = statement.where((quality_marks.c.talk_at < at) | earlier)
    ordered = statement.order_by(quality_marks.c.talk_at.desc(), quality_marks.c.id.desc()).limit(limit)
    return [_found(dict(row)) for row in connection.execute(ordered).mappings()]


def counts(connection: Connection, wanted: Wanted) -> dict[Verdict, int]:
    """How many marks there are by verdict, whatever verdict is wanted; also of recordings that are gone."""
    conditions = [each for name, each in _named(wanted) if name != "verdict"]
    statement = select(quality_marks.c.verdict, func.count()).where(*conditions)
    found = {row[0]: row[1] for row in connection.execute(statement.group_by(quality_marks.c.verdict))}
    return {verdict: found.get(verdict, 0) for verdict in Verdict}


def by_agent(connection: Connection, wanted: Wanted) -> dict[str, dict[Verdict, int]]:
    """The same by operator."""
    columns = (quality_marks.c.agent, quality_marks.c.verdict)
    statement = select(*columns, func.count()).where(*_conditions(wanted), quality_marks.c.agent.is_not(None))
    found: dict[str, dict[Verdict, int]] = {}
    for agent, verdict, count in connection.execute(statement.group_by(*columns)):
        found.setdefault(agent, dict.fromkeys(Verdict, 0))[Verdict(verdict)] = count
    return found


def resolve(
    connection: Connection, mark_id: int, verdict: Verdict, note: str, who: str, now: datetime
) -> Found | None:
    """Say what a mark is; `open` takes that back. None: there is no such mark."""
    is_open = verdict is Verdict.OPEN
    values = {
        "verdict": verdict,
        "note": note,
        "resolved_at": None if is_open else now,
        "resolved_by": None if is_open else who,
    }
    one = quality_marks.c.id == mark_id
    connection.execute(update(quality_marks).where(one, quality_marks.c.gone.is_(False)).values(**values))
    row = connection.execute(select(quality_marks).where(one)).mappings().one_or_none()
    return None if row is None or row["gone"] else _found(dict(row))


def forget(connection: Connection, recording_ids: Sequence[str]) -> None:
    """Take the words off marks whose recordings are deleted; nobody can review them any more."""
    chosen = quality_marks.c.recording_id.in_(recording_ids)
    connection.execute(update(quality_marks).where(chosen).values(words="", note="", gone=True))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    return [each for _, each in _named(wanted)]


def _named(wanted: Wanted) -> list[tuple[str, ColumnElement[bool]]]:
    equal = ("verdict", "kind", "agent", "recording_id")
    found: list[tuple[str, ColumnElement[bool]]] = [
        (name, quality_marks.c[name] == getattr(wanted, name)) for name in equal if getattr(wanted, name)
    ]
    if wanted.since:
        found.append(("since", quality_marks.c.talk_at >= wanted.since))
    if wanted.until:
        found.append(("until", quality_marks.c.talk_at < wanted.until))
    return found


def _same(mark: Mark, row: Any) -> bool:
    near = abs(mark.at - row.at_ms) <= _SAME_MILLISECONDS
    return near and (mark.kind, mark.agent, mark.rule) == (row.kind, row.agent, row.rule)


def _row(recording: Recording, mark: Mark) -> dict[str, Any]:
    return {
        "recording_id": recording.id,
        "call_id": recording.call_id,
        "kind": mark.kind,
        "at_ms": mark.at,
        "agent": mark.agent,
        "rule": mark.rule,
        "clause": mark.clause,
        "words": mark.words,
        "talk_at": recording.started_at,
        "verdict": Verdict.OPEN,
        "note": "",
        "gone": False,
    }


def _found(row: Mapping[str, Any]) -> Found:
    given = {name: row[name] for name in Found.__dataclass_fields__}
    return Found(**given | {"kind": MarkKind(row["kind"]), "verdict": Verdict(row["verdict"])})
