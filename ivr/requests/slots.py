"""The times of a day at which an office receives by appointment. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Protocol

Opening = Sequence[tuple[time, time]]
"""From and until, in the order of the day, breaks left out."""


class Offices(Protocol):
    """Where clients are received, and when."""

    def opening(self, office: str, segment: str, day: date) -> Opening | None:
        """When an office receives clients of a segment on a day.

        Args:
            office: Its id.
            segment: `private`, `corporate` or `any`.
            day: In the company's calendar.

        Returns:
            Empty when it is closed that day; None when no hours are published, or there is no such office.
        """


class NoOffices:
    """Implements `Offices` for a company that publishes none."""

    def opening(self, office: str, segment: str, day: date) -> Opening | None:
        """See `Offices`."""
        return None


def starts(day: date, opening: Opening, minutes: int, zone: tzinfo | None) -> Iterator[datetime]:
    """The beginnings of all whole slots of a day, aware."""
    length = timedelta(minutes=minutes)
    for opens, closes in opening:
        at = datetime.combine(day, opens, zone)
        end = datetime.combine(day, closes, zone)
        while at + length <= end:
            yield at
            at += length
