"""Tables of requests and appointments."""

from sqlalchemy import Column, Index, Integer, String, Table

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
