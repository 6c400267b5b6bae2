"""The one `MetaData` of all tables, and the column types that rooms share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Rooms declare their tables on it in `ivr/<room>/tables.py`."""

Json = JSON().with_variant(JSONB(), "postgresql")
"""Plain data; non-ASCII letters are kept as they are."""

RowId = BigInteger().with_variant(Integer(), "sqlite")
"""A key that the database counts up; SQLite counts up only an INTEGER."""

_KOPECKS = Decimal(100)
_NAIVE = "an instant needs a time zone"
_TEXT_LENGTH = len("2026-01-01 00:00:00.000000")


class UtcDateTime(TypeDecorator[datetime]):
    """An instant.

    Takes aware datetimes of any zone, gives aware datetimes in UTC. Stored as `TIMESTAMP WITH TIME ZONE` in
    PostgreSQL and as the text `YYYY-MM-DD HH:MM:SS.ffffff` in UTC in SQLite, which sorts as time does.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any] | None:
        """For SQLite the text at once, which costs a quarter of SQLAlchemy's way by fields."""
        return _as_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware datetime into UTC. Raises ValueError for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(_NAIVE)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the instant in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _as_text(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(_NAIVE)
    return value.astimezone(UTC).isoformat(" ", "microseconds")[:_TEXT_LENGTH]


class Money(TypeDecorator[Decimal]):
    """An amount: `Decimal` roubles in Python, whole kopecks (integer) in the database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        """Turn roubles into kopecks. Raises ValueError for a part of a kopeck."""
        if value is None:
            return None
        kopecks = Decimal(value) * _KOPECKS
        if kopecks != kopecks.to_integral_value():
            raise ValueError("an amount has at most two decimal places")
        return int(kopecks)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """Turn kopecks into roubles with two decimal places."""
        return None if value is None else (Decimal(value) / _KOPECKS).quantize(Decimal("0.01"))
