"""Tables of the register."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, Table, Text, UniqueConstraint

from ivr.store import RowId, UtcDateTime, metadata

outages = Table(
    "outages",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("source", String(32), nullable=False),
    Column("external_id", String(64), nullable=True),
    Column("kind", String(16), nullable=False),
    Column("reason", String(300), nullable=False),
    Column("works", String(300), nullable=False),
    Column("organisation", String(200), nullable=False),
    Column("responsible", String(200), nullable=False),
    Column("phone", String(32), nullable=False),
    Column("begins_at", UtcDateTime, nullable=False),
    Column("expected_end", UtcDateTime, nullable=True),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("closed_at", UtcDateTime, nullable=True),
    Column("entered_by", String(64), nullable=False),
    Column("entered_at", UtcDateTime, nullable=False),
    UniqueConstraint("source", "external_id"),
    CheckConstraint("kind IN ('planned', 'emergency')", name="kind"),
)
"""Outages; one is told until it expires or is closed. The texts are empty where nothing was given."""

outage_places = Table(
    "outage_places",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("outage_id", ForeignKey(outages.c.id, ondelete="CASCADE"), nullable=False, index=True),
    Column("settlement", String(100), nullable=False),
    Column("settlement_key", String(100), nullable=False),
    Column("street", String(100), nullable=False),
    Column("street_key", String(100), nullable=False),
    Column("houses", Text, nullable=False),
    Index("ix_outage_places_where", "settlement_key", "street_key"),
)
"""What an outage covers: a whole settlement (no street), a whole street (no houses), or some houses."""
