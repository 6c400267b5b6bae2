"""Requests with their history, visits."""

import sqlalchemy as sa
from alembic import op

from ivr.store.columns import RowId, UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_REQUEST_TEXTS: dict[str, sa.String] = {
    "form": sa.String(length=16),
    "profile": sa.String(length=32),
    "segment": sa.String(length=16),
    "client_name": sa.String(length=200),
    "phone": sa.String(length=32),
    "answer_to": sa.String(length=300),
    "text": sa.Text(),
    "call_id": sa.String(length=64),
    "registered_by": sa.String(length=64),
    "responsible": sa.String(length=64),
    "ground": sa.String(length=64),
    "answer": sa.Text(),
    "sought": sa.Text(),
}
_REQUEST_MOMENTS = ("received_at", "register_due_at", "prolonged_at", "control_due_at", "control_planned_at")
_APPOINTMENT_TEXTS: dict[str, sa.String] = {
    "client_name": sa.String(length=200),
    "phone": sa.String(length=32),
    "booked_by": sa.String(length=64),
    "changed_by": sa.String(length=64),
}


def upgrade() -> None:
    """Make the tables."""
    _widen_requests()
    _make_changes()
    _widen_appointments()
    _make_home_visits()


def _widen_requests() -> None:
    _add_texts("requests", _REQUEST_TEXTS)
    with op.batch_alter_table("requests") as table:
        for name in _REQUEST_MOMENTS:
            table.add_column(sa.Column(name, UtcDateTime, nullable=True))
        table.add_column(sa.Column("key", sa.String(length=64), nullable=True))
        table.create_unique_constraint("uq_requests_key", ["key"])
    op.create_index("ix_requests_open", "requests", ["status", "due_at"], unique=False)
    for name in ("registered_at", "responsible", "call_id", "phone"):
        op.create_index(f"ix_requests_{name}", "requests", [name], unique=False)


def _add_texts(table: str, columns: dict[str, sa.String]) -> None:
    """Columns that are empty in the rows that are there, and have no default afterwards."""
    with op.batch_alter_table(table) as altered:
        for name, kind in columns.items():
            altered.add_column(sa.Column(name, kind, nullable=False, server_default=""))
    with op.batch_alter_table(table) as altered:
        for name in columns:
            altered.alter_column(name, server_default=None)


def _make_changes() -> None:
    op.create_table(
        "request_changes",
        sa.Column("id", RowId, nullable=False),
        sa.Column("request_id", RowId, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"], ["requests.id"], name="fk_request_changes_request_id_requests"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_request_changes"),
        sa.UniqueConstraint("key", name="uq_request_changes_key"),
    )
    op.create_index("ix_request_changes_request_id", "request_changes", ["request_id"], unique=False)
    op.create_table(
        "request_numbers",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name="pk_request_numbers"),
    )


def _widen_appointments() -> None:
    op.drop_index("uq_appointments_seat", "appointments")
    _add_texts("appointments", _APPOINTMENT_TEXTS)
    op.add_column("appointments", sa.Column("changed_at", UtcDateTime, nullable=True))
    op.create_index(
        "uq_appointments_seat",
        "appointments",
        ["office", "starts_at", "seat"],
        unique=True,
        sqlite_where=sa.text("status = 'booked'"),
        postgresql_where=sa.text("status = 'booked'"),
    )


def _make_home_visits() -> None:
    op.create_table(
        "home_visits",
        sa.Column("id", RowId, nullable=False),
        sa.Column("account_number", sa.String(length=32), nullable=False),
        sa.Column("client_name", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("remote", sa.Boolean(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("window", sa.String(length=16), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("booked_by", sa.String(length=64), nullable=False),
        sa.Column("asked_at", UtcDateTime, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_home_visits"),
    )
    op.create_index("ix_home_visits_account_number", "home_visits", ["account_number"], unique=False)
    op.create_index("ix_home_visits_day", "home_visits", ["day"], unique=False)
    op.create_index(
        "uq_home_visits_seat",
        "home_visits",
        ["day", "window", "seat"],
        unique=True,
        sqlite_where=sa.text("status = 'booked'"),
        postgresql_where=sa.text("status = 'booked'"),
    )
