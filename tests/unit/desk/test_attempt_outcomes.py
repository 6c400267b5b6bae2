"""How an attempt went, from the legs of its call in any state."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ivr.calls.legs import Leg, LegEnd, LegRole
from ivr.desk.attempts import AttemptOutcome, outcome_of

T0 = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
ORDER = "o1"


def leg(role: LegRole, *, answered: bool = False, end: LegEnd | None = None, id: str = "k1") -> Leg:
    return Leg(
        call_id="c1",
        leg_id=ORDER if role is LegRole.CALLBACK else id,
        role=role,
        device="",
        rang_at=T0,
        answered_at=T0 + timedelta(seconds=3) if answered else None,
        ended_at=T0 + timedelta(seconds=9) if end else None,
        end=end,
    )


def operator(*, answered: bool = True, end: LegEnd | None = LegEnd.AGENT) -> Leg:
    return leg(LegRole.CALLBACK, answered=answered, end=end)


def client(end: LegEnd | None, *, answered: bool = False, id: str = "k1") -> Leg:
    return leg(LegRole.CLIENT, answered=answered, end=end, id=id)


@pytest.mark.parametrize(
    ("legs", "outcome"),
    [
        ([], None),
        ([operator(answered=False, end=None)], None),
        ([operator(end=None)], None),
        ([operator(end=None), client(None)], None),
        ([operator(answered=False, end=LegEnd.NO_ANSWER)], AttemptOutcome.OPERATOR_MISSED),
        ([operator(answered=False, end=LegEnd.DECLINED)], AttemptOutcome.OPERATOR_MISSED),
        ([operator(), client(LegEnd.BUSY)], AttemptOutcome.BUSY),
        ([operator(), client(LegEnd.DECLINED)], AttemptOutcome.BUSY),
        ([operator(), client(LegEnd.NO_ANSWER)], AttemptOutcome.NO_ANSWER),
        ([operator(), client(LegEnd.FAILED)], AttemptOutcome.FAILED),
        ([operator()], AttemptOutcome.FAILED),
        ([operator(), client(LegEnd.UNKNOWN)], AttemptOutcome.OPERATOR_MISSED),
        ([operator(end=None), client(None, answered=True)], AttemptOutcome.ANSWERED),
        ([operator(), client(LegEnd.CALLER, answered=True)], AttemptOutcome.ANSWERED),
        ([client(LegEnd.BUSY)], None),  # the operator's leg has not been told of yet
    ],
)
def test_outcomes(legs: list[Leg], outcome: AttemptOutcome | None) -> None:
    assert outcome_of(ORDER, legs) is outcome


def test_one_busy_trunk_is_not_the_end_and_the_last_one_counts() -> None:
    first = client(LegEnd.FAILED)
    assert outcome_of(ORDER, [operator(end=None), first]) is None
    second = client(LegEnd.NO_ANSWER, id="k2")
    assert outcome_of(ORDER, [operator(), first, second]) is AttemptOutcome.NO_ANSWER


def test_only_failures_to_reach_the_client_count() -> None:
    counted = {each for each in AttemptOutcome if each.counts}
    assert counted == {AttemptOutcome.BUSY, AttemptOutcome.NO_ANSWER, AttemptOutcome.FAILED}
