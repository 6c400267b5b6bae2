"""Tables of what follows from calls: numbers that are kept away, answers to the survey."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text

from ivr.store import RowId, UtcDateTime, metadata

blocked_numbers = Table(
    "blocked_numbers",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("phone", String(16), nullable=False),  # personal, E.164
    Column("reason", String(300), nullable=False),
    Column("blocked_by", String(64), nullable=False),
    Column("blocked_at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("lifted_at", UtcDateTime),
    Column("lifted_by", String(64)),
    Column("hits", Integer, nullable=False),
    Column("hit_at", UtcDateTime),
)
_in_force = blocked_numbers.c.lifted_at.is_(None)
Index(
    "uq_blocked_numbers_in_force",
    blocked_numbers.c.phone,
    unique=True,
    sqlite_where=_in_force,
    postgresql_where=_in_force,
)

survey_answers = Table(
    "survey_answers",
    metadata,
    Column("call_id", String(64), primary_key=True),
    Column("agent", String(128)),
    Column("agreed", Boolean),
    Column("asked_at", UtcDateTime),
    Column("answered_at", UtcDateTime, index=True),
    Column("score", Integer),
    Column("why", Text),  # personal
)
"""One row a call: whether the caller agreed to be asked, that he was, and what he answered."""
