"""Requests as rows of the table, and what is done with them. Jobs of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, insert, select, update

from ivr.requests.model import Change, Request, RequestKind, RequestStatus
from ivr.requests.tables import request_changes, requests

COLUMNS = [requests.c[each.name] for each in fields(Request)]
_SOUGHT = ("number", "client_name", "account_number", "text")


def request_of(row: Mapping[Any, Any], zone: tzinfo | None) -> Request:
    """A request from its row, its moments in a time zone."""
    values = {str(name): _local(value, zone) for name, value in row.items()}
    kind, status = RequestKind(values.pop("kind")), RequestStatus(values.pop("status"))
    return Request(kind=kind, status=status, **values)


def values_of(request: Request) -> dict[str, Any]:
    """A request as values of its row, with what a search goes through."""
    values = {column.name: getattr(request, column.name) for column in COLUMNS}
    return {**values, "sought": " ".join(str(values[name]) for name in _SOUGHT).lower()}


def find(number: str, zone: tzinfo | None, connection: Connection) -> Request | None:
    """The request of a number."""
    row = connection.execute(select(*COLUMNS).where(requests.c.number == number)).mappings().first()
    return None if row is None else request_of(row, zone)


def add(request: Request, key: str | None, change: Change, connection: Connection) -> None:
    """Enter a new request and how it came."""
    connection.execute(insert(requests).values({**values_of(request), "key": key}))
    note(request.number, None, change, connection)


def put(request: Request, key: str | None, change: Change, connection: Connection) -> None:
    """Enter how a request stands now, and what was done."""
    connection.execute(update(requests).where(requests.c.number == request.number).values(values_of(request)))
    note(request.number, key, change, connection)


def note(number: str, key: str | None, change: Change, connection: Connection) -> None:
    """Write down what was done with a request."""
    mine = select(requests.c.id).where(requests.c.number == number).scalar_subquery()
    values = {name: getattr(change, name) for name in ("at", "by", "step", "status", "note")}
    connection.execute(insert(request_changes).values({**values, "request_id": mine, "key": key}))


def done_already(key: str | None, connection: Connection) -> bool:
    """Whether the change of a key was made before."""
    if key is None:
        return False
    known = select(request_changes.c.id).where(request_changes.c.key == key)
    return connection.execute(known).first() is not None


def changes(number: str, zone: tzinfo | None, connection: Connection) -> list[Change]:
    """All that was done with a request, in its order."""
    query = (
        select(request_changes)
        .join(requests, requests.c.id == request_changes.c.request_id)
        .where(requests.c.number == number)
        .order_by(request_changes.c.id)
    )
    return [
        Change(
            at=_local(row["at"], zone),
            by=row["by"],
            step=row["step"],
            status=RequestStatus(row["status"]),
            note=row["note"],
        )
        for row in connection.execute(query).mappings()
    ]


def _local(value: Any, zone: tzinfo | None) -> Any:
    return value.astimezone(zone) if isinstance(value, datetime) else value
