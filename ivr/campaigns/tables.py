"""Tables of campaigns."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Time,
    UniqueConstraint,
)

from ivr.store import Json, RowId, UtcDateTime, metadata

campaigns = Table(
    "campaigns",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("kind", String(64), nullable=False),
    Column("title", String(200), nullable=False),
    Column("state", String(16), nullable=False),
    Column("why", String(500), nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("opens", Time),
    Column("closes", Time),
    Column("mode", String(16), nullable=False),
    Column("lines", Integer, nullable=False),
    Column("calls_per_second", Float, nullable=False),
    Column("queue", String(64), nullable=False),
    Column("caller_id", String(64), nullable=False),
    Column("fields", Json, nullable=False),
    Column("overrides", Json, nullable=False),
)
Index("ix_campaigns_state", campaigns.c.state)

campaign_history = Table(
    "campaign_history",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("campaign_id", RowId, ForeignKey("campaigns.id", ondelete="CASCADE"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("why", String(500), nullable=False),
)
Index("ix_campaign_history_campaign_id", campaign_history.c.campaign_id, campaign_history.c.id)

campaign_dialers = Table(
    "campaign_dialers",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("seen_at", UtcDateTime, nullable=False),
)
"""The dialers, and when each one was last heard of."""

campaign_people = Table("campaign_people", metadata, Column("person", String(64), primary_key=True))
"""A row a person, locked while the limits over all campaigns are looked at and an attempt is written."""

campaign_targets = Table(
    "campaign_targets",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("campaign_id", RowId, ForeignKey("campaigns.id", ondelete="CASCADE"), nullable=False),
    Column("person", String(64), nullable=False),
    Column("account", String(32), nullable=False),
    Column("numbers", Json, nullable=False),
    Column("zones", Json, nullable=False),
    Column("fields", Json, nullable=False),
    Column("state", String(16), nullable=False),
    Column("east", Integer, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("outcome", String(200), nullable=False),
    Column("dialer", String(64)),
    Column("attempt_id", String(36)),
    UniqueConstraint("campaign_id", "person"),
)
"""`east` is the offset from UTC of the easternmost zone, minutes: whose day ends first.

`dialer` has claimed a target that is CALLING, `attempt_id` is the attempt it has written in this claim.
"""
Index(
    "ix_campaign_targets_next",
    campaign_targets.c.campaign_id,
    campaign_targets.c.state,
    campaign_targets.c.east,
    campaign_targets.c.due_at,
)
Index(
    "ix_campaign_targets_claimed",
    campaign_targets.c.dialer,
    sqlite_where=campaign_targets.c.dialer.is_not(None),
    postgresql_where=campaign_targets.c.dialer.is_not(None),
)
Index("ix_campaign_targets_person", campaign_targets.c.person)
Index(
    "ix_campaign_targets_counts",
    campaign_targets.c.campaign_id,
    campaign_targets.c.state,
    campaign_targets.c.outcome,
    campaign_targets.c.tries,
)
"""All that is counted of a campaign's targets: the rows themselves are not read."""

campaign_attempts = Table(
    "campaign_attempts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("attempt_id", String(36), nullable=False, unique=True),
    Column("campaign_id", RowId, ForeignKey("campaigns.id", ondelete="CASCADE"), nullable=False),
    Column("target_id", RowId, ForeignKey("campaign_targets.id", ondelete="CASCADE"), nullable=False),
    Column("person", String(64), nullable=False),
    Column("number", String(32), nullable=False),
    Column("trunk", String(64), nullable=False),
    Column("dialer", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("written_at", UtcDateTime, nullable=False),
    Column("dialled_at", UtcDateTime),
    Column("answered_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("disposition", String(16)),
    Column("cause", Integer, nullable=False),
    Column("outcome", String(200), nullable=False),
    Column("result", Json, nullable=False),
)
"""`ended_at` is set in the state ENDED and in no other one."""
_open = campaign_attempts.c.ended_at.is_(None)
Index(
    "uq_campaign_attempts_open",
    campaign_attempts.c.target_id,
    unique=True,
    sqlite_where=_open,
    postgresql_where=_open,
)
Index("ix_campaign_attempts_target_id", campaign_attempts.c.target_id)
Index("ix_campaign_attempts_person", campaign_attempts.c.person, campaign_attempts.c.written_at)
Index("ix_campaign_attempts_number", campaign_attempts.c.number, campaign_attempts.c.written_at)
Index("ix_campaign_attempts_of", campaign_attempts.c.campaign_id, campaign_attempts.c.id)
Index(
    "ix_campaign_attempts_disposition",
    campaign_attempts.c.campaign_id,
    campaign_attempts.c.disposition,
    campaign_attempts.c.answered_at,
)
_answered = campaign_attempts.c.answered_at.is_not(None)
Index(
    "ix_campaign_attempts_answered",
    campaign_attempts.c.campaign_id,
    campaign_attempts.c.target_id,
    campaign_attempts.c.disposition,
    sqlite_where=_answered,
    postgresql_where=_answered,
)
