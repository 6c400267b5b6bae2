"""Stories, legs, steps, turns and deeds as rows, and back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Executable, Select, Table, func, select
from sqlalchemy.dialects import postgresql, sqlite

from ivr.calls import durations, pending
from ivr.calls.deeds import Deed
from ivr.calls.legs import Leg, LegEnd, LegRole, Mark
from ivr.calls.story import CallKind, Origin, Party, QueueMark, Stage, Story
from ivr.calls.tables import call_deeds, call_legs, call_steps, calls, turns
from ivr.dialogue.ports import EndingKind, HeardTurn, Step, Value

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Note:
    """A row that is written once: of a step, a turn or a deed."""

    table: Table
    row: Row


@dataclass(frozen=True, slots=True)
class Noted:
    """How many steps and turns of a call are in the database: the numbers of the last ones."""

    steps: int = 0
    turns: int = 0


NOTHING = Noted()


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that are written together.

    Attributes:
        calls: Each replaces the row before.
        legs: The same; their calls are in `calls` or have been written.
        notes: Written once.
    """

    calls: Sequence[Row] = ()
    legs: Sequence[Row] = ()
    notes: Sequence[Note] = ()

    def __len__(self) -> int:
        return len(self.calls) + len(self.legs) + len(self.notes)

    def singles(self) -> Iterator[Batch]:
        """Each row alone, in an order in which they can be written."""
        yield from (Batch(calls=[row]) for row in self.calls)
        yield from (Batch(legs=[row]) for row in self.legs)
        yield from (Batch(notes=[note]) for note in self.notes)


_FACTS = tuple(field.name for field in fields(Story) if field.name not in {"legs", "queue_marks"})
_OF_LEG = tuple(field.name for field in fields(Leg) if field.name != "marks")
_facts_of = attrgetter(*_FACTS)
_ENUMS = {"kind": CallKind, "origin": Origin, "ending": EndingKind, "agent_ended_by": Party}


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
    row: Row = dict(zip(_FACTS, _facts_of(story), strict=True))
    row["data"] = plain(story.data)
    row["carried"] = plain(story.carried)
    row["queue_marks"] = [[mark.at.astimezone(UTC).isoformat(), mark.queue] for mark in story.queue_marks]
    row["stage"] = story.stage
    row["disposition"] = story.disposition
    row["ended_by"] = story.ended_by
    row |= durations.figures(story)
    return row


def leg_row(leg: Leg) -> Row:
    """The whole row of a leg."""
    row: Row = {name: getattr(leg, name) for name in _OF_LEG}
    row["marks"] = [[mark.at.astimezone(UTC).isoformat(), mark.back] for mark in leg.marks]
    holds = [hold for hold in leg.holds if hold.until is not None]
    row["hold_seconds"] = sum(((hold.until or hold.since) - hold.since).total_seconds() for hold in holds)
    return row


def leg_of(row: Mapping[str, Any]) -> Leg:
    """The leg that a row tells."""
    facts = {name: row[name] for name in _OF_LEG}
    facts["role"] = LegRole(facts["role"])
    facts["end"] = facts["end"] and LegEnd(facts["end"])
    return Leg(**facts, marks=[Mark(datetime.fromisoformat(at), back) for at, back in row["marks"]])


def story_of(row: Mapping[str, Any]) -> Story:
    """The story that a row tells, without its legs."""
    facts = {name: row[name] for name in _FACTS}
    for name, kind in _ENUMS.items():
        if facts[name] is not None:
            facts[name] = kind(facts[name])
    marks = [QueueMark(datetime.fromisoformat(at), queue) for at, queue in row["queue_marks"]]
    return Story(**facts, queue_marks=marks)


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


def deed_note(deed: Deed) -> Note:
    """The row of a deed."""
    row = {
        "key": deed.key,
        "call_id": deed.call_id,
        "kind": deed.kind,
        "agent": deed.agent,
        "at": deed.at,
        "data": dict(deed.data),
    }
    return Note(call_deeds, row)


def write(connection: Connection, batch: Batch) -> None:
    """Write rows; a repetition changes nothing. Calls that have ended are to be counted."""
    put, put_notes = _statements(connection.dialect.name)
    for table, rows in ((calls, batch.calls), (call_legs, batch.legs)):
        if rows:
            connection.execute(put[table], rows)
    for table, put_note in put_notes.items():
        noted_rows = [note.row for note in batch.notes if note.table is table]
        if noted_rows:
            connection.execute(put_note, noted_rows)
    pending.note(connection, [row["call_id"] for row in batch.calls if row["stage"] == Stage.ENDED])


@cache
def _statements(dialect: str) -> tuple[Mapping[Table, Executable], Mapping[Table, Executable]]:
    """A call's or leg's row replaces the one before, a note is written once; kept, as making them is dear."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    put: dict[Table, Executable] = {}
    for table in (calls, call_legs):
        row_in = insert(table)
        told = {column.name: row_in.excluded[column.name] for column in table.c if not column.primary_key}
        put[table] = row_in.on_conflict_do_update(index_elements=list(table.primary_key), set_=told)
    once = {table: insert(table).on_conflict_do_nothing() for table in (call_steps, turns, call_deeds)}
    return put, once


def read_stories(connection: Connection, call_ids: Iterable[str]) -> dict[str, Story]:
    """The stories of these calls with their legs, as far as they are known."""
    return select_stories(connection, select(calls).where(calls.c.call_id.in_(list(call_ids))))


def read_going_on(connection: Connection) -> dict[str, Story]:
    """The stories that have no end, or a leg without one, with their legs."""
    open_legs = select(call_legs.c.call_id).where(call_legs.c.ended_at.is_(None))
    going_on = (calls.c.stage != Stage.ENDED) | calls.c.call_id.in_(open_legs)
    return select_stories(connection, select(calls).where(going_on))


def select_stories(connection: Connection, query: Select[Any]) -> dict[str, Story]:
    """The stories of a query of whole rows in its order, each with its legs."""
    stories = {row["call_id"]: story_of(dict(row)) for row in connection.execute(query).mappings()}
    for leg in read_legs(connection, stories):
        stories[leg.call_id].legs[leg.leg_id] = leg
    return stories


def read_legs(connection: Connection, call_ids: Iterable[str]) -> list[Leg]:
    """The legs of these calls, the first to ring first."""
    ids = list(call_ids)
    if not ids:
        return []
    query = select(call_legs).where(call_legs.c.call_id.in_(ids))
    ordered = query.order_by(call_legs.c.rang_at, call_legs.c.leg_id)
    return [leg_of(dict(row)) for row in connection.execute(ordered).mappings()]


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
