"""Columns of the files that billing hands over, and what each may contain."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self

import phonenumbers
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from ivr.customers.addresses import address_key, split_street
from ivr.customers.model import AccountKind, Address, Segment
from ivr.customers.names import name_key
from ivr.customers.numbers import is_well_formed
from ivr.customers.settings import AccountNumberSettings
from ivr.customers.sheets import columns_of as columns_of

_BETWEEN_PHONES = re.compile(r"[,;/]")


def _empty_is_none(value: Any) -> Any:
    return None if value == "" else value


def _date(value: Any) -> Any:
    if isinstance(value, str) and "." in value:
        return datetime.strptime(value, "%d.%m.%Y").date()
    return _empty_is_none(value)


def _amount(value: Any) -> Any:
    if isinstance(value, str):
        value = value.replace("\u00a0", "").replace(" ", "").replace(",", ".")
    return _empty_is_none(value)


def _phone(text: str) -> str:
    try:
        number = phonenumbers.parse(text, "RU")
    except phonenumbers.NumberParseException as error:
        raise ValueError("is not a telephone number") from error
    if not phonenumbers.is_possible_number(number):
        raise ValueError("is not a telephone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _phones(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return tuple(dict.fromkeys(_phone(part.strip()) for part in _BETWEEN_PHONES.split(value) if part.strip()))


Text = Annotated[str, Field(min_length=1, max_length=100)]
Day = Annotated[date | None, BeforeValidator(_date)]
Amount = Annotated[Decimal | None, BeforeValidator(_amount), Field(decimal_places=2, max_digits=14)]
KWh = Annotated[int | None, BeforeValidator(_empty_is_none), Field(ge=0, le=99_999_999)]


class AccountRow(BaseModel):
    """A line of the accounts file; the context of validation holds `account_number` settings."""

    model_config = ConfigDict(frozen=True)
    key: ClassVar[tuple[str, ...]] = ("number",)

    number: str = Field(description="account number, digits")
    kind: AccountKind = Field(description="person or company")
    segment: Segment = Field(description="private or corporate")
    name: Annotated[str, Field(min_length=1, max_length=200)] = Field(description="of the person or company")
    settlement: Text = Field(description="town or village")
    street: Text = Field(description="as on the bill, such as «ул. Пушкина»")
    house: Annotated[str, Field(min_length=1, max_length=20)] = Field(description="with letter and building")
    flat: Annotated[str, Field(max_length=20)] = Field(default="", description="may be empty")
    phones: Annotated[tuple[str, ...], BeforeValidator(_phones)] = Field(
        default=(), max_length=10, description="telephone numbers, with a comma, ; or / between them"
    )
    balance: Amount = Field(default=None, description="roubles with kopecks, below zero for a debt")
    balance_as_of: Day = Field(default=None, description="day of the balance, YYYY-MM-DD or DD.MM.YYYY")
    debt_since: Day = Field(default=None, description="day since which the oldest of the debt stands")

    @field_validator("number")
    @classmethod
    def _known_form(cls, number: str, info: ValidationInfo) -> str:
        settings: AccountNumberSettings = (info.context or {}).get("account_number", AccountNumberSettings())
        if not is_well_formed(number, settings):
            lengths = " or ".join(map(str, settings.lengths))
            raise ValueError(f"has to be {lengths} digits, check digit {settings.check.value}")
        return number

    def columns(self) -> dict[str, Any]:
        """Values of the table's columns, but for its id."""
        street_type, street = split_street(self.street)
        address = Address(self.settlement, street, self.house, street_type, self.flat)
        return {
            "number": self.number,
            "kind": self.kind.value,
            "segment": self.segment.value,
            "name": self.name,
            "name_key": name_key(self.name),
            "settlement": address.settlement,
            "street_type": address.street_type,
            "street": address.street,
            "house": address.house,
            "flat": address.flat,
            "address_key": address_key(address),
            "balance": self.balance,
            "balance_as_of": self.balance_as_of,
            "debt_since": self.debt_since,
        }


class MeterRow(BaseModel):
    """A line of the meters file: one tariff zone of one meter."""

    model_config = ConfigDict(frozen=True)
    key: ClassVar[tuple[str, ...]] = ("account", "serial", "zone")

    account: Text = Field(description="account number")
    serial: Annotated[str, Field(min_length=1, max_length=32)] = Field(
        description="serial number of the meter"
    )
    digits: int = Field(ge=4, le=8, description="whole digits that the meter shows, 4 to 8")
    zone: Annotated[str, Field(min_length=1, max_length=16)] = Field(description="code of the tariff zone")
    zone_title: Annotated[str, Field(max_length=64)] = Field(
        default="", description="name of the zone as it is spoken; empty when it is the only one"
    )
    last_value: KWh = Field(default=None, description="last reading, kWh")
    last_date: Day = Field(default=None, description="day of the last reading, YYYY-MM-DD or DD.MM.YYYY")
    usual_monthly: KWh = Field(default=None, description="usual consumption a month, kWh")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.last_value is not None and self.last_value >= 10**self.digits:
            raise ValueError(f"last_value does not fit into {self.digits} digits")
        return self
