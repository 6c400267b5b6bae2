"""Invented campaigns and people, and rules that are easy to foresee."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from ivr.campaigns.book import CampaignBook, NewCampaign, NewTarget
from ivr.campaigns.model import Attempt, Campaign, CampaignState, Target
from ivr.campaigns.verdicts import Allowed, Verdict
from tests.unit.customers.samples import ClockByHand

__all__ = ["ClockByHand", "attempted", "claimed", "new", "person", "run", "yes"]


def new(name: str = "debts", **changed: Any) -> NewCampaign:
    told: dict[str, Any] = {
        "name": name,
        "kind": "debt",
        "title": "Долги",
        "first_day": date(2026, 11, 24),
        "last_day": date(2026, 11, 30),
        "by": "anna",
    }
    return NewCampaign(**told | changed)


def person(number: int, **changed: Any) -> NewTarget:
    told: dict[str, Any] = {
        "person": f"account:{number:09d}",
        "numbers": (f"+7900{number:07d}",),
        "zones": ("Europe/Moscow",),
        "account": f"{number:09d}",
        "fields": {"name": "Анна Ивановна", "amount": "1200.50"},
    }
    return NewTarget(**told | changed)


async def run(
    book: CampaignBook, people: Sequence[NewTarget], name: str = "debts", **changed: Any
) -> Campaign:
    """A campaign that runs, with these targets."""
    campaign = await book.create(new(name, **changed))
    await book.add_targets(campaign.campaign_id, people)
    return await book.set_state(campaign.campaign_id, CampaignState.RUNNING, "", "anna")


def yes(connection: Connection, target: Target, number: str, now: datetime) -> Verdict:
    return Allowed()


async def claimed(
    book: CampaignBook, clock: ClockByHand, *campaigns: Campaign, dialer: str = "one"
) -> Target:
    """The next target."""
    (target,) = await book.claim([each.campaign_id for each in campaigns], clock.now(), 1, dialer)
    return target


async def attempted(book: CampaignBook, target: Target, dialer: str = "one") -> Attempt:
    """An attempt, written."""
    written = await book.write_attempt(target, target.numbers[0], "trunk", dialer, yes)
    assert isinstance(written, Attempt)
    return written
