"""Transcripts of recordings, marks and evaluations."""

import sqlalchemy as sa
from alembic import op

from ivr.store.columns import Json, RowId, UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and the full-text index of what was said."""
    _transcripts()
    _words()
    _marks()
    _evaluations()


def _transcripts() -> None:
    op.create_table(
        "transcripts",
        sa.Column("id", RowId, nullable=False),
        sa.Column("recording_id", sa.String(length=96), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("started_at", UtcDateTime, nullable=False),
        sa.Column("taken_at", UtcDateTime, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("done_at", UtcDateTime, nullable=True),
        sa.Column("sound_seconds", sa.Float(), nullable=False),
        sa.Column("work_seconds", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_transcripts"),
        sa.UniqueConstraint("recording_id", name="uq_transcripts_recording_id"),
    )
    op.create_index("ix_transcripts_state", "transcripts", ["state", "started_at"], unique=False)
    op.create_index("ix_transcripts_taken_at", "transcripts", ["taken_at"], unique=False)
    op.create_index("ix_transcripts_call_id", "transcripts", ["call_id"], unique=False)
    op.create_table(
        "utterances",
        sa.Column("transcript_id", RowId, autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=True),
        sa.Column("begin_ms", sa.Integer(), nullable=False),
        sa.Column("end_ms", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["transcript_id"],
            ["transcripts.id"],
            name="fk_utterances_transcript_id_transcripts",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("transcript_id", "seq", name="pk_utterances"),
    )


def _words() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("CREATE VIRTUAL TABLE transcript_words USING fts5(stems)")
        return
    op.execute("CREATE TABLE transcript_words (rowid BIGINT PRIMARY KEY, stems TEXT NOT NULL)")
    op.execute(
        "CREATE INDEX ix_transcript_words_stems ON transcript_words USING gin (to_tsvector('simple', stems))"
    )


def _marks() -> None:
    op.create_table(
        "quality_marks",
        sa.Column("id", RowId, nullable=False),
        sa.Column("recording_id", sa.String(length=96), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at_ms", sa.Integer(), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=True),
        sa.Column("rule", sa.String(length=200), nullable=False),
        sa.Column("clause", sa.String(length=64), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("talk_at", UtcDateTime, nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("resolved_at", UtcDateTime, nullable=True),
        sa.Column("resolved_by", sa.String(length=64), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_quality_marks"),
    )
    op.create_index("ix_quality_marks_recording_id", "quality_marks", ["recording_id"], unique=False)
    op.create_index("ix_quality_marks_verdict", "quality_marks", ["verdict", "talk_at"], unique=False)
    op.create_index("ix_quality_marks_talk_at", "quality_marks", ["talk_at"], unique=False)


def _evaluations() -> None:
    op.create_table(
        "evaluations",
        sa.Column("id", RowId, nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=False),
        sa.Column("supervisor", sa.String(length=64), nullable=False),
        sa.Column("talk_at", UtcDateTime, nullable=False),
        sa.Column("form", sa.Integer(), nullable=False),
        sa.Column("scores", Json, nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_evaluations"),
        sa.UniqueConstraint("call_id", "agent", "supervisor", name="uq_evaluations_call_id_agent_supervisor"),
    )
    op.create_index("ix_evaluations_agent", "evaluations", ["agent", "talk_at"], unique=False)
    op.create_index("ix_evaluations_talk_at", "evaluations", ["talk_at"], unique=False)
    op.create_table(
        "evaluation_changes",
        sa.Column("id", RowId, nullable=False),
        sa.Column("evaluation_id", RowId, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("form", sa.Integer(), nullable=False),
        sa.Column("scores", Json, nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["evaluation_id"],
            ["evaluations.id"],
            name="fk_evaluation_changes_evaluation_id_evaluations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_evaluation_changes"),
    )
    op.create_index(
        "ix_evaluation_changes_evaluation_id", "evaluation_changes", ["evaluation_id"], unique=False
    )
