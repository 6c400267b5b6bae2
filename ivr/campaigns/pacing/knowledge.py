"""What pacing knows of subscribers and operators, and the forecast made of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from ivr.campaigns.pacing.answers import AnswerRate, FloatArray
from ivr.campaigns.pacing.durations import Durations, Lasting
from ivr.campaigns.pacing.forecast import Net, answered_by, free_by, wrapped_up_by
from ivr.campaigns.pacing.observed import Missed, News, Observed, Reached, TalkEnded, WrapUpEnded
from ivr.campaigns.settings import PacingSettings

_LONGEST_TALK = 1800
_LONGEST_WRAP_UP = 600
_REFRESH_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is to be expected in the next seconds.

    Attributes:
        net: Persons who want an operator minus operators there for them.
        call: The probability that the person of a call dialled now has been reached by then.
    """

    net: Net
    call: FloatArray

    @property
    def when(self) -> FloatArray:
        """Of the persons of calls dialled now, the share reached in the 1st, 2nd, … second."""
        share: FloatArray = self.call / max(self.call[-1], 1e-12)
        share[1:] -= share[:-1].copy()
        return share


class Knowledge(Protocol):
    """What somebody who decides knows."""

    def outlook(self, now: float, observed: Observed) -> Outlook:
        """What is to be expected of things as they stand."""

    def note(self, news: News) -> None:
        """Something happened."""


@dataclass(frozen=True, slots=True)
class Assumed:
    """Rates and distributions that a forecast takes for true.

    Attributes:
        rate: The share of calls that a person answers.
        reached: Of calls with a person, the share reached within 0, 1, 2, … seconds.
        missed: Of the others, the share known within 0, 1, 2, … seconds.
        talk: How long talks last.
        wrap_up: How long wrap-ups last.
        wrapped_up: The same for those that begin later, see `wrapped_up_by`.
        grace: Seconds that a person may wait for the operator, 1 or more.
    """

    rate: float
    reached: FloatArray
    missed: FloatArray
    talk: Lasting
    wrap_up: Lasting
    wrapped_up: FloatArray
    grace: int

    @classmethod
    def of(
        cls, reached: FloatArray, missed: FloatArray, talk: Lasting, wrap_up: Lasting, connect_within: float
    ) -> Assumed:
        """With what doesn't change from call to call; the rate is to be set."""
        grace = max(1, int(connect_within))
        ends = wrap_up.ends_within(np.zeros(1), len(reached) - 1 + grace)[0]
        return cls(0.0, reached, missed, talk, wrap_up, wrapped_up_by(ends), grace)

    def outlook(self, now: float, observed: Observed) -> Outlook:
        """The forecast, as far ahead as phones ring."""
        horizon = len(self.reached) - 1
        ahead = horizon + self.grace
        ages = np.minimum(np.maximum(now - np.array(observed.ringing), 0), horizon).astype(np.int64)
        seconds = np.minimum(ages[:, None] + np.arange(horizon + 1), horizon)
        demand = answered_by(self.rate, self.reached[seconds], self.missed[ages])
        free = free_by(
            self.talk.ends_within(now - np.array(observed.talking), ahead),
            self.wrapped_up,
            self.wrap_up.ends_within(now - np.array(observed.wrapping), ahead),
        )
        # who is reached within a second is so at its middle; he may wait from there
        in_time = (free[:, self.grace - 1 : -1] + free[:, self.grace :]) / 2
        net = Net.of(observed.ready - observed.waiting, demand, in_time)
        return Outlook(net, self.rate * self.reached[1:])


class Learned:
    """Knowledge measured while the campaign runs."""

    def __init__(self, settings: PacingSettings) -> None:
        self._settings = settings
        self._rate = AnswerRate()
        self._open: list[tuple[float, bool]] = []
        longest = settings.ring_at_most
        self._reached = Durations(mean=longest / 4, longest=longest)
        self._missed = Durations(mean=longest / 2, longest=longest)
        self._talk = Durations(settings.talk, _LONGEST_TALK)
        self._wrap_up = Durations(settings.wrap_up, _LONGEST_WRAP_UP)
        self._assumed = self._assume()
        self._refreshed = -_REFRESH_SECONDS

    @property
    def rate(self) -> AnswerRate:
        """How likely it is that a person answers."""
        return self._rate

    def note(self, news: News) -> None:
        """Learn from it."""
        match news:
            case Reached(dialled, after):
                self._open.append((dialled, True))
                self._reached.note(after)
            case Missed(dialled, after):
                self._open.append((dialled, False))
                self._missed.note(after)
            case TalkEnded(seconds):
                self._talk.note(seconds)
            case WrapUpEnded(seconds):
                self._wrap_up.note(seconds)

    def outlook(self, now: float, observed: Observed) -> Outlook:
        """What is to be expected, with the answer rate taken on the high side."""
        self._count_in_order(min(observed.ringing, default=now))
        if now - self._refreshed >= _REFRESH_SECONDS:
            self._refresh(now, observed)
        rate = self._rate.high(self._settings.confidence)
        return replace(self._assumed, rate=rate).outlook(now, observed)

    def _assume(self) -> Assumed:
        return Assumed.of(
            self._cumulative(self._reached),
            self._cumulative(self._missed),
            self._talk,
            self._wrap_up,
            self._settings.connect_within,
        )

    def _count_in_order(self, oldest_open: float) -> None:
        """Answers are known sooner than failures: counted as they come, a growing rate looks too high."""
        if not self._open:
            return
        self._open.sort()
        known = [each for each in self._open if each[0] < oldest_open]
        self._open = self._open[len(known) :]
        for _, person in known:
            self._rate.note(person)

    def _refresh(self, now: float, observed: Observed) -> None:
        self._refreshed = now
        self._talk.refresh([now - since for since in observed.talking])
        self._wrap_up.refresh([now - since for since in observed.wrapping])
        self._reached.refresh(())
        self._missed.refresh(())
        self._assumed = self._assume()

    def _cumulative(self, durations: Durations) -> FloatArray:
        ends = durations.ends_within(np.zeros(1), self._settings.ring_at_most)
        return np.concatenate(([0.0], ends[0]))
