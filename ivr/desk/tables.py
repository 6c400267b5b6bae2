"""Tables of operators: who is signed in and how, and the history of their states."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table

from ivr.store import Json, RowId, UtcDateTime, metadata

agent_sessions = Table(
    "agent_sessions",
    metadata,
    Column("login", String(64), primary_key=True),
    Column("signed_in_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("seat", Json, nullable=False),  # personal: the name
)
"""One row for each operator who is signed in: all that his state follows from (`ivr.desk.sessions`)."""

agent_states = Table(
    "agent_states",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("login", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(64)),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime),
    Column("call_id", String(64)),
    Column("queue", String(64)),
)
"""Every state of every operator; `until` is null while it lasts. Time offline has no row."""

Index("ix_agent_states_login_since", agent_states.c.login, agent_states.c.since)
Index("ix_agent_states_queue_since", agent_states.c.queue, agent_states.c.since)
Index("ix_agent_states_since", agent_states.c.since)
