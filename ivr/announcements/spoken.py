"""What is spoken of announcements; it is made before they are in force, and kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from ivr.announcements.tables import announcements


def spoken_values(connection: Connection, now: datetime) -> list[str]:
    """The texts of all announcements that are told, or will be, each once."""
    told = announcements.c.ended_at.is_(None) & (announcements.c.until > now)
    return sorted(set(connection.scalars(select(announcements.c.text).where(told))))
