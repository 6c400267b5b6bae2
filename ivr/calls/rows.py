"""Stories and steps as rows, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, func, select
from sqlalchemy.dialects import postgresql, sqlite

from ivr.calls.story import Origin, Party, Stage, Story
from ivr.calls.tables import call_steps, calls
from ivr.dialogue.ports import EndingKind, Step, Value

Row = dict[str, Any]

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


def step_row(call_id: str, seq: int, step: Step) -> Row:
    """The row of a step; `seq` counts the steps of the call from 1."""
    return {
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


def write(connection: Connection, call_rows: Sequence[Row], step_rows: Sequence[Row]) -> None:
    """Write rows; a repetition changes nothing."""
    put_calls, put_steps = _statements(connection.dialect.name)
    if call_rows:
        connection.execute(put_calls, call_rows)
    if step_rows:
        connection.execute(put_steps, step_rows)


@cache
def _statements(dialect: str) -> tuple[Executable, Executable]:
    """A call's row replaces the one before, a step's is written once; made once, as making them is dear."""
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    calls_in = insert(calls)
    told = {column.name: calls_in.excluded[column.name] for column in calls.c if not column.primary_key}
    put_calls = calls_in.on_conflict_do_update(index_elements=[calls.c.call_id], set_=told)
    return put_calls, insert(call_steps).on_conflict_do_nothing()


def read_stories(connection: Connection, call_ids: Iterable[str]) -> dict[str, Story]:
    """The stories of these calls, as far as they are known."""
    rows = connection.execute(select(calls).where(calls.c.call_id.in_(list(call_ids)))).mappings()
    return {row["call_id"]: story_of(dict(row)) for row in rows}


def read_going_on(connection: Connection) -> dict[str, Story]:
    """The stories that have no end."""
    rows = connection.execute(select(calls).where(calls.c.stage != Stage.ENDED)).mappings()
    return {row["call_id"]: story_of(dict(row)) for row in rows}


def count_steps(connection: Connection, call_ids: Iterable[str]) -> dict[str, int]:
    """The number of the last step of each call that has any."""
    statement = (
        select(call_steps.c.call_id, func.max(call_steps.c.seq))
        .where(call_steps.c.call_id.in_(list(call_ids)))
        .group_by(call_steps.c.call_id)
    )
    return {row[0]: row[1] for row in connection.execute(statement)}
