"""What all callers are told now, lines that are closed, and the talks that supervisors have listened to."""

import sqlalchemy as sa
from alembic import op

from ivr.store.columns import RowId, UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "announcements",
        sa.Column("id", RowId, nullable=False),
        sa.Column("effect", sa.String(length=16), nullable=False),
        sa.Column("line", sa.String(length=64), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("begins_at", UtcDateTime, nullable=False),
        sa.Column("until", UtcDateTime, nullable=False),
        sa.Column("made_by", sa.String(length=32), nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("ended_by", sa.String(length=32), nullable=True),
        sa.Column("ended_at", UtcDateTime, nullable=True),
        sa.CheckConstraint("effect IN ('tell', 'close')", name=op.f("ck_announcements_effect")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcements")),
    )
    op.create_index(op.f("ix_announcements_until"), "announcements", ["until"], unique=False)
    op.create_table(
        "listenings",
        sa.Column("id", RowId, nullable=False),
        sa.Column("order_id", sa.String(length=64), nullable=False),
        sa.Column("listener", sa.String(length=32), nullable=False),
        sa.Column("agent", sa.String(length=32), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("leg_id", sa.String(length=64), nullable=False),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.Column("until", UtcDateTime, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listenings")),
    )
    op.create_index("ix_listenings_call_id", "listenings", ["call_id"], unique=False)
    op.create_index("ix_listenings_order_id", "listenings", ["order_id"], unique=False)
