"""Recordings compressed, encrypted and held for a reason; the log of the archive."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from ivr.store.columns import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def _added() -> Iterator[sa.Column[Any]]:
    yield sa.Column("format", sa.String(length=8), nullable=False, server_default="wav")
    yield sa.Column("channels", sa.Integer(), nullable=False, server_default="1")
    yield sa.Column("frames", sa.BigInteger(), nullable=True)
    yield sa.Column("rate", sa.Integer(), nullable=False, server_default="8000")
    yield sa.Column("source_sha256", sa.String(length=64), nullable=True)
    yield sa.Column("key_id", sa.String(length=16), nullable=True)
    yield sa.Column("wrapped_key", sa.String(length=80), nullable=True)
    yield sa.Column("hold_reason", sa.Text(), nullable=True)
    yield sa.Column("held_by", sa.String(length=64), nullable=True)
    yield sa.Column("held_at", UtcDateTime, nullable=True)


def upgrade() -> None:
    """Widen the index, make the log."""
    for column in _added():
        op.add_column("recordings", column)
    op.create_index("ix_recordings_taken_at", "recordings", ["taken_at"], unique=False)
    op.create_index("ix_recordings_key_id", "recordings", ["key_id"], unique=False)
    op.create_index("ix_recording_purges_recording_id", "recording_purges", ["recording_id"], unique=False)
    op.create_table(
        "archive_log",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("recording_id", sa.String(length=96), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_archive_log"),
    )
    op.create_index("ix_archive_log_recording_id", "archive_log", ["recording_id"], unique=False)
