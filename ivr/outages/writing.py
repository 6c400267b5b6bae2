"""Writing outages into the register, so that equal ones change nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from ivr.customers.addresses import settlement_key, split_street, street_key
from ivr.outages.entries import OutageEntry, PlaceEntry
from ivr.outages.settings import OutagesSettings
from ivr.outages.tables import outage_places, outages


class Outcome(StrEnum):
    """What an entry did to the register."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Written:
    """An outage of the register, and what the entry did to it."""

    id: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Origin:
    """Whence an entry comes: its source, who entered it, and when."""

    source: str
    entered_by: str
    entered_at: datetime


def write_outage(
    connection: Connection, entry: OutageEntry, origin: Origin, settings: OutagesSettings
) -> Written:
    """Enter an outage, or change the one that its source knows by the same id.

    What was closed stays closed.
    """
    values = entry.columns(settings)
    before = _before(connection, origin.source, entry.id)
    if before is None:
        stamped = {"source": origin.source, "entered_by": origin.entered_by, "entered_at": origin.entered_at}
        query = insert(outages).values({**values, **stamped}).returning(outages.c.id)
        outage_id = int(connection.execute(query).scalar_one())
        _write_places(connection, outage_id, entry)
        return Written(outage_id, Outcome.ADDED)
    outage_id = int(before["id"])
    values["closed_at"] = values["closed_at"] or before["closed_at"]
    differs = any(before[name] != value for name, value in values.items())
    moved = _places(connection, outage_id) != [_place(each) for each in entry.places]
    if differs:
        connection.execute(update(outages).where(outages.c.id == outage_id).values(values))
    if moved:
        connection.execute(delete(outage_places).where(outage_places.c.outage_id == outage_id))
        _write_places(connection, outage_id, entry)
    return Written(outage_id, Outcome.CHANGED if differs or moved else Outcome.UNCHANGED)


def close_outage(connection: Connection, outage_id: int, now: datetime) -> bool:
    """Declare an outage over; False when there is none of this id that goes on."""
    goes_on = (outages.c.id == outage_id) & outages.c.closed_at.is_(None)
    return connection.execute(update(outages).where(goes_on).values(closed_at=now)).rowcount == 1


def _before(connection: Connection, source: str, external_id: str | None) -> Mapping[str, Any] | None:
    if external_id is None:
        return None
    known = (outages.c.source == source) & (outages.c.external_id == external_id)
    row = connection.execute(select(outages).where(known)).mappings().first()
    return None if row is None else dict(row)


def _place(entry: PlaceEntry) -> dict[str, str]:
    _, name = split_street(entry.street)
    return {
        "settlement": entry.settlement,
        "settlement_key": settlement_key(entry.settlement),
        "street": entry.street,
        "street_key": street_key(name),
        "houses": entry.houses,
    }


def _places(connection: Connection, outage_id: int) -> list[dict[str, str]]:
    columns = [
        outage_places.c[name] for name in ("settlement", "settlement_key", "street", "street_key", "houses")
    ]
    query = select(*columns).where(outage_places.c.outage_id == outage_id).order_by(outage_places.c.id)
    return [dict(row) for row in connection.execute(query).mappings()]


def _write_places(connection: Connection, outage_id: int, entry: OutageEntry) -> None:
    connection.execute(
        insert(outage_places), [{"outage_id": outage_id, **_place(each)} for each in entry.places]
    )
