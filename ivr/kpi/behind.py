"""The calls behind a figure; a job for `Database.read`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, or_, select

from ivr.kpi.definitions import Definition, Sums, scaled
from ivr.kpi.measures import TALK_MEASURES
from ivr.kpi.sums import Selection
from ivr.kpi.tables import kpi_calls, kpi_talks

_TOLD = ("call_id", "line", "segment", "topic", "queue", "agent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """A call, or a talk, that a figure stands on.

    Attributes:
        at: When the call came, or the talk began.
        value: What it adds to the figure, in seconds for a length: of an average and a maximum its own.
        counted: What else has been counted of it, as far as it was asked for; without zeros.
    """

    call_id: str
    at: datetime
    line: str
    segment: str
    topic: str
    queue: str
    agent: str
    value: float
    counted: Mapping[str, int] = field(default_factory=dict)


def behind(
    connection: Connection,
    definition: Definition,
    selection: Selection,
    limit: int,
    offset: int = 0,
    measures: Sequence[str] = (),
) -> list[Behind]:
    """The calls, those that add most first, else in order of time; none where no calls stand behind it.

    Args:
        connection: To read from.
        definition: Of the figure.
        selection: Of which calls.
        limit: So many at most.
        offset: So many of the first ones are left out.
        measures: What else is told of each; those that a call, or a talk, does not have are left out.
    """
    if not definition.shown:
        return []
    talks = counts_talks(definition)
    table, at = (kpi_talks, kpi_talks.c.answered_at) if talks else (kpi_calls, kpi_calls.c.came_at)
    measure = _measure(definition, table)
    value = table.c[measure]
    period = selection.period
    more = [name for name in measures if name in table.c]
    columns = [table.c[name] for name in (*_TOLD, *more)]
    query = (
        select(*columns, at.label("at"), value.label("value"))
        .where(
            table.c.half_hour >= period.since,
            table.c.half_hour < period.until,
            or_(*[table.c[name] != 0 for name in definition.shown]),
            *selection.conditions(table.c),
        )
        .order_by(*_order(definition, measure, table), at, table.c.call_id)
        .limit(limit)
        .offset(offset)
    )
    rows = connection.execute(query).mappings()
    return [
        Behind(
            **{name: row[name] for name in (*_TOLD, "at")},
            value=scaled(row["value"], measure),
            counted={name: row[name] for name in more if row[name]},
        )
        for row in rows
    ]


def add_alike(definition: Definition) -> bool:
    """Whether all calls behind a figure add the same to it, so that they come in order of time."""
    return definition.shown == tuple(definition.formula.measures()[:1])


def _order(definition: Definition, measure: str, table: Table) -> list[Any]:
    """Where all add the same the half-hours, of which there is an index."""
    return [table.c.half_hour] if add_alike(definition) else [table.c[measure].desc()]


def counts_talks(definition: Definition) -> bool:
    """Whether talks are behind a figure, of which a call may have several."""
    return any(name in TALK_MEASURES for name in definition.shown)


def how_many(sums: Sums, definition: Definition) -> int:
    """How many calls, or talks, are behind a figure, from the sums of their selection."""
    return sum(sums.get(name, 0) for name in definition.shown)


def _measure(definition: Definition, table: Table) -> str:
    """What a call adds, as far as the calls that are shown have it."""
    measured: Sequence[str] = definition.formula.measures()
    return measured[0] if measured[0] in table.c else definition.shown[0]
