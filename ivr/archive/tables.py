"""Tables of the archive: recordings, why some are not there, and what was deleted."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, String, Table, UniqueConstraint

from ivr.store import RowId, UtcDateTime, metadata

recordings = Table(
    "recordings",
    metadata,
    Column("id", String(96), primary_key=True),
    Column("call_id", String(64), nullable=False),
    Column("part", String(32), nullable=False),
    Column("path", String(255), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("taken_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("legal_hold", Boolean, nullable=False),
    Column("repaired", Boolean, nullable=False),
    Column("purge_begun_at", UtcDateTime),
    UniqueConstraint("call_id", "part"),
)
Index("ix_recordings_started_at", recordings.c.started_at)
Index("ix_recordings_expires_at", recordings.c.expires_at)

recording_absences = Table(
    "recording_absences",
    metadata,
    Column("call_id", String(64), primary_key=True),
    Column("part", String(32), primary_key=True),
    Column("reason", String(32), nullable=False),
    Column("noted_at", UtcDateTime, nullable=False),
)

recording_purges = Table(
    "recording_purges",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("recording_id", String(96), nullable=False),
    Column("call_id", String(64), nullable=False),
    Column("part", String(32), nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("purged_at", UtcDateTime, nullable=False),
)
