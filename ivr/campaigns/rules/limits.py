"""How often one person is reached over all campaigns, and when he may be reached again. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ivr.campaigns.entries import Contact, ContactKind
from ivr.campaigns.settings import Counting, Limit, LimitSettings

LOOK_BACK = timedelta(days=32)
"""Contacts older than this never count: more than any month and the widest zones."""

FOREVER = datetime.max.replace(tzinfo=UTC)

_SPANS = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=31)}
_EITHER = ContactKind.UNDECIDED
BOTH = (ContactKind.TALK, ContactKind.VOICE_MESSAGE)


class Limits:
    """The limits of the settings.

    230-ФЗ, art. 7, allows talks once in 24 hours («в сутки»), twice a week and eight times a month (pt. 3),
    messages, voice messages among them, twice, four and sixteen times (pt. 5). Weeks and months were read as
    any seven days and as calendar ones; the law is quoted with calendar ones now. Sliding periods of 24
    hours, 7 and 31 days keep the limits in every reading, and are the default.
    """

    def __init__(self, settings: LimitSettings) -> None:
        self._settings = settings

    def free_at(
        self,
        contacts: Sequence[Contact],
        zones: Collection[ZoneInfo],
        wanted: Collection[ContactKind] = BOTH,
    ) -> datetime | None:
        """From when one more keeps the limits.

        Args:
            contacts: Of the last `LOOK_BACK`, in any order.
            zones: Where the person may be; calendar periods are over when they are over in each of them.
            wanted: What it may become: a call that leaves messages with machines may become either.

        Returns:
            UTC; None: since ever; `FOREVER`: a limit is 0.
        """
        limits = {ContactKind.TALK: self._settings.talks, ContactKind.VOICE_MESSAGE: self._settings.messages}
        ends = (self._ends(_moments(contacts, kind), limits[kind], zones) for kind in wanted)
        return max((end for each in ends for end in each), default=None)

    def _ends(
        self, moments: Sequence[datetime], limit: Limit, zones: Collection[ZoneInfo]
    ) -> Iterator[datetime]:
        for period in _SPANS:
            most: int = getattr(limit, period)
            if most == 0:
                yield FOREVER
            elif len(moments) >= most:
                yield self._end(moments[-most], period, zones)

    def _end(self, contact: datetime, period: str, zones: Collection[ZoneInfo]) -> datetime:
        """When a contact is a period old, by the clock on the wall, too: a day may have 25 hours."""
        if self._settings.counting is Counting.SLIDING:
            span = _SPANS[period]
            by_the_wall = ((contact.astimezone(zone) + span).astimezone(UTC) for zone in zones)
            return max(contact.astimezone(UTC) + span, *by_the_wall)
        return max(_next_period(contact, period, zone) for zone in zones)


def _moments(contacts: Iterable[Contact], kind: ContactKind) -> list[datetime]:
    return sorted(each.at for each in contacts if each.kind in (kind, _EITHER))


def _next_period(contact: datetime, period: str, zone: ZoneInfo) -> datetime:
    day = contact.astimezone(zone).date()
    return datetime.combine(_first_day_after(day, period), time.min, zone).astimezone(UTC)


def _first_day_after(day: date, period: str) -> date:
    if period == "day":
        return day + timedelta(days=1)
    if period == "week":
        return day + timedelta(days=7 - day.weekday())
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
