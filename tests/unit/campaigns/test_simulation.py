"""Whole campaigns in accelerated time: what has to hold, with the same subscribers for every policy."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from typer.testing import CliRunner

from ivr.campaigns.pacing import Observed, Pace, Predictive, Progressive, TrunkLimit
from ivr.campaigns.settings import PacingSettings
from ivr.campaigns.simulate.compare import Outcome, Plan, measure, play
from ivr.campaigns.simulate.floor import Floor, Run, Site
from ivr.campaigns.simulate.policies import Clairvoyant, FixedRatio, informed
from ivr.campaigns.simulate.subscribers import Habits, LogNormal, Subscribers
from ivr.cli import app
from ivr.commands.campaign import _best

BOUND = PacingSettings().abandoned_at_most
RISING = Habits(answering=((0.0, 0.25), (0.5, 0.60)))


def plan(operators: int, calls: int, habits: Habits | None = None, seed: int = 1) -> Plan:
    site = Site(operators, TrunkLimit(3 * operators, 10))
    return Plan(site, calls, habits or Habits(), seed=seed)


def paced(of: Plan) -> Outcome:
    return play(of, lambda _: Predictive(of.settings))


@pytest.mark.parametrize(
    ("operators", "calls", "tolerance"), [(10, 900, 0.05), (30, 1500, 0.05), (100, 4000, 0.045)]
)
def test_within_the_bound_and_near_who_knows_the_rates(operators: int, calls: int, tolerance: float) -> None:
    tried = plan(operators, calls)
    ours = paced(tried)
    best = play(tried, lambda floor: informed(floor, tried.settings, tolerance, gain=0.05))
    assert ours.abandon_rate <= BOUND
    assert ours.worst_so_far <= BOUND
    assert ours.worst_window <= BOUND
    assert ours.occupancy >= best.occupancy - 0.05
    assert best.abandon_rate > 0.02  # it had its chance


def test_the_bound_holds_when_suddenly_more_people_answer() -> None:
    ours = paced(plan(20, 900, RISING))
    assert (ours.abandon_rate, ours.worst_so_far) <= (BOUND, BOUND)


def test_it_keeps_operators_busier_than_lawful_fixed_ratios_do() -> None:
    tried = plan(30, 1200)
    fixed = [play(tried, _ratio(ratio)) for ratio in (1.0, 1.25, 1.5, 2.0, 3.0)]
    lawful = [each.occupancy for each in fixed if each.abandon_rate <= BOUND]
    assert lawful
    assert paced(tried).occupancy > max(lawful)
    assert fixed[-1].abandon_rate > BOUND


def _ratio(calls: float) -> Callable[[Floor], Pace]:
    return lambda _: FixedRatio(calls)


def test_who_knows_every_outcome_abandons_nobody_and_is_the_ceiling() -> None:
    tried = plan(10, 600)
    ceiling = play(tried, Clairvoyant)
    assert ceiling.abandoned == 0
    assert ceiling.occupancy > 0.97


def test_one_call_for_each_ready_operator_abandons_nobody() -> None:
    assert play(plan(10, 400), lambda _: Progressive()).abandoned == 0


def test_the_trunk_is_never_overloaded() -> None:
    narrow = Plan(Site(20, TrunkLimit(12, 0.7)), 300)
    run = Floor(narrow.site, Subscribers(narrow.habits, 300, 1)).play(lambda _: FixedRatio(9.0))
    assert run.lines_peak <= 12
    assert all(later - first >= 1 / 0.7 for first, later in zip(run.dialled, run.dialled[1:], strict=False))


class _Stopped(FixedRatio):
    """Stopped from a moment on until another one."""

    def decide(self, now: float, observed: Observed) -> int:
        halted = Observed(ready=observed.ready, lines=observed.lines, stopped=100 <= now < 400)
        return super().decide(now, halted)


def test_nothing_is_dialled_while_stopped() -> None:
    some = plan(5, 200)
    run = Floor(some.site, Subscribers(some.habits, 200, 1)).play(lambda _: _Stopped(1.0))
    assert not [at for at in run.dialled if 100 <= at < 400]
    assert max(run.dialled) > 400


def test_the_same_seed_gives_the_same_campaign() -> None:
    def policy(_: Floor) -> Pace:
        return Predictive(PacingSettings())

    policies: list[Callable[[Floor], Pace]] = [policy, policy]
    first, second = (play(plan(5, 200), each) for each in policies)
    assert first == second
    assert play(plan(5, 200, seed=2), policy) != first


def test_what_happened_is_counted() -> None:
    run = Run(fates=[False, True, False, False], dialled=[0.0, 100.0], busy=[(0.0, 50.0), (60.0, 900.0)])
    counted = measure(run, operators=2, window=2)
    assert (counted.abandon_rate, counted.worst_so_far, counted.worst_window) == (0.25, 0.5, 0.5)
    assert counted.occupancy == pytest.approx((50 + 40) / 200)


def test_lengths_have_the_mean_that_was_asked_for() -> None:
    survival = LogNormal(mean=120.0, variation=0.8).survival(5000)
    assert survival.sum() == pytest.approx(120.0, abs=1.0)  # the mean is the area under it
    assert survival[0] == 1.0


def test_the_command_tells_what_programs_expect() -> None:
    told = CliRunner().invoke(
        app, ["campaign", "simulate", "--agents", "3", "--calls", "60", "--ratio", "1.5", "--format", "json"]
    )
    document = json.loads(told.output)
    for figures in (document, *(document[name] for name in ("informed", "clairvoyant", "fixed_ratio"))):
        assert 0 <= figures["abandon_rate"] <= 1
        assert 0 < figures["occupancy"] <= 1
    assert document["fixed_ratio"]["ratio"] == 1.5


def test_of_fixed_ratios_the_busiest_within_the_bound_is_told() -> None:
    mild, busy, unlawful = (
        {"ratio": ratio, "abandon_rate": rate, "occupancy": occupancy}
        for ratio, rate, occupancy in ((1.0, 0.0, 0.7), (1.5, 0.02, 0.8), (2.0, 0.1, 0.9))
    )
    assert _best([mild, busy, unlawful], 0.03) == busy
    assert _best([busy, unlawful], 0.01) == busy


def test_shares_that_are_none_are_told() -> None:
    refused = CliRunner().invoke(app, ["campaign", "simulate", "--answering", "60%"])
    assert "Write shares of one" in str(refused.exception)
