"""Calls that have to be counted anew: an outbox that whoever changes a fact fills in the same transaction.

The rooms that count (`ivr.kpi`) take the ids from here; whoever writes knows nothing of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from ivr.calls.tables import kpi_pending


@dataclass(frozen=True, slots=True)
class Pending:
    """Ids of calls, each once, in the order of their first change, and up to which row they were read."""

    call_ids: tuple[str, ...]
    upto: int


def note(connection: Connection, call_ids: Iterable[str]) -> None:
    """Something has changed of these calls that figures depend on; a job for `Database.write`."""
    rows = [{"call_id": call_id} for call_id in dict.fromkeys(call_ids)]
    if rows:
        connection.execute(insert(kpi_pending), rows)


def read(connection: Connection, limit: int) -> Pending:
    """The oldest changes.

    Args:
        connection: Of the transaction that counts them.
        limit: How many rows at most.
    """
    query = select(kpi_pending.c.id, kpi_pending.c.call_id).order_by(kpi_pending.c.id).limit(limit)
    rows = connection.execute(query).all()
    return Pending(tuple(dict.fromkeys(row.call_id for row in rows)), rows[-1].id if rows else 0)


def settle(connection: Connection, call_ids: Collection[str], upto: int) -> None:
    """These changes are counted; one that came later stays."""
    mine = kpi_pending.c.call_id.in_(list(call_ids)) & (kpi_pending.c.id <= upto)
    connection.execute(delete(kpi_pending).where(mine))
