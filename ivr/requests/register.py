"""Registered requests: what an account's owner is told of them, and taking them over from files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from sqlalchemy import Connection, Select, bindparam, insert, select, update

from ivr.dialogue.ports import Clock
from ivr.requests import rows
from ivr.requests.lifecycle import StepKind
from ivr.requests.model import Request, RequestStatus
from ivr.requests.numbers import plain
from ivr.requests.settings import RequestsSettings
from ivr.requests.tables import request_changes, requests
from ivr.store import Database

_TOLD = (
    "number",
    "account_number",
    "kind",
    "topic",
    "registered_at",
    "due_at",
    "status",
    "answer_channel",
    "answered_at",
)
"""What files tell; the rest of a request is left as it is."""
_OPEN = [status.value for status in RequestStatus if status.is_open]
_IMPORT = "import"


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
        query = select(*rows.COLUMNS).where(requests.c.account_number == account_number, told)
        return await self._read(query.limit(self._settings.told_most), now)

    async def of_account_by_number(self, account_number: str, number: str) -> Request | None:
        """A request of an account by its number, as it was said or keyed in, however old.

        Raises:
            StoreUnavailable: The register cannot be read.
        """
        now = self._clock.now()
        found = await self._database.read(partial(rows.find, plain(number), now.tzinfo))
        return found if found and found.account_number == account_number else None

    async def latest(self, limit: int, account_number: str | None = None) -> list[Request]:
        """The requests registered last, newest first.

        Raises:
            StoreUnavailable: The register cannot be read.
        """
        query = select(*rows.COLUMNS).limit(limit)
        if account_number is not None:
            query = query.where(requests.c.account_number == account_number)
        return await self._read(query, self._clock.now())

    async def take(self, taken: Sequence[Request]) -> list[Outcome]:
        """Add or change requests by their numbers, in one transaction; tells what each did.

        Only what files tell is changed in a request that is there already.

        Raises:
            StoreUnavailable: Nothing was written.
        """
        return await self._database.write(partial(_write, taken, self._clock.now()))

    async def _read(self, query: Select[Any], now: datetime) -> list[Request]:
        ordered = query.order_by(requests.c.registered_at.desc(), requests.c.id.desc())
        return await self._database.read(partial(_select, ordered, now))


def _select(query: Select[Any], now: datetime, connection: Connection) -> list[Request]:
    return [rows.request_of(row, now.tzinfo) for row in connection.execute(query).mappings()]


def _told(request: Request) -> dict[str, Any]:
    return {name: getattr(request, name) for name in _TOLD}


def _write(taken: Sequence[Request], now: datetime, connection: Connection) -> list[Outcome]:
    numbers = [each.number for each in taken]
    query = select(*(requests.c[name] for name in _TOLD)).where(requests.c.number.in_(numbers))
    before = {row["number"]: dict(row) for row in connection.execute(query).mappings()}
    outcomes = [_outcome(before.get(each.number), _told(each)) for each in taken]
    by_outcome: dict[Outcome, list[Request]] = {outcome: [] for outcome in Outcome}
    for request, outcome in zip(taken, outcomes, strict=True):
        by_outcome[outcome].append(request)
    if new := by_outcome[Outcome.ADDED]:
        connection.execute(insert(requests), [rows.values_of(each) for each in new])
    if changed := by_outcome[Outcome.CHANGED]:
        statement = update(requests).where(requests.c.number == bindparam("given"))
        connection.execute(statement, [{**_told(each), "given": each.number} for each in changed])
    _note([*new, *changed], now, connection)
    return outcomes


def _note(imported: Sequence[Request], now: datetime, connection: Connection) -> None:
    """What a file has changed stands in the history as well."""
    if not imported:
        return
    query = select(requests.c.number, requests.c.id).where(
        requests.c.number.in_([each.number for each in imported])
    )
    ids: Mapping[str, int] = {row[0]: row[1] for row in connection.execute(query)}
    change = {"at": now, "by": _IMPORT, "step": StepKind.IMPORTED.value, "note": "", "key": None}
    connection.execute(
        insert(request_changes),
        [{**change, "request_id": ids[each.number], "status": each.status.value} for each in imported],
    )


def _outcome(before: dict[str, Any] | None, values: dict[str, Any]) -> Outcome:
    if before is None:
        return Outcome.ADDED
    return Outcome.UNCHANGED if before == values else Outcome.CHANGED
