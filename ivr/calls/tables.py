"""Tables of the ledger: one row a call, one row a step, one row a turn of the caller."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from ivr.store import Json, RowId, UtcDateTime, metadata

calls = Table(
    "calls",
    metadata,
    Column("call_id", String(64), primary_key=True),
    Column("origin", String(16), nullable=False),
    Column("line", String(64)),
    Column("number_called", String(32)),
    Column("caller_number", String(32)),  # personal
    Column("segment", String(16)),
    Column("profile", String(32)),
    Column("came_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
    Column("scenario_ended_at", UtcDateTime),
    Column("ending", String(16)),
    Column("outcome", String(64)),
    Column("queued_at", UtcDateTime),
    Column("queue", String(64)),
    Column("abandoned_at", UtcDateTime),
    Column("agent_answered_at", UtcDateTime),
    Column("agent", String(128)),
    Column("agent_ended_at", UtcDateTime),
    Column("agent_ended_by", String(16)),
    Column("ended_at", UtcDateTime),
    Column("cause", Integer),
    Column("lost_track_at", UtcDateTime),
    Column("data", Json, nullable=False),  # personal
    Column("stage", String(16), nullable=False),
    Column("disposition", String(16), nullable=False),
    Column("ended_by", String(16)),
)
Index("ix_calls_came_at", calls.c.came_at)
Index("ix_calls_ended_at", calls.c.ended_at)
Index(
    "ix_calls_going_on",
    calls.c.stage,
    sqlite_where=calls.c.stage != "ended",
    postgresql_where=calls.c.stage != "ended",
)
Index(
    "ix_calls_lost_track_at",
    calls.c.lost_track_at,
    sqlite_where=calls.c.lost_track_at.is_not(None),
    postgresql_where=calls.c.lost_track_at.is_not(None),
)

call_steps = Table(
    "call_steps",
    metadata,
    Column("call_id", String(64), ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("flow", String(128), nullable=False),
    Column("state", String(128), nullable=False),
    Column("verb", String(32), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("outcome", String(64), nullable=False),
    Column("heard", Text),  # personal where the next column says so
    Column("personal", Boolean, nullable=False),
)

turns = Table(
    "turns",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("call_id", String(64), ForeignKey("calls.call_id", ondelete="CASCADE"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("flow", String(128), nullable=False),
    Column("state", String(128), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("result", String(16), nullable=False),
    Column("voice", Boolean, nullable=False),
    Column("confidence", Float),
    Column("latency_ms", Integer),
    Column("text", Text),  # personal
    Column("clip", String(32)),
    Column("reviewed_at", UtcDateTime),
    Column("topic", String(64)),
    Column("note", String(500)),
    UniqueConstraint("call_id", "seq"),
)
KEPT = turns.c.text.is_not(None) | turns.c.clip.is_not(None)
"""Condition: something of the speech is kept."""
Index("ix_turns_kept", turns.c.at, sqlite_where=KEPT, postgresql_where=KEPT)
