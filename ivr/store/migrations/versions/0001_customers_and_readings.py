"""Customers, readings and their hand-over to billing."""

import sqlalchemy as sa
from alembic import op

from ivr.store.columns import Money, RowId, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "accounts",
        sa.Column("id", RowId, nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("segment", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("settlement", sa.String(length=100), nullable=False),
        sa.Column("street_type", sa.String(length=32), nullable=False),
        sa.Column("street", sa.String(length=100), nullable=False),
        sa.Column("house", sa.String(length=20), nullable=False),
        sa.Column("flat", sa.String(length=20), nullable=False),
        sa.Column("address_key", sa.String(length=260), nullable=False),
        sa.Column("balance", Money, nullable=True),
        sa.Column("balance_as_of", sa.Date(), nullable=True),
        sa.CheckConstraint("kind IN ('person', 'company')", name="ck_accounts_kind"),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("number", name="uq_accounts_number"),
    )
    op.create_index("ix_accounts_address_key", "accounts", ["address_key"], unique=False)
    op.create_table(
        "readings",
        sa.Column("id", RowId, nullable=False),
        sa.Column("idempotency_key", sa.String(length=200), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("account_number", sa.String(length=32), nullable=False),
        sa.Column("meter_id", sa.String(length=64), nullable=False),
        sa.Column("meter_serial", sa.String(length=32), nullable=False),
        sa.Column("zone", sa.String(length=16), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("consumption", sa.Integer(), nullable=True),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("mark", sa.String(length=16), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=True),
        sa.Column("captured_at", UtcDateTime, nullable=False),
        sa.Column("superseded_at", UtcDateTime, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_readings"),
        sa.UniqueConstraint("idempotency_key", name="uq_readings_idempotency_key"),
    )
    op.create_index("ix_readings_call_id", "readings", ["call_id"], unique=False)
    op.create_index(
        "uq_readings_active",
        "readings",
        ["meter_id", "zone", "period"],
        unique=True,
        sqlite_where=sa.text("superseded_at IS NULL"),
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "meters",
        sa.Column("id", RowId, nullable=False),
        sa.Column("account_id", RowId, nullable=False),
        sa.Column("serial", sa.String(length=32), nullable=False),
        sa.Column("digits", sa.Integer(), nullable=False),
        sa.CheckConstraint("digits BETWEEN 4 AND 8", name="ck_meters_digits"),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_meters_account_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_meters"),
        sa.UniqueConstraint("account_id", "serial", name="uq_meters_account_id_serial"),
    )
    op.create_table(
        "phones",
        sa.Column("account_id", RowId, nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name="fk_phones_account_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "number", name="pk_phones"),
    )
    op.create_index("ix_phones_number", "phones", ["number"], unique=False)
    op.create_table(
        "reading_deliveries",
        sa.Column("id", RowId, nullable=False),
        sa.Column("reading_id", RowId, nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("batch", sa.String(length=64), nullable=True),
        sa.Column("done_at", UtcDateTime, nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["reading_id"], ["readings.id"], name="fk_reading_deliveries_reading_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reading_deliveries"),
        sa.UniqueConstraint("reading_id", "channel", name="uq_reading_deliveries_reading_id_channel"),
    )
    op.create_index(
        "ix_reading_deliveries_due", "reading_deliveries", ["channel", "state", "due_at"], unique=False
    )
    op.create_table(
        "zones",
        sa.Column("meter_id", RowId, nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=64), nullable=False),
        sa.Column("last_value", sa.Integer(), nullable=True),
        sa.Column("last_date", sa.Date(), nullable=True),
        sa.Column("usual_monthly", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["meter_id"], ["meters.id"], name="fk_zones_meter_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("meter_id", "code", name="pk_zones"),
    )
