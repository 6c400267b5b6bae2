"""What our own tables know of the accounts that a file names, and the debts in them."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, Select, or_, select

from ivr.campaigns.importing.headings import AMOUNT, NAME
from ivr.customers.addresses import settlement_key, split_street, street_key
from ivr.customers.model import AccountKind, Segment
from ivr.customers.tables import accounts, phones


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """An account of our own tables.

    Attributes:
        fields: What a campaign may need: the name, and the debt in roubles where there is one.
    """

    number: str
    settlement: str
    phones: tuple[str, ...]
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtFilter:
    """Whose debts are wanted; what is None does not matter.

    Attributes:
        least: Roubles, above 0.
        most: Roubles.
        since: In debt since this day or longer; those of whom billing tells no day are left out.
        segment: Kind of client.
        kind: Who holds the account.
        settlements: In any spelling.
        streets: In any spelling, with or without their type.
    """

    least: Decimal
    most: Decimal | None = None
    since: date | None = None
    segment: Segment | None = None
    kind: AccountKind | None = None
    settlements: tuple[str, ...] = ()
    streets: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.least <= 0:
            raise ValueError("the least debt has to be above 0")


def months_before(day: date, months: int) -> date:
    """The same day of the month so many months before, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def find(connection: Connection, numbers: Collection[str]) -> dict[str, KnownAccount]:
    """The accounts of these numbers, by number."""
    if not numbers:
        return {}
    return {each.number: each for each in _known(connection, select(accounts).where(_is_one_of(numbers)))}


def debtors(connection: Connection, wanted: DebtFilter, after: str, most: int) -> list[KnownAccount]:
    """A part of the debtors.

    Args:
        connection: Of a transaction that reads.
        wanted: Whose debts.
        after: Number of the last one of the part before, or empty.
        most: So many at most.

    Returns:
        By number; empty when there are no more.
    """
    balance = accounts.c.balance
    query = select(accounts).where(accounts.c.number > after, balance <= -wanted.least)
    if wanted.most is not None:
        query = query.where(balance >= -wanted.most)
    if wanted.since is not None:
        query = query.where(accounts.c.debt_since <= wanted.since)
    if wanted.segment is not None:
        query = query.where(accounts.c.segment == wanted.segment.value)
    if wanted.kind is not None:
        query = query.where(accounts.c.kind == wanted.kind.value)
    if wanted.settlements or wanted.streets:
        query = query.where(_at(wanted))
    return _known(connection, query.order_by(accounts.c.number).limit(most))


def _at(wanted: DebtFilter) -> Any:
    """Where the meters are, by the key of the address (`ivr.customers.addresses.address_key`)."""
    key = accounts.c.address_key
    settlements = [settlement_key(each) for each in wanted.settlements]
    streets = [street_key(split_street(each)[1]) for each in wanted.streets]
    if not streets:
        return or_(*(key.startswith(f"{each}|", autoescape=True) for each in settlements))
    if not settlements:
        return or_(*(key.contains(f"|{each}|", autoescape=True) for each in streets))
    both = [f"{settlement}|{street}|" for settlement in settlements for street in streets]
    return or_(*(key.startswith(each, autoescape=True) for each in both))


def _is_one_of(numbers: Collection[str]) -> Any:
    return accounts.c.number.in_(numbers)


def _known(connection: Connection, query: Select[Any]) -> list[KnownAccount]:
    rows = connection.execute(query).all()
    numbers = _phones_of(connection, [row.id for row in rows])
    return [KnownAccount(row.number, row.settlement, tuple(numbers[row.id]), _fields(row)) for row in rows]


def _phones_of(connection: Connection, ids: Sequence[int]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    query = select(phones.c.account_id, phones.c.number).where(phones.c.account_id.in_(ids))
    for row in connection.execute(query.order_by(phones.c.number)):
        found[row.account_id].append(row.number)
    return found


def _fields(row: Row[Any]) -> dict[str, str]:
    in_debt = row.balance is not None and row.balance < 0
    return {NAME: row.name} | ({AMOUNT: format(-row.balance, "f")} if in_debt else {})
