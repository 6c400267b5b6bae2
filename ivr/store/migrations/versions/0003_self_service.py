"""The outage register, appointments, requests and call-backs."""

import sqlalchemy as sa
from alembic import op

from ivr.store.columns import RowId, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and let accounts be found by the beginning of their address."""
    _compare_addresses_bytewise()
    _make_outages()
    _make_requests()
    _make_appointments()
    _make_callbacks()


def _compare_addresses_bytewise() -> None:
    """PostgreSQL would compare by the rules of a language; SQLite compares bytes already."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("accounts", "address_key", type_=sa.String(length=260, collation="C"))


def _make_outages() -> None:
    op.create_table(
        "outages",
        sa.Column("id", RowId, nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("works", sa.String(length=300), nullable=False),
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("responsible", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("begins_at", UtcDateTime, nullable=False),
        sa.Column("expected_end", UtcDateTime, nullable=True),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.Column("closed_at", UtcDateTime, nullable=True),
        sa.Column("entered_by", sa.String(length=64), nullable=False),
        sa.Column("entered_at", UtcDateTime, nullable=False),
        sa.CheckConstraint("kind IN ('planned', 'emergency')", name="ck_outages_kind"),
        sa.PrimaryKeyConstraint("id", name="pk_outages"),
        sa.UniqueConstraint("source", "external_id", name="uq_outages_source_external_id"),
    )
    op.create_index("ix_outages_expires_at", "outages", ["expires_at"], unique=False)
    op.create_table(
        "outage_places",
        sa.Column("id", RowId, nullable=False),
        sa.Column("outage_id", RowId, nullable=False),
        sa.Column("settlement", sa.String(length=100), nullable=False),
        sa.Column("settlement_key", sa.String(length=100), nullable=False),
        sa.Column("street", sa.String(length=100), nullable=False),
        sa.Column("street_key", sa.String(length=100), nullable=False),
        sa.Column("houses", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outage_id"], ["outages.id"], name="fk_outage_places_outage_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_outage_places"),
    )
    op.create_index("ix_outage_places_outage_id", "outage_places", ["outage_id"], unique=False)
    op.create_index("ix_outage_places_where", "outage_places", ["settlement_key", "street_key"], unique=False)


def _make_requests() -> None:
    op.create_table(
        "requests",
        sa.Column("id", RowId, nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("account_number", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("registered_at", UtcDateTime, nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("answer_channel", sa.String(length=16), nullable=False),
        sa.Column("answered_at", UtcDateTime, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
        sa.UniqueConstraint("number", name="uq_requests_number"),
    )
    op.create_index("ix_requests_account_number", "requests", ["account_number"], unique=False)


def _make_appointments() -> None:
    op.create_table(
        "appointments",
        sa.Column("id", RowId, nullable=False),
        sa.Column("office", sa.String(length=64), nullable=False),
        sa.Column("starts_at", UtcDateTime, nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("account_number", sa.String(length=32), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("booked_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_appointments"),
    )
    op.create_index("ix_appointments_account_number", "appointments", ["account_number"], unique=False)
    op.create_index("ix_appointments_call_id", "appointments", ["call_id"], unique=False)
    op.create_index(
        "uq_appointments_seat",
        "appointments",
        ["office", "starts_at", "seat"],
        unique=True,
        sqlite_where=sa.text("status = 'booked'"),
        postgresql_where=sa.text("status = 'booked'"),
    )


def _make_callbacks() -> None:
    op.create_table(
        "callbacks",
        sa.Column("id", RowId, nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.Column("wish", sa.String(length=16), nullable=False),
        sa.Column("due_from", UtcDateTime, nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("account_number", sa.String(length=32), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_callbacks"),
    )
    op.create_index("ix_callbacks_due", "callbacks", ["status", "due_from"], unique=False)
    op.create_index(
        "uq_callbacks_open",
        "callbacks",
        ["phone"],
        unique=True,
        sqlite_where=sa.text("status = 'open'"),
        postgresql_where=sa.text("status = 'open'"),
    )
