"""Periods of reports: whole days of the company's time zone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from ivr.errors import Fault
from ivr.kpi.cells import midnight

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """From the beginning of the first day to the end of the last one."""

    first: date
    last: date
    zone: tzinfo

    @property
    def since(self) -> datetime:
        """Its beginning, in UTC."""
        return midnight(self.first, self.zone)

    @property
    def until(self) -> datetime:
        """The moment right after it, in UTC."""
        return midnight(self.last + _DAY, self.zone)

    @property
    def days(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1

    def dates(self) -> Iterator[date]:
        """Its days in order."""
        return (self.first + number * _DAY for number in range(self.days))

    def before(self) -> Period:
        """The period of the same kind before it: months before months, else as many days."""
        if months := self._months():
            last = self.first - _DAY
            year, month = divmod(self.first.year * 12 + self.first.month - 1 - months, 12)
            return Period(date(year, month + 1, 1), last, self.zone)
        return Period(self.first - self.days * _DAY, self.first - _DAY, self.zone)

    def comparable(self, today: date) -> Period:
        """The period before; while this one goes on, as many days of it as have begun of this one."""
        before = self.before()
        if today >= self.last:
            return before
        begun = max(today, self.first) - self.first
        return Period(before.first, min(before.first + begun, before.last), self.zone)

    def _months(self) -> int:
        """How many calendar months it is; 0 when it is none."""
        if self.first.day != 1 or (self.last + _DAY).day != 1:
            return 0
        after = self.last + _DAY
        return (after.year - self.first.year) * 12 + after.month - self.first.month


def period(first: date, last: date, zone: tzinfo, now: datetime) -> Period:
    """A period that can be reported on.

    Raises:
        Fault: It ends before it begins, or has not begun yet.
    """
    if first > last:
        raise Fault(
            f"The period begins on {first} and ends before that, on {last}.",
            "--from, --to",
            "Exchange the dates.",
        )
    today = now.astimezone(zone).date()
    if first > today:
        raise Fault(
            f"The period begins on {first}, in the future; today is {today}.",
            "--from",
            "Name days that have begun.",
        )
    return Period(first, last, zone)


def local(moment: datetime, zone: tzinfo) -> datetime:
    """A moment of the database in the company's time zone."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(zone)
