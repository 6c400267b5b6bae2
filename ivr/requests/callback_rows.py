"""Promises as rows; jobs for the database, so that other rooms can do several in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from ivr.calls import pending
from ivr.requests.callback_model import (
    PENDING,
    Callback,
    CallbackEnd,
    CallbackSource,
    CallbackStatus,
)
from ivr.requests.callback_tables import callbacks
from ivr.requests.model import Wish

_COLUMNS = [callbacks.c[each.name] for each in fields(Callback)]
_MOMENTS = [each.name for each in fields(Callback) if each.name.endswith("_at") or each.name == "due_from"]
_OWED = callbacks.c.status.in_(PENDING)
_FRESH: Mapping[str, Any] = {"failures": 0, "note": "", "queue": "", "queued_at": None}
_FREE: Mapping[str, Any] = {"status": CallbackStatus.OPEN, "taken_by": None, "taken_at": None}


def promise(
    connection: Connection,
    phone: str,
    given: Mapping[str, Any],
    known: Mapping[str, Any],
    now: datetime,
) -> bool:
    """Write a promise, or change the one that is owed to this number.

    Args:
        connection: Of a transaction that writes.
        phone: In E.164.
        given: Columns that the latest plea decides.
        known: Columns that it fills in where it has a value.
        now: The moment.

    Returns:
        Whether a promise of another call was owed already.
    """
    owed = (callbacks.c.phone == phone) & _OWED
    before = connection.execute(select(callbacks.c.id, callbacks.c.call_id).where(owed)).first()
    told = {**given, "promised_at": now, "changed_at": now}
    if before is None:
        fresh = {"phone": phone, "asked_at": now, "status": CallbackStatus.OPEN}
        connection.execute(insert(callbacks).values({**_FRESH, **known, **told, **fresh}))
        pending.note(connection, [given["call_id"]])
        return False
    news = {name: value for name, value in known.items() if value}
    connection.execute(update(callbacks).where(callbacks.c.id == before.id).values({**told, **news}))
    pending.note(connection, [before.call_id, given["call_id"]])
    return bool(before.call_id != given["call_id"])


def one(connection: Connection, id: int, zone: datetime) -> Callback | None:
    """A promise by its id; moments in the zone of `zone`."""
    return next(iter(_all(connection, select(*_COLUMNS).where(callbacks.c.id == id), zone)), None)


def owed(connection: Connection, now: datetime) -> list[Callback]:
    """All promises to keep, the earliest first."""
    query = select(*_COLUMNS).where(_OWED).order_by(callbacks.c.due_from, callbacks.c.id)
    return _all(connection, query, now)


def of_status(
    connection: Connection, statuses: Collection[CallbackStatus], limit: int, now: datetime
) -> list[Callback]:
    """Promises that stand so; those that were changed last first."""
    query = select(*_COLUMNS).where(callbacks.c.status.in_(list(statuses)))
    return _all(connection, query.order_by(callbacks.c.changed_at.desc()).limit(limit), now)


def of_client(
    connection: Connection, phone: str, account_numbers: Sequence[str], now: datetime
) -> list[Callback]:
    """The promises owed to a number, or about one of these accounts."""
    mine = (callbacks.c.phone == phone) & (phone != "")
    if account_numbers:
        mine |= callbacks.c.account_number.in_(list(account_numbers))
    query = select(*_COLUMNS).where(_OWED, mine).order_by(callbacks.c.due_from, callbacks.c.id)
    return _all(connection, query, now)


def take(connection: Connection, id: int, login: str, now: datetime) -> bool:
    """Claim an open promise; False when it is not open and is not this person's already."""
    free = (callbacks.c.status == CallbackStatus.OPEN) | (
        (callbacks.c.status == CallbackStatus.TAKEN) & (callbacks.c.taken_by == login)
    )
    claim = {"status": CallbackStatus.TAKEN, "taken_by": login, "taken_at": now}
    return _change(connection, callbacks.c.id == id, free, {**claim, "changed_at": now})


def give_back(connection: Connection, id: int, now: datetime, **changed: Any) -> bool:
    """Let others take a promise again; `changed` are columns that change with it."""
    taken = callbacks.c.status == CallbackStatus.TAKEN
    return _change(connection, callbacks.c.id == id, taken, {**_FREE, **changed, "changed_at": now})


def postpone(connection: Connection, id: int, due_from: datetime, now: datetime) -> bool:
    """Agree upon another time."""
    values = {**_FREE, "wish": Wish.TIME, "due_from": due_from, "next_at": None, "changed_at": now}
    return _change(connection, callbacks.c.id == id, _OWED, values)


def close(
    connection: Connection,
    id: int,
    status: CallbackStatus,
    closed_as: CallbackEnd,
    now: datetime,
    **changed: Any,
) -> bool:
    """Owe it no longer; False when it already is not owed."""
    values = {"status": status, "closed_as": closed_as, "closed_at": now, "changed_at": now, **changed}
    return _change(connection, callbacks.c.id == id, _OWED, values)


def _change(connection: Connection, which: Any, only_if: Any, values: Mapping[str, Any]) -> bool:
    changed = connection.execute(update(callbacks).where(which, only_if).values(values)).rowcount > 0
    if changed and "closed_at" in values:
        pending.note(connection, connection.execute(select(callbacks.c.call_id).where(which)).scalars())
    return changed


def _all(connection: Connection, query: Select[Any], now: datetime) -> list[Callback]:
    return [_callback(row, now) for row in connection.execute(query).mappings()]


def _callback(row: Mapping[Any, Any], now: datetime) -> Callback:
    values = {str(name): value for name, value in row.items()}
    for name in _MOMENTS:
        values[name] = values[name] and values[name].astimezone(now.tzinfo)
    closed_as = values.pop("closed_as")
    return Callback(
        wish=Wish(values.pop("wish")),
        status=CallbackStatus(values.pop("status")),
        source=CallbackSource(values.pop("source")),
        closed_as=None if closed_as is None else CallbackEnd(closed_as),
        **values,
    )
