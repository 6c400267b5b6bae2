"""Reports that were ordered and what became of them."""

import sqlalchemy as sa
from alembic import op

from ivr.store.columns import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "report_deliveries",
        sa.Column("name", sa.String(length=48), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("destination", sa.String(length=512), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("planned_at", UtcDateTime, nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", UtcDateTime, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", "first", "destination", name="pk_report_deliveries"),
    )
    op.create_index("ix_report_deliveries_due_at", "report_deliveries", ["due_at"], unique=False)
