"""Why a refusal is taken back; since when an account is in debt."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("refusals", sa.Column("lifted_why", sa.String(length=200), nullable=True))
    op.add_column("accounts", sa.Column("debt_since", sa.Date(), nullable=True))
