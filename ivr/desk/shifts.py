"""The shift plan: who works when, with breaks; taken over from a file, or entered day by day."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from sqlalchemy import Connection, delete, insert, select, update

from ivr.customers.files import BadLine
from ivr.customers.sheets import Imported, Numbered, Sheet
from ivr.desk.news import local
from ivr.desk.work_tables import shifts
from ivr.dialogue.ports import Clock
from ivr.errors import Fault
from ivr.store import Database

_SPAN = re.compile(r"(\d{1,2}:\d{2})\s*[-–]\s*(\d{1,2}:\d{2})")
Span = tuple[datetime, datetime]
"""From and until, aware; the end excluded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """When somebody works; a shift belongs to the day on which it begins. Moments are aware."""

    login: str
    day: date
    begins_at: datetime
    ends_at: datetime
    breaks: tuple[Span, ...] = ()

    def is_on(self, now: datetime) -> bool:
        """Whether the person should be here, be it in a break."""
        return self.begins_at <= now < self.ends_at


class Overlap(Exception):
    """Somebody would have to work twice at the same time.

    Attributes:
        shift: What was to be planned.
        other: What is planned for the same person on another day, and lasts into it.
    """

    def __init__(self, shift: Shift, other: Shift) -> None:
        super().__init__(f"{shift.day} overlaps {other.day}")
        self.shift = shift
        self.other = other


def shift_of(
    login: str, day: date, hours: tuple[time, time], breaks: Sequence[tuple[time, time]], zone: tzinfo
) -> Shift:
    """A shift by the clock on the wall; an end that is not after the beginning is on the next day.

    Raises:
        ValueError: A break lies outside the shift, or two overlap.
    """
    begins_at = datetime.combine(day, hours[0], zone)
    ends_at = _not_before(begins_at, hours[1], strictly=True)
    spans = []
    for since, until in breaks:
        beginning = _not_before(begins_at, since, strictly=False)
        spans.append((beginning, _not_before(beginning, until, strictly=True)))
    spans.sort()
    if any(until > ends_at for _, until in spans):
        raise ValueError("a break lies outside the shift")
    if any(first[1] > second[0] for first, second in pairwise(spans)):
        raise ValueError("two breaks overlap")
    return Shift(login=login, day=day, begins_at=begins_at, ends_at=ends_at, breaks=tuple(spans))


def _not_before(moment: datetime, clock: time, *, strictly: bool) -> datetime:
    """The first moment of that time of day that is not before (or is after) another one."""
    at = datetime.combine(moment.date(), clock, moment.tzinfo)
    early = at <= moment if strictly else at < moment
    return datetime.combine(moment.date() + timedelta(days=1), clock, moment.tzinfo) if early else at


class Shifts:
    """The plan."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    @property
    def zone(self) -> tzinfo:
        """The company's time zone."""
        return self._clock.now().tzinfo or UTC

    async def of(self, login: str, day: date) -> Shift | None:
        """Somebody's shift of a day, or None.

        Raises:
            StoreUnavailable: The plan cannot be read.
        """
        found = await self.between(day, day, login)
        return found[0] if found else None

    async def between(self, first: date, last: date, login: str | None = None) -> list[Shift]:
        """The plan of some days, both included, of everybody or of one.

        Raises:
            StoreUnavailable: The plan cannot be read.
        """
        return await self._database.read(partial(_between, first, last, login, self.zone))

    async def here(self) -> list[Shift]:
        """The shifts of those who should be here now.

        Raises:
            StoreUnavailable: The plan cannot be read.
        """
        now = self._clock.now()
        yesterday = now.date() - timedelta(days=1)
        return [each for each in await self.between(yesterday, now.date()) if each.is_on(now)]

    async def put(self, planned: Sequence[Shift]) -> Counter[str]:
        """Enter shifts, each instead of what was planned for that person and day; in one transaction.

        Returns:
            How many were `added`, `changed`, `unchanged`.

        Raises:
            Overlap: Two shifts of one person would, of these or of those planned before; nothing was written.
            StoreUnavailable: Nothing was written.
        """
        return await self._database.write(partial(_put, planned, self.zone))

    async def remove(self, login: str, day: date) -> bool:
        """Take a shift off the plan; False when none was planned.

        Raises:
            StoreUnavailable: Nothing was written.
        """
        return await self._database.write(partial(_remove, login, day))


def _clock_time(value: Any) -> Any:
    return f"0{value}" if isinstance(value, str) and re.fullmatch(r"\d:\d{2}", value) else value


def _day(value: Any) -> Any:
    russian = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", value) if isinstance(value, str) else None
    return date(int(russian[3]), int(russian[2]), int(russian[1])) if russian else value


def spans_of(text: str) -> list[tuple[time, time]]:
    """Breaks as people write them: `12:00-12:30, 15:00-15:15`.

    Raises:
        ValueError: It is none of this.
    """
    spans = []
    for part in (part.strip() for part in text.split(",")):
        found = _SPAN.fullmatch(part)
        if part and found is None:
            raise ValueError("breaks have to be written HH:MM-HH:MM, HH:MM-HH:MM")
        if found:
            spans.append((time.fromisoformat(f"{found[1]:0>5}"), time.fromisoformat(f"{found[2]:0>5}")))
    return spans


