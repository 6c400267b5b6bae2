"""The register of outages: what concerns an address, and what is entered."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Connection, Row, select
from sqlalchemy.exc import IntegrityError

from ivr.customers.addresses import settlement_key, street_key
from ivr.customers.model import Address
from ivr.dialogue.ports import Clock
from ivr.outages.entries import OutageEntry
from ivr.outages.model import Outage, OutageKind, Place, Situation
from ivr.outages.settings import OutagesSettings
from ivr.outages.tables import outage_places, outages
from ivr.outages.writing import Origin, Written, close_outage, write_outage
from ivr.store import Database

_log = structlog.get_logger(__name__)
_NEVER = datetime.max.replace(tzinfo=UTC)
_FACTS = [each.name for each in fields(Outage) if each.name not in {"kind", "places"}]


class Outages:
    """Reads and writes the register. Moments are given in the company's zone, which the clock tells."""

    def __init__(self, database: Database, settings: OutagesSettings, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.settings = settings

    async def at(self, address: Address) -> Situation:
        """What concerns an address, in any usual spelling.

        Of several outages that go on, a fault counts before planned works, then the one that lasts longest:
        before its end there is no electricity. Without a house only what covers the whole street counts.

        Raises:
            StoreUnavailable: The register cannot be read.
        """
        now = self._clock.now()
        told = await self._database.read(partial(_covering, address, now, self._horizon(now)))
        running = [outage for outage in told if outage.begins_at <= now]
        coming = [outage for outage in told if outage.begins_at > now]
        return Situation(
            now=max(running, key=partial(_weight, now=now), default=None),
            planned=min(coming, key=lambda outage: outage.begins_at, default=None),
        )

    async def enter(self, entry: OutageEntry, source: str, entered_by: str) -> Written:
        """Enter an outage, or change the one that its source knows by the same id; durable on return.

        Raises:
            StoreUnavailable: Nothing was written.
        """
        origin = Origin(source, entered_by, self._clock.now())
        job = partial(write_outage, entry=entry, origin=origin, settings=self.settings)
        try:
            written = await self._database.write(job)
        except IntegrityError:  # another process has entered the same outage meanwhile
            written = await self._database.write(job)
        _log.debug("outages.entered", outage=written.id, outcome=written.outcome.value)
        return written

    async def close(self, outage_id: int) -> bool:
        """Declare an outage over; False when there is none of this id that goes on.

        Raises:
            StoreUnavailable: Nothing was written.
        """
        done = await self._database.write(partial(close_outage, outage_id=outage_id, now=self._clock.now()))
        _log.info("outages.closed", outage=outage_id, found=done)
        return done

    async def listed(self, *, over: bool = False) -> list[Outage]:
        """The outages that are told or will be, by their beginning; with `over`, also those that are over.

        Raises:
            StoreUnavailable: The register cannot be read.
        """
        now = self._clock.now()
        wanted = outages.c.id.is_not(None) if over else _is_told(now)
        return await self._database.read(partial(_select, wanted, now))

    def _horizon(self, now: datetime) -> datetime:
        return now + timedelta(days=self.settings.announced_days)


def _is_told(now: datetime) -> ColumnElement[bool]:
    return outages.c.closed_at.is_(None) & (outages.c.expires_at > now)


def _weight(outage: Outage, now: datetime) -> tuple[bool, datetime]:
    end = None if outage.is_late(now) else outage.expected_end
    return outage.kind is OutageKind.EMERGENCY, end or _NEVER


def _covering(address: Address, now: datetime, horizon: datetime, connection: Connection) -> list[Outage]:
    places = outage_places.c
    there = (places.settlement_key == settlement_key(address.settlement)) & places.street_key.in_(
        ("", street_key(address.street))
    )
    told = _is_told(now) & (outages.c.begins_at <= horizon)
    ids = select(places.outage_id).where(there)
    found = _select(told & outages.c.id.in_(ids), now, connection, there)
    return [outage for outage in found if any(place.covers(address) for place in outage.places)]


def _select(
    wanted: ColumnElement[bool],
    now: datetime,
    connection: Connection,
    there: ColumnElement[bool] | None = None,
) -> list[Outage]:
    """The outages with those of their places that are `there`, or all."""
    rows = connection.execute(select(outages).where(wanted).order_by(outages.c.begins_at, outages.c.id)).all()
    query = select(outage_places).where(outage_places.c.outage_id.in_([row.id for row in rows]))
    query = query if there is None else query.where(there)
    placed: dict[int, list[Place]] = defaultdict(list)
    for row in connection.execute(query.order_by(outage_places.c.id)):
        placed[row.outage_id].append(Place(row.settlement, row.street, row.houses))
    return [_outage(row, placed[row.id], now) for row in rows]


def _outage(row: Row[Any], places: Sequence[Place], now: datetime) -> Outage:
    values = {name: getattr(row, name) for name in _FACTS}
    zone = now.tzinfo
    for name in ("begins_at", "expected_end", "expires_at", "closed_at"):
        values[name] = values[name] and values[name].astimezone(zone)
    return Outage(kind=OutageKind(row.kind), places=tuple(places), **values)
