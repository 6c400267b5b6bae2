"""The table of questions without an answer."""

from sqlalchemy import Column, String, Table

from ivr.store import RowId, UtcDateTime, metadata

misses = Table(
    "knowledge_misses",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("call_id", String(64), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False, index=True),
    Column("text", String(500), nullable=False),
    Column("topic", String(64), nullable=True),
    Column("segment", String(16), nullable=False),
    Column("profile", String(32), nullable=False),
)
"""What was asked and not found (`topic` is null), or answered without helping.

`text` is without personal data; `key` is the hash of call, topic and text, so that an action that is repeated
writes nothing.
"""
