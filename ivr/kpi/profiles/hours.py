"""On which days a standard wants operators to answer, and for how long. Pure.

The standards name days of the week; two except public holidays, the others leave it open: by their letter
every day that they name counts. None speaks of shortened days before holidays: whether they shorten the
hours is the company's decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from ivr.kpi.profiles.parts import Day, OperatorHours, Segment
from ivr.kpi.profiles.profile import Profile
from ivr.requests.workdays import WorkCalendar

_DAYS = tuple(Day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """What the company has decided where standards are silent.

    Attributes:
        holidays_count: Operators answer on public holidays as on other days.
        shortened_by: How much less they answer on a working day before a public holiday.
    """

    holidays_count: bool = True
    shortened_by: timedelta = timedelta(0)


_LETTER = Silence()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a standard wants of one day.

    Attributes:
        rule: Where it says so.
        at_least: How long operators answer.
        opens: From when, local time; None where only a length is given.
        closes: Until when, local time.
    """

    rule: OperatorHours
    at_least: timedelta
    opens: time | None = None
    closes: time | None = None


def opening(
    profile: Profile, segment: Segment, day: date, calendar: WorkCalendar, silence: Silence = _LETTER
) -> Opening | None:
    """What the standard wants on a day for one kind of client; None where it wants nothing."""
    rule = next((rule for rule in profile.operator_hours if _holds(rule, segment, day)), None)
    if rule is None or _excepted(rule, day, calendar, silence):
        return None
    shorter = silence.shortened_by if calendar.is_shortened(day) else timedelta(0)
    if rule.opens is None or rule.closes is None:
        return Opening(rule=rule, at_least=timedelta(hours=rule.hours_at_least or 0) - shorter)
    opens, closes = (datetime.combine(day, each) for each in (rule.opens, rule.closes))
    closes -= shorter
    return Opening(rule=rule, at_least=closes - opens, opens=rule.opens, closes=closes.time())


def _holds(rule: OperatorHours, segment: Segment, day: date) -> bool:
    return _DAYS[day.weekday()] in rule.days and rule.segment in (segment, Segment.ANY)


def _excepted(rule: OperatorHours, day: date, calendar: WorkCalendar, silence: Silence) -> bool:
    counts = silence.holidays_count if rule.public_holidays is None else rule.public_holidays
    return not counts and calendar.is_public_holiday(day)
