"""Table of outgoing calls that operators have ordered."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table

from ivr.store import UtcDateTime, metadata

call_orders = Table(
    "call_orders",
    metadata,
    Column("order_id", String(64), primary_key=True),
    Column("call_id", String(64), nullable=False),
    Column("agent", String(64), nullable=False),
    Column("device", String(64), nullable=False),
    Column("number", String(32), nullable=False),  # personal
    Column("role", String(16), nullable=False),
    Column("profile", String(64), nullable=False),
    Column("about_kind", String(16), nullable=False),
    Column("about_id", String(64), nullable=False),
    Column("key", String(64), unique=True),
    Column("ordered_at", UtcDateTime, nullable=False),
)
"""One row for each order, written before Asterisk is asked; how it went is told by the legs of its call.
`key` is the page's own of one press of a button: the same press orders one call."""

Index("ix_call_orders_agent_ordered_at", call_orders.c.agent, call_orders.c.ordered_at)
