"""Table of imports."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, UniqueConstraint

from ivr.store import Json, RowId, UtcDateTime, metadata

campaign_imports = Table(
    "campaign_imports",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("campaign_id", RowId, ForeignKey("campaigns.id", ondelete="CASCADE"), nullable=False),
    Column("key", String(64), nullable=False),
    Column("name", String(200), nullable=False),
    Column("by", String(64), nullable=False),
    Column("began_at", UtcDateTime, nullable=False),
    Column("heard_at", UtcDateTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("read", Integer, nullable=False),
    Column("new", Integer, nullable=False),
    Column("known", Integer, nullable=False),
    Column("repeated", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("complaints", Json, nullable=False),
    Column("ignored", Json, nullable=False),
    Column("problem", String(32), nullable=False),
    Column("facts", Json, nullable=False),
    UniqueConstraint("campaign_id", "key"),
)
"""Lists of targets that were handed in, and what became of each: places and reasons, no values of any cell.

`heard_at` is when the engine that takes a RUNNING one last told how far it is.
"""
Index("ix_campaign_imports_campaign_id", campaign_imports.c.campaign_id, campaign_imports.c.id)
