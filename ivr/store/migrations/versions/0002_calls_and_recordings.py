"""The ledger and the archive of recordings."""

import sqlalchemy as sa
from alembic import op

from ivr.store.columns import Json, RowId, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _make_calls()
    _make_recordings()


def _make_calls() -> None:
    op.create_table(
        "calls",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("line", sa.String(length=64), nullable=True),
        sa.Column("number_called", sa.String(length=32), nullable=True),
        sa.Column("caller_number", sa.String(length=32), nullable=True),
        sa.Column("segment", sa.String(length=16), nullable=True),
        sa.Column("profile", sa.String(length=32), nullable=True),
        sa.Column("came_at", UtcDateTime, nullable=False),
        sa.Column("answered_at", UtcDateTime, nullable=True),
        sa.Column("scenario_ended_at", UtcDateTime, nullable=True),
        sa.Column("ending", sa.String(length=16), nullable=True),
        sa.Column("outcome", sa.String(length=64), nullable=True),
        sa.Column("queued_at", UtcDateTime, nullable=True),
        sa.Column("queue", sa.String(length=64), nullable=True),
        sa.Column("abandoned_at", UtcDateTime, nullable=True),
        sa.Column("agent_answered_at", UtcDateTime, nullable=True),
        sa.Column("agent", sa.String(length=128), nullable=True),
        sa.Column("agent_ended_at", UtcDateTime, nullable=True),
        sa.Column("agent_ended_by", sa.String(length=16), nullable=True),
        sa.Column("ended_at", UtcDateTime, nullable=True),
        sa.Column("cause", sa.Integer(), nullable=True),
        sa.Column("lost_track_at", UtcDateTime, nullable=True),
        sa.Column("data", Json, nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("disposition", sa.String(length=16), nullable=False),
        sa.Column("ended_by", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("call_id", name="pk_calls"),
    )
    op.create_index("ix_calls_came_at", "calls", ["came_at"], unique=False)
    op.create_index("ix_calls_ended_at", "calls", ["ended_at"], unique=False)
    going_on = sa.text("stage != 'ended'")
    op.create_index(
        "ix_calls_going_on",
        "calls",
        ["stage"],
        unique=False,
        sqlite_where=going_on,
        postgresql_where=going_on,
    )
    lost = sa.text("lost_track_at IS NOT NULL")
    op.create_index(
        "ix_calls_lost_track_at",
        "calls",
        ["lost_track_at"],
        unique=False,
        sqlite_where=lost,
        postgresql_where=lost,
    )
    op.create_table(
        "call_steps",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("flow", sa.String(length=128), nullable=False),
        sa.Column("state", sa.String(length=128), nullable=False),
        sa.Column("verb", sa.String(length=32), nullable=False),
        sa.Column("started_at", UtcDateTime, nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("outcome", sa.String(length=64), nullable=False),
        sa.Column("heard", sa.Text(), nullable=True),
        sa.Column("personal", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"], ["calls.call_id"], name="fk_call_steps_call_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call_id", "seq", name="pk_call_steps"),
    )


def _make_recordings() -> None:
    op.create_table(
        "recordings",
        sa.Column("id", sa.String(length=96), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("part", sa.String(length=32), nullable=False),
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("started_at", UtcDateTime, nullable=False),
        sa.Column("taken_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("legal_hold", sa.Boolean(), nullable=False),
        sa.Column("repaired", sa.Boolean(), nullable=False),
        sa.Column("purge_begun_at", UtcDateTime, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_recordings"),
        sa.UniqueConstraint("call_id", "part", name="uq_recordings_call_id_part"),
    )
    op.create_index("ix_recordings_started_at", "recordings", ["started_at"], unique=False)
    op.create_index("ix_recordings_expires_at", "recordings", ["expires_at"], unique=False)
    op.create_table(
        "recording_absences",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("part", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("noted_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("call_id", "part", name="pk_recording_absences"),
    )
    op.create_table(
        "recording_purges",
        sa.Column("id", RowId, nullable=False),
        sa.Column("recording_id", sa.String(length=96), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("part", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("started_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("purged_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_recording_purges"),
    )
