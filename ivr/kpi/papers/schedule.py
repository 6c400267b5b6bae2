"""Which reports are due. Pure."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from ivr.kpi.papers.settings import Order
from ivr.kpi.papers.spans import Days, around, before

_DAY = timedelta(days=1)


def made_at(order: Order, days: Days, zone: tzinfo) -> datetime:
    """When a report is made: on the day after its period."""
    return datetime.combine(days.last + _DAY, order.at, zone)


def due(order: Order, latest: date | None, now: datetime, zone: tzinfo, most: int) -> list[Days]:
    """The periods whose reports have to be made, in order of time.

    Args:
        order: Of the report.
        latest: First day of the last period that was ordered; None for a new report: it begins with the
            last period that is over.
        now: Any zone.
        zone: The company's.
        most: So many at most, the last ones.
    """
    last = around(order.period, now.astimezone(zone).date())
    while made_at(order, last, zone) > now:
        last = before(order.period, last)
    if latest is None:
        return [last]
    found: list[Days] = []
    while last.first > latest and len(found) < most:
        found.append(last)
        last = before(order.period, last)
    return found[::-1]
