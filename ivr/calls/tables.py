"""Tables of the ledger: one row a call, a step, a turn of the caller, a leg, a deed, a wrap-up."""

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
    false,
)

from ivr.store import Json, RowId, UtcDateTime, metadata

calls = Table(
    "calls",
    metadata,
    Column("call_id", String(64), primary_key=True),
    Column("kind", String(16), nullable=False, server_default="inbound"),
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
    Column("handed_at", UtcDateTime),
    Column("topic", String(64)),
    Column("queued_at", UtcDateTime),
    Column("queue", String(64)),
    Column("queue_marks", Json, nullable=False, server_default="[]"),
    Column("abandoned_at", UtcDateTime),
    Column("agent_answered_at", UtcDateTime),
    Column("agent", String(128)),
    Column("agent_ended_at", UtcDateTime),
    Column("agent_ended_by", String(16)),
    Column("ended_at", UtcDateTime),
    Column("cause", Integer),
    Column("lost_track_at", UtcDateTime),
    Column("recording_paused", Boolean, nullable=False, server_default=false()),
    Column("about_kind", String(16)),
    Column("about_id", String(64)),
    Column("parent_call_id", String(64)),
    Column("carried", Json),  # personal
    Column("data", Json, nullable=False),  # personal
    Column("stage", String(16), nullable=False),
    Column("disposition", String(16), nullable=False),
    Column("ended_by", String(16)),
    Column("requeued", Integer, nullable=False, server_default="0"),
    Column("transfers", Integer, nullable=False, server_default="0"),
    Column("wait_seconds", Float),
    Column("talk_seconds", Float, nullable=False, server_default="0"),
    Column("hold_seconds", Float, nullable=False, server_default="0"),
)
Index("ix_calls_caller_number", calls.c.caller_number, calls.c.came_at)
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

call_legs = Table(
    "call_legs",
    metadata,
    Column("call_id", String(64), ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True),
    Column("leg_id", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("device", String(128), nullable=False),
    Column("agent", String(64)),
    Column("queue", String(64)),
    Column("rang_at", UtcDateTime),
    Column("answered_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("end", String(16)),
    Column("marks", Json, nullable=False),
    Column("hold_seconds", Float, nullable=False),
    Index("ix_call_legs_agent", "agent", "rang_at"),
)
"""Legs; `marks` are the beginnings and ends of holds, `[instant, whether it is an end]`."""

_open = call_legs.c.ended_at.is_(None)
Index("ix_call_legs_open", call_legs.c.call_id, sqlite_where=_open, postgresql_where=_open)

call_deeds = Table(
    "call_deeds",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("key", String(32), nullable=False, unique=True),
    Column("call_id", String(64), ForeignKey("calls.call_id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("agent", String(64)),
    Column("at", UtcDateTime, nullable=False),
    Column("data", Json, nullable=False),
    Index("ix_call_deeds_call_id", "call_id", "at"),
)
"""What people did in calls; only ever added to."""

wrapups = Table(
    "wrapups",
    metadata,
    Column("call_id", String(64), ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True),
    Column("agent", String(64), primary_key=True),
    Column("topic", String(64)),
    Column("result", String(32)),
    Column("personal", Boolean, nullable=False),
    Column("alone", Boolean, nullable=False),
    Column("promised_at", UtcDateTime),
    Column("note", Text, nullable=False),  # personal
    Column("began_at", UtcDateTime),
    Column("saved_at", UtcDateTime),
    Column("changed_at", UtcDateTime, nullable=False),
    Index("ix_wrapups_saved_at", "saved_at"),
)
"""How operators summed their talks up, one row a call and operator; a draft until `saved_at` is set."""

identifications = Table(
    "identifications",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("call_id", String(64), ForeignKey("calls.call_id", ondelete="CASCADE"), nullable=False),
    Column("account_number", String(32), nullable=False),  # personal
    Column("how", String(16), nullable=False),
    Column("agent", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("call_id", "account_number", "how", "agent"),
    Index("ix_identifications_account_number", "account_number", "at"),
)
"""By whom and how a caller was identified for an account; `agent` is empty where the robot did it."""

kpi_pending = Table(
    "kpi_pending",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("call_id", String(64), nullable=False),
)
"""Calls to be counted anew (`ivr.calls.pending`); one row a change, so that none is overtaken by a count."""
