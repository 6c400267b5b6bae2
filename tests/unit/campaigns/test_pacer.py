from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from ivr.campaigns.dialling.calls import Call, Stage
from ivr.campaigns.dialling.pacer import Pacer
from ivr.campaigns.model import Attempt, AttemptState, Campaign, CampaignState, Mode, Target, TargetState
from ivr.campaigns.settings import PacingSettings

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SETTINGS = PacingSettings()


class Operators:
    def __init__(self) -> None:
        self.free = 0
        self.busy: list[float] = []
        self.after: list[float] = []

    def ready(self, queue: str) -> int:
        return self.free

    def talking(self, queue: str) -> Sequence[float]:
        return self.busy

    def wrapping(self, queue: str) -> Sequence[float]:
        return self.after


def campaign(mode: Mode, **changed: Any) -> Campaign:
    told: dict[str, Any] = {"queue": "debts", "lines": 10} | changed
    return Campaign(1, "debts", "debt", "Долги", CampaignState.RUNNING, date.min, date.max, mode, **told)


def call(of: Campaign, number: int, stage: Stage = Stage.ORDERED, began: float = 100.0) -> Call:
    target = Target(number, 1, f"account:{number}", ("+79000000001",), (), TargetState.CALLING, NOW)
    attempt = Attempt(
        f"a{number}", 1, number, target.person, "+79000000001", "north", AttemptState.WRITTEN, NOW
    )
    return Call(of, target, began, attempt, "north", stage)


def test_progressive_dials_one_for_each_who_waits() -> None:
    operators, of = Operators(), campaign(Mode.PROGRESSIVE)
    pacer = Pacer(of, SETTINGS)
    operators.free = 4
    assert pacer.wants(of, [call(of, 1), call(of, 2, Stage.ANSWERED)], operators, 101.0) == 2
    assert pacer.wants(of, [call(of, 1, Stage.REACHED)], operators, 101.0) == 3
    assert pacer.wants(of, [call(of, 1, Stage.CONNECTED)], operators, 101.0) == 4
    assert pacer.wants(campaign(Mode.PROGRESSIVE, lines=1), [call(of, 1)], operators, 101.0) == 0


def test_who_is_connected_late_or_never_is_abandoned() -> None:
    of = campaign(Mode.PROGRESSIVE)
    pacer = Pacer(of, SETTINGS)
    late, never, missed = call(of, 1), call(of, 2), call(of, 3)
    late.reached_at = 110.0
    assert not pacer.connected(late, 112.5)
    late.stage, late.connected_at = Stage.CONNECTED, 112.5
    pacer.ended(late, 200.0)
    never.stage, never.reached_at = Stage.REACHED, 110.0
    pacer.ended(never, 115.0)
    pacer.ended(missed, 140.0)
    in_time = call(of, 4)
    in_time.reached_at = 110.0
    assert pacer.connected(in_time, 112.0)
    assert (pacer.ledger.reached, pacer.ledger.abandoned) == (3, 2)


def test_the_bound_is_exceeded_by_one_too_many_once_enough_have_answered() -> None:
    of = campaign(Mode.PROGRESSIVE)
    few = Pacer(of, SETTINGS, [False] * 10)
    many = Pacer(of, SETTINGS, [False] * 99 + [True] * 3)
    lost = call(of, 1, Stage.REACHED)
    lost.reached_at = 110.0
    for pacer in (few, many):
        pacer.ended(lost, 115.0)
    assert not few.look()
    assert many.look()
    assert not many.look(), "the supervisor may go on; the next one counts"


def test_what_was_before_counts_for_predictive() -> None:
    operators, of = Operators(), campaign(Mode.PREDICTIVE)
    operators.after = [190.0] * 60
    fresh, seasoned = Pacer(of, SETTINGS), Pacer(of, SETTINGS, [False] * 2_000)
    assert fresh.wants(of, [], operators, 200.0) == 0
    assert seasoned.wants(of, [], operators, 200.0) > 0
