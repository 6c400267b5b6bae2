"""Tables of what must not be forgotten: attempts to call, lost callers, tasks, bulletins, shifts."""

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

from ivr.store import Json, RowId, UtcDateTime, metadata

call_attempts = Table(
    "call_attempts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("about_kind", String(16), nullable=False),
    Column("about_id", RowId, nullable=False),
    Column("order_id", String(64), nullable=False, unique=True),
    Column("call_id", String(64), nullable=False, unique=True),
    Column("agent", String(64), nullable=False),
    Column("began_at", UtcDateTime, nullable=False),
    Column("outcome", String(16)),
    Column("settled_at", UtcDateTime),
    Index("ix_call_attempts_about", "about_kind", "about_id"),
)
"""Each time that somebody was to be called. Written before the exchange is asked, so never asked twice."""

_unsettled = call_attempts.c.outcome.is_(None)
Index(
    "uq_call_attempts_unsettled",
    call_attempts.c.about_kind,
    call_attempts.c.about_id,
    unique=True,
    sqlite_where=_unsettled,
    postgresql_where=_unsettled,
)

lost_callers = Table(
    "lost_callers",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("phone", String(32), nullable=False),  # personal
    Column("status", String(16), nullable=False),
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("calls", Integer, nullable=False),
    Column("waited_seconds", Integer, nullable=False),
    Column("stage", String(16), nullable=False),
    Column("line", String(64), nullable=False),
    Column("queue", String(64), nullable=False),
    Column("call_id", String(64), nullable=False),
    Column("taken_by", String(64)),
    Column("taken_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("closed_as", String(16)),
    Column("closed_by", String(64)),
    Column("note", String(500), nullable=False),
    Index("ix_lost_callers_status", "status", "last_at"),
)
"""Who was lost, one row a person while it is open; `call_id`, `stage`, `line`, `queue` of the last call."""

_still_lost = lost_callers.c.status.in_(["open", "taken"])
Index(
    "uq_lost_callers_open",
    lost_callers.c.phone,
    unique=True,
    sqlite_where=_still_lost,
    postgresql_where=_still_lost,
)

lost_calls = Table(
    "lost_calls",
    metadata,
    Column("call_id", String(64), primary_key=True),
    Column("lost_id", RowId, ForeignKey("lost_callers.id", ondelete="CASCADE"), index=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("kind", String(16), nullable=False),
)
"""Each lost call, so that none counts twice; short ones and withheld numbers belong to no row of a person."""

tasks = Table(
    "tasks",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("key", String(100), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("question", Text, nullable=False),  # personal
    Column("topic", String(64), nullable=False),
    Column("phone", String(32), nullable=False, index=True),  # personal
    Column("client_name", String(200), nullable=False),  # personal
    Column("account_number", String(32), nullable=False, index=True),
    Column("call_id", String(64), nullable=False),
    Column("request_number", String(32), nullable=False),
    Column("assignee", String(64)),
    Column("role", String(16)),
    Column("channel", String(16), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("call_at", UtcDateTime),
    Column("created_by", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("closed_by", String(64)),
    Column("closed_at", UtcDateTime),
    Column("result", Text, nullable=False),  # personal
    Column("reminded_at", UtcDateTime),
    Column("overdue_at", UtcDateTime),
    Index("ix_tasks_status", "status", "due_at"),
)
"""What somebody owes a client. `reminded_at` and `overdue_at`: when people were told so."""

task_events = Table(
    "task_events",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("task_id", RowId, ForeignKey("tasks.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("who", String(64), nullable=False),
    Column("what", String(16), nullable=False),
    Column("text", Text, nullable=False),  # personal
)

bulletins = Table(
    "bulletins",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("key", String(64), unique=True),
    Column("text", Text, nullable=False),
    Column("queue", String(64), nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("written_by", String(64), nullable=False),
    Column("written_at", UtcDateTime, nullable=False),
    Index("ix_bulletins_until", "until"),
)
"""`queue`: for those who serve it; empty: for everybody. `key` is the page's, so that each is put up once."""

bulletin_reads = Table(
    "bulletin_reads",
    metadata,
    Column("bulletin_id", RowId, ForeignKey("bulletins.id", ondelete="CASCADE"), primary_key=True),
    Column("login", String(64), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

shifts = Table(
    "shifts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("login", String(64), nullable=False),
    Column("day", Date, nullable=False, index=True),
    Column("begins_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("breaks", Json, nullable=False),
    UniqueConstraint("login", "day"),
)
"""The plan. `breaks` is a list of pairs of instants (ISO 8601); a shift belongs to the day it begins on."""