ClockTime = Annotated[time, BeforeValidator(_clock_time)]


class ShiftRow(BaseModel):
    """A line of the file."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    login: str = Field(min_length=1, max_length=64, description="of the operator")
    day: Annotated[date, BeforeValidator(_day)] = Field(description="YYYY-MM-DD or DD.MM.YYYY")
    begins: ClockTime = Field(description="HH:MM")
    ends: ClockTime = Field(description="HH:MM; on the next day when not after `begins`")
    breaks: str = Field(default="", description="HH:MM-HH:MM, several separated by commas")

    @model_validator(mode="after")
    def _breaks_fit(self) -> Self:
        spans_of(self.breaks)
        return self

    def shift(self, zone: tzinfo) -> Shift:
        """The shift of this line. Raises ValueError where breaks do not fit."""
        return shift_of(self.login, self.day, (self.begins, self.ends), spans_of(self.breaks), zone)


async def import_shifts(plan: Shifts, path: Path, report: Callable[[BadLine], None]) -> Imported:
    """Take a file over; what it does not name is left as it is, a repeat changes nothing.

    Raises:
        Fault: The file cannot be read, a column is missing, or shifts overlap; nothing was changed.
        StoreUnavailable: Nothing was written.
    """
    sheet = Sheet(path, ShiftRow, plan.zone)
    planned: dict[tuple[str, date], Shift] = {}
    bad = 0
    for line in sheet.rows():
        found = _shift(line, plan.zone, planned) if isinstance(line, Numbered) else line.bad
        if isinstance(found, Shift):
            planned[found.login, found.day] = found
            continue
        bad += 1
        for each in found:
            report(each)
    try:
        tally = await plan.put(list(planned.values()))
    except Overlap as error:
        raise _overlaps(path, error) from error
    counts = {name: tally[name] for name in ("added", "changed", "unchanged")}
    return Imported(path, bad=bad, ignored=sheet.ignored, **counts)


def _shift(
    line: Numbered[ShiftRow], zone: tzinfo, planned: Mapping[tuple[str, date], Shift]
) -> Shift | list[BadLine]:
    if (line.row.login, line.row.day) in planned:
        return [BadLine(line.line, "day", "repeats an earlier line of this file")]
    try:
        return line.row.shift(zone)
    except ValueError as error:
        return [BadLine(line.line, "breaks", str(error))]


def _overlaps(path: Path, error: Overlap) -> Fault:
    spans = " and ".join(
        f"{each.begins_at:%Y-%m-%d %H:%M}-{each.ends_at:%H:%M}" for each in (error.other, error.shift)
    )
    return Fault(
        what=f"Two shifts of {error.shift.login} overlap: {spans}.",
        where=str(path),
        fix="End the earlier one before the later one begins. Nothing of the file was taken over.",
    )


def _between(first: date, last: date, login: str | None, zone: tzinfo, connection: Connection) -> list[Shift]:
    query = select(shifts).where(shifts.c.day >= first, shifts.c.day <= last)
    if login is not None:
        query = query.where(shifts.c.login == login)
    rows = connection.execute(query.order_by(shifts.c.day, shifts.c.begins_at, shifts.c.login)).mappings()
    return [_shift_of(row, zone) for row in rows]


def _put(planned: Sequence[Shift], zone: tzinfo, connection: Connection) -> Counter[str]:
    done: Counter[str] = Counter(added=0, changed=0, unchanged=0)
    for shift in planned:
        mine = (shifts.c.login == shift.login) & (shifts.c.day == shift.day)
        row = connection.execute(select(shifts).where(mine)).mappings().first()
        if row is None:
            connection.execute(insert(shifts).values(_values(shift)))
            done["added"] += 1
        elif _shift_of(row, zone) == shift:
            done["unchanged"] += 1
        else:
            connection.execute(update(shifts).where(mine).values(_values(shift)))
            done["changed"] += 1
    for shift in planned:
        _require_alone(shift, zone, connection)
    return done


def _require_alone(shift: Shift, zone: tzinfo, connection: Connection) -> None:
    at_once = (shifts.c.begins_at < shift.ends_at) & (shifts.c.ends_at > shift.begins_at)
    others = (shifts.c.login == shift.login) & (shifts.c.day != shift.day)
    row = connection.execute(select(shifts).where(others & at_once)).mappings().first()
    if row is not None:
        raise Overlap(shift, _shift_of(row, zone))


def _remove(login: str, day: date, connection: Connection) -> bool:
    mine = (shifts.c.login == login) & (shifts.c.day == day)
    return connection.execute(delete(shifts).where(mine)).rowcount > 0


def _values(shift: Shift) -> dict[str, Any]:
    return {
        "login": shift.login,
        "day": shift.day,
        "begins_at": shift.begins_at,
        "ends_at": shift.ends_at,
        "breaks": [[since.isoformat(), until.isoformat()] for since, until in shift.breaks],
    }


def _shift_of(row: Mapping[Any, Any], zone: tzinfo) -> Shift:
    values = local(row, zone)
    del values["id"]
    spans = [
        (datetime.fromisoformat(since), datetime.fromisoformat(until)) for since, until in values["breaks"]
    ]
    values["breaks"] = tuple((since.astimezone(zone), until.astimezone(zone)) for since, until in spans)
    return Shift(**values)
