"""Reports that were ordered, and what became of them; jobs for `Database.read` and `.write`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, insert, select, update

from ivr.calls.tables import calls, kpi_pending
from ivr.kpi.papers.spans import Days
from ivr.kpi.papers.tables import report_deliveries as table

Place = tuple[str, str]
"""Name of the report, destination."""


class State(StrEnum):
    """What became of a report."""

    WAITING = "waiting"
    FAILING = "failing"
    DONE = "done"
    GIVEN_UP = "given-up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A report of a period for a destination.

    Attributes:
        destination: `folder:PATH` or `email:ADDRESS`.
        due_at: Next attempt; None when there is none.
        error: Of the last attempt.
    """

    name: str
    first: date
    last: date
    destination: str
    planned_at: datetime
    due_at: datetime | None
    attempts: int = 0
    done_at: datetime | None = None
    error: str | None = None

    @property
    def days(self) -> Days:
        """Its period."""
        return Days(self.first, self.last)

    @property
    def state(self) -> State:
        """What became of it."""
        if self.done_at is not None:
            return State.DONE
        if self.due_at is None:
            return State.GIVEN_UP
        return State.FAILING if self.attempts else State.WAITING


def latest(connection: Connection) -> Mapping[Place, date]:
    """The first day of the last period that was ordered."""
    query = select(table.c.name, table.c.destination, func.max(table.c.first)).group_by(
        table.c.name, table.c.destination
    )
    return {(row[0], row[1]): row[2] for row in connection.execute(query)}


def plan(connection: Connection, planned: Iterable[Delivery]) -> int:
    """Order reports that were not ordered before; returns how many."""
    new = [each for each in planned if not connection.execute(select(exists().where(_is(each)))).scalar_one()]
    if new:
        connection.execute(insert(table), [asdict(each) for each in new])
    return len(new)


def waiting(connection: Connection, now: datetime) -> list[Delivery]:
    """What is due, the oldest periods first."""
    query = select(table).where(table.c.due_at <= now).order_by(table.c.first, table.c.name)
    return [Delivery(**row) for row in connection.execute(query).mappings()]


def claim(connection: Connection, delivery: Delivery, until: datetime) -> bool:
    """Keep others from an attempt until a moment; False when somebody else has made or begun it."""
    unclaimed = and_(_is(delivery), table.c.due_at == delivery.due_at, table.c.attempts == delivery.attempts)
    return connection.execute(update(table).where(unclaimed).values(due_at=until)).rowcount == 1


def settle(connection: Connection, delivery: Delivery, values: Mapping[str, Any]) -> None:
    """Note an attempt."""
    connection.execute(update(table).where(_is(delivery)).values(**values))


def listed(connection: Connection, limit: int) -> list[Delivery]:
    """All, the latest first; those that are still to be tried before all others."""
    query = (
        select(table)
        .order_by(table.c.due_at.is_(None), table.c.first.desc(), table.c.name, table.c.destination)
        .limit(limit)
    )
    return [Delivery(**row) for row in connection.execute(query).mappings()]


def late(connection: Connection) -> int:
    """To how many destinations the last report has not come, though it was tried."""
    last = (
        select(table.c.name, table.c.destination, func.max(table.c.first).label("first"))
        .group_by(table.c.name, table.c.destination)
        .subquery()
    )
    same = and_(*[table.c[column] == last.c[column] for column in ("name", "destination", "first")])
    query = (
        select(func.count())
        .select_from(table)
        .join(last, same)
        .where(table.c.done_at.is_(None), table.c.attempts > 0)
    )
    return connection.execute(query).scalar_one()


def is_counted(connection: Connection, until: datetime) -> bool:
    """Whether no call that came before a moment waits to be counted."""
    waits = select(kpi_pending.c.call_id).join(calls, calls.c.call_id == kpi_pending.c.call_id)
    return connection.execute(waits.where(calls.c.came_at < until).limit(1)).first() is None


def _is(delivery: Delivery) -> ColumnElement[bool]:
    return and_(
        table.c.name == delivery.name,
        table.c.first == delivery.first,
        table.c.destination == delivery.destination,
    )
