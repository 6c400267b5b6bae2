"""Kinds of calls, legs, deeds, wrap-ups, identifications."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from ivr.store.columns import Json, RowId, UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _calls()
    _legs()
    _deeds()
    _wrapups()
    _identifications()


def _calls() -> None:
    columns: tuple[sa.Column[Any], ...] = (
        sa.Column("kind", sa.String(length=16), nullable=False, server_default="inbound"),
        sa.Column("handed_at", UtcDateTime, nullable=True),
        sa.Column("topic", sa.String(length=64), nullable=True),
        sa.Column("queue_marks", Json, nullable=False, server_default="[]"),
        sa.Column("recording_paused", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("about_kind", sa.String(length=16), nullable=True),
        sa.Column("about_id", sa.String(length=64), nullable=True),
        sa.Column("parent_call_id", sa.String(length=64), nullable=True),
        sa.Column("carried", Json, nullable=True),
        sa.Column("requeued", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("transfers", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("wait_seconds", sa.Float(), nullable=True),
        sa.Column("talk_seconds", sa.Float(), nullable=False, server_default="0"),
        sa.Column("hold_seconds", sa.Float(), nullable=False, server_default="0"),
    )
    for column in columns:
        op.add_column("calls", column)
    op.create_index("ix_calls_caller_number", "calls", ["caller_number", "came_at"], unique=False)


def _call_id() -> sa.Column[str]:
    return sa.Column("call_id", sa.String(length=64), nullable=False)


def _of_call(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["call_id"], ["calls.call_id"], name=f"fk_{table}_call_id_calls", ondelete="CASCADE"
    )


def _legs() -> None:
    op.create_table(
        "call_legs",
        _call_id(),
        sa.Column("leg_id", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("device", sa.String(length=128), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=True),
        sa.Column("queue", sa.String(length=64), nullable=True),
        sa.Column("rang_at", UtcDateTime, nullable=True),
        sa.Column("answered_at", UtcDateTime, nullable=True),
        sa.Column("ended_at", UtcDateTime, nullable=True),
        sa.Column("end", sa.String(length=16), nullable=True),
        sa.Column("marks", Json, nullable=False),
        sa.Column("hold_seconds", sa.Float(), nullable=False),
        _of_call("call_legs"),
        sa.PrimaryKeyConstraint("call_id", "leg_id", name="pk_call_legs"),
    )
    op.create_index("ix_call_legs_agent", "call_legs", ["agent", "rang_at"], unique=False)
    open_ = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_call_legs_open",
        "call_legs",
        ["call_id"],
        unique=False,
        sqlite_where=open_,
        postgresql_where=open_,
    )


def _deeds() -> None:
    op.create_table(
        "call_deeds",
        sa.Column("id", RowId, nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        _call_id(),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=True),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("data", Json, nullable=False),
        _of_call("call_deeds"),
        sa.PrimaryKeyConstraint("id", name="pk_call_deeds"),
        sa.UniqueConstraint("key", name="uq_call_deeds_key"),
    )
    op.create_index("ix_call_deeds_call_id", "call_deeds", ["call_id", "at"], unique=False)


def _wrapups() -> None:
    op.create_table(
        "wrapups",
        _call_id(),
        sa.Column("agent", sa.String(length=64), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=True),
        sa.Column("result", sa.String(length=32), nullable=True),
        sa.Column("personal", sa.Boolean(), nullable=False),
        sa.Column("alone", sa.Boolean(), nullable=False),
        sa.Column("promised_at", UtcDateTime, nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("began_at", UtcDateTime, nullable=True),
        sa.Column("saved_at", UtcDateTime, nullable=True),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        _of_call("wrapups"),
        sa.PrimaryKeyConstraint("call_id", "agent", name="pk_wrapups"),
    )
    op.create_index("ix_wrapups_saved_at", "wrapups", ["saved_at"], unique=False)


def _identifications() -> None:
    op.create_table(
        "identifications",
        sa.Column("id", RowId, nullable=False),
        _call_id(),
        sa.Column("account_number", sa.String(length=32), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        _of_call("identifications"),
        sa.PrimaryKeyConstraint("id", name="pk_identifications"),
        sa.UniqueConstraint(
            "call_id",
            "account_number",
            "how",
            "agent",
            name="uq_identifications_call_id_account_number_how_agent",
        ),
    )
    op.create_index(
        "ix_identifications_account_number", "identifications", ["account_number", "at"], unique=False
    )
