"""Dialling ahead of the operators, with a bound on the calls abandoned.

Three things decide how many calls are dialled:

- The forecast (`forecast.py`): another call is dialled while the probability that its person would
  find no operator stays under a tolerance.
- The tolerance follows the account of abandoned calls: it shrinks with each one and grows with each
  person served, so that in the long run the share aimed at is met whatever the forecast gets wrong
  (an integral controller; the adaptive methods of VICIdial, docs/PREDICTIVE.txt, adjust their dial
  level to the measured drop percentage the same way, but know nothing of the moment).
- The reserve: calls under way may cost more abandoned ones than the bound still allows only with a
  negligible probability. A campaign starts with nothing to spare, therefore as a progressive one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from ivr.campaigns.pacing.kinds import within
from ivr.campaigns.pacing.knowledge import Knowledge, Learned, Outlook
from ivr.campaigns.pacing.ledger import Ledger
from ivr.campaigns.pacing.observed import Abandoned, Connected, News, Observed
from ivr.campaigns.settings import PacingSettings


@dataclass(frozen=True, slots=True)
class Steering:
    """How the tolerance follows the account.

    Attributes:
        aim: The share of abandoned calls aimed at.
        base: The tolerance when the account is even, 0 to 1.
        gain: By how much its logarithm changes with each abandoned call.
        highest: It never grows above this.
    """

    aim: float
    base: float
    gain: float
    highest: float

    def tolerance(self, ledger: Ledger) -> float:
        """The greatest probability to find no operator with which a call is dialled."""
        exponent = min(self.gain * ledger.balance(self.aim), 5.0)
        return min(self.highest, self.base * math.exp(exponent))


class Predictive:
    """Dials so that operators hardly wait and the bound on abandoned calls holds.

    Args:
        settings: The bound and what else the company sets.
        past: Persons reached before (True: abandoned), the oldest first; after a restart.
        knowledge: What is known of subscribers and operators; measured unless given.
        steering: How the tolerance follows the account.
    """

    def __init__(
        self,
        settings: PacingSettings,
        past: Iterable[bool] = (),
        knowledge: Knowledge | None = None,
        steering: Steering | None = None,
    ) -> None:
        bound = settings.abandoned_at_most
        self._settings = settings
        self.ledger = Ledger(bound, settings.window, past)
        self._knowledge = knowledge or Learned(settings)
        self._steering = steering or Steering(bound * settings.aim, base=0.05, gain=0.2, highest=0.3)

    def note(self, news: News) -> None:
        """Learn from it, and keep the account."""
        if isinstance(news, Connected | Abandoned):
            self.ledger.note(isinstance(news, Abandoned))
        self._knowledge.note(news)

    def decide(self, now: float, observed: Observed) -> int:
        """As many as a progressive campaign would, and those ahead that the forecast allows."""
        outlook = self._knowledge.outlook(now, observed)
        most = within(observed, observed.lines)
        spare = self.ledger.spare - self._settings.reserve_calls - observed.waiting
        ahead = self._ahead(outlook, most, spare) if spare >= 0 else 0
        return within(observed, max(observed.uncovered, ahead))

    def _ahead(self, outlook: Outlook, most: int, spare: int) -> int:
        tolerance = self._steering.tolerance(self.ledger)
        when = outlook.when
        net, calls = outlook.net, 0
        while calls < most and float(when @ net.at_least(0)) <= tolerance:
            net = net.plus(outlook.call)
            if net.at_least(spare + 1).max() > self._settings.reserve_risk:
                break
            calls += 1
        return calls
