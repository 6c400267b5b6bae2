"""Accounts are found by the beginning of their holder's name."""

import re
from itertools import islice

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_CHUNK = 1000
_FORMS = {"ооо", "ао", "пао", "зао", "ип", "снт", "тсж", "гск", "мку", "мбоу", "фгуп"}


def upgrade() -> None:
    """Give accounts a key of the name, and fill it in for those that are there."""
    bytewise = sa.String(length=260).with_variant(sa.String(length=260, collation="C"), "postgresql")
    op.add_column("accounts", sa.Column("name_key", bytewise, nullable=True))
    _fill(op.get_bind())
    op.create_index("ix_accounts_name_key", "accounts", ["name_key"], unique=False)


def _fill(connection: sa.Connection) -> None:
    known = iter(connection.execute(sa.text("SELECT id, name FROM accounts")).all())
    statement = sa.text("UPDATE accounts SET name_key = :key WHERE id = :id")
    while rows := list(islice(known, _CHUNK)):
        connection.execute(statement, [{"id": row.id, "key": _key(row.name)} for row in rows])


def _key(name: str) -> str:
    words = [word for word in re.split(r"[^\w-]+", name.lower().replace("ё", "е")) if word]
    return " ".join([word for word in words if word not in _FORMS] or words)
