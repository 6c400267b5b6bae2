"""What is spoken of outages in their own words; built ahead, so that no call waits for it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, union

from ivr.outages.settings import OutagesSettings
from ivr.outages.tables import outages


def spoken_values(connection: Connection, now: datetime, settings: OutagesSettings) -> list[str]:
    """The reasons, works and organisations of all outages that are not over, each once; nobody's name."""
    told = outages.c.closed_at.is_(None) & (outages.c.expires_at > now)
    columns = (outages.c.reason, outages.c.works, outages.c.organisation)
    statement = union(*(select(column).where(told) for column in columns))
    return sorted({*settings.reasons.values(), *connection.scalars(statement)} - {""})
