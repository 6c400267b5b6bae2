"""When a reading counts, and whether it can be true. Pure: moments and figures in, verdicts out."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from ivr.readings.settings import LatePolicy, PlausibilitySettings, WindowSettings


@dataclass(frozen=True, slots=True)
class Window:
    """The window on a given day.

    Attributes:
        is_open: Whether readings count at once.
        from_day: First day of the window in `period`.
        to_day: Last day of it.
        period: First day of the month that a reading given now counts for; None when it is refused.
    """

    is_open: bool
    from_day: int
    to_day: int
    period: date | None


def window_at(moment: datetime, settings: WindowSettings) -> Window:
    """The window at a moment of the company's time zone.

    A reading before the window counts for the window of this month, one after it for that of the next.
    """
    day = moment.date()
    last_day = min(settings.to_day, _days_in(day))
    if settings.from_day <= day.day <= last_day:
        return _window(settings, day.replace(day=1), is_open=True)
    month = day.replace(day=1)
    target = month if day.day < settings.from_day else next_month(month)
    return _window(settings, target, is_open=False)


def _window(settings: WindowSettings, month: date, *, is_open: bool) -> Window:
    days = _days_in(month)
    taken = is_open or settings.late is LatePolicy.KEEP
    return Window(is_open, min(settings.from_day, days), min(settings.to_day, days), month if taken else None)


def next_month(month: date) -> date:
    """The first day of the month after."""
    year, number = divmod(month.year * 12 + month.month, 12)
    return date(year, number + 1, 1)


def _days_in(day: date) -> int:
    return monthrange(day.year, day.month)[1]


class Verdict(StrEnum):
    """What a reading looks like beside the last one."""

    PLAUSIBLE = "plausible"
    BELOW_LAST = "below_last"
    ROLLOVER = "rollover"
    TOO_HIGH = "too_high"
    TOO_LONG = "too_long"


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """The reading before, kWh, and its day in the company's calendar, where it is known."""

    value: int
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A verdict, and the consumption since the reading before, kWh (None where there is none)."""

    verdict: Verdict
    consumption: int | None = None


def check(
    value: int,
    digits: int,
    previous: Previous | None,
    usual_monthly: int | None,
    today: date,
    settings: PlausibilitySettings,
) -> Check:
    """Compare a reading with the one before.

    A value below the last one is a rollover when the consumption over zero is plausible and less than half of
    what the dial can show.

    Args:
        value: The reading, whole kWh.
        digits: Whole digits that the meter shows.
        previous: None for a meter without readings; then anything that fits is plausible.
        usual_monthly: kWh a month, None when not known.
        today: In the company's calendar.
        settings: What is plausible.
    """
    if value >= 10**digits:
        return Check(Verdict.TOO_LONG)
    if previous is None:
        return Check(Verdict.PLAUSIBLE)
    most = most_plausible(usual_monthly, previous.day, today, settings)
    consumption = value - previous.value
    if consumption < 0:
        rolled_over = consumption + 10**digits
        if rolled_over <= min(most, 10**digits / 2):
            return Check(Verdict.ROLLOVER, rolled_over)
        return Check(Verdict.BELOW_LAST, consumption)
    return Check(Verdict.PLAUSIBLE if consumption <= most else Verdict.TOO_HIGH, consumption)


def most_plausible(
    usual_monthly: int | None, since: date | None, today: date, settings: PlausibilitySettings
) -> float:
    """The largest consumption that needs no second question, kWh; grows with the months that have passed."""
    if usual_monthly is None:
        a_month: float = settings.without_usual_kwh
    else:
        a_month = max(settings.usual_factor * usual_monthly, settings.floor_kwh)
    return a_month * months_between(since, today)


def months_between(since: date | None, today: date) -> int:
    """Calendar months from one day to another; at least one, and one where the first is not known."""
    if since is None:
        return 1
    return max(1, (today.year - since.year) * 12 + today.month - since.month)
