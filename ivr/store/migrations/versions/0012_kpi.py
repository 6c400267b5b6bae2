"""What has been counted of calls, talks and operators; the outbox of calls to be counted."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from ivr.store.columns import Json, RowId, UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_CALLS = (
    "incoming",
    "blocked",
    "served",
    "answered",
    "talked",
    "lost",
    "lost_literal",
    "lost_in_robot",
    "lost_in_queue",
    "lost_at_ring",
    "lost_track",
    "short_abandon",
    "callback_promised",
    "callback_kept",
    "callback_broken",
    "callback_accepted",
    "waited",
    "wait_us",
    "queue_answered",
    "answer_us",
    "answered_in_sl",
    "abandoned",
    "abandoned_in_sl",
    "robot_took",
    "contained",
    "transfers",
    "transferred",
    "requeued",
    "summed_up",
    "alone",
    "repeat_base",
    "repeated",
    "first_contact",
    "surveyed",
    "score",
    "score_high",
    "conversation",
    "recorded",
    "recording_excused",
    "recording_unexplained",
    "called_out",
    "reached",
    "longest_wait_us",
)
_TALKS = (
    "talks",
    "talk_us",
    "hold_us",
    "held",
    "conversation_us",
    "wrapped",
    "wrapup_us",
    "handling_us",
    "readings",
    "readings_us",
    "general",
    "general_us",
    "personal",
    "personal_us",
    "corporate",
    "corporate_us",
    "searched",
    "search_us",
    "handed_on",
    "out_talks",
    "out_talk_us",
    "longest_us",
    "corporate_longest_us",
)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "kpi_pending",
        sa.Column("id", RowId, nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_kpi_pending"),
    )
    op.create_index("ix_agent_states_since", "agent_states", ["since"], unique=False)
    _facts()
    _cells("kpi_call_cells", ("calls", *_CALLS))
    _cells("kpi_talk_cells", ("calls", *_TALKS))
    _days()


def _facts() -> None:
    op.create_table(
        "kpi_calls",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        *_dimensions(),
        sa.Column("came_at", UtcDateTime, nullable=False),
        sa.Column("half_hour", UtcDateTime, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *_measures(_CALLS),
        sa.PrimaryKeyConstraint("call_id", name="pk_kpi_calls"),
    )
    op.create_index("ix_kpi_calls_half_hour", "kpi_calls", ["half_hour"], unique=False)
    op.create_table(
        "kpi_talks",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("leg_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        *_dimensions(),
        sa.Column("answered_at", UtcDateTime, nullable=False),
        sa.Column("half_hour", UtcDateTime, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *_measures(_TALKS),
        sa.PrimaryKeyConstraint("call_id", "leg_id", name="pk_kpi_talks"),
    )
    op.create_index("ix_kpi_talks_half_hour", "kpi_talks", ["half_hour"], unique=False)


def _cells(name: str, measures: Sequence[str]) -> None:
    op.create_table(
        name,
        sa.Column("axis", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("line", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        *_measures(measures),
        sa.PrimaryKeyConstraint("axis", "key", "profile", "line", "at", name=f"pk_{name}"),
    )
    op.create_index(f"ix_{name}_at", name, ["axis", "at"], unique=False)


def _days() -> None:
    op.create_table(
        "kpi_agent_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=False),
        *_measures(("ready_us", "ringing_us", "talking_us", "wrapup_us", "paused_us")),
        sa.PrimaryKeyConstraint("day", "agent", name="pk_kpi_agent_days"),
    )
    op.create_table(
        "kpi_staffed_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("spans", Json, nullable=False),
        sa.Column("agents", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name="pk_kpi_staffed_days"),
    )


def _dimensions() -> list[sa.Column[str]]:
    lengths = {"profile": 32, "line": 64, "segment": 16, "topic": 64, "queue": 64, "agent": 128}
    return [sa.Column(name, sa.String(length=length), nullable=False) for name, length in lengths.items()]


def _measures(names: Sequence[str]) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]
