"""When something is open: hours by day of the week, on public holidays and on single dates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from ivr.dialogue.expressions import EvaluationError
from ivr.dialogue.schema.files import CalendarHours

MOST_DAYS_AHEAD = 31

Holiday = Callable[[date], bool]
"""Whether a date is a public holiday."""


def no_holidays(_day: date) -> bool:
    """A country without public holidays."""
    return False


@dataclass(frozen=True, slots=True)
class Calendars:
    """The calendars of a company.

    Attributes:
        hours: By name.
        is_holiday: The public holidays.
        always_open: Calendars that are open day and night, whatever their hours.
    """

    hours: Mapping[str, CalendarHours]
    is_holiday: Holiday = no_holidays
    always_open: frozenset[str] = frozenset()

    def is_open(self, name: str, moment: datetime) -> bool:
        """Whether the calendar is open at the moment (in the company's time zone).

        Raises:
            EvaluationError: There is no such calendar.
        """
        hours = self._on(self._calendar(name), moment.date())
        return name in self.always_open or (hours is not None and hours[0] <= moment.time() < hours[1])

    def opens(self, name: str, moment: datetime) -> datetime | None:
        """When the calendar is open next: the moment itself if it is open, None if it is not within a month.

        Raises:
            EvaluationError: There is no such calendar.
        """
        calendar = self._calendar(name)
        if self.is_open(name, moment):
            return moment
        for days in range(MOST_DAYS_AHEAD):
            day = moment.date() + timedelta(days=days)
            hours = self._on(calendar, day)
            if hours is not None and (opening := datetime.combine(day, hours[0], moment.tzinfo)) >= moment:
                return opening
        return None

    def _calendar(self, name: str) -> CalendarHours:
        if name not in self.hours:
            raise EvaluationError(f"there is no calendar {name!r}")
        return self.hours[name]

    def _on(self, calendar: CalendarHours, day: date) -> tuple[time, time] | None:
        if day in calendar.dates:
            return calendar.dates[day]
        if self.is_holiday(day):
            return calendar.holidays
        weekday = day.weekday()
        return next((hours for days, hours in calendar.hours.items() if weekday in days), None)
