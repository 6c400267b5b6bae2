"""Table of refusals."""

from sqlalchemy import Column, Index, String, Table

from ivr.store import RowId, UtcDateTime, metadata

refusals = Table(
    "refusals",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("person", String(64), nullable=False),
    Column("number", String(32), nullable=False),
    Column("scope", String(64), nullable=False),
    Column("source", String(32), nullable=False),
    Column("reference", String(64), nullable=False),
    Column("by", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=True),
    Column("lifted_at", UtcDateTime, nullable=True),
    Column("lifted_by", String(64), nullable=False),
    Column("lifted_why", String(200)),
    Index("ix_refusals_person", "person"),
    Index("ix_refusals_number", "number"),
)
"""Who is not to be called, and where not.

A row with a person holds for all of his numbers, one with a number for whoever is called there, one with both
for that person at that number alone. Rows are never deleted: a refusal that is taken back is lifted.
"""
