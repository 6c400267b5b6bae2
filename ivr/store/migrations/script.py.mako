"""${message}."""

import sqlalchemy as sa
from alembic import op

from ivr.store.columns import Json, Money, RowId, UtcDateTime

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    ${upgrades if upgrades else "pass"}
