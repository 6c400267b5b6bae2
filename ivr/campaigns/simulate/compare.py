"""Pacing beside the policies it is measured against, with the same subscribers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ivr.campaigns.pacing import Pace, Predictive, Progressive
from ivr.campaigns.settings import PacingSettings
from ivr.campaigns.simulate.floor import Floor, Run, Site
from ivr.campaigns.simulate.policies import Clairvoyant, FixedRatio, informed
from ivr.campaigns.simulate.subscribers import Habits, Subscribers

RATIOS = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0)
_TUNING_SEED = 7_000_001
_TUNING_ROUNDS = 3
_TUNING_CALLS_PER_OPERATOR = 50


@dataclass(frozen=True, slots=True)
class Plan:
    """A campaign to be simulated.

    Attributes:
        site: Operators and lines.
        calls: Subscribers on the list; each is dialled once.
        habits: How subscribers and operators behave.
        settings: The bound and what else pacing is set to.
        seed: The same seed gives the same subscribers.
        ratios: Calls per ready operator, of the fixed ratios to compare with.
    """

    site: Site
    calls: int
    habits: Habits = field(default_factory=Habits)
    settings: PacingSettings = field(default_factory=PacingSettings)
    seed: int = 1
    ratios: Sequence[float] = RATIOS


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a policy reached from the first call to the last one dialled.

    Attributes:
        abandon_rate: Persons abandoned over persons reached.
        occupancy: Operators' time in talks and wrap-ups over all their time.
        reached: Persons who answered.
        abandoned: Those of them who were not connected in time.
        seconds: From the first call to the last one dialled.
        worst_so_far: The highest abandon rate that stood at any moment, counted from the first call.
        worst_window: The highest one over as many consecutive persons as the settings' window has.
        lines_peak: The most lines used at once.
    """

    abandon_rate: float
    occupancy: float
    reached: int
    abandoned: int
    seconds: float
    worst_so_far: float
    worst_window: float
    lines_peak: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Outcomes with the same subscribers.

    Attributes:
        pacing: The engine's own pacing.
        informed: Who knows the true rates and distributions but no outcome.
        clairvoyant: Who knows every outcome.
        progressive: One call per ready operator.
        fixed: By calls per ready operator.
    """

    pacing: Outcome
    informed: Outcome
    clairvoyant: Outcome
    progressive: Outcome
    fixed: dict[float, Outcome]


def compare(plan: Plan) -> Comparison:
    """Play the campaign through once with each policy."""
    tolerance = tuned_tolerance(plan)

    def played(policy: Callable[[Floor], Pace]) -> Outcome:
        return play(plan, policy)

    return Comparison(
        pacing=played(lambda _: Predictive(plan.settings)),
        informed=played(_informed(plan.settings, tolerance, gain=0.05)),
        clairvoyant=played(Clairvoyant),
        progressive=played(lambda _: Progressive()),
        fixed={ratio: played(_fixed(ratio)) for ratio in plan.ratios},
    )


def _fixed(ratio: float) -> Callable[[Floor], Pace]:
    return lambda _: FixedRatio(ratio)


def tuned_tolerance(plan: Plan) -> float:
    """The tolerance with which the informed policy uses the bound up, found on other subscribers."""
    calls = min(plan.calls, _TUNING_CALLS_PER_OPERATOR * plan.site.operators)
    bound = plan.settings.abandoned_at_most
    tolerance = 0.05
    for turn in range(_TUNING_ROUNDS):
        training = replace(plan, calls=calls, seed=_TUNING_SEED + turn)
        share = play(training, _informed(plan.settings, tolerance, gain=0.0)).abandon_rate
        tolerance = min(0.9, tolerance * bound / max(share, bound / 4))
    return tolerance


def _informed(settings: PacingSettings, tolerance: float, gain: float) -> Callable[[Floor], Pace]:
    return lambda floor: informed(floor, settings, tolerance, gain)


def play(plan: Plan, policy: Callable[[Floor], Pace]) -> Outcome:
    """Play the campaign through with one policy."""
    run = Floor(plan.site, Subscribers(plan.habits, plan.calls, plan.seed)).play(policy)
    return measure(run, plan.site.operators, plan.settings.window)


def measure(run: Run, operators: int, window: int) -> Outcome:
    """Count what happened.

    Args:
        run: What happened.
        operators: How many there were.
        window: How many persons a sliding window has; all of them when they are fewer.
    """
    end = run.dialled[-1]
    busy = sum(max(0.0, min(until, end) - begin) for begin, until in run.busy)
    reached = len(run.fates)
    sums = np.concatenate(([0], np.cumsum(run.fates)))
    width = min(window, reached)
    return Outcome(
        abandon_rate=float(sums[-1]) / max(1, reached),
        occupancy=busy / (operators * end) if end else 0.0,
        reached=reached,
        abandoned=int(sums[-1]),
        seconds=end,
        worst_so_far=float((sums[1:] / np.arange(1, reached + 1)).max(initial=0.0)),
        worst_window=float((sums[width:] - sums[: reached + 1 - width]).max() / max(1, width)),
        lines_peak=run.lines_peak,
    )
