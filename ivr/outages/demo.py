"""Outages of the invented company: a fault that goes on, and works of tomorrow."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from ivr.outages.entries import OutageEntry, PlaceEntry
from ivr.outages.model import OutageKind
from ivr.outages.service import Outages

_SETTLEMENT = "Дебрянск"
_NETWORK = "Дебрянские электрические сети"
_SOURCE = "demo"


def demo_outages(now: datetime) -> tuple[OutageEntry, OutageEntry]:
    """The two outages.

    The fault is in пер. Кузнечный (account 320145682, telephone +74832000005), the works are in ул. Садовая
    (account 320145679, telephone +74832000002).

    Args:
        now: Aware; the fault began an hour ago.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    tomorrow = datetime.combine(now.date() + timedelta(days=1), time(10), now.tzinfo)
    fault = OutageEntry(
        id="demo-emergency",
        kind=OutageKind.EMERGENCY,
        reason="повреждение кабельной линии",
        organisation=_NETWORK,
        begins_at=now - timedelta(hours=1),
        expected_end=hour + timedelta(hours=4),
        places=(PlaceEntry(settlement=_SETTLEMENT, street="пер. Кузнечный"),),
    )
    works = OutageEntry(
        id="demo-planned",
        kind=OutageKind.PLANNED,
        reason="замена опор",
        works="ремонт воздушной линии",
        organisation=_NETWORK,
        responsible="мастер участка Лаптев Егор Павлович",
        phone="+74832000100",
        begins_at=tomorrow,
        expected_end=tomorrow + timedelta(hours=5),
        places=(PlaceEntry(settlement=_SETTLEMENT, street="ул. Садовая", houses="1-60"),),
    )
    return fault, works


async def write_demo_outages(outages: Outages, now: datetime) -> None:
    """Enter them; a repeat moves them to the new moment."""
    for entry in demo_outages(now):
        await outages.enter(entry, source=_SOURCE, entered_by=_SOURCE)
