"""Receipts: late, repeated, in any order, and of messages that nobody knows (yet)."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Connection, Row, and_, select, update

from ivr.campaigns.channels import rows
from ivr.campaigns.channels.model import Part, PartState, Receipt, stronger
from ivr.campaigns.channels.tables import message_parts, message_receipts
from ivr.dialogue.ports import Clock
from ivr.store import Database

log = structlog.get_logger(__name__)


class Receipts:
    """Takes what gateways tell."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def take(self, receipt: Receipt) -> None:
        """On disk when it returns; once more with the same changes nothing.

        Raises:
            StoreUnavailable: It was not taken: the gateway is to tell it again.
        """
        now = self._clock.now()
        known = await self._database.write(partial(take, receipt=receipt, now=now))
        if not known:
            log.info("message.receipt_unmatched", gateway=receipt.gateway, state=receipt.state.value)


def take(connection: Connection, receipt: Receipt, now: datetime) -> bool:
    """Keep a receipt and what follows from it; False when no message of that id is known."""
    key = _key(receipt)
    row = {
        "key": key,
        "gateway": receipt.gateway,
        "gateway_id": receipt.gateway_id,
        "state": receipt.state.value,
        "code": receipt.code,
        "told_at": receipt.at,
        "taken_at": now,
    }
    added = connection.execute(
        rows.upsert(connection, message_receipts).values(**row).on_conflict_do_nothing()
    )
    part = _part(connection, receipt.gateway, receipt.gateway_id)
    if part is not None and added.rowcount == 1:
        _hold(connection, key, part, receipt.state, receipt.code, now)
    return part is not None


def answered(
    connection: Connection, message_id: int, part: int, gateway: str, gateway_id: str, now: datetime
) -> None:
    """The gateway has taken a part; receipts that came before this answer hold from now on."""
    rows.ended(connection, message_id, part, PartState.ACCEPTED, now, gateway_id=gateway_id)
    found = _part(connection, gateway, gateway_id) if gateway_id else None
    if found is None:
        return
    early = and_(
        message_receipts.c.gateway == gateway,
        message_receipts.c.gateway_id == gateway_id,
        message_receipts.c.message_id.is_(None),
        message_receipts.c.taken_at >= found.begun_at,
    )
    query = select(message_receipts.c.key, message_receipts.c.state, message_receipts.c.code).where(early)
    for key, state, code in connection.execute(query).all():
        _hold(connection, key, found, PartState(state), code, now)


def of_message(connection: Connection, message_id: int) -> list[Row[Any]]:
    """The receipts of a message, in the order in which they were taken."""
    mine = message_receipts.c.message_id == message_id
    return list(
        connection.execute(select(message_receipts).where(mine).order_by(message_receipts.c.taken_at))
    )


def _hold(connection: Connection, key: str, part: Part, state: PartState, code: str, now: datetime) -> None:
    told = {"message_id": part.message_id, "part": part.part}
    connection.execute(update(message_receipts).where(message_receipts.c.key == key).values(**told))
    one = and_(message_parts.c.message_id == part.message_id, message_parts.c.part == part.part)
    known = PartState(connection.execute(select(message_parts.c.state).where(one)).scalar_one())
    if stronger(known, state) is known:
        return
    values = {"state": state.value, "code": code, "settled_at": now}
    connection.execute(update(message_parts).where(one).values(**values))
    rows.fold(connection, part.message_id, now, why="" if state is PartState.DELIVERED else code)


def _part(connection: Connection, gateway: str, gateway_id: str) -> Part | None:
    """The last one that bears the id: gateways begin anew with their numbers."""
    one = and_(message_parts.c.gateway == gateway, message_parts.c.gateway_id == gateway_id)
    columns = [message_parts.c[name] for name in Part.__slots__]
    row = connection.execute(select(*columns).where(one).order_by(message_parts.c.begun_at.desc())).first()
    return None if row is None else rows.part_of_row(row)


def _key(receipt: Receipt) -> str:
    told = [
        receipt.gateway,
        receipt.gateway_id,
        receipt.state.value,
        receipt.code,
        receipt.at.timestamp() if receipt.at else None,
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
