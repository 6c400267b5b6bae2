"""What the knowledge base did not know."""

import sqlalchemy as sa
from alembic import op

from ivr.store.columns import RowId, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "knowledge_misses",
        sa.Column("id", RowId, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=True),
        sa.Column("segment", sa.String(length=16), nullable=False),
        sa.Column("profile", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_knowledge_misses"),
        sa.UniqueConstraint("key", name="uq_knowledge_misses_key"),
    )
    op.create_index("ix_knowledge_misses_asked_at", "knowledge_misses", ["asked_at"], unique=False)
