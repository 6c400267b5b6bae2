"""Surveys by segment and control calls."""

import sqlalchemy as sa
from alembic import op

from ivr.store.columns import RowId, UtcDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _waves()
    _replies()
    _control_calls()


def _waves() -> None:
    op.create_table(
        "survey_waves",
        sa.Column("id", RowId, nullable=False),
        sa.Column("questionnaire", sa.String(length=64), nullable=False),
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("segment", sa.String(length=16), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("sample", sa.Integer(), nullable=False),
        sa.Column("opened_at", UtcDateTime, nullable=False),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("closed_at", UtcDateTime, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_survey_waves"),
        sa.UniqueConstraint("questionnaire", "first_day", name="uq_survey_waves_questionnaire_first_day"),
    )
    op.create_table(
        "survey_invited",
        sa.Column("wave_id", RowId, autoincrement=False, nullable=False),
        sa.Column("client", sa.String(length=64), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("account_number", sa.String(length=32), nullable=False),
        sa.Column("drawn_at", UtcDateTime, nullable=False),
        sa.Column("asked_at", UtcDateTime, nullable=True),
        sa.ForeignKeyConstraint(
            ["wave_id"], ["survey_waves.id"], name="fk_survey_invited_wave_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("wave_id", "client", name="pk_survey_invited"),
    )
    op.create_table(
        "survey_refusals",
        sa.Column("client", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("client", name="pk_survey_refusals"),
    )


def _replies() -> None:
    op.create_table(
        "survey_replies",
        sa.Column("id", RowId, nullable=False),
        sa.Column("wave_id", RowId, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("client", sa.String(length=64), nullable=True),
        sa.Column("way", sa.String(length=16), nullable=False),
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("segment", sa.String(length=16), nullable=False),
        sa.Column("answered_at", UtcDateTime, nullable=False),
        sa.Column("taken_at", UtcDateTime, nullable=False),
        sa.Column("taken_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["wave_id"], ["survey_waves.id"], name="fk_survey_replies_wave_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_survey_replies"),
        sa.UniqueConstraint("wave_id", "client", name="uq_survey_replies_wave_id_client"),
        sa.UniqueConstraint("wave_id", "key", name="uq_survey_replies_wave_id_key"),
    )
    op.create_index("ix_survey_replies_answered_at", "survey_replies", ["answered_at"], unique=False)
    op.create_table(
        "survey_marks",
        sa.Column("reply_id", RowId, autoincrement=False, nullable=False),
        sa.Column("question", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("overall", sa.Boolean(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("choice", sa.String(length=64), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["reply_id"], ["survey_replies.id"], name="fk_survey_marks_reply_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("reply_id", "question", name="pk_survey_marks"),
    )


def _control_calls() -> None:
    op.create_table(
        "control_results",
        sa.Column("task_id", RowId, autoincrement=False, nullable=False),
        sa.Column("request_number", sa.String(length=32), nullable=False),
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.Column("segment", sa.String(length=16), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("satisfied", sa.String(length=8), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("continued_as", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_control_results_task_id"),
        sa.PrimaryKeyConstraint("task_id", name="pk_control_results"),
    )
    op.create_index("ix_control_results_at", "control_results", ["at"], unique=False)
