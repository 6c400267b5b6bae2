"""The quality of the network, leg by leg: delay to the workplaces, loss on the carrier's link.

A leg is kept as it was measured; sums and maxima of days are kept beside, so that no report reads legs.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import StrEnum
from functools import partial
from typing import Any, Final

import structlog
from sqlalchemy import ColumnElement, Connection, case, func, insert, select, update

from ivr.dialogue.ports import Clock
from ivr.kpi.definitions import NO_DATA, Value
from ivr.kpi.sums import Selection
from ivr.kpi.tables import network_days, network_legs
from ivr.store import Database, StoreUnavailable

log = structlog.get_logger(__name__)

_MICROSECONDS: Final = 1_000_000
_WRITE_SECONDS: Final = 1.0
_MOST_WAITING: Final = 20_000


class Link(StrEnum):
    """The two links whose quality a standard asks for."""

    TRUNK = "trunk"  # to the carrier
    WORKPLACE = "workplace"  # to an operator's telephone


@dataclass(frozen=True, slots=True, kw_only=True)
class LegMedia:
    """What was measured of one leg, over its whole life.

    Attributes:
        packets: Expected at both ends, as far as it is known of them.
        lost: Of these.
        delay_seconds: Half of the greatest round trip (RFC 3550, section 6.4.1), which is the way of a packet
            where both ways are alike; None: the other end sends no reports.
    """

    leg_id: str
    call_id: str
    line: str
    profile: str
    link: Link
    at: datetime
    packets: int
    lost: int
    delay_seconds: float | None


def keep(connection: Connection, legs: Sequence[LegMedia], zone: tzinfo) -> None:
    """Write legs and their days; a leg that is known already changes nothing."""
    ids = [leg.leg_id for leg in legs]
    query = select(network_legs.c.leg_id).where(network_legs.c.leg_id.in_(ids))
    known = set(connection.execute(query).scalars())
    for leg in legs:
        if leg.leg_id not in known:
            known.add(leg.leg_id)
            _keep(connection, leg, leg.at.astimezone(zone).date())


def _keep(connection: Connection, leg: LegMedia, day: date) -> None:
    delay = None if leg.delay_seconds is None else round(leg.delay_seconds * _MICROSECONDS)
    connection.execute(
        insert(network_legs).values(
            leg_id=leg.leg_id,
            call_id=leg.call_id,
            line=leg.line,
            profile=leg.profile,
            link=leg.link.value,
            at=leg.at,
            packets=leg.packets,
            lost=leg.lost,
            delay_us=delay,
        )
    )
    table = network_days.c
    place = {"day": day, "link": leg.link.value, "profile": leg.profile, "line": leg.line}
    added = update(network_days).where(*(table[name] == value for name, value in place.items()))
    longest = case((table.longest_delay_us > (delay or 0), table.longest_delay_us), else_=delay or 0)
    done = connection.execute(
        added.values(
            legs=table.legs + 1,
            packets=table.packets + leg.packets,
            lost=table.lost + leg.lost,
            delays=table.delays + int(delay is not None),
            longest_delay_us=longest,
        )
    )
    if not done.rowcount:
        first = {"legs": 1, "packets": leg.packets, "lost": leg.lost}
        told = {"delays": int(delay is not None), "longest_delay_us": delay or 0}
        connection.execute(insert(network_days).values(**place, **first, **told))


class NetworkBook:
    """Takes legs at once and writes them soon; while the database is away so many of them wait."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Args: `clock`, in the company's time zone."""
        zone = clock.now().tzinfo
        if zone is None:
            raise ValueError("the clock needs a time zone")
        self._database = database
        self._clock = clock
        self._zone = zone
        self._waiting: deque[LegMedia] = deque(maxlen=_MOST_WAITING)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._run(), name="network-quality")

    async def close(self) -> None:
        """Write what waits, if it can be written."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._try()

    def note(self, leg: LegMedia) -> None:
        """A leg has ended."""
        self._waiting.append(leg)

    async def write(self) -> None:
        """Write what waits.

        Raises:
            StoreUnavailable: It goes on waiting.
        """
        if not self._waiting:
            return
        legs = tuple(self._waiting)
        self._waiting.clear()
        try:
            await self._database.write(partial(keep, legs=legs, zone=self._zone))
        except StoreUnavailable:
            self._waiting.extendleft(reversed(legs))
            raise

    async def _run(self) -> None:
        while True:
            await self._clock.sleep(_WRITE_SECONDS)
            await self._try()

    async def _try(self) -> None:
        try:
            await self.write()
        except StoreUnavailable:
            log.warning("network.waits_for_store", legs=len(self._waiting))
        except Exception:
            log.exception("network.not_kept")


class MeasuredNetwork:
    """Implements `Network`: the days of the telephones' own measurements."""

    def delay(self, connection: Connection, selection: Selection) -> Value:
        """The greatest delay to a workplace, seconds, and of how many legs."""
        table = network_days.c
        row = connection.execute(
            select(func.max(table.longest_delay_us), func.sum(table.delays)).where(
                *_days(selection, Link.WORKPLACE), table.delays > 0
            )
        ).one()
        longest, legs = row
        return Value(longest / _MICROSECONDS, int(legs)) if legs else NO_DATA

    def loss(self, connection: Connection, selection: Selection) -> Value:
        """The share of packets lost between the carrier and us, and of how many legs."""
        table = network_days.c
        row = connection.execute(
            select(func.sum(table.lost), func.sum(table.packets), func.sum(table.legs)).where(
                *_days(selection, Link.TRUNK)
            )
        ).one()
        lost, packets, legs = row
        return Value(int(lost) / int(packets), int(legs)) if packets else NO_DATA


def _days(selection: Selection, link: Link) -> list[ColumnElement[bool]]:
    columns: Any = network_days.c
    found = [
        columns.link == link.value,
        columns.day >= selection.period.first,
        columns.day <= selection.period.last,
        *selection.of_profiles(columns),
    ]
    return found if selection.line is None else [*found, columns.line == selection.line]
