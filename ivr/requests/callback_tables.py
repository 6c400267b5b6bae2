"""Table of the promises to call."""

from sqlalchemy import Column, Index, Integer, String, Table, Text

from ivr.store import RowId, UtcDateTime, metadata

callbacks = Table(
    "callbacks",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("phone", String(16), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("promised_at", UtcDateTime, nullable=False),
    Column("wish", String(16), nullable=False),
    Column("due_from", UtcDateTime, nullable=False),
    Column("topic", String(64), nullable=False),
    Column("account_number", String(32), nullable=False),
    Column("said", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("call_id", String(64), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("source", String(16), nullable=False),
    Column("queue", String(64), nullable=False),
    Column("queued_at", UtcDateTime, nullable=True),
    Column("taken_by", String(64), nullable=True),
    Column("taken_at", UtcDateTime, nullable=True),
    Column("next_at", UtcDateTime, nullable=True),
    Column("failures", Integer, nullable=False),
    Column("closed_at", UtcDateTime, nullable=True),
    Column("closed_as", String(16), nullable=True),
    Column("note", String(500), nullable=False),
    Index("ix_callbacks_due", "status", "due_from"),
)
"""Promises to call; `phone` is in E.164. Topic, account and what was said are empty where not known."""

_owed = callbacks.c.status.in_(["open", "taken"])
Index("uq_callbacks_owed", callbacks.c.phone, unique=True, sqlite_where=_owed, postgresql_where=_owed)
