"""Billing's port on our own tables, which are filled from files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select

from ivr.customers.addresses import address_key, house_prefix
from ivr.customers.billing import Answer
from ivr.customers.model import Account, AccountKind, Address, Meter, Segment, Zone
from ivr.customers.names import is_enough, name_key
from ivr.customers.tables import accounts, meters, phones, zones
from ivr.store import Database

MOST_ACCOUNTS = 50
"""More accounts than a caller could choose from; a phone of a landlord may have many."""

_by_number = select(accounts).where(accounts.c.number == bindparam("key"))
_by_id = select(accounts).where(accounts.c.id == bindparam("key"))
_by_address = (
    select(accounts).where(accounts.c.address_key == bindparam("key")).order_by(accounts.c.number)
).limit(MOST_ACCOUNTS)
_in_house = (
    select(accounts)
    .where(accounts.c.address_key >= bindparam("key"), accounts.c.address_key < bindparam("after"))
    .order_by(accounts.c.address_key)
    .limit(MOST_ACCOUNTS)
)
_streets = select(accounts.c.street).where(accounts.c.street != "").distinct().order_by(accounts.c.street)
_by_phone = (
    select(accounts)
    .join(phones, phones.c.account_id == accounts.c.id)
    .where(phones.c.number == bindparam("key"))
    .order_by(accounts.c.number)
    .limit(MOST_ACCOUNTS)
)
_meters_of = (
    select(meters.c.account_id, meters.c.id, meters.c.serial, meters.c.digits, zones)
    .join(zones, zones.c.meter_id == meters.c.id)
    .where(meters.c.account_id.in_(bindparam("ids", expanding=True)))
    .order_by(meters.c.account_id, meters.c.id, zones.c.position)
)
_phones_of = (
    select(phones).where(phones.c.account_id.in_(bindparam("ids", expanding=True))).order_by(phones.c.number)
)


class OwnTables:
    """Implements `Billing`; what the tables hold is current by definition."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def by_number(self, number: str) -> Answer:
        """See `Billing`."""
        return await self._find(_by_number, key=number)

    async def by_phone(self, phone: str) -> Answer:
        """See `Billing`."""
        return await self._find(_by_phone, key=phone)

    async def by_address(self, address: Address) -> Answer:
        """See `Billing`."""
        if address.flat.strip():
            return await self._find(_by_address, key=address_key(address))
        first = house_prefix(address)
        return await self._find(_in_house, key=first, after=_after(first))

    async def by_name(self, name: str, most: int) -> Answer:
        """See `Billing`."""
        return await self._find(_named(name_key(name), most)) if is_enough(name) else Answer(())

    async def by_id(self, account_id: str) -> Answer:
        """See `Billing`."""
        return await self._find(_by_id, key=int(account_id)) if account_id.isdecimal() else Answer(())

    async def streets(self, most: int) -> tuple[str, ...]:
        """See `Billing`."""
        query = _streets.limit(most)
        return tuple(await self._database.read(lambda connection: connection.scalars(query).all()))

    async def _find(self, query: Select[Any], **keys: str | int) -> Answer:
        return Answer(await self._database.read(lambda connection: _load(connection, query, keys)))


def _after(prefix: str) -> str:
    """The first text behind all that begin so."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)


def _named(wanted: str, most: int) -> Select[Any]:
    key = accounts.c.name_key
    surname, *others = wanted.split()
    query = select(accounts).where(key >= surname, key < _after(surname))
    for word in others:
        query = query.where(key.contains(f" {word}", autoescape=True))
    return query.order_by(key, accounts.c.number).limit(most)


def _load(connection: Connection, query: Select[Any], keys: Mapping[str, str | int]) -> tuple[Account, ...]:
    found = connection.execute(query, keys).all()
    if not found:
        return ()
    ids = {"ids": [row.id for row in found]}
    metered = _meters(connection.execute(_meters_of, ids))
    called = defaultdict(list)
    for row in connection.execute(_phones_of, ids):
        called[row.account_id].append(row.number)
    return tuple(_account(row, called[row.id], metered[row.id]) for row in found)


def _meters(rows: Iterable[Row[Any]]) -> dict[int, list[Meter]]:
    zoned: dict[tuple[int, int, str, int], list[Zone]] = defaultdict(list)
    for row in rows:
        zoned[row.account_id, row.id, row.serial, row.digits].append(
            Zone(
                code=row.code,
                title=row.title,
                last_value=row.last_value,
                last_date=row.last_date,
                usual_monthly=row.usual_monthly,
            )
        )
    result: dict[int, list[Meter]] = defaultdict(list)
    for (account_id, meter_id, serial, digits), of_meter in zoned.items():
        result[account_id].append(
            Meter(id=str(meter_id), serial=serial, digits=digits, zones=tuple(of_meter))
        )
    return result


def _account(row: Row[Any], numbers: Sequence[str], of_account: Sequence[Meter]) -> Account:
    return Account(
        id=str(row.id),
        number=row.number,
        kind=AccountKind(row.kind),
        segment=Segment(row.segment),
        name=row.name,
        address=Address(row.settlement, row.street, row.house, row.street_type, row.flat),
        phones=tuple(numbers),
        balance=row.balance,
        balance_as_of=row.balance_as_of,
        debt_since=row.debt_since,
        meters=tuple(of_account),
    )
