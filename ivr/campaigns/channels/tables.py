"""Tables of messages, their parts, and receipts."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from ivr.store import Money, RowId, UtcDateTime, metadata

messages = Table(
    "messages",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("campaign_id", RowId, nullable=False),
    Column("target_id", RowId, nullable=False),
    Column("person", String(64), nullable=False),  # personal
    Column("channel", String(16), nullable=False),
    Column("moment", String(16), nullable=False),
    Column("address", String(255), nullable=False),  # personal
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),  # personal
    Column("key", String(32), nullable=False),
    Column("state", String(16), nullable=False),
    Column("why", Text, nullable=False),
    Column("parts", Integer, nullable=False),
    Column("price", Money, nullable=False),
    Column("written_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("held_until", UtcDateTime),
    Column("sent_at", UtcDateTime),
    Column("settled_at", UtcDateTime),
    UniqueConstraint("target_id", "channel", "moment"),
    UniqueConstraint("key"),
)
"""The outbox: one row a target, channel and moment. `held_until` is the lease of the engine that sends it."""

Index("ix_messages_channel_state_due_at", messages.c.channel, messages.c.state, messages.c.due_at)
Index("ix_messages_person_written_at", messages.c.person, messages.c.written_at)
Index("ix_messages_address_written_at", messages.c.address, messages.c.written_at)
Index("ix_messages_campaign_id", messages.c.campaign_id)

message_parts = Table(
    "message_parts",
    metadata,
    Column(
        "message_id",
        RowId,
        ForeignKey("messages.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("gateway", String(32), nullable=False),
    Column("gateway_id", String(128), nullable=False),
    Column("state", String(16), nullable=False),
    Column("code", String(64), nullable=False),
    Column("begun_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
    Column("settled_at", UtcDateTime),
)
"""One row a part from the moment before it is handed over."""

Index("ix_message_parts_gateway_gateway_id", message_parts.c.gateway, message_parts.c.gateway_id)

message_receipts = Table(
    "message_receipts",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("gateway", String(32), nullable=False),
    Column("gateway_id", String(128), nullable=False),
    Column("state", String(16), nullable=False),
    Column("code", String(64), nullable=False),
    Column("told_at", UtcDateTime),
    Column("taken_at", UtcDateTime, nullable=False),
    Column("message_id", RowId, ForeignKey("messages.id", ondelete="CASCADE"), autoincrement=False),
    Column("part", Integer),
)
"""Each receipt once, whether its message is known or not: it may be told before the gateway's own answer."""

Index("ix_message_receipts_gateway_gateway_id", message_receipts.c.gateway, message_receipts.c.gateway_id)
Index("ix_message_receipts_message_id", message_receipts.c.message_id)
