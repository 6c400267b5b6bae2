"""Tables of the archive: recordings, why some are not there, what was deleted, and the log."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

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
    Column("format", String(8), nullable=False, server_default="wav"),
    Column("channels", Integer, nullable=False, server_default="1"),
    Column("frames", BigInteger),
    Column("rate", Integer, nullable=False, server_default="8000"),
    Column("source_sha256", String(64)),
    Column("key_id", String(16)),
    Column("wrapped_key", String(80)),
    Column("hold_reason", Text),
    Column("held_by", String(64)),
    Column("held_at", UtcDateTime),
    UniqueConstraint("call_id", "part"),
)
Index("ix_recordings_started_at", recordings.c.started_at)
Index("ix_recordings_expires_at", recordings.c.expires_at)
Index("ix_recordings_taken_at", recordings.c.taken_at)
Index("ix_recordings_key_id", recordings.c.key_id)

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
Index("ix_recording_purges_recording_id", recording_purges.c.recording_id)

archive_log = Table(
    "archive_log",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("what", String(16), nullable=False),
    Column("recording_id", String(96), nullable=False),
    Column("who", String(64), nullable=False),
    Column("why", Text, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)
Index("ix_archive_log_recording_id", archive_log.c.recording_id)
