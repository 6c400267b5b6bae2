"""Registered requests: how those of an account stand, and taking them over from files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from sqlalchemy import Connection, Select, bindparam, insert, select, update

from ivr.dialogue.ports import Clock
from ivr.requests.model import Request, RequestKind, RequestStatus
from ivr.requests.settings import RequestsSettings
from ivr.requests.tables import requests
from ivr.store import Database

_COLUMNS = [requests.c[each.name] for each in fields(Request)]
_OPEN = [status.value for status in RequestStatus if status.is_open]


class Outcome(StrEnum):
    """What a request of a file did to the register."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class Register:
    """Reads the register, and writes what other programs hand over."""

    def __init__(self, database: Database, settings: RequestsSettings, clock: Clock) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock

    async def of_account(self, account_number: str) -> list[Request]:
        """The requests of an account that are told: open ones and those answered lately, newest first.

        Raises:
            StoreUnavailable: The register cannot be read.
        """
        now = self._clock.now()
        lately = now - timedelta(days=self._settings.told_days)
        told = requests.c.status.in_(_OPEN) | (requests.c.answered_at >= lately)
        query = select(*_COLUMNS).where(requests.c.account_number == account_number, told)
        return await self._read(query.limit(self._settings.told_most), now)

    async def latest(self, limit: int, account_number: str | None = None) -> list[Request]:
        """The requests registered last, newest first.

        Raises:
            StoreUnavailable: The register cannot be read.
        """
        query = select(*_COLUMNS).limit(limit)
        if account_number is not None:
            query = query.where(requests.c.account_number == account_number)
        return await self._read(query, self._clock.now())

    async def take(self, rows: Sequence[Request]) -> list[Outcome]:
        """Add or change requests by their numbers, in one transaction; tells what each did.

        Raises:
            StoreUnavailable: Nothing was written.
        """
        return await self._database.write(partial(_write, rows))

    async def _read(self, query: Select[Any], now: datetime) -> list[Request]:
        ordered = query.order_by(requests.c.registered_at.desc(), requests.c.id.desc())
        return await self._database.read(partial(_select, ordered, now))


def _select(query: Select[Any], now: datetime, connection: Connection) -> list[Request]:
    return [_request(row, now) for row in connection.execute(query).mappings()]


def _request(row: Mapping[Any, Any], now: datetime) -> Request:
    values = {str(name): value for name, value in row.items()}
    for name in ("registered_at", "due_at", "answered_at"):
        values[name] = values[name] and values[name].astimezone(now.tzinfo)
    kind, status = RequestKind(values.pop("kind")), RequestStatus(values.pop("status"))
    return Request(kind=kind, status=status, **values)


def _values(request: Request) -> dict[str, Any]:
    return {column.name: getattr(request, column.name) for column in _COLUMNS}


def _write(rows: Sequence[Request], connection: Connection) -> list[Outcome]:
    numbers = [row.number for row in rows]
    query = select(*_COLUMNS).where(requests.c.number.in_(numbers))
    before = {row["number"]: dict(row) for row in connection.execute(query).mappings()}
    outcomes = [_outcome(before.get(row.number), _values(row)) for row in rows]
    new = [_values(row) for row, did in zip(rows, outcomes, strict=True) if did is Outcome.ADDED]
    changed = [_values(row) for row, did in zip(rows, outcomes, strict=True) if did is Outcome.CHANGED]
    if new:
        connection.execute(insert(requests), new)
    if changed:
        statement = update(requests).where(requests.c.number == bindparam("key"))
        connection.execute(statement, [{**values, "key": values["number"]} for values in changed])
    return outcomes


def _outcome(before: dict[str, Any] | None, values: dict[str, Any]) -> Outcome:
    if before is None:
        return Outcome.ADDED
    return Outcome.UNCHANGED if before == values else Outcome.CHANGED
