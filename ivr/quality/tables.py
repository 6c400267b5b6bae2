"""Tables of transcripts, marks and evaluations.

`transcript_words`, the full-text index of what was said, is none of SQLAlchemy's: a virtual table in SQLite
(`ivr.quality.texts`).
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from ivr.store import Json, RowId, UtcDateTime, metadata

transcripts = Table(
    "transcripts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("recording_id", String(96), nullable=False, unique=True),
    Column("call_id", String(64), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("taken_at", UtcDateTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("reason", String(32), nullable=False),
    Column("done_at", UtcDateTime),
    Column("sound_seconds", Float, nullable=False),
    Column("work_seconds", Float),
)
"""One row a recording; `sound_seconds` is its length, `work_seconds` the processor's time that it took."""
Index("ix_transcripts_state", transcripts.c.state, transcripts.c.started_at)
Index("ix_transcripts_taken_at", transcripts.c.taken_at)
Index("ix_transcripts_call_id", transcripts.c.call_id)

utterances = Table(
    "utterances",
    metadata,
    Column(
        "transcript_id",
        RowId,
        ForeignKey("transcripts.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("side", String(8), nullable=False),
    Column("agent", String(64)),
    Column("begin_ms", Integer, nullable=False),
    Column("end_ms", Integer, nullable=False),
    Column("text", Text, nullable=False),  # personal
    Column("confidence", Float, nullable=False),
)

quality_marks = Table(
    "quality_marks",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("recording_id", String(96), nullable=False),
    Column("call_id", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("at_ms", Integer, nullable=False),
    Column("agent", String(64)),
    Column("rule", String(200), nullable=False),
    Column("clause", String(64), nullable=False),
    Column("words", Text, nullable=False),  # personal; emptied with the recording
    Column("talk_at", UtcDateTime, nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("resolved_at", UtcDateTime),
    Column("resolved_by", String(64)),
    Column("note", Text, nullable=False),
    Column("gone", Boolean, nullable=False),
)
"""`talk_at` is the beginning of the recording; `gone`: the recording was deleted."""
Index("ix_quality_marks_recording_id", quality_marks.c.recording_id)
Index("ix_quality_marks_verdict", quality_marks.c.verdict, quality_marks.c.talk_at)
Index("ix_quality_marks_talk_at", quality_marks.c.talk_at)

evaluations = Table(
    "evaluations",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("call_id", String(64), nullable=False),
    Column("agent", String(64), nullable=False),
    Column("supervisor", String(64), nullable=False),
    Column("talk_at", UtcDateTime, nullable=False),
    Column("form", Integer, nullable=False),
    Column("scores", Json, nullable=False),
    Column("score", Float, nullable=False),
    Column("comment", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    UniqueConstraint("call_id", "agent", "supervisor"),
)
"""`scores`: id of a criterion → points, null where it does not apply; `score`: percent; `form`: version."""
Index("ix_evaluations_agent", evaluations.c.agent, evaluations.c.talk_at)
Index("ix_evaluations_talk_at", evaluations.c.talk_at)

evaluation_changes = Table(
    "evaluation_changes",
    metadata,
    Column("id", RowId, primary_key=True),
    Column(
        "evaluation_id",
        RowId,
        ForeignKey("evaluations.id", ondelete="CASCADE"),
        nullable=False,
    ),
    Column("at", UtcDateTime, nullable=False),
    Column("form", Integer, nullable=False),
    Column("scores", Json, nullable=False),
    Column("score", Float, nullable=False),
    Column("comment", Text, nullable=False),
)
"""Every wording of an evaluation, the first one too."""
Index("ix_evaluation_changes_evaluation_id", evaluation_changes.c.evaluation_id)
