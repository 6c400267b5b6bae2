"""Tables of requests, appointments and call-backs."""

from sqlalchemy import Column, Index, Integer, String, Table, Text

from ivr.store import RowId, UtcDateTime, metadata

requests = Table(
    "requests",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("number", String(32), nullable=False, unique=True),
    Column("account_number", String(32), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("topic", String(64), nullable=False),
    Column("registered_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=True),
    Column("status", String(16), nullable=False),
    Column("answer_channel", String(16), nullable=False),
    Column("answered_at", UtcDateTime, nullable=True),
)
"""Registered requests (обращения); topic and channel are empty where they are not known."""

appointments = Table(
    "appointments",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("office", String(64), nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("seat", Integer, nullable=False),
    Column("account_number", String(32), nullable=False, index=True),
    Column("topic", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("call_id", String(64), nullable=False, index=True),
    Column("booked_at", UtcDateTime, nullable=False),
)
"""Visits to an office. `seat` counts the clients of one slot from 0, so that none is given away twice."""

_booked = appointments.c.status == "booked"
Index(
    "uq_appointments_seat",
    appointments.c.office,
    appointments.c.starts_at,
    appointments.c.seat,
    unique=True,
    sqlite_where=_booked,
    postgresql_where=_booked,
)

callbacks = Table(
    "callbacks",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("phone", String(16), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("wish", String(16), nullable=False),
    Column("due_from", UtcDateTime, nullable=False),
    Column("topic", String(64), nullable=False),
    Column("account_number", String(32), nullable=False),
    Column("said", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("call_id", String(64), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Index("ix_callbacks_due", "status", "due_from"),
)
"""Promises to call; `phone` is in E.164. Topic, account and what was said are empty where not known."""

_open = callbacks.c.status == "open"
Index("uq_callbacks_open", callbacks.c.phone, unique=True, sqlite_where=_open, postgresql_where=_open)
