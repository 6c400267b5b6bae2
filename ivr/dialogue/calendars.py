"""When something is open: hours by day of the week, on public holidays and on single dates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from ivr.dialogue.expressions import EvaluationError
from ivr.dialogue.schema.files import CalendarHours

Holiday = Callable[[date], bool]
"""Whether a date is a public holiday."""


def no_holidays(_day: date) -> bool:
    """A country without public holidays."""
    return False


@dataclass(frozen=True, slots=True)
class Calendars:
    """The calendars of a company."""

    hours: Mapping[str, CalendarHours]
    is_holiday: Holiday = no_holidays

    def is_open(self, name: str, moment: datetime) -> bool:
        """Whether the calendar is open at the moment (in the company's time zone).

        Raises:
            EvaluationError: There is no such calendar.
        """
        calendar = self.hours.get(name)
        if calendar is None:
            raise EvaluationError(f"there is no calendar {name!r}")
        hours = self._on(calendar, moment.date())
        return hours is not None and hours[0] <= moment.time() < hours[1]

    def _on(self, calendar: CalendarHours, day: date) -> tuple[time, time] | None:
        if day in calendar.dates:
            return calendar.dates[day]
        if self.is_holiday(day):
            return calendar.holidays
        weekday = day.weekday()
        return next((hours for days, hours in calendar.hours.items() if weekday in days), None)
