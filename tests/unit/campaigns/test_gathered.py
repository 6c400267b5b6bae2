"""What a talk has gathered, as a supervisor reads it."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ivr.campaigns.report.gathered import gathered

TITLES = {
    "promised_on": "Обещал оплатить",
    "asked_sms": "Просил СМС",
    "score": "Оценка",
    "satisfied": "Доволен",
}


@pytest.mark.parametrize(
    ("result", "told"),
    [
        ({}, ""),
        ({"promised_on": "2026-11-25", "asked_sms": True}, "Обещал оплатить: 25.11.2026; Просил СМС: да"),
        ({"asked_sms": False, "score": 4}, "Оценка: 4"),
        ({"satisfied": "wholly", "score": ""}, "Доволен: полностью"),
        ({"again_at": "2026-11-25T09:30:00+00:00"}, "Когда перезвонить: 25.11.2026 12:30"),
        ({"given_on": True, "score": None}, ""),
        ({"score": "2026-99-99"}, "Оценка: 2026-99-99"),
    ],
)
def test_data_are_told_with_titles_in_russian(result: dict[str, Any], told: str) -> None:
    assert gathered(result, TITLES, ZoneInfo("Europe/Moscow")) == told
