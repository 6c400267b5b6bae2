"""Tables of users, their sessions, failed sign-ins and the audit."""

from sqlalchemy import Boolean, Column, Index, Integer, String, Table

from ivr.store import Json, RowId, UtcDateTime, metadata

users = Table(
    "users",
    metadata,
    Column("login", String(32), primary_key=True),
    Column("name", String(100), nullable=False),
    Column("role", String(16), nullable=False),
    Column("extension", String(8), nullable=True),
    Column("skills", Json, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("password", String(200), nullable=False),
    Column("must_change", Boolean, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("password_at", UtcDateTime, nullable=False),
)
"""Who signs in; `password` is the encoded Argon2id hash."""

_active = users.c.active.is_(True)
Index(
    "uq_users_extension",
    users.c.extension,
    unique=True,
    sqlite_where=_active,
    postgresql_where=_active,
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("login", String(32), nullable=False, index=True),
    Column("address", String(45), nullable=False),
    Column("began_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime, nullable=True),
    Column("end", String(16), nullable=True),
)
"""Sign-ins. Of the cookie's secret only the SHA-256 is kept; `ends_at` is the absolute limit."""

sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", UtcDateTime, nullable=False, index=True),
)
"""Wrong passwords by login and by address; the key is a hash, for people type passwords as logins."""

audit = Table(
    "audit",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("login", String(32), nullable=False),
    Column("action", String(24), nullable=False),
    Column("subject", String(64), nullable=False, index=True),
    Column("call_id", String(64), nullable=False),
    Column("what", String(200), nullable=False),
    Column("session_id", String(32), nullable=False),
    Column("address", String(45), nullable=False),
    Index("ix_audit_login", "login", "at"),
)
"""Who did and saw what. Rows are only added, and deleted after their term."""
