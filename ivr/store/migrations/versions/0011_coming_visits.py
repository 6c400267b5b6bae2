"""The visits that a client has before him are found at each ring."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Find the appointments from today on without reading those of the past."""
    op.create_index("ix_appointments_starts_at", "appointments", ["starts_at"], unique=False)
