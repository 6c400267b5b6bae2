"""Table of the talks that supervisors have listened to."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table

from ivr.store import RowId, UtcDateTime, metadata

listenings = Table(
    "listenings",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("order_id", String(64), nullable=False),
    Column("listener", String(32), nullable=False),
    Column("agent", String(32), nullable=False),
    Column("call_id", String(64), nullable=False),
    Column("leg_id", String(64), nullable=False),
    Column("mode", String(16), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime),
)
"""A row for each stretch of one mode, written before it begins; one listening has one `order_id`."""

Index("ix_listenings_order_id", listenings.c.order_id)
Index("ix_listenings_call_id", listenings.c.call_id)
