"""Facts as rows, and back; jobs for the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from ivr.kpi.facts import CallFact, CountedCall, TalkFact
from ivr.kpi.measures import CALL_MEASURES, TALK_MEASURES
from ivr.kpi.tables import kpi_calls, kpi_talks

_OF_CALL = tuple(each.name for each in fields(CallFact) if each.name != "counted")
_OF_TALK = tuple(each.name for each in fields(TalkFact) if each.name != "counted")
_NO_CALL = dict.fromkeys(CALL_MEASURES, 0)
_NO_TALK = dict.fromkeys(TALK_MEASURES, 0)


def write(connection: Connection, call_ids: Sequence[str], counted: Sequence[CountedCall]) -> None:
    """Put facts in the place of those of the same calls; a call that is not counted has none any more."""
    connection.execute(delete(kpi_talks).where(kpi_talks.c.call_id.in_(call_ids)))
    gone = set(call_ids) - {each.call.call_id for each in counted}
    if gone:
        connection.execute(delete(kpi_calls).where(kpi_calls.c.call_id.in_(gone)))
    if counted:
        connection.execute(_put(connection.dialect.name), [call_row(each.call) for each in counted])
    if talks := [talk_row(talk) for each in counted for talk in each.talks]:
        connection.execute(insert(kpi_talks), talks)


def call_row(fact: CallFact) -> dict[str, Any]:
    """The whole row of a call."""
    return {name: getattr(fact, name) for name in _OF_CALL} | _NO_CALL | fact.counted


def talk_row(fact: TalkFact) -> dict[str, Any]:
    """The whole row of a talk."""
    return {name: getattr(fact, name) for name in _OF_TALK} | _NO_TALK | fact.counted


def read_calls(connection: Connection, call_ids: Iterable[str]) -> list[CallFact]:
    """The facts of these calls, as far as they have been counted."""
    query = select(kpi_calls).where(kpi_calls.c.call_id.in_(list(call_ids)))
    return [call_of(row) for row in connection.execute(query).mappings()]


def read_talks(connection: Connection, call_ids: Iterable[str]) -> list[TalkFact]:
    """The facts of the talks of these calls."""
    query = select(kpi_talks).where(kpi_talks.c.call_id.in_(list(call_ids)))
    return [
        TalkFact(**{name: row[name] for name in _OF_TALK}, counted=_counted(row, TALK_MEASURES))
        for row in connection.execute(query).mappings()
    ]


def call_of(row: Mapping[Any, Any]) -> CallFact:
    """The fact that a row tells."""
    return CallFact(**{name: row[name] for name in _OF_CALL}, counted=_counted(row, CALL_MEASURES))


def _counted(row: Mapping[Any, Any], names: Sequence[str]) -> dict[str, int]:
    return {name: row[name] for name in names if row[name]}


@cache
def _put(dialect: str) -> Executable:
    row = (postgresql.insert if dialect == "postgresql" else sqlite.insert)(kpi_calls)
    told = {column.name: row.excluded[column.name] for column in kpi_calls.c if not column.primary_key}
    return row.on_conflict_do_update(index_elements=list(kpi_calls.primary_key), set_=told)
