"""What a caller may hear of an account, as records for scenarios."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ivr.customers.model import Account, Level, Meter, Zone
from ivr.customers.settings import AccountField, CustomersSettings
from ivr.dialogue.ports import Kind, Shape, Value

_TEXT, _NUMBER, _DATE = Shape(Kind.TEXT), Shape(Kind.NUMBER), Shape(Kind.DATE)

ZONE = Shape(
    Kind.RECORD,
    {"code": _TEXT, "title": _TEXT, "last": _NUMBER, "last_date": _DATE, "usual": _NUMBER},
)
"""A tariff zone; `last`, `last_date` and `usual` are none where billing does not know them."""

METER = Shape(
    Kind.RECORD,
    {
        "id": _TEXT,
        "account_id": _TEXT,
        "serial": _TEXT,
        "tail": _TEXT,
        "title": _TEXT,
        "digits": _NUMBER,
        "zones": Shape(Kind.LIST, item=ZONE),
    },
)
"""A meter with its zones; `tail` is the end of its serial number, `title` how it is called."""

_SHAPES: Mapping[AccountField, Shape] = {
    **dict.fromkeys(AccountField, _TEXT),
    AccountField.BALANCE: _NUMBER,
    AccountField.METERS: Shape(Kind.LIST, item=METER),
}


def account_shape(level: Level, settings: CustomersSettings) -> Shape:
    """Shape of an account's record at a level; every record has the opaque `id`."""
    fields = sorted(settings.fields(level))
    return Shape(Kind.RECORD, {"id": _TEXT, **{field.value: _SHAPES[field] for field in fields}})


def visible(account: Account, level: Level, settings: CustomersSettings) -> dict[str, Value]:
    """The record of an account with the fields that a caller of this level may hear."""
    fields = sorted(settings.fields(level))
    return {
        "id": account.id,
        **{field.value: _READERS[field](account, settings) for field in fields},
    }


def _zone(zone: Zone) -> dict[str, Value]:
    return {
        "code": zone.code,
        "title": zone.title,
        "last": zone.last_value,
        "last_date": zone.last_date,
        "usual": zone.usual_monthly,
    }


def _meter(account: Account, meter: Meter, settings: CustomersSettings) -> dict[str, Value]:
    tail = meter.serial[-settings.tail_digits :]
    return {
        "id": meter.id,
        "account_id": account.id,
        "serial": meter.serial,
        "tail": tail,
        "title": settings.meter_title.format(tail=tail, serial=meter.serial),
        "digits": meter.digits,
        "zones": [_zone(zone) for zone in meter.zones],
    }


_READERS: Mapping[AccountField, Callable[[Account, CustomersSettings], Value]] = {
    AccountField.NUMBER: lambda account, settings: account.number,
    AccountField.TAIL: lambda account, settings: account.number[-settings.tail_digits :],
    AccountField.KIND: lambda account, settings: account.kind.value,
    AccountField.SEGMENT: lambda account, settings: account.segment.value,
    AccountField.NAME: lambda account, settings: account.name,
    AccountField.SETTLEMENT: lambda account, settings: account.address.settlement,
    AccountField.STREET_TYPE: lambda account, settings: account.address.street_type,
    AccountField.STREET: lambda account, settings: account.address.street,
    AccountField.HOUSE: lambda account, settings: account.address.house,
    AccountField.FLAT: lambda account, settings: account.address.flat,
    AccountField.BALANCE: lambda account, settings: account.balance,
    AccountField.METERS: lambda account, settings: [
        _meter(account, meter, settings) for meter in account.meters
    ],
}
