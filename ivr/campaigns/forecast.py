"""When a campaign will be over at its pace. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_MOST_DAYS = 366

HoursOn = Callable[[date], tuple[time, time] | None]
"""From and until when somebody is called on a day; None: not on that day."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Attributes: ends_at, UTC; None: nobody can tell. in_time, whether that is within its days."""

    ends_at: datetime | None = None
    in_time: bool | None = None


def forecast(
    left: int, per_second: float | None, now: datetime, last_day: date, zone: ZoneInfo, hours: HoursOn
) -> Forecast:
    """Count the hours of calling that are needed from now on.

    Args:
        left: Targets that have not ended.
        per_second: How many end, as measured while it dials; None: not known.
        now: Aware.
        last_day: Of the campaign, in `zone`.
        zone: The company's: most subscribers live by its clock.
        hours: Of a day, in `zone`.
    """
    if not left:
        return Forecast(now.astimezone(UTC), True)
    if not per_second:
        return Forecast()
    needed = timedelta(seconds=left / per_second)
    local = now.astimezone(zone)
    for ahead in range(_MOST_DAYS):
        day = local.date() + timedelta(days=ahead)
        span = hours(day)
        if span is None:
            continue
        opens = max(datetime.combine(day, span[0], zone), local)
        closes = datetime.combine(day, span[1], zone)
        open_for = max(timedelta(0), closes - opens)
        if open_for >= needed:
            return Forecast((opens + needed).astimezone(UTC), day <= last_day)
        needed -= open_for
    return Forecast(None, False)
