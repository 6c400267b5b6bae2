"""Working days of Russia, and terms counted in them. Pure but for reading one file.

The public holidays and the days moved by the Government come from the library `holidays`; what it does not
tell stands in `metrics/calendars/ru.yaml`; what is special to the company in its settings. A term begins on
the day after its cause and ends with its last day (Civil Code, art. 191, 194); a term of calendar days that
ends on a day off ends on the next working day (art. 193).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ivr.errors import Fault

_DAY = timedelta(days=1)
_SATURDAY = 5
_NEW_YEAR = (1, 8)
"""Days of January whose coincidence with a weekend is settled by decree alone (Labour Code, art. 112)."""

END_OF_DAY = time(23, 59, 59)


class Year(BaseModel):
    """What the library does not tell of a year that has its decree."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    shortened: frozenset[date] = frozenset()
    off: frozenset[date] = frozenset()
    working: frozenset[date] = frozenset()


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    years: dict[int, Year]


@dataclass(frozen=True, slots=True)
class Own:
    """Days that differ in the company: holidays of its region, days it works though others rest."""

    off: frozenset[date] = frozenset()
    working: frozenset[date] = frozenset()


_NOTHING_OWN = Own()


class WorkCalendar:
    """Which days are worked, and when terms end. Days are those of the company's time zone."""

    def __init__(self, years: Mapping[int, Year], own: Own = _NOTHING_OWN) -> None:
        self._years = years
        self._own = own
        import holidays  # a fifth of a second that whoever reads the settings alone is spared

        self._russia = holidays.country_holidays("RU")
        self._moved_days = lru_cache(maxsize=64)(self._moved_by_law)

    @classmethod
    def load(cls, file: Path, own: Own) -> Self:
        """Read what the library does not tell.

        Raises:
            Fault: The file cannot be read, or states something else than a calendar may.
        """
        try:
            tree = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
            return cls(_File.model_validate(tree).years, own)
        except (OSError, UnicodeDecodeError, YAMLError, ValidationError) as error:
            what = f"The calendar can't be read: {type(error).__name__}."
            raise Fault(what, str(file), "Take metrics/calendars/ru.yaml for a model.") from error

    def is_working(self, day: date) -> bool:
        """Whether a day is worked, whatever day of the week it is."""
        if day in self._own.off or day in self._own.working:
            return day in self._own.working
        year = self._years.get(day.year)
        if year is None:
            return self._russia.is_working_day(day) and day not in self._moved_days(day.year)
        return day in year.working or (day not in year.off and self._russia.is_working_day(day))

    def is_public_holiday(self, day: date) -> bool:
        """Whether a day is off because of a public holiday, the one on which it falls or is made up for."""
        year = self._years.get(day.year)
        moved = day in year.off if year else day in self._moved_days(day.year)
        return not self.is_working(day) and (moved or day in self._russia)

    def is_shortened(self, day: date) -> bool:
        """Whether a working day is an hour shorter, because a public holiday follows."""
        year = self._years.get(day.year)
        before_holiday = day in year.shortened if year else day + _DAY in self._russia
        return before_holiday and self.is_working(day)

    def next_working(self, day: date) -> date:
        """The day itself when it is worked, else the first one after it that is."""
        while not self.is_working(day):
            day += _DAY
        return day

    def add_working_days(self, day: date, count: int) -> date:
        """Last day of a term of so many working days that a day has set going; of none: `next_working`."""
        day = self.next_working(day) if count == 0 else day
        for _ in range(count):
            day = self.next_working(day + _DAY)
        return day

    def add_calendar_days(self, day: date, count: int) -> date:
        """Last day of a term of so many calendar days, moved to a working day (Civil Code, art. 193)."""
        return self.next_working(day + timedelta(days=count))

    def working_days(self, after: date, until: date) -> int:
        """How many working days there are after one day, until another one that counts; 0 when it is past."""
        return sum(map(self.is_working, _days(after + _DAY, until)))

    def _moved_by_law(self, year: int) -> frozenset[date]:
        """Days off that a year without a decree has because a holiday falls on a weekend."""
        moved: set[date] = set()
        for day in _days(date(year, 1, 1), date(year, 12, 31)):
            settled_by_decree = day.month == 1 and _NEW_YEAR[0] <= day.day <= _NEW_YEAR[1]
            if day.weekday() < _SATURDAY or day not in self._russia or settled_by_decree:
                continue
            free = day + _DAY
            while free in moved or not self._russia.is_working_day(free):
                free += _DAY
            moved.add(free)
        return frozenset(moved)


def end_of(day: date, like: datetime) -> datetime:
    """The last moment of a day, in the time zone of a moment."""
    return datetime.combine(day, END_OF_DAY, like.tzinfo)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))
