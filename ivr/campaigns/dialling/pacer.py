"""The pace of one campaign: what it observes, what it is told, and its account of abandoned calls."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence

from ivr.campaigns.dialling.calls import Call, Stage
from ivr.campaigns.model import Campaign, Mode
from ivr.campaigns.pacing import (
    Abandoned,
    Agentless,
    Connected,
    Ledger,
    Missed,
    Observed,
    Pace,
    Predictive,
    Preview,
    Progressive,
    Reached,
    TalkEnded,
    WrapUpEnded,
)
from ivr.campaigns.ports import Operators
from ivr.campaigns.settings import PacingSettings

_RINGING = frozenset({Stage.CLAIMED, Stage.ORDERED, Stage.ANSWERED})


class Pacer:
    """Made when a campaign begins to dial in this life of the engine.

    Args:
        campaign: How it stood then; its mode does not change.
        settings: Of pacing.
        past: Persons reached before, the oldest first (True: abandoned).
    """

    def __init__(self, campaign: Campaign, settings: PacingSettings, past: Iterable[bool] = ()) -> None:
        self._settings = settings
        self._queue = campaign.queue
        fates = tuple(past)
        self._pace = _pace(campaign.mode, settings, fates)
        self.ledger = Ledger(settings.abandoned_at_most, settings.window, fates)
        self._wrapping: Sequence[float] = ()
        self.exceeded = False
        """Whether the last person who was abandoned was one too many; until `look` is called."""

    @property
    def bound(self) -> float:
        """The share of abandoned calls that is allowed."""
        return self._settings.abandoned_at_most

    def wants(
        self, campaign: Campaign, calls: Collection[Call], operators: Operators, now: float, chosen: int = 0
    ) -> int:
        """How many calls are to be begun now, at most as many as the campaign has free lines."""
        observed = self._observed(campaign, calls, operators, chosen)
        self._note_wrap_ups(observed.wrapping, now)
        return self._pace.decide(now, observed)

    def _observed(
        self, campaign: Campaign, calls: Collection[Call], operators: Operators, chosen: int
    ) -> Observed:
        lines = max(0, campaign.lines - len(calls))
        if not self._queue:
            return Observed(lines=lines, chosen=chosen)
        return Observed(
            ready=operators.ready(self._queue),
            talking=tuple(operators.talking(self._queue)),
            wrapping=tuple(operators.wrapping(self._queue)),
            ringing=tuple(call.began for call in calls if call.stage in _RINGING),
            waiting=sum(1 for call in calls if call.stage is Stage.REACHED),
            lines=lines,
            chosen=chosen,
        )

    def _note_wrap_ups(self, wrapping: Sequence[float], now: float) -> None:
        left = list(wrapping)
        for since in self._wrapping:
            if since in left:
                left.remove(since)
            else:
                self._pace.note(WrapUpEnded(max(0.0, now - since)))
        self._wrapping = wrapping

    # --- what became of calls -------------------------------------------------------------------------

    def reached(self, call: Call, now: float) -> None:
        """A person's greeting has ended."""
        self._pace.note(Reached(call.began, now - call.began))

    def connected(self, call: Call, now: float) -> bool:
        """The person has an operator; False: he waited longer than is allowed and counts as abandoned."""
        waited = now - (now if call.reached_at is None else call.reached_at)
        in_time = waited <= self._settings.connect_within
        self._count(abandoned=not in_time)
        return in_time

    def ended(self, call: Call, now: float) -> None:
        """The call is over."""
        if call.stage is Stage.CONNECTED and call.connected_at is not None:
            self._pace.note(TalkEnded(now - call.connected_at))
        elif call.stage is Stage.REACHED and call.queue:
            self._count(abandoned=True)
        elif call.attempt is not None and call.stage is not Stage.CONNECTED:
            self._pace.note(Missed(call.began, now - call.began))

    def _count(self, *, abandoned: bool) -> None:
        self._pace.note(Abandoned() if abandoned else Connected())
        self.ledger.note(abandoned)
        if abandoned and self.ledger.reached >= math.ceil(1 / self._settings.abandoned_at_most):
            self.exceeded = self.ledger.spare < 0

    def look(self) -> bool:
        """Whether the bound on abandoned calls was exceeded since the last look."""
        exceeded, self.exceeded = self.exceeded, False
        return exceeded


def _pace(mode: Mode, settings: PacingSettings, past: Sequence[bool]) -> Pace:
    match mode:
        case Mode.AGENTLESS:
            return Agentless()
        case Mode.PROGRESSIVE:
            return Progressive()
        case Mode.PREDICTIVE:
            return Predictive(settings, past)
        case Mode.PREVIEW:
            return Preview()
