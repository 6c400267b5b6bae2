"""Refusals of campaigns."""

import sqlalchemy as sa
from alembic import op

from ivr.store.columns import RowId, UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "refusals",
        sa.Column("id", RowId, nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("until", UtcDateTime, nullable=True),
        sa.Column("lifted_at", UtcDateTime, nullable=True),
        sa.Column("lifted_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_refusals"),
    )
    op.create_index("ix_refusals_person", "refusals", ["person"], unique=False)
    op.create_index("ix_refusals_number", "refusals", ["number"], unique=False)
