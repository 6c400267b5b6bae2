"""When a subscriber may be called: hours by kind of day, in every zone where he may be at once. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from ivr.campaigns.model import Campaign
from ivr.campaigns.settings import (
    LAWFUL_DAY_OFF,
    LAWFUL_WORKING_DAY,
    Hours,
    HoursSettings,
    Weekday,
)

_DAY = timedelta(days=1)
_WEEKDAYS = tuple(Weekday)

Span = tuple[time, time]
"""From, and until; the end is excluded."""

_WHOLE_DAY: Span = (time.min, time.max)


class Days(Protocol):
    """Which days are off (`ivr.requests.workdays.WorkCalendar`)."""

    def is_working(self, day: date) -> bool:
        """Whether it is worked, whatever day of the week it is."""

    def is_public_holiday(self, day: date) -> bool:
        """Whether it is off because of a public holiday."""


def window_of(campaign: Campaign, company: ZoneInfo) -> tuple[datetime, datetime]:
    """First moment of a campaign's first day and the end of its last one, in the company's zone; UTC."""
    opens = datetime.combine(campaign.first_day, time.min, company)
    closes = datetime.combine(campaign.last_day + _DAY, time.min, company)
    return opens.astimezone(UTC), closes.astimezone(UTC)


def hours_of(campaign: Campaign) -> Span:
    """The campaign's own hours, in the subscriber's zone."""
    return campaign.opens or time.min, campaign.closes or time.max


class CallingHours:
    """The hours of the settings, never wider than those of 230-ФЗ, art. 7."""

    def __init__(self, settings: HoursSettings, days: Days) -> None:
        self._settings = settings
        self._days = days
        self._last_call = timedelta(minutes=settings.last_call_minutes)
        self.on = lru_cache(maxsize=512)(self._on)
        """Hours of a day, or None: see `_on`."""

    def first(
        self, zones: Collection[ZoneInfo], begin: datetime, end: datetime, own: Span = _WHOLE_DAY
    ) -> datetime | None:
        """The first moment from `begin` on, and before `end`, at which a call may begin.

        Args:
            zones: Where the subscriber may be; it is time to call in each of them at once, and goes on so for
                `last_call_minutes`.
            begin: Aware.
            end: Aware.
            own: The campaign's hours in the subscriber's zone, narrower than the settings'.

        Returns:
            UTC, or `begin` itself; None when there is no such moment.
        """
        moment = begin
        while moment < end:
            later = moment
            for zone in zones:
                opening = self._opening(zone, later, end, own)
                if opening is None:
                    return None
                later = opening
            if later == moment:
                return moment
            moment = later
        return None

    def _opening(self, zone: ZoneInfo, begin: datetime, end: datetime, own: Span) -> datetime | None:
        """As `first`, for one zone."""
        for opens, closes in self._spans(zone, begin, end, own):
            if begin < closes:
                return max(begin, opens)
        return None

    def _spans(
        self, zone: ZoneInfo, begin: datetime, end: datetime, own: Span
    ) -> Iterator[tuple[datetime, datetime]]:
        """From and until when calls begin in a zone, day by day."""
        day, last = begin.astimezone(zone).date(), end.astimezone(zone).date()
        while day <= last:
            hours = self.on(day)
            if hours is not None:
                opens, closes = max(hours[0], own[0]), min(hours[1], own[1])
                yield (
                    datetime.combine(day, opens, zone).astimezone(UTC),
                    datetime.combine(day, closes, zone).astimezone(UTC) - self._last_call,
                )
            day += _DAY

    def _on(self, day: date) -> Span | None:
        """The hours of a day: all rules that hold for it at once; None: no calls."""
        rules = list(self._rules(day))
        if any(rule is None for rule in rules):
            return None
        hours = [rule for rule in rules if rule is not None]
        opens, closes = max(each.opens for each in hours), min(each.closes for each in hours)
        return (opens, closes) if opens < closes else None

    def _rules(self, day: date) -> Iterator[Hours | None]:
        settings = self._settings
        if self._days.is_working(day):
            yield from (LAWFUL_WORKING_DAY, settings.working_days)
        else:
            yield from (LAWFUL_DAY_OFF, settings.days_off)
        if self._days.is_public_holiday(day):
            yield settings.public_holidays
        weekday = _WEEKDAYS[day.weekday()]
        if weekday in settings.weekdays:
            yield settings.weekdays[weekday]
        if day in settings.dates:
            yield settings.dates[day]
