"""Operators, outgoing calls, call-backs, tasks, bulletins, shifts."""

import sqlalchemy as sa
from alembic import op

from ivr.store.columns import Json, RowId, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _operators()
    _orders()
    _callbacks()
    _work()


def _operators() -> None:
    """Sessions and states of operators (`ivr/desk/tables.py`)."""
    op.create_table(
        "agent_sessions",
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("signed_in_at", UtcDateTime, nullable=False),
        sa.Column("changed_at", UtcDateTime, nullable=False),
        sa.Column("seat", Json, nullable=False),
        sa.PrimaryKeyConstraint("login", name="pk_agent_sessions"),
    )
    op.create_table(
        "agent_states",
        sa.Column("id", RowId, nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.Column("until", UtcDateTime, nullable=True),
        sa.Column("call_id", sa.String(length=64), nullable=True),
        sa.Column("queue", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_agent_states"),
    )
    op.create_index("ix_agent_states_login_since", "agent_states", ["login", "since"], unique=False)
    op.create_index("ix_agent_states_queue_since", "agent_states", ["queue", "since"], unique=False)


def _orders() -> None:
    """Outgoing calls that were ordered (`ivr/desk/order_tables.py`)."""


def _callbacks() -> None:
    """What executing a promise needs to know of it (`ivr/requests/callback_tables.py`)."""
    op.drop_index("uq_callbacks_open", "callbacks")
    with op.batch_alter_table("callbacks") as table:
        table.add_column(sa.Column("promised_at", UtcDateTime, nullable=True))
        table.add_column(sa.Column("source", sa.String(length=16), nullable=True))
        table.add_column(sa.Column("queue", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("queued_at", UtcDateTime, nullable=True))
        table.add_column(sa.Column("taken_by", sa.String(length=64), nullable=True))
        table.add_column(sa.Column("taken_at", UtcDateTime, nullable=True))
        table.add_column(sa.Column("next_at", UtcDateTime, nullable=True))
        table.add_column(sa.Column("failures", sa.Integer(), nullable=True))
        table.add_column(sa.Column("closed_at", UtcDateTime, nullable=True))
        table.add_column(sa.Column("closed_as", sa.String(length=16), nullable=True))
        table.add_column(sa.Column("note", sa.String(length=500), nullable=True))
    op.execute(
        "UPDATE callbacks SET promised_at = asked_at, source = 'robot', queue = '', failures = 0, note = ''"
    )
    with op.batch_alter_table("callbacks") as table:
        table.alter_column("promised_at", existing_type=UtcDateTime, nullable=False)
        table.alter_column("source", existing_type=sa.String(length=16), nullable=False)
        table.alter_column("queue", existing_type=sa.String(length=64), nullable=False)
        table.alter_column("failures", existing_type=sa.Integer(), nullable=False)
        table.alter_column("note", existing_type=sa.String(length=500), nullable=False)
    owed = sa.text("status IN ('open', 'taken')")
    op.create_index(
        "uq_callbacks_owed", "callbacks", ["phone"], unique=True, sqlite_where=owed, postgresql_where=owed
    )


def _work() -> None:
    """What must not be forgotten (`ivr/desk/work_tables.py`, `ivr/calls/followup_tables.py`)."""
