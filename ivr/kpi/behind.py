"""The calls behind a figure; a job for `Database.read`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Table, or_, select

from ivr.kpi.definitions import Definition, scaled
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
    """

    call_id: str
    at: datetime
    line: str
    segment: str
    topic: str
    queue: str
    agent: str
    value: float


def behind(
    connection: Connection, definition: Definition, selection: Selection, limit: int, offset: int = 0
) -> list[Behind]:
    """The calls, those that add most first, else in order of time; none where no calls stand behind it."""
    if not definition.shown:
        return []
    talks = definition.shown[0] in TALK_MEASURES
    table, at = (kpi_talks, kpi_talks.c.answered_at) if talks else (kpi_calls, kpi_calls.c.came_at)
    measure = _measure(definition, table)
    value = table.c[measure]
    period = selection.period
    query = (
        select(*[table.c[name] for name in _TOLD], at.label("at"), value.label("value"))
        .where(
            table.c.half_hour >= period.since,
            table.c.half_hour < period.until,
            or_(*[table.c[name] != 0 for name in definition.shown]),
            *selection.conditions(table.c),
        )
        .order_by(value.desc(), at, table.c.call_id)
        .limit(limit)
        .offset(offset)
    )
    rows = connection.execute(query).mappings()
    return [Behind(**{**row, "value": scaled(row["value"], measure)}) for row in rows]


def _measure(definition: Definition, table: Table) -> str:
    """What a call adds, as far as the calls that are shown have it."""
    measured: Sequence[str] = definition.formula.measures()
    return measured[0] if measured[0] in table.c else definition.shown[0]
