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
    op.create_table(
        "call_orders",
        sa.Column("order_id", sa.String(length=64), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("number", sa.String(length=32), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("profile", sa.String(length=64), nullable=False),
        sa.Column("about_kind", sa.String(length=16), nullable=False),
        sa.Column("about_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("ordered_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("order_id", name="pk_call_orders"),
        sa.UniqueConstraint("key", name="uq_call_orders_key"),
    )
    op.create_index("ix_call_orders_agent_ordered_at", "call_orders", ["agent", "ordered_at"], unique=False)


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
    _make_followups()
    _make_attempts()
    _make_lost()
    _make_tasks()
    _make_bulletins()
    _make_shifts()


def _partly_unique(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)


def _make_followups() -> None:
    op.create_table(
        "blocked_numbers",
        sa.Column("id", RowId, nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("blocked_by", sa.String(length=64), nullable=False),
        sa.Column("blocked_at", UtcDateTime, nullable=False),
        sa.Column("until", UtcDateTime, nullable=False),
        sa.Column("lifted_at", UtcDateTime, nullable=True),
        sa.Column("lifted_by", sa.String(length=64), nullable=True),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("hit_at", UtcDateTime, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_blocked_numbers"),
    )
    _partly_unique("uq_blocked_numbers_in_force", "blocked_numbers", ["phone"], "lifted_at IS NULL")
    op.create_table(
        "survey_answers",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=128), nullable=True),
        sa.Column("agreed", sa.Boolean(), nullable=True),
        sa.Column("asked_at", UtcDateTime, nullable=True),
        sa.Column("answered_at", UtcDateTime, nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("call_id", name="pk_survey_answers"),
    )
    op.create_index("ix_survey_answers_answered_at", "survey_answers", ["answered_at"], unique=False)


def _make_attempts() -> None:
    op.create_table(
        "call_attempts",
        sa.Column("id", RowId, nullable=False),
        sa.Column("about_kind", sa.String(length=16), nullable=False),
        sa.Column("about_id", RowId, nullable=False),
        sa.Column("order_id", sa.String(length=64), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("agent", sa.String(length=64), nullable=False),
        sa.Column("began_at", UtcDateTime, nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("settled_at", UtcDateTime, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_call_attempts"),
        sa.UniqueConstraint("order_id", name="uq_call_attempts_order_id"),
        sa.UniqueConstraint("call_id", name="uq_call_attempts_call_id"),
    )
    op.create_index("ix_call_attempts_about", "call_attempts", ["about_kind", "about_id"], unique=False)
    _partly_unique(
        "uq_call_attempts_unsettled", "call_attempts", ["about_kind", "about_id"], "outcome IS NULL"
    )


def _make_lost() -> None:
    op.create_table(
        "lost_callers",
        sa.Column("id", RowId, nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("first_at", UtcDateTime, nullable=False),
        sa.Column("last_at", UtcDateTime, nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("waited_seconds", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("line", sa.String(length=64), nullable=False),
        sa.Column("queue", sa.String(length=64), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("taken_by", sa.String(length=64), nullable=True),
        sa.Column("taken_at", UtcDateTime, nullable=True),
        sa.Column("closed_at", UtcDateTime, nullable=True),
        sa.Column("closed_as", sa.String(length=16), nullable=True),
        sa.Column("closed_by", sa.String(length=64), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lost_callers"),
    )
    op.create_index("ix_lost_callers_status", "lost_callers", ["status", "last_at"], unique=False)
    _partly_unique("uq_lost_callers_open", "lost_callers", ["phone"], "status IN ('open', 'taken')")
    op.create_table(
        "lost_calls",
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("lost_id", RowId, nullable=True),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["lost_id"], ["lost_callers.id"], name="fk_lost_calls_lost_id_lost_callers", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("call_id", name="pk_lost_calls"),
    )
    op.create_index("ix_lost_calls_lost_id", "lost_calls", ["lost_id"], unique=False)
    op.create_index("ix_lost_calls_at", "lost_calls", ["at"], unique=False)


def _make_tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", RowId, nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("topic", sa.String(length=64), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=False),
        sa.Column("client_name", sa.String(length=200), nullable=False),
        sa.Column("account_number", sa.String(length=32), nullable=False),
        sa.Column("call_id", sa.String(length=64), nullable=False),
        sa.Column("request_number", sa.String(length=32), nullable=False),
        sa.Column("assignee", sa.String(length=64), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=True),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("call_at", UtcDateTime, nullable=True),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("closed_by", sa.String(length=64), nullable=True),
        sa.Column("closed_at", UtcDateTime, nullable=True),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("reminded_at", UtcDateTime, nullable=True),
        sa.Column("overdue_at", UtcDateTime, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
        sa.UniqueConstraint("key", name="uq_tasks_key"),
    )
    op.create_index("ix_tasks_status", "tasks", ["status", "due_at"], unique=False)
    op.create_index("ix_tasks_phone", "tasks", ["phone"], unique=False)
    op.create_index("ix_tasks_account_number", "tasks", ["account_number"], unique=False)
    op.create_table(
        "task_events",
        sa.Column("id", RowId, nullable=False),
        sa.Column("task_id", RowId, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks.id"], name="fk_task_events_task_id_tasks", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_task_events"),
    )
    op.create_index("ix_task_events_task_id", "task_events", ["task_id"], unique=False)


def _make_bulletins() -> None:
    op.create_table(
        "bulletins",
        sa.Column("id", RowId, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("queue", sa.String(length=64), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
        sa.Column("until", UtcDateTime, nullable=False),
        sa.Column("written_by", sa.String(length=64), nullable=False),
        sa.Column("written_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_bulletins"),
        sa.UniqueConstraint("key", name="uq_bulletins_key"),
    )
    op.create_index("ix_bulletins_until", "bulletins", ["until"], unique=False)
    op.create_table(
        "bulletin_reads",
        sa.Column("bulletin_id", RowId, nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["bulletin_id"],
            ["bulletins.id"],
            name="fk_bulletin_reads_bulletin_id_bulletins",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("bulletin_id", "login", name="pk_bulletin_reads"),
    )


def _make_shifts() -> None:
    op.create_table(
        "shifts",
        sa.Column("id", RowId, nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("begins_at", UtcDateTime, nullable=False),
        sa.Column("ends_at", UtcDateTime, nullable=False),
        sa.Column("breaks", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_shifts"),
        sa.UniqueConstraint("login", "day", name="uq_shifts_login_day"),
    )
    op.create_index("ix_shifts_day", "shifts", ["day"], unique=False)
