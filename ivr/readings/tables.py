"""Tables of readings and of their hand-over to billing."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from ivr.store import RowId, UtcDateTime, metadata

readings = Table(
    "readings",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("idempotency_key", String(200), nullable=False, unique=True),
    Column("account_id", String(64), nullable=False),
    Column("account_number", String(32), nullable=False),
    Column("meter_id", String(64), nullable=False),
    Column("meter_serial", String(32), nullable=False),
    Column("zone", String(16), nullable=False),
    Column("period", Date, nullable=False),
    Column("value", Integer, nullable=False),
    Column("consumption", Integer, nullable=True),
    Column("late", Boolean, nullable=False),
    Column("mark", String(16), nullable=True),
    Column("source", String(16), nullable=False),
    Column("call_id", String(64), nullable=True, index=True),
    Column("captured_at", UtcDateTime, nullable=False),
    Column("superseded_at", UtcDateTime, nullable=True),
)
"""Accepted readings, never changed but for `superseded_at`, which a correction sets.

`period` is the first day of the month that the reading counts for; `captured_at` the moment when the caller
confirmed it. The identifiers are billing's own, so that no row of ours is needed to keep a reading.
"""

Index(
    "uq_readings_active",
    readings.c.meter_id,
    readings.c.zone,
    readings.c.period,
    unique=True,
    sqlite_where=readings.c.superseded_at.is_(None),
    postgresql_where=readings.c.superseded_at.is_(None),
)

deliveries = Table(
    "reading_deliveries",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("reading_id", ForeignKey(readings.c.id), nullable=False),
    Column("channel", String(8), nullable=False),
    Column("state", String(12), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("batch", String(64), nullable=True),
    Column("done_at", UtcDateTime, nullable=True),
    Column("error", Text, nullable=True),
    UniqueConstraint("reading_id", "channel"),
    Index("ix_reading_deliveries_due", "channel", "state", "due_at"),
)
"""The outbox: written in the transaction of the reading, one row a channel (`csv`, `http`)."""
