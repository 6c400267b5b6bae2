"""The outbox: what still has to leave to billing, by which channel, and how often it was tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from ivr.readings.tables import deliveries, readings


class Channel(StrEnum):
    """A way to billing."""

    CSV = "csv"
    HTTP = "http"


class DeliveryState(StrEnum):
    """How far a reading has come on a channel."""

    WAITING = "waiting"
    EXPORTING = "exporting"  # belongs to a file that may be half written
    DONE = "done"
    DEAD = "dead"  # given up; a person has to look
    SUPERSEDED = "superseded"  # corrected before it left


_insert = insert(deliveries)
_cancel = (
    update(deliveries)
    .where(
        deliveries.c.reading_id.in_(bindparam("ids", expanding=True)),
        deliveries.c.state == DeliveryState.WAITING,
    )
    .values(state=DeliveryState.SUPERSEDED)
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A reading on its way; `attempt` counts from one."""

    id: int
    attempt: int
    reading: Row[Any]


def put(connection: Connection, reading_id: int, channels: Sequence[Channel], now: datetime) -> None:
    """Note that a reading has to leave; in the transaction that writes it."""
    if channels:
        connection.execute(
            _insert,
            [
                {
                    "reading_id": reading_id,
                    "channel": channel,
                    "state": DeliveryState.WAITING,
                    "attempts": 0,
                    "due_at": now,
                }
                for channel in channels
            ],
        )


def cancel_waiting(connection: Connection, reading_ids: Sequence[int]) -> None:
    """Let corrected readings stay here, where they have not left."""
    if reading_ids:
        connection.execute(_cancel, {"ids": list(reading_ids)})


def claim(
    connection: Connection, channel: Channel, now: datetime, lease: timedelta, limit: int
) -> list[Delivery]:
    """Take readings that are due; no other worker gets them until the lease ends."""
    query = (
        select(deliveries.c.id, deliveries.c.attempts, deliveries.c.reading_id)
        .where(
            deliveries.c.channel == channel,
            deliveries.c.state == DeliveryState.WAITING,
            deliveries.c.due_at <= now,
        )
        .order_by(deliveries.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = connection.execute(query).all()
    if not found:
        return []
    ids = [row.id for row in found]
    taken = {"due_at": now + lease, "attempts": deliveries.c.attempts + 1}
    connection.execute(update(deliveries).where(deliveries.c.id.in_(ids)).values(taken))
    of = connection.execute(select(readings).where(readings.c.id.in_([row.reading_id for row in found])))
    by_id = {row.id: row for row in of}
    return [Delivery(row.id, row.attempts + 1, by_id[row.reading_id]) for row in found]


def has_due(connection: Connection, channel: Channel, now: datetime) -> bool:
    """Whether anything is due."""
    query = select(deliveries.c.id).where(
        deliveries.c.channel == channel,
        deliveries.c.state == DeliveryState.WAITING,
        deliveries.c.due_at <= now,
    )
    return connection.execute(query.limit(1)).first() is not None


def settle(connection: Connection, delivery_id: int, values: dict[str, Any]) -> None:
    """Note how an attempt ended."""
    connection.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(values))


def revive(connection: Connection, now: datetime) -> int:
    """Let the dead be tried again from the start; tells how many."""
    dead = deliveries.c.state == DeliveryState.DEAD
    again = {"state": DeliveryState.WAITING, "attempts": 0, "due_at": now}
    return connection.execute(update(deliveries).where(dead).values(again)).rowcount


def count(connection: Connection) -> dict[str, dict[str, int]]:
    """How many readings are in each state, by channel."""
    query = select(deliveries.c.channel, deliveries.c.state, func.count()).group_by(
        deliveries.c.channel, deliveries.c.state
    )
    result: dict[str, dict[str, int]] = {}
    for channel, state, number in connection.execute(query):
        result.setdefault(channel, {})[state] = number
    return result
