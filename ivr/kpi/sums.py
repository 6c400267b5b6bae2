"""Sums of what was counted, for a selection of calls and by groups; jobs for `Database.read`.

They come from cells wherever one axis tells all that is asked for, else from the facts themselves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, select

from ivr.kpi.breakdown import By
from ivr.kpi.cells import CALLS, TALKS, Axis, Kept
from ivr.kpi.definitions import Sums
from ivr.kpi.periods import Period, local
from ivr.store import UtcDateTime

_OF_TIME: Mapping[By, Callable[[datetime], str]] = {
    By.HOUR: lambda at: f"{at:%H}:00",
    By.HALF_HOUR: lambda at: f"{at:%H:%M}",
    By.WEEKDAY: lambda at: str(at.isoweekday()),
    By.DAY: lambda at: f"{at:%Y-%m-%d}",
}
_WITHIN_DAYS = frozenset({By.HOUR, By.HALF_HOUR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which calls are meant; None does not matter.

    Attributes:
        profiles: Standards of their lines; None: all.
    """

    period: Period
    profiles: tuple[str, ...] | None = None
    line: str | None = None
    topic: str | None = None
    agent: str | None = None
    segment: str | None = None
    queue: str | None = None

    def axes(self) -> list[Axis]:
        """The axes that it names a key of, but for the line, which every cell has."""
        return [axis for axis in Axis if axis is not Axis.LINE and getattr(self, axis) is not None]

    def conditions(self, columns: Any) -> list[ColumnElement[bool]]:
        """The same of a table of facts, time apart."""
        found = [
            columns[axis.value] == getattr(self, axis) for axis in Axis if getattr(self, axis) is not None
        ]
        return found + self.of_profiles(columns)

    def of_profiles(self, columns: Any) -> list[ColumnElement[bool]]:
        """The standards alone."""
        return [] if self.profiles is None else [columns.profile.in_(self.profiles)]

    def over(self, period: Period) -> Selection:
        """The same of another period."""
        return replace(self, period=period)


def total(connection: Connection, selection: Selection) -> Sums:
    """The sums of all calls that are meant."""
    return next(iter(grouped(connection, selection, None).values()), {})


def grouped(connection: Connection, selection: Selection, by: By | None) -> Mapping[str, Sums]:
    """The sums by groups in order of their keys; without `by` one group."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for kept in (CALLS, TALKS):
        for key, sums in _of_kept(connection, selection, by, kept):
            _add(found[key], sums, kept)
    return {key: found[key] for key in sorted(found)}


def _add(known: dict[str, int], sums: Mapping[Any, Any], kept: Kept) -> None:
    for name in kept.sums:
        known[name] = known.get(name, 0) + int(sums[name] or 0)
    for name in kept.maxima:
        known[name] = max(known.get(name, 0), int(sums[name] or 0))


def _of_kept(
    connection: Connection, selection: Selection, by: By | None, kept: Kept
) -> Iterable[tuple[str, Mapping[Any, Any]]]:
    axis = _axis(selection, by)
    table = kept.facts if axis is None else kept.cells
    when = table.c.half_hour if axis is None else table.c.at
    group = _group(table, when, by, axis)
    query = select(group, *_sums(table, kept)).where(
        when >= selection.period.since,
        when < selection.period.until,
        *_conditions(selection, table, axis),
    )
    if by is not None:
        query = query.group_by(group)
    zone = selection.period.zone
    for row in connection.execute(query).mappings():
        yield _key(row["key"], by, zone), row


def _axis(selection: Selection, by: By | None) -> Axis | None:
    """The axis of cells that tells what is asked for; None where only the facts do."""
    named = selection.axes()
    if by is not None and by not in _OF_TIME and by is not By.LINE and Axis(by) not in named:
        named = [*named, Axis(by)]
    if not named:
        return Axis.LINE
    return named[0] if len(named) == 1 and by not in _WITHIN_DAYS else None


def _group(table: Table, when: Any, by: By | None, axis: Axis | None) -> Any:
    if by is None:
        return func.count().label("key")
    if by in _OF_TIME:
        return when.label("key")
    column = table.c[by.value] if axis is None or by is By.LINE else table.c.key
    return column.label("key")


def _sums(table: Table, kept: Kept) -> list[Any]:
    sums = [func.sum(table.c[name]).label(name) for name in kept.sums]
    return sums + [func.max(table.c[name]).label(name) for name in kept.maxima]


def _conditions(selection: Selection, table: Table, axis: Axis | None) -> list[ColumnElement[bool]]:
    if axis is None:
        return selection.conditions(table.c)
    found = [table.c.axis == axis.value, *selection.of_profiles(table.c)]
    if selection.line is not None:
        found.append(table.c.line == selection.line)
    key = None if axis is Axis.LINE else getattr(selection, axis)
    return found if key is None else [*found, table.c.key == key]


def _key(key: Any, by: By | None, zone: tzinfo) -> str:
    if by is None:
        return ""
    return _OF_TIME[by](local(key, zone)) if by in _OF_TIME else str(key)


def first_and_last(connection: Connection) -> tuple[datetime, datetime] | None:
    """The half-hours of the first and the last call that was counted."""
    cells = CALLS.cells.c
    first, last = (func.min(cells.at, type_=UtcDateTime), func.max(cells.at, type_=UtcDateTime))
    row = connection.execute(select(first, last).where(cells.axis == Axis.LINE.value)).one()
    return None if row[0] is None else (row[0], row[1])
