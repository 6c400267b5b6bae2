"""What a campaign with operators has done before this life of the engine."""

from __future__ import annotations

from sqlalchemy import Connection, or_, select

from ivr.campaigns.dialling.fates import CONNECTED, CONNECTED_LATE
from ivr.campaigns.model import Disposition
from ivr.campaigns.tables import campaign_attempts


def persons_reached(campaign_id: int, connection: Connection) -> list[bool]:
    """Persons whom operators should have taken, the oldest first; True: abandoned. A job of the database."""
    attempts = campaign_attempts.c
    reached = or_(
        attempts.disposition == Disposition.ABANDONED, attempts.outcome.in_((CONNECTED, CONNECTED_LATE))
    )
    query = (
        select(attempts.outcome)
        .where(attempts.campaign_id == campaign_id, attempts.ended_at.is_not(None), reached)
        .order_by(attempts.ended_at, attempts.id)
    )
    return [outcome != CONNECTED for outcome in connection.execute(query).scalars()]
