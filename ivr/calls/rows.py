"""Stories, steps and turns as rows, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite

from ivr.calls.story import Origin, Party, Stage, Story
from ivr.calls.tables import call_steps, calls, turns
from ivr.dialogue.ports import EndingKind, HeardTurn, Step, Value

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Note:
    """A row that is written once: of a step or of a turn."""

    table: Table
    row: Row


@dataclass(frozen=True, slots=True)
class Noted:
    """How many steps and turns of a call are in the database: the numbers of the last ones."""

    steps: int = 0
    turns: int = 0


NOTHING = Noted()

_FACTS = tuple(field.name for field in fields(Story))
_ENUMS = {"origin": Origin, "ending": EndingKind, "agent_ended_by": Party}


def plain(value: Value) -> Any:
    """A value of a scenario as JSON has it: amounts and dates as text."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value]


def call_row(story: Story) -> Row:
    """The whole row of a call."""
    row: Row = {name: getattr(story, name) for name in _FACTS}
    row["data"] = plain(story.data)
    row["stage"] = story.stage
    row["disposition"] = story.disposition
    row["ended_by"] = story.ended_by
    return row


def story_of(row: Mapping[str, Any]) -> Story:
    """The story that a row tells."""
    facts = {name: row[name] for name in _FACTS}
    for name, kind in _ENUMS.items():
        if facts[name] is not None:
            facts[name] = kind(facts[name])
    return Story(**facts)


def step_note(call_id: str, seq: int, step: Step) -> Note:
    """The row of a step; `seq` counts the steps of the call from 1."""
    row = {
        "call_id": call_id,
        "seq": seq,
        "flow": step.flow,
        "state": step.state,
        "verb": step.verb,
        "started_at": step.started_at,
        "seconds": step.seconds,
        "outcome": step.outcome,
        "heard": step.heard,
        "personal": step.personal,
    }
    return Note(call_steps, row)


def turn_note(call_id: str, seq: int, at: datetime, turn: HeardTurn) -> Note:
    """The row of a turn with what may be kept of it; `seq` counts the turns of the call from 1."""
    latency = turn.latency_seconds
    row = {
        "call_id": call_id,
        "seq": seq,
        "at": at,
        "flow": turn.flow,
        "state": turn.state,
        "kind": turn.kind,
        "result": turn.result,
        "voice": turn.voice,
        "confidence": turn.confidence if turn.voice else None,
        "latency_ms": None if latency is None else round(latency * 1000),
        "text": turn.text or None,
        "clip": turn.clip,
    }
    return Note(turns, row)


def write(connection: Connection, call_rows: Sequence[Row], notes: Sequence[Note]) -> None:
    """Write rows; a repetition changes nothing."""
    put_calls, put_notes = _statements(connection.dialect.name)
    if call_rows:
        connection.execute(put_calls, call_rows)
    for table, put in put_notes.items():
        rows = [note.row for note in notes if note.table is table]
        if rows:
            connection.execute(put, rows)


@cache
def _statements(dialect: str) -> tuple[Executable, Mapping[Table, Executable]]:
    """A call's row replaces the one before, a note is written once; made once, as making them is dear."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    calls_in = insert(calls)
    told = {column.name: calls_in.excluded[column.name] for column in calls.c if not column.primary_key}
    put_calls = calls_in.on_conflict_do_update(index_elements=[calls.c.call_id], set_=told)
    return put_calls, {table: insert(table).on_conflict_do_nothing() for table in (call_steps, turns)}


def read_stories(connection: Connection, call_ids: Iterable[str]) -> dict[str, Story]:
    """The stories of these calls, as far as they are known."""
    rows = connection.execute(select(calls).where(calls.c.call_id.in_(list(call_ids)))).mappings()
    return {row["call_id"]: story_of(dict(row)) for row in rows}


def read_going_on(connection: Connection) -> dict[str, Story]:
    """The stories that have no end."""
    rows = connection.execute(select(calls).where(calls.c.stage != Stage.ENDED)).mappings()
    return {row["call_id"]: story_of(dict(row)) for row in rows}


def noted(connection: Connection, call_ids: Iterable[str]) -> dict[str, Noted]:
    """The numbers of the last step and turn of each of these calls."""
    ids = list(call_ids)
    steps, heard = _last(connection, call_steps, ids), _last(connection, turns, ids)
    return {id_: Noted(steps.get(id_, 0), heard.get(id_, 0)) for id_ in ids}


def _last(connection: Connection, table: Table, call_ids: list[str]) -> dict[str, int]:
    statement = (
        select(table.c.call_id, func.max(table.c.seq))
        .where(table.c.call_id.in_(call_ids))
        .group_by(table.c.call_id)
    )
    return {row[0]: row[1] for row in connection.execute(statement)}
