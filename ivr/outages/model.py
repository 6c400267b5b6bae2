"""An outage: what is known of it, and what it covers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ivr.customers.addresses import split_street
from ivr.customers.model import Address
from ivr.outages.coverage import Houses


class OutageKind(StrEnum):
    """Why there is no electricity: works that were announced, or a fault."""

    PLANNED = "planned"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True)
class Place:
    """What is covered: houses of a street, a whole street, or, without a street, a whole settlement.

    Attributes:
        street: As on a bill, with its type («ул. Пушкина»).
        houses: As `Houses.parse` reads it; empty for all.
    """

    settlement: str
    street: str = ""
    houses: str = ""

    def covers(self, address: Address) -> bool:
        """Whether an address whose settlement and name of the street match already is covered.

        Two streets of one name are told apart by their types («улица Мира», «проспект Мира») where both
        types are known.
        """
        if not self.street:
            return True
        of_ours, _ = split_street(self.street)
        same_type = not of_ours or not address.street_type or of_ours == address.street_type
        return same_type and Houses.parse(self.houses).covers(address.house)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """An outage of the register. Moments are aware; texts are empty where nothing was given.

    `organisation`, `works`, `reason`, `begins_at`, `expected_end`, `responsible` (position and name) and
    `phone` are the seven fields of a notice of planned works (standard of kostroma, 2.5, lines 639–653).

    Attributes:
        id: Ours.
        source: Where it came from; with `external_id` it is unique.
        external_id: Of the source, or None.
        expected_end: None while nobody knows.
        expires_at: After it the outage is told no more.
        closed_at: When it was declared over.
        entered_by: Who entered it.
    """

    id: int
    source: str
    external_id: str | None
    kind: OutageKind
    reason: str
    works: str
    organisation: str
    responsible: str
    phone: str
    begins_at: datetime
    expected_end: datetime | None
    expires_at: datetime
    closed_at: datetime | None
    entered_by: str
    places: tuple[Place, ...]

    def is_late(self, now: datetime) -> bool:
        """Whether it lasts longer than was expected."""
        return self.expected_end is not None and self.expected_end <= now


@dataclass(frozen=True, slots=True)
class Situation:
    """What concerns an address: the outage that goes on, and the next planned one."""

    now: Outage | None = None
    planned: Outage | None = None
