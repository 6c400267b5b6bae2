"""Operators' time: how busy they were, and whether the standard's hours had somebody at work.

A day that is over is summed up once and kept; the day that goes on is read from the operators' states.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any, Protocol

from sqlalchemy import Connection, delete, func, insert, select

from ivr.kpi.cells import midnight
from ivr.kpi.definitions import NO_DATA, Value
from ivr.kpi.periods import Period
from ivr.kpi.profiles import Profile, Segment
from ivr.kpi.profiles.hours import Opening, Silence, opening
from ivr.kpi.tables import kpi_agent_days, kpi_staffed_days
from ivr.requests.workdays import WorkCalendar

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_MICRO = timedelta(microseconds=1)

PAUSED = "paused"
_COLUMN = {
    "ready": "ready_us",
    "ringing": "ringing_us",
    "talking": "talking_us",
    "wrap-up": "wrapup_us",
    PAUSED: "paused_us",
}
_BUSY = ("talking_us", "wrapup_us")
_AT_WORK = ("ready_us", "ringing_us", *_BUSY)


@dataclass(frozen=True, slots=True)
class Spell:
    """An operator was in one state; `until` is None while it lasts."""

    agent: str
    state: str
    since: datetime
    until: datetime | None


class States(Protocol):
    """Tells what operators did; jobs for `Database.read`."""

    def first(self, connection: Connection) -> datetime | None:
        """When the first spell began; None where no operator is known."""

    def spells(self, connection: Connection, since: datetime, until: datetime) -> Sequence[Spell]:
        """Every spell that has a part in that time."""


class Nobody:
    """No operator is known."""

    def first(self, connection: Connection) -> datetime | None:
        """There is none."""
        return None

    def spells(self, connection: Connection, since: datetime, until: datetime) -> Sequence[Spell]:
        """There are none."""
        return ()


Span = tuple[float, float]
"""From and until, seconds after midnight."""


@dataclass(frozen=True, slots=True)
class StaffDay:
    """A day: microseconds by operator and state, and when anybody was at work."""

    day: date
    agents: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    spans: Sequence[Span] = ()


def summed_up(day: date, zone: tzinfo, spells: Iterable[Spell], now: datetime) -> StaffDay:
    """A day from the states of operators; what goes on is counted until now. Pure."""
    begins, ends = midnight(day, zone), min(midnight(day + _DAY, zone), now)
    agents: dict[str, dict[str, int]] = {}
    spans: list[Span] = []
    for spell in spells:
        since, until = max(spell.since, begins), min(spell.until or ends, ends)
        column = _COLUMN.get(spell.state)
        if column is None or until <= since:
            continue
        times = agents.setdefault(spell.agent, dict.fromkeys(_COLUMN.values(), 0))
        times[column] += (until - since) // _MICRO
        if spell.state != PAUSED:
            spans.append(((since - begins) / _SECOND, (until - begins) / _SECOND))
    return StaffDay(day, agents, _joined(spans))


def _joined(spans: Iterable[Span]) -> list[Span]:
    found: list[Span] = []
    for since, until in sorted(spans):
        if found and since <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], until))
        else:
            found.append((since, until))
    return found


# --- jobs for the database ---


def days(connection: Connection, period: Period, now: datetime, states: States) -> list[StaffDay]:
    """The days of a period that have begun."""
    known = _known(connection, period)
    begun = [day for day in period.dates() if midnight(day, period.zone) <= now]
    return [
        known[day] if day in known else _fresh(connection, day, period.zone, now, states) for day in begun
    ]


def _fresh(connection: Connection, day: date, zone: tzinfo, now: datetime, states: States) -> StaffDay:
    spells = states.spells(connection, midnight(day, zone), midnight(day + _DAY, zone))
    return summed_up(day, zone, spells, now)


def settle(connection: Connection, zone: tzinfo, now: datetime, states: States, most: int) -> int:
    """Sum up days that are over and have not been, from the first on; a job for `Database.write`.

    Args:
        connection: Of a transaction that writes.
        zone: The company's.
        now: The moment.
        states: What operators did.
        most: How many days at most.

    Returns:
        How many days were added; fewer than `most` when none is left.
    """
    begins = _not_settled(connection, zone, states)
    if begins is None:
        return 0
    left = (now.astimezone(zone).date() - begins).days
    missing = [begins + number * _DAY for number in range(min(left, most))]
    for day in missing:
        _keep(connection, _fresh(connection, day, zone, now, states))
    return len(missing)


def _not_settled(connection: Connection, zone: tzinfo, states: States) -> date | None:
    """The first day that has not been summed up; None where nobody has worked."""
    last: date | None = connection.execute(select(func.max(kpi_staffed_days.c.day))).scalar()
    if last is not None:
        return last + _DAY
    first = states.first(connection)
    return None if first is None else first.astimezone(zone).date()


def _keep(connection: Connection, staffed: StaffDay) -> None:
    connection.execute(delete(kpi_agent_days).where(kpi_agent_days.c.day == staffed.day))
    rows = [{"day": staffed.day, "agent": agent, **times} for agent, times in staffed.agents.items()]
    if rows:
        connection.execute(insert(kpi_agent_days), rows)
    values = {"day": staffed.day, "spans": [list(span) for span in staffed.spans], "agents": len(rows)}
    connection.execute(insert(kpi_staffed_days).values(values))


def _known(connection: Connection, period: Period) -> dict[date, StaffDay]:
    agents: dict[date, dict[str, dict[str, int]]] = {}
    for row in connection.execute(select(kpi_agent_days).where(*_in(kpi_agent_days.c, period))).mappings():
        times = {name: row[name] for name in _COLUMN.values()}
        agents.setdefault(row["day"], {})[row["agent"]] = times
    staffed = connection.execute(select(kpi_staffed_days).where(*_in(kpi_staffed_days.c, period)))
    return {
        row.day: StaffDay(row.day, agents.get(row.day, {}), [(since, until) for since, until in row.spans])
        for row in staffed
    }


def _in(columns: Any, period: Period) -> tuple[Any, Any]:
    return columns.day >= period.first, columns.day <= period.last


# --- figures ---


def occupancy(staffed: Iterable[StaffDay], agent: str | None = None) -> Value:
    """How much of their time at work operators talked or wrapped up; counts operators."""
    busy = at_work = 0
    seen: set[str] = set()
    for day in staffed:
        for login, times in day.agents.items():
            if agent in (None, login):
                seen.add(login)
                busy += sum(times[name] for name in _BUSY)
                at_work += sum(times[name] for name in _AT_WORK)
    return Value(busy / at_work, len(seen)) if at_work else NO_DATA


@dataclass(frozen=True, slots=True)
class Hours:
    """When a standard wants operators at work."""

    profile: Profile
    calendar: WorkCalendar
    silence: Silence
    zone: tzinfo
    now: datetime

    def openings(self, day: date) -> list[Opening]:
        """What it wants of a day, for each kind of client that it tells apart."""
        segments = {rule.segment for rule in self.profile.operator_hours}
        meant = sorted(segments - {Segment.ANY}) or [Segment.ANY]
        found = (opening(self.profile, segment, day, self.calendar, self.silence) for segment in meant)
        return [one for one in found if one is not None]

    def so_far(self, day: date) -> float:
        """Seconds of a day that have passed."""
        return max(0.0, min((self.now - midnight(day, self.zone)) / _SECOND, _DAY / _SECOND))


def hours_kept(staffed: Sequence[StaffDay], hours: Hours) -> Value:
    """The share of the standard's hours in which anybody was at work, and of how many days."""
    if not any(day.agents for day in staffed):
        return NO_DATA
    kept = wanted = 0.0
    counted = 0
    for day in staffed:
        for one in hours.openings(day.day):
            of_day, due = _kept(day, one, hours.so_far(day.day))
            kept, wanted, counted = kept + of_day, wanted + due, counted + (due > 0)
    return Value(kept / wanted, counted) if wanted else NO_DATA


def _kept(day: StaffDay, one: Opening, so_far: float) -> tuple[float, float]:
    """Seconds that were kept and that were due; where only a length is given, on days that are over."""
    if one.opens is None or one.closes is None:
        due = one.at_least / _SECOND if so_far >= _DAY / _SECOND else 0.0
        return min(due, sum(until - since for since, until in day.spans)), due
    opens, closes = _seconds(one.opens), min(_seconds(one.closes) or _DAY / _SECOND, so_far)
    covered = sum(max(0.0, min(until, closes) - max(since, opens)) for since, until in day.spans)
    return covered, max(0.0, closes - opens)


def _seconds(of_day: time) -> float:
    return (datetime.combine(date.min, of_day) - datetime.combine(date.min, time())) / _SECOND
