"""What billing knows of a customer. Billing's live answers are checked against these very types."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field

Count = Annotated[int, Field(ge=0)]


class AccountKind(StrEnum):
    """Who holds an account."""

    PERSON = "person"
    COMPANY = "company"


class Segment(StrEnum):
    """Which clients a company tells apart."""

    PRIVATE = "private"
    CORPORATE = "corporate"


class Level(StrEnum):
    """How well a caller is known, for one account.

    The calling number makes a caller recognised, which is a hint; the account's number or address and a
    confirmation identify him.
    """

    UNKNOWN = "unknown"
    RECOGNISED = "recognised"
    IDENTIFIED = "identified"


@dataclass(frozen=True, slots=True)
class Address:
    """Where the meters are.

    Attributes:
        settlement: Town or village.
        street: Name of the street, without its type.
        house: With letter and building, as on the bill.
        street_type: As it is spoken: street, avenue, lane, …; may be empty.
        flat: Empty for a house.
    """

    settlement: str
    street: str
    house: str
    street_type: str = ""
    flat: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A tariff zone of a meter.

    Attributes:
        code: Billing's code.
        title: Name of the zone, as it is spoken; empty when the meter has only one.
        last_value: Last reading that billing has, kWh.
        last_date: Day of it, in the company's calendar.
        usual_monthly: Usual consumption a month, kWh.
    """

    code: str
    title: str = ""
    last_value: Count | None = None
    last_date: date | None = None
    usual_monthly: Count | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """A meter; `digits` is how many whole digits it shows."""

    id: str
    serial: str
    digits: Annotated[int, Field(ge=4, le=8)]
    zones: Annotated[tuple[Zone, ...], Field(min_length=1, max_length=3)]

    def zone(self, code: str) -> Zone | None:
        """The zone of that code."""
        return next((zone for zone in self.zones if zone.code == code), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account with all that hangs on it.

    Attributes:
        id: Billing's own id, opaque to us.
        number: As on the bill.
        name: Of the person or company.
        phones: In E.164.
        balance: Roubles; below zero is a debt; None when billing does not tell.
        balance_as_of: Day that the balance is of.
        debt_since: Day since which the oldest of the debt stands; None: no debt, or billing does not tell.
    """

    id: str
    number: str
    kind: AccountKind
    segment: Segment
    name: str
    address: Address
    phones: tuple[str, ...] = ()
    balance: Annotated[Decimal, Field(decimal_places=2)] | None = None
    balance_as_of: date | None = None
    debt_since: date | None = None
    meters: tuple[Meter, ...] = ()

    def meter(self, meter_id: str) -> Meter | None:
        """The meter of that id."""
        return next((meter for meter in self.meters if meter.id == meter_id), None)
