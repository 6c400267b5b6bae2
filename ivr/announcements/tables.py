"""Table of announcements."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, String, Table, Text

from ivr.store import RowId, UtcDateTime, metadata

announcements = Table(
    "announcements",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("effect", String(16), nullable=False),
    Column("line", String(64), nullable=True),
    Column("text", Text, nullable=False),
    Column("begins_at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False, index=True),
    Column("made_by", String(32), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("ended_by", String(32), nullable=True),
    Column("ended_at", UtcDateTime, nullable=True),
    CheckConstraint("effect IN ('tell', 'close')", name="effect"),
)
"""What is said to callers of a line, or of all (no line), from when to when; nothing is ever deleted."""
