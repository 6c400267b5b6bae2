"""Tables of customers, filled from billing's files."""

from sqlalchemy import CheckConstraint, Column, Date, ForeignKey, Integer, String, Table, UniqueConstraint

from ivr.store import Money, RowId, metadata

_Bytewise = String(260).with_variant(String(260, collation="C"), "postgresql")  # as SQLite does anyway

accounts = Table(
    "accounts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("number", String(32), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("segment", String(16), nullable=False),
    Column("name", String(200), nullable=False),
    Column("name_key", _Bytewise, nullable=True, index=True),
    Column("settlement", String(100), nullable=False),
    Column("street_type", String(32), nullable=False),
    Column("street", String(100), nullable=False),
    Column("house", String(20), nullable=False),
    Column("flat", String(20), nullable=False),
    Column("address_key", _Bytewise, nullable=False, index=True),
    Column("balance", Money, nullable=True),
    Column("balance_as_of", Date, nullable=True),
    Column("debt_since", Date, nullable=True),
    CheckConstraint("kind IN ('person', 'company')", name="kind"),
)
"""Accounts; a balance below zero is a debt."""

phones = Table(
    "phones",
    metadata,
    Column("account_id", ForeignKey(accounts.c.id, ondelete="CASCADE"), primary_key=True),
    Column("number", String(16), primary_key=True, index=True),
)
"""Telephone numbers in E.164."""

meters = Table(
    "meters",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("account_id", ForeignKey(accounts.c.id, ondelete="CASCADE"), nullable=False),
    Column("serial", String(32), nullable=False),
    Column("digits", Integer, nullable=False),
    UniqueConstraint("account_id", "serial"),
    CheckConstraint("digits BETWEEN 4 AND 8", name="digits"),
)
"""Meters; `digits` is how many whole digits the dial shows."""

zones = Table(
    "zones",
    metadata,
    Column("meter_id", ForeignKey(meters.c.id, ondelete="CASCADE"), primary_key=True),
    Column("code", String(16), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("title", String(64), nullable=False),
    Column("last_value", Integer, nullable=True),
    Column("last_date", Date, nullable=True),
    Column("usual_monthly", Integer, nullable=True),
)
"""Tariff zones with billing's last reading and usual consumption a month, kWh."""
