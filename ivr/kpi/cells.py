"""Cells: sums of facts by what reports ask for.

They change by differences, in whole numbers, so that they are the same whatever the order, and however often
a call is counted anew.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Executable, Table, case, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ivr.kpi.facts import HALF_HOUR, Fact
from ivr.kpi.measures import CALL_MAXIMA, CALL_SUMS, TALK_MAXIMA, TALK_SUMS
from ivr.kpi.tables import kpi_call_cells, kpi_calls, kpi_talk_cells, kpi_talks


class Axis(StrEnum):
    """What cells are kept by: `line` in half-hours, the others in days."""

    LINE = "line"
    TOPIC = "topic"
    AGENT = "agent"
    SEGMENT = "segment"
    QUEUE = "queue"


class Cell(NamedTuple):
    """The key of a cell; `at` is the beginning of the half-hour or day, in UTC."""

    axis: str
    key: str
    profile: str
    line: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """Where facts of one kind and their cells are kept."""

    facts: Table
    cells: Table
    sums: tuple[str, ...]
    maxima: tuple[str, ...]

    @property
    def measures(self) -> tuple[str, ...]:
        """Names of all measures."""
        return (*self.sums, *self.maxima)


CALLS = Kept(kpi_calls, kpi_call_cells, tuple(CALL_SUMS), tuple(CALL_MAXIMA))
TALKS = Kept(kpi_talks, kpi_talk_cells, tuple(TALK_SUMS), tuple(TALK_MAXIMA))


def midnight(day: date, zone: tzinfo) -> datetime:
    """The beginning of a day of the company, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


@dataclass(slots=True)
class Change:
    """How some cells change.

    Attributes:
        sums: Differences by cell and measure; `calls` counts facts.
        maxima: New values that may be the greatest.
        lowered: Cells from which a fact was taken that may have had the greatest value.
    """

    kept: Kept
    zone: tzinfo
    sums: dict[Cell, dict[str, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    maxima: dict[Cell, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    lowered: set[Cell] = field(default_factory=set)

    def replace(self, before: Iterable[Fact], after: Iterable[Fact]) -> None:
        """Take some facts off and put others in their place."""
        for fact in before:
            self._add(fact, -1)
        for fact in after:
            self._add(fact, 1)

    def _add(self, fact: Fact, sign: int) -> None:
        counted = fact.counted
        for cell in self._cells(fact):
            sums = self.sums[cell]
            sums["calls"] += sign
            for name, value in counted.items():
                if name not in self.kept.maxima:
                    sums[name] += sign * value
            self._note_maxima(cell, counted, sign)

    def _note_maxima(self, cell: Cell, counted: Mapping[str, int], sign: int) -> None:
        for name in self.kept.maxima:
            value = counted.get(name, 0)
            if value and sign > 0:
                self.maxima[cell][name] = max(value, self.maxima[cell].get(name, 0))
            elif value:
                self.lowered.add(cell)

    def _cells(self, fact: Fact) -> Iterator[Cell]:
        begins = midnight(fact.day, self.zone)
        for axis in Axis:
            at = fact.half_hour if axis is Axis.LINE else begins
            yield Cell(axis.value, getattr(fact, axis.value), fact.profile, fact.line, at)

    def write(self, connection: Connection) -> None:
        """Change the cells; those that nothing is left in are deleted. Facts have been written before."""
        rows = [self._row(cell) for cell in sorted(self.sums)]
        if not rows:
            return
        connection.execute(_put(self.kept.cells.name, connection.dialect.name), rows)
        if self.lowered:
            for cell in sorted(self.lowered):
                _find_maxima(connection, self.kept, cell, self.zone)
        emptied = [cell for cell, sums in self.sums.items() if sums["calls"] < 0]
        for cell in emptied:
            table = self.kept.cells
            connection.execute(delete(table).where(_is(table, cell), table.c.calls == 0))

    def _row(self, cell: Cell) -> dict[str, Any]:
        row: dict[str, Any] = dict.fromkeys(("calls", *self.kept.measures), 0)
        row |= cell._asdict()
        row |= self.sums[cell]
        return row | self.maxima.get(cell, {})


@cache
def _put(name: str, dialect: str) -> Executable:
    kept = CALLS if name == CALLS.cells.name else TALKS
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    row = insert(kept.cells)
    told: dict[str, Any] = {each: kept.cells.c[each] + row.excluded[each] for each in ("calls", *kept.sums)}
    for each in kept.maxima:
        old, new = kept.cells.c[each], row.excluded[each]
        told[each] = case((old > new, old), else_=new)
    return row.on_conflict_do_update(index_elements=list(kept.cells.primary_key), set_=told)


def _is(table: Table, cell: Cell) -> Any:
    return (
        (table.c.axis == cell.axis)
        & (table.c.key == cell.key)
        & (table.c.profile == cell.profile)
        & (table.c.line == cell.line)
        & (table.c.at == cell.at)
    )


def _find_maxima(connection: Connection, kept: Kept, cell: Cell, zone: tzinfo) -> None:
    """Look the greatest values of a cell up among its facts."""
    facts = kept.facts.c
    begins, ends = _span(cell, zone)
    query = select(*[func.coalesce(func.max(facts[name]), 0).label(name) for name in kept.maxima]).where(
        facts.half_hour >= begins,
        facts.half_hour < ends,
        facts[cell.axis] == cell.key,
        facts.profile == cell.profile,
        facts.line == cell.line,
    )
    greatest = connection.execute(query).mappings().one()
    connection.execute(update(kept.cells).where(_is(kept.cells, cell)).values(dict(greatest)))


def _span(cell: Cell, zone: tzinfo) -> tuple[datetime, datetime]:
    if cell.axis == Axis.LINE:
        return cell.at, cell.at + HALF_HOUR
    return cell.at, midnight(cell.at.astimezone(zone).date() + timedelta(days=1), zone)
