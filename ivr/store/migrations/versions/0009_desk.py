"""Operators, outgoing calls, call-backs, tasks, bulletins, shifts."""

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _operators()
    _orders()
    _work()


def _operators() -> None:
    """Sessions and states of operators (`ivr/desk/tables.py`)."""


def _orders() -> None:
    """Outgoing calls that were ordered (`ivr/desk/talks_tables.py`)."""


def _work() -> None:
    """What must not be forgotten (`ivr/desk/work_tables.py`, `ivr/calls/followup_tables.py`)."""
