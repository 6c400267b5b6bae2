"""Tables of requests, appointments and home visits. Texts are empty where nothing is known."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text

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
    Column("received_at", UtcDateTime, nullable=True),
    Column("register_due_at", UtcDateTime, nullable=True),
    Column("prolonged_at", UtcDateTime, nullable=True),
    Column("form", String(16), nullable=False),
    Column("profile", String(32), nullable=False),
    Column("segment", String(16), nullable=False),
    Column("client_name", String(200), nullable=False),  # personal
    Column("phone", String(32), nullable=False),  # personal
    Column("answer_to", String(300), nullable=False),  # personal
    Column("text", Text, nullable=False),  # personal
    Column("call_id", String(64), nullable=False),
    Column("registered_by", String(64), nullable=False),
    Column("responsible", String(64), nullable=False),
    Column("ground", String(64), nullable=False),
    Column("answer", Text, nullable=False),  # personal
    Column("control_due_at", UtcDateTime, nullable=True),
    Column("control_planned_at", UtcDateTime, nullable=True),
    Column("key", String(64), nullable=True, unique=True),
    Column("sought", Text, nullable=False),  # personal
    Index("ix_requests_open", "status", "due_at"),
    Index("ix_requests_registered_at", "registered_at"),
    Index("ix_requests_responsible", "responsible"),
    Index("ix_requests_call_id", "call_id"),
    Index("ix_requests_phone", "phone"),
)
"""Registered requests (обращения). `key` is the page's own of a registration, so that it is done once;
`sought` is what a search goes through, in small letters."""

request_changes = Table(
    "request_changes",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("request_id", RowId, ForeignKey("requests.id"), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("by", String(64), nullable=False),
    Column("step", String(16), nullable=False),
    Column("status", String(16), nullable=False),
    Column("note", Text, nullable=False),  # personal
    Column("key", String(64), nullable=True, unique=True),
)
"""All that was done with requests; `key` as in `requests`."""

request_numbers = Table(
    "request_numbers",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)
"""The last number that was given in each year's series."""

appointments = Table(
    "appointments",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("office", String(64), nullable=False),
    Column("starts_at", UtcDateTime, nullable=False, index=True),
    Column("seat", Integer, nullable=False),
    Column("account_number", String(32), nullable=False, index=True),
    Column("topic", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("call_id", String(64), nullable=False, index=True),
    Column("booked_at", UtcDateTime, nullable=False),
    Column("client_name", String(200), nullable=False),  # personal
    Column("phone", String(32), nullable=False),  # personal
    Column("booked_by", String(64), nullable=False),
    Column("changed_at", UtcDateTime, nullable=True),
    Column("changed_by", String(64), nullable=False),
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

home_visits = Table(
    "home_visits",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("account_number", String(32), nullable=False, index=True),
    Column("client_name", String(200), nullable=False),  # personal
    Column("phone", String(32), nullable=False),  # personal
    Column("address", Text, nullable=False),  # personal
    Column("remote", Boolean, nullable=False),
    Column("day", Date, nullable=False, index=True),
    Column("window", String(16), nullable=False),
    Column("seat", Integer, nullable=False),
    Column("topic", String(64), nullable=False),
    Column("note", Text, nullable=False),  # personal
    Column("status", String(16), nullable=False),
    Column("call_id", String(64), nullable=False),
    Column("booked_by", String(64), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", String(64), nullable=False),
)
"""Visits to clients with limited mobility. `seat` counts the visits of one part of a day from 0."""

_planned = home_visits.c.status == "booked"
Index(
    "uq_home_visits_seat",
    home_visits.c.day,
    home_visits.c.window,
    home_visits.c.seat,
    unique=True,
    sqlite_where=_planned,
    postgresql_where=_planned,
)
