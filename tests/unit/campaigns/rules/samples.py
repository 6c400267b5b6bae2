"""Invented campaigns and people for the rules."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ivr.campaigns.model import Campaign, CampaignState, Target, TargetState
from ivr.requests.workdays import Own, WorkCalendar

MOSCOW = ZoneInfo("Europe/Moscow")
RUSSIA = WorkCalendar.load(Path(__file__).parents[4] / "metrics" / "calendars" / "ru.yaml", Own())


def campaign(**changed: Any) -> Campaign:
    told: dict[str, Any] = {
        "campaign_id": 1,
        "name": "debts",
        "kind": "debt",
        "title": "Долги",
        "state": CampaignState.RUNNING,
        "first_day": date(2026, 11, 1),
        "last_day": date(2027, 2, 28),
    }
    return Campaign(**told | changed)


def target(**changed: Any) -> Target:
    told: dict[str, Any] = {
        "target_id": 1,
        "campaign_id": 1,
        "person": "account:320145678",
        "numbers": ("+79161230001", "+79161230002"),
        "zones": ("Europe/Moscow",),
        "state": TargetState.CALLING,
        "due_at": datetime(2026, 11, 1, tzinfo=UTC),
    }
    return Target(**told | changed)


def moscow(month: int, day: int, hour: int, minute: int = 0, *, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=MOSCOW)
