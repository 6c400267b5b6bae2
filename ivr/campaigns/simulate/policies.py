"""Whom pacing is measured against: who knows the truth, who knows the future, who knows nothing."""

from __future__ import annotations

import math
from dataclasses import replace

from ivr.campaigns.pacing import News, Observed, Predictive
from ivr.campaigns.pacing.answers import FloatArray
from ivr.campaigns.pacing.durations import residual
from ivr.campaigns.pacing.kinds import within
from ivr.campaigns.pacing.knowledge import Assumed, Outlook
from ivr.campaigns.pacing.predictive import Steering
from ivr.campaigns.settings import PacingSettings
from ivr.campaigns.simulate.floor import Floor
from ivr.campaigns.simulate.subscribers import LogNormal, Subscribers

_SAMPLE = 100_000
_SAMPLE_SEED = 20_261_121


class _True:
    """A distribution as it is."""

    def __init__(self, lengths: LogNormal, longest: int) -> None:
        self._survival = lengths.survival(longest)

    def ends_within(self, ages: FloatArray, horizon: int) -> FloatArray:
        return residual(self._survival, ages, horizon)


class Truth:
    """Knowledge of the true rates and distributions, at every moment; not of any outcome."""

    def __init__(self, floor: Floor, horizon: int) -> None:
        habits = floor.subscribers.habits
        reached, missed = Subscribers(habits, _SAMPLE, _SAMPLE_SEED).shares_known(horizon)
        self._floor = floor
        self._assumed = Assumed.of(
            reached, missed, _True(habits.talk, 3600), _True(habits.wrap_up, 600), floor.site.connect_within
        )

    def outlook(self, now: float, observed: Observed) -> Outlook:
        """The forecast with what is true now."""
        rate = self._floor.subscribers.rate(min(self._floor.next, self._floor.subscribers.count - 1), now)
        return replace(self._assumed, rate=rate).outlook(now, observed)

    def note(self, news: News) -> None:
        """There is nothing to learn."""


def informed(floor: Floor, settings: PacingSettings, tolerance: float, gain: float) -> Predictive:
    """The best policy found that knows the true rates and distributions but no outcome.

    The least idle time under a bound on the mean share of abandoned calls is reached with one price
    for an abandoned call at every moment (Lagrange): another call while the probability that its
    person finds nobody is under a constant tolerance. It is tuned beforehand on other subscribers so
    that the bound is used up, and corrected slowly. There is no reserve and no gentle start: this
    policy may exceed the bound for a while and get even later, which pacing may not.

    Args:
        floor: The site and its subscribers.
        settings: Bound and times.
        tolerance: The tuned one, 0 to 1.
        gain: How fast it is corrected; 0: not at all.
    """
    free = settings.model_copy(update={"reserve_risk": 1.0, "reserve_calls": 0, "abandoned_at_most": 1.0})
    steering = Steering(settings.abandoned_at_most, base=tolerance, gain=gain, highest=0.9)
    return Predictive(free, knowledge=Truth(floor, settings.ring_at_most), steering=steering)


class FixedRatio:
    """Dials so many calls for each operator who waits, whatever comes of it.

    Args:
        ratio: Calls per ready operator.
    """

    def __init__(self, ratio: float) -> None:
        self._ratio = ratio

    def decide(self, now: float, observed: Observed) -> int:
        """What lacks to the ratio."""
        free = max(0, observed.ready - observed.waiting)
        return within(observed, math.ceil(self._ratio * free - 1e-9) - len(observed.ringing))

    def note(self, news: News) -> None:
        """There is nothing to learn."""


class Clairvoyant:
    """Knows who answers, when, and when each operator becomes free: nobody is abandoned.

    It dials the list in its order, who doesn't answer at once, a person as soon as there will be an
    operator for him and for everybody already dialled.
    """

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def decide(self, now: float, observed: Observed) -> int:
        """All that lead to nobody, and each person for whom there will be an operator."""
        subscribers = self._floor.subscribers
        free_at = sorted(self._floor.free_at)
        persons = [self._due(who, dialled) for who, dialled in self._floor.persons_under_way()]
        calls = 0
        while calls < observed.lines and self._floor.next + calls < subscribers.count:
            who = self._floor.next + calls
            if subscribers.answers(who, now):
                persons.append(self._due(who, now))
                if not _all_served(persons, free_at):
                    break
            calls += 1
        return within(observed, calls)

    def _due(self, who: int, dialled: float) -> tuple[float, float]:
        """From when he wants an operator, until when."""
        reached = dialled + self._floor.subscribers.known_after(who, person=True)
        waits = min(self._floor.site.connect_within, float(self._floor.subscribers.patience[who]))
        return reached, reached + waits

    def note(self, news: News) -> None:
        """There is nothing to learn."""


def _all_served(persons: list[tuple[float, float]], free_at: list[float]) -> bool:
    """Whether each, in the order in which they are reached, gets an operator in time."""
    if len(persons) > len(free_at):
        return False
    return all(free < until for (_, until), free in zip(sorted(persons), free_at, strict=False))
