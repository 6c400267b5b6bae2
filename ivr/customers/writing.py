"""Writing billing's lines into the tables, so that equal ones change nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from ivr.customers.rows import AccountRow, MeterRow
from ivr.customers.tables import accounts, meters, phones, zones

_MOST_ZONES = 3
_Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Numbered:
    """A checked line and its number in the file."""

    line: int
    row: AccountRow | MeterRow


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that does not fit what the tables hold: at which column, and why."""

    column: str
    reason: str


class Outcome(StrEnum):
    """What a line did to the tables."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


def write_accounts(connection: Connection, rows: Sequence[AccountRow]) -> list[Outcome]:
    """Add or change accounts with their telephone numbers; tells what each row did."""
    numbers = [row.number for row in rows]
    found = connection.execute(select(accounts).where(accounts.c.number.in_(numbers))).mappings()
    before = {row["number"]: dict(row) for row in found}
    new = [row.columns() for row in rows if row.number not in before]
    changed = [row for row in rows if row.number in before and not _holds(before[row.number], row.columns())]
    if new:
        connection.execute(insert(accounts), new)
    if changed:
        statement = update(accounts).where(accounts.c.number == bindparam("key"))
        connection.execute(statement, [{**row.columns(), "key": row.number} for row in changed])
    differing = _write_phones(connection, rows) | {row.number for row in changed}
    return [_outcome(row.number in before, row.number in differing) for row in rows]


def _outcome(known: bool, differs: bool) -> Outcome:
    if not known:
        return Outcome.ADDED
    return Outcome.CHANGED if differs else Outcome.UNCHANGED


def _holds(row: Mapping[str, Any], values: _Values) -> bool:
    return all(row[name] == value for name, value in values.items())


def _write_phones(connection: Connection, rows: Sequence[AccountRow]) -> set[str]:
    """Replace the numbers of accounts where they differ; returns these accounts' numbers."""
    ids = _ids(connection, [row.number for row in rows])
    before: dict[int, set[str]] = defaultdict(set)
    for row in connection.execute(select(phones).where(phones.c.account_id.in_(ids.values()))):
        before[row.account_id].add(row.number)
    differ = {row.number: row for row in rows if set(row.phones) != before[ids[row.number]]}
    if differ:
        connection.execute(delete(phones).where(phones.c.account_id.in_([ids[number] for number in differ])))
    values = [
        {"account_id": ids[number], "number": phone} for number, row in differ.items() for phone in row.phones
    ]
    if values:
        connection.execute(insert(phones), values)
    return set(differ)


def _ids(connection: Connection, numbers: Sequence[str]) -> dict[str, int]:
    query = select(accounts.c.number, accounts.c.id).where(accounts.c.number.in_(numbers))
    return {row.number: row.id for row in connection.execute(query)}


def write_meters(connection: Connection, rows: Sequence[MeterRow]) -> list[Outcome | Refused]:
    """Add or change tariff zones and their meters; tells what each row did.

    A row whose account is not there, or with a fourth zone of a meter, is refused.
    """
    known = _KnownMeters(connection, _ids(connection, [row.account for row in rows]))
    return [known.take(row) for row in rows]


class _KnownMeters:
    """The meters of some accounts, as they are in the tables."""

    def __init__(self, connection: Connection, account_ids: Mapping[str, int]) -> None:
        self._connection = connection
        self._accounts = account_ids
        query = select(meters).where(meters.c.account_id.in_(account_ids.values()))
        self._meters = {
            (row.account_id, row.serial): (row.id, row.digits) for row in connection.execute(query)
        }
        meter_ids = [meter_id for meter_id, _ in self._meters.values()]
        self._zones: dict[int, dict[str, Mapping[str, Any]]] = defaultdict(dict)
        for row in connection.execute(select(zones).where(zones.c.meter_id.in_(meter_ids))).mappings():
            self._zones[row["meter_id"]][row["code"]] = dict(row)

    def take(self, row: MeterRow) -> Outcome | Refused:
        account_id = self._accounts.get(row.account)
        if account_id is None:
            return Refused("account", "no such account; import the accounts first")
        meter_id, resized = self._meter(account_id, row)
        of_meter = self._zones[meter_id]
        before = of_meter.get(row.zone)
        if before is None and len(of_meter) == _MOST_ZONES:
            return Refused("zone", f"a meter has at most {_MOST_ZONES} zones")
        written = self._zone(meter_id, row, before)
        return Outcome.CHANGED if written is Outcome.UNCHANGED and resized else written

    def _meter(self, account_id: int, row: MeterRow) -> tuple[int, bool]:
        """Id of the meter, made if need be, and whether its number of digits was changed."""
        known = self._meters.get((account_id, row.serial))
        if known is None:
            values = {"account_id": account_id, "serial": row.serial, "digits": row.digits}
            made = self._connection.execute(insert(meters).values(values).returning(meters.c.id)).scalar_one()
            self._meters[account_id, row.serial] = (made, row.digits)
            return int(made), False
        meter_id, digits = known
        if digits == row.digits:
            return meter_id, False
        self._connection.execute(update(meters).where(meters.c.id == meter_id).values(digits=row.digits))
        self._meters[account_id, row.serial] = (meter_id, row.digits)
        return meter_id, True

    def _zone(self, meter_id: int, row: MeterRow, before: Mapping[str, Any] | None) -> Outcome:
        values: _Values = {
            "title": row.zone_title,
            "last_value": row.last_value,
            "last_date": row.last_date,
            "usual_monthly": row.usual_monthly,
        }
        if before is None:
            place = {"meter_id": meter_id, "code": row.zone, "position": len(self._zones[meter_id])}
            self._connection.execute(insert(zones).values({**place, **values}))
        elif _holds(before, values):
            return Outcome.UNCHANGED
        else:
            same = (zones.c.meter_id == meter_id) & (zones.c.code == row.zone)
            self._connection.execute(update(zones).where(same).values(values))
        self._zones[meter_id][row.zone] = {**values, "code": row.zone}
        return _outcome(before is not None, differs=True)
