"""A campaign in accelerated time: lines, operators, and whoever decides how many to dial."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum

from ivr.campaigns.pacing import (
    Abandoned,
    Connected,
    Missed,
    News,
    Observed,
    Pace,
    Reached,
    TalkEnded,
    TrunkGate,
    TrunkLimit,
    WrapUpEnded,
)
from ivr.campaigns.simulate.subscribers import Subscribers

TRUNK = "trunk"


@dataclass(frozen=True, slots=True)
class Site:
    """What a campaign has.

    Attributes:
        operators: How many operators.
        trunk: Lines and calls per second.
        connect_within: Seconds from the end of a greeting after which a person counts as abandoned.
        tick: Seconds between decisions.
    """

    operators: int
    trunk: TrunkLimit
    connect_within: float = 2.0
    tick: float = 1.0


class _What(IntEnum):
    WRAPPED_UP = 0
    TALKED = 1
    KNOWN = 2
    GIVEN_UP = 3
    TICK = 4


@dataclass(slots=True)
class Run:
    """What happened.

    Attributes:
        fates: Of each person reached in turn: was he abandoned?
        dialled: When each call was dialled.
        busy: When an operator's work began and ended.
        lines_peak: The most lines used at once.
    """

    fates: list[bool] = field(default_factory=list)
    dialled: list[float] = field(default_factory=list)
    busy: list[tuple[float, float]] = field(default_factory=list)
    lines_peak: int = 0


class Floor:
    """Plays a campaign through until the last subscriber is dialled.

    A policy that may know more than pacing does reads `free_at`, `next`, `subscribers`, `persons_under_way`.
    """

    def __init__(self, site: Site, subscribers: Subscribers) -> None:
        self.site = site
        self.subscribers = subscribers
        self.next = 0
        self.free_at: list[float] = [0.0] * site.operators
        self._ready = deque(range(site.operators))
        self._events: list[tuple[float, int, int, int]] = []
        self._ringing: dict[int, tuple[float, bool]] = {}
        self._waiting: dict[int, float] = {}
        self._talking: dict[int, float] = {}
        self._wrapping: dict[int, float] = {}
        self._gate = TrunkGate({TRUNK: site.trunk})
        self._run = Run()

    def play(self, policy: Callable[[Floor], Pace]) -> Run:
        """Play it through with a policy."""
        pace = policy(self)
        self._at(0.0, _What.TICK, 0)
        while self.next < self.subscribers.count:
            now, what, who, work = heapq.heappop(self._events)
            self._happen(_What(what), now, who, work, pace)
        return self._run

    def _happen(self, what: _What, now: float, who: int, subscriber: int, pace: Pace) -> None:
        match what:
            case _What.TICK:
                self._dial(now, pace)
                self._at(now + self.site.tick, _What.TICK, 0)
            case _What.KNOWN:
                self._known(now, who, pace)
            case _What.GIVEN_UP:
                self._given_up(who, pace)
            case _What.TALKED:
                self._talked(now, who, subscriber, pace)
            case _What.WRAPPED_UP:
                pace.note(WrapUpEnded(now - self._wrapping.pop(who)))
                self._ready.append(who)
                self._connect(now, pace)

    def observed(self) -> Observed:
        """How things stand."""
        in_use = self._lines_in_use()
        self._run.lines_peak = max(self._run.lines_peak, in_use)
        return Observed(
            ready=len(self._ready),
            talking=tuple(self._talking.values()),
            wrapping=tuple(self._wrapping.values()),
            ringing=tuple(dialled for dialled, _ in self._ringing.values()),
            waiting=len(self._waiting),
            lines=self.site.trunk.lines - in_use,
        )

    def persons_under_way(self) -> list[tuple[int, float]]:
        """Who will want an operator or wants one already, and when he was dialled."""
        ringing = [(who, dialled) for who, (dialled, person) in self._ringing.items() if person]
        return [*self._waiting.items(), *ringing]

    def _lines_in_use(self) -> int:
        return len(self._ringing) + len(self._waiting) + len(self._talking)

    def _dial(self, now: float, pace: Pace) -> None:
        wanted = min(pace.decide(now, self.observed()), self.subscribers.count - self.next)
        for _ in self._gate.take(now, wanted, {TRUNK: self._lines_in_use()}):
            person = self.subscribers.answers(self.next, now)
            self._ringing[self.next] = (now, person)
            self._at(now + self.subscribers.known_after(self.next, person), _What.KNOWN, self.next)
            self._run.dialled.append(now)
            self.next += 1

    def _known(self, now: float, who: int, pace: Pace) -> None:
        dialled, person = self._ringing.pop(who)
        news: News = Reached(dialled, now - dialled) if person else Missed(dialled, now - dialled)
        pace.note(news)
        if person:
            self._waiting[who] = dialled
            waits = min(self.site.connect_within, float(self.subscribers.patience[who]))
            self._at(now + waits, _What.GIVEN_UP, who)
            self._connect(now, pace)

    def _given_up(self, who: int, pace: Pace) -> None:
        if who in self._waiting:
            del self._waiting[who]
            self._run.fates.append(True)
            pace.note(Abandoned())

    def _connect(self, now: float, pace: Pace) -> None:
        while self._ready and self._waiting:
            who = next(iter(self._waiting))
            del self._waiting[who]
            operator = self._ready.popleft()
            ends = now + float(self.subscribers.talk[who])
            self.free_at[operator] = ends + float(self.subscribers.wrap_up[who])
            self._talking[operator] = now
            self._at(ends, _What.TALKED, operator, who)
            self._run.busy.append((now, self.free_at[operator]))
            self._run.fates.append(False)
            pace.note(Connected())

    def _talked(self, now: float, operator: int, subscriber: int, pace: Pace) -> None:
        pace.note(TalkEnded(now - self._talking.pop(operator)))
        self._wrapping[operator] = now
        self._at(now + float(self.subscribers.wrap_up[subscriber]), _What.WRAPPED_UP, operator)

    def _at(self, moment: float, what: _What, who: int, subscriber: int = 0) -> None:
        heapq.heappush(self._events, (moment, what, who, subscriber))
