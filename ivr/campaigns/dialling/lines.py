"""A campaign's lines over all dialers: counted in the transaction that writes the attempt."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, func, select, text

from ivr.campaigns.attempts_book import Check
from ivr.campaigns.model import Campaign, Target
from ivr.campaigns.tables import campaign_attempts
from ivr.campaigns.verdicts import Allowed, NotBefore, Verdict

_LOCK_CLASS = 6_104
_SOON = timedelta(seconds=1)
_attempts = campaign_attempts.c
_OPEN = select(func.count()).where(
    _attempts.campaign_id == bindparam("campaign"), _attempts.disposition.is_(None)
)


def within_lines(check: Check, campaign: Campaign) -> Check:
    """The rules, and after them: has the campaign a free line, whichever dialer's calls are on the others?"""

    def checked(connection: Connection, target: Target, number: str, now: datetime) -> Verdict:
        verdict = check(connection, target, number, now)
        if not isinstance(verdict, Allowed) or _under_way(connection, campaign) < campaign.lines:
            return verdict
        return NotBefore(now + _SOON, "lines")

    return checked


def _under_way(connection: Connection, campaign: Campaign) -> int:
    """Its open attempts; on PostgreSQL no other dialer writes one until the transaction ends."""
    if connection.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(:class, :campaign)")
        connection.execute(lock, {"class": _LOCK_CLASS, "campaign": campaign.campaign_id})
    return connection.execute(_OPEN, {"campaign": campaign.campaign_id}).scalar_one()
