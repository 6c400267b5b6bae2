"""Indexes that hold all that is counted of a campaign."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_ANSWERED = sa.text("answered_at IS NOT NULL")


def upgrade() -> None:
    """Make the indexes."""
    op.create_index(
        "ix_campaign_targets_counts",
        "campaign_targets",
        ["campaign_id", "state", "outcome", "tries"],
        unique=False,
    )
    op.create_index(
        "ix_campaign_attempts_answered",
        "campaign_attempts",
        ["campaign_id", "target_id", "disposition"],
        unique=False,
        sqlite_where=_ANSWERED,
        postgresql_where=_ANSWERED,
    )
