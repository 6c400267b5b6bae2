from __future__ import annotations

from ivr.campaigns.dialling.guard import Guard
from ivr.campaigns.dialling.settings import GuardSettings
from ivr.campaigns.model import Disposition

SETTINGS = GuardSettings(refused_in_a_row=3, billing_away_seconds=60, billing_away_questions=2)


def test_only_refusals_in_a_row_over_one_trunk_stop_it() -> None:
    guard = Guard(SETTINGS)
    for end in (Disposition.REJECTED, Disposition.FAULT, Disposition.BUSY, Disposition.CONGESTION):
        guard.ended("north", end)
    for trunk in ("south", "south", "north"):
        guard.ended(trunk, Disposition.CONGESTION)
    assert guard.why == ""
    guard.ended("north", Disposition.LOST)
    guard.ended("north", Disposition.NOT_DIALLED)
    assert "Ни один из последних 3 звонков" in guard.why
    assert "north" in guard.why


def test_billing_is_away_when_it_was_silent_for_long_and_often() -> None:
    guard = Guard(SETTINGS)
    guard.billing(0.0, answers=False)
    guard.billing(30.0, answers=False)
    guard.billing(50.0, answers=True)
    guard.billing(60.0, answers=False)
    guard.billing(121.0, answers=True)
    guard.billing(130.0, answers=False)
    assert guard.why == ""
    guard.billing(250.0, answers=False)
    assert "Биллинг не отвечает уже 2 мин" in guard.why


def test_the_share_is_told_as_people_write_it() -> None:
    guard = Guard(SETTINGS)
    guard.abandoned(0.0312, 0.03)
    assert "3,1 %" in guard.why
    assert "3,0 %" in guard.why
