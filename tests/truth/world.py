"""A small contact centre, played day by day: callers with intents and patience, operators with shifts.

Everything is decided here and by a seeded generator of random numbers alone, so that the same seed gives the
same history.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from tests.truth.script import Call, History
from tests.truth.sketches import RING, Spoke, Stood, call, promised, seconds

INTENTS = ("readings.submit", "balance.debt", "bill.explain", "outage.reason", "contract.change", "")
LINES = {"main": "74832000000", "corporate": "74832000001", "readings": "74832000002"}
OPENS, CLOSES = time(8), time(20)
TALKS = {"readings.submit": 80.0, "balance.debt": 120.0, "contract.change": 400.0}
SHORT, LONG = 2.0, 1500.0


@dataclass(slots=True)
class Operator:
    """Who answers; free again at a moment."""

    login: str
    queue: str
    free_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is played."""

    zone: ZoneInfo
    first: date
    days: int
    calls_a_day: int
    operators: int = 3
    clients: int = 150
    returns: bool = False


@dataclass(slots=True)
class World:
    """The company while it is played."""

    plan: Plan
    random: Random
    operators: list[Operator] = field(default_factory=list)
    number: int = 0
    owed_until: dict[str, datetime] = field(default_factory=dict)

    def play(self) -> History:
        """All calls of the plan."""
        days = (self.plan.first + timedelta(days=number) for number in range(self.plan.days))
        calls = [each for day in days for each in self._day(day)]
        return History(zone=self.plan.zone, calls=calls)

    def _day(self, day: date) -> Iterator[Call]:
        midnight = datetime.combine(day, time(), self.plan.zone)
        opens = datetime.combine(day, OPENS, self.plan.zone)
        self.operators = [
            Operator(f"op{number}", "corporate" if number == 0 else "private", opens)
            for number in range(self.plan.operators)
        ]
        moments = sorted(self.random.random() ** 0.7 * 86_399.9 for _ in range(self.plan.calls_a_day))
        for moment in moments:
            yield self._call(midnight + seconds(moment))

    def _call(self, came_at: datetime) -> Call:
        self.number += 1
        client = self.random.randrange(self.plan.clients)
        corporate = client % 10 == 0
        line = "corporate" if corporate else self.random.choice(["main", "main", "readings"])
        known: dict[str, Any] = {
            "line": line,
            "number_called": LINES[line],
            "account": f"3201{client:05d}",
            "caller": "" if client % 17 == 0 else f"7483255{client:04d}",
            "segment": "corporate" if corporate else "private",
            "topic": self.random.choice(INTENTS),
            "recording": self.random.choice(["yes"] * 18 + ["no", "disk-full"]),
        }
        id = f"w{self.number:06d}"
        chance = self.random.random()
        robot_seconds = self.random.uniform(0.2, 120)
        if chance < 0.02:
            blocked: dict[str, Any] = {**known, "blocked": True, "outcome": "blocked", "topic": ""}
            return call(id, came_at, robot="left", robot_seconds=2, **blocked)
        if chance < 0.10:
            return call(id, came_at, robot="left", robot_seconds=robot_seconds, **known)
        if chance < 0.32:
            return call(id, came_at, robot="served", robot_seconds=robot_seconds, **known)
        served = chance < 0.36
        return self._to_people(id, came_at, robot_seconds, known, served=served)

    def _to_people(
        self, id: str, came_at: datetime, robot_seconds: float, known: dict[str, Any], *, served: bool
    ) -> Call:
        queue = "corporate" if known["segment"] == "corporate" else "private"
        queued_at = came_at + seconds(robot_seconds)
        patience = self.random.expovariate(1 / 60)
        free = self._next_free(queue, queued_at)
        wait = self._whole((free.free_at - queued_at).total_seconds() if free else LONG)
        robot = "served" if served else "handed"
        base: dict[str, Any] = {"robot": robot, "robot_seconds": robot_seconds, **known}
        if free is None or wait + RING > patience:
            return self._unanswered(id, came_at, base, queue, patience, free if wait < patience else None)
        talk = self._spoke(free.login, str(known["topic"]))
        talks = [talk]
        end = queued_at + seconds(wait + RING + talk.seconds)
        free.free_at = end + seconds(talk.wrapup or 0)
        if self.random.random() < 0.12:
            talks = self._handed_on(talk, end)
        score = self.random.choice([None, None, 1, 2, 3, 4, 5, 5])
        waits = [Stood(seconds=wait + RING, queue=queue)]
        return call(id, came_at, stood=waits, spoke=talks, score=score, **base)

    def _handed_on(self, talk: Spoke, end: datetime) -> list[Spoke]:
        others = [each for each in self.operators if each.login != talk.agent and each.free_at <= end]
        if not others:
            return [talk]
        length = self._whole(self.random.uniform(10, 300))
        second = replace(
            talk,
            agent=others[0].login,
            seconds=length,
            hold=min(talk.hold, self._whole(length / 3)),
            found_after=None,
        )
        others[0].free_at = end + seconds(second.seconds + (second.wrapup or 0))
        return [replace(talk, ended_by="transferred"), second]

    def _unanswered(
        self,
        id: str,
        came_at: datetime,
        base: dict[str, Any],
        queue: str,
        patience: float,
        rung: Operator | None,
    ) -> Call:
        waited = self._whole(min(patience, LONG))
        stood = Stood(seconds=waited, queue=queue, rings=(rung.login,) if rung else ())
        drawn = call(id, came_at, stood=[stood], **base)
        if rung or self.random.random() < 0.7 or waited < 30:
            return drawn
        return self._promised(drawn)

    def _promised(self, drawn: Call) -> Call:
        """A call-back is promised as he leaves, unless one is owed to him."""
        if not drawn.caller or self.owed_until.get(drawn.caller, drawn.came_at) > drawn.came_at:
            return drawn
        kept = self.random.random() < 0.6
        later = self._whole(self.random.uniform(600, 90_000))
        self.owed_until[drawn.caller] = drawn.ended_at + seconds(later + 900)
        after = (drawn.ended_at - drawn.came_at).total_seconds()
        return promised(drawn, after=after, kept=later if kept else None, broken=None if kept else later)

    def _spoke(self, login: str, topic: str) -> Spoke:
        length = max(SHORT, self.random.gauss(TALKS.get(topic, 150.0), 60))
        hold = self.random.choice([0, 0, 0, 0.3]) * length
        return Spoke(
            agent=login,
            seconds=self._whole(length),
            hold=self._whole(hold),
            wrapup=self.random.choice([None, 15.0, 42.5, 61.003]),
            ended_by=self.random.choice(["caller", "caller", "agent"]),
            personal=self.random.random() < 0.5,
            alone=self.random.random() < 0.9,
            found_after=self._whole(self.random.uniform(0, length)) if self.random.random() < 0.4 else None,
        )

    def _next_free(self, queue: str, at: datetime) -> Operator | None:
        local = at.astimezone(self.plan.zone).time()
        if not OPENS <= local < CLOSES:
            return None
        of_queue = [each for each in self.operators if each.queue == queue]
        first = min(of_queue, key=lambda each: each.free_at, default=None)
        if first is not None:
            first.free_at = max(first.free_at, at)
        return first

    def _whole(self, number: float) -> float:
        return round(number, 3)


def play(plan: Plan, seed: int) -> History:
    """The history that the seed gives."""
    return World(plan, Random(seed)).play()


def days_of(history: History) -> Sequence[date]:
    """The company's days that have calls, in order."""
    return sorted({history.day(call) for call in history.calls})
