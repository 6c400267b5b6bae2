"""Tables of surveys: waves, whom they ask, what was answered; results of control calls."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from ivr.store import RowId, UtcDateTime, metadata

survey_waves = Table(
    "survey_waves",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("questionnaire", String(64), nullable=False),
    Column("profile", String(32), nullable=False),
    Column("segment", String(16), nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("sample", Integer, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("opened_by", String(64), nullable=False),
    Column("closed_at", UtcDateTime),
    UniqueConstraint("questionnaire", "first_day"),
)
"""One asking of one group of clients in one period."""

survey_invited = Table(
    "survey_invited",
    metadata,
    Column(
        "wave_id",
        RowId,
        ForeignKey("survey_waves.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("client", String(64), primary_key=True),  # personal
    Column("phone", String(32), nullable=False),  # personal
    Column("account_number", String(32), nullable=False),  # personal
    Column("drawn_at", UtcDateTime, nullable=False),
    Column("asked_at", UtcDateTime),
)
"""Who is to be asked in a wave, each client once."""

survey_refusals = Table(
    "survey_refusals",
    metadata,
    Column("client", String(64), primary_key=True),  # personal
    Column("at", UtcDateTime, nullable=False),
)
"""Who does not want to be asked."""

survey_replies = Table(
    "survey_replies",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("wave_id", RowId, ForeignKey("survey_waves.id", ondelete="CASCADE"), nullable=False),
    Column("key", String(64), nullable=False),
    Column("client", String(64)),  # personal
    Column("way", String(16), nullable=False),
    Column("profile", String(32), nullable=False),
    Column("segment", String(16), nullable=False),
    Column("answered_at", UtcDateTime, nullable=False),
    Column("taken_at", UtcDateTime, nullable=False),
    Column("taken_by", String(64), nullable=False),
    UniqueConstraint("wave_id", "key"),
    UniqueConstraint("wave_id", "client"),
    Index("ix_survey_replies_answered_at", "answered_at"),
)
"""Questionnaires that were filled in; `key` is that of where they come from."""

survey_marks = Table(
    "survey_marks",
    metadata,
    Column(
        "reply_id",
        RowId,
        ForeignKey("survey_replies.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("question", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("overall", Boolean, nullable=False),
    Column("weight", Float),
    Column("score", Integer),
    Column("choice", String(64)),
    Column("words", Text),  # personal
)
"""Answers; of a kind, importance and part in the figures as they were when the answer was taken."""

control_results = Table(
    "control_results",
    metadata,
    Column("task_id", RowId, ForeignKey("tasks.id"), primary_key=True, autoincrement=False),
    Column("request_number", String(32), nullable=False),
    Column("profile", String(32), nullable=False),
    Column("segment", String(16), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", String(64), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("reached", Boolean, nullable=False),
    Column("satisfied", String(8)),
    Column("score", Integer),
    Column("words", Text, nullable=False),  # personal
    Column("continued_as", String(32)),
    Index("ix_control_results_at", "at"),
)
"""What control calls on complaints came to; `continued_as` is the complaint that follows from one."""
