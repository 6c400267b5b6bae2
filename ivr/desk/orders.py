"""Outgoing calls: written down, then begun as a story, then ordered of the exchange; never twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from ivr.calls.legs import LegRole
from ivr.calls.story import About, CallKind
from ivr.desk.order_tables import call_orders
from ivr.desk.ports import Order, Switchboard
from ivr.dialogue.ports import CallFacts, Clock
from ivr.store import Database

_ANY_SEGMENT = "any"


class Stories(Protocol):
    """The ledger, as far as outgoing calls begin there."""

    def open_outgoing(
        self, facts: CallFacts, kind: CallKind, about: About | None = None, parent_call_id: str | None = None
    ) -> object:
        """Begin the story of a call that we make."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An outgoing call that was ordered.

    Attributes:
        order_id: Unique id of the operator's channel; his page answers the telephone that names it.
        call_id: Our id of the call.
        new: False: the same press of the button has ordered it before.
    """

    order_id: str
    call_id: str
    new: bool = True


class Orders:
    """What was ordered, in the database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def write_down(self, order: Order, about: About, key: str | None) -> Placed:
        """Keep an order; durable on return.

        Args:
            order: With ids of its own.
            about: What it is about.
            key: Of one press of a button, or None.

        Returns:
            This order, or the one that was written with the same key.

        Raises:
            StoreUnavailable: Nothing was written.
        """
        try:
            await self._database.write(partial(_insert, order, about, key, self._clock.now()))
        except IntegrityError:
            if key is None:
                raise
            earlier = await self.of_key(key)
            if earlier is None:
                raise
            return earlier
        return Placed(order.order_id, order.call_id)

    async def of_key(self, key: str) -> Placed | None:
        """What was ordered with this key.

        Raises:
            StoreUnavailable: It can't be read now.
        """
        return await self._database.read(partial(_of_key, key))


class Dialling:
    """Rings an operator, then a number, and begins the story of that call, which is written down already."""

    def __init__(self, switchboard: Switchboard, stories: Stories, clock: Clock) -> None:
        self._switchboard = switchboard
        self._stories = stories
        self._clock = clock

    async def dial(self, order: Order, about: About, parent_call_id: str | None = None) -> None:
        """Make the call.

        Raises:
            ExchangeAway: It is not known whether the call was made.
        """
        facts = CallFacts(
            call_id=order.call_id,
            line="",
            segment=_ANY_SEGMENT,
            profile=order.profile,
            caller_number=order.number,
            started_at=self._clock.now(),
        )
        kind = CallKind.CALLBACK if order.role is LegRole.CALLBACK else CallKind.OUTBOUND
        self._stories.open_outgoing(facts, kind, about, parent_call_id)
        await self._switchboard.call_out(order)


def _insert(order: Order, about: About, key: str | None, now: datetime, connection: Connection) -> None:
    connection.execute(
        insert(call_orders).values(
            order_id=order.order_id,
            call_id=order.call_id,
            agent=order.agent,
            device=order.phone.device,
            number=order.number,
            role=order.role,
            profile=order.profile,
            about_kind=about.kind,
            about_id=about.id,
            key=key,
            ordered_at=now,
        )
    )


def _of_key(key: str, connection: Connection) -> Placed | None:
    query = select(call_orders.c.order_id, call_orders.c.call_id).where(call_orders.c.key == key)
    row = connection.execute(query).one_or_none()
    return Placed(row.order_id, row.call_id, new=False) if row else None
