"""This moment and today so far, as those who lead watch them: read once, then told as they change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Protocol

from pydantic import AwareDatetime, BaseModel

from ivr.access.model import Right
from ivr.desk.model import Agent, QueueState
from ivr.dialogue.ports import Clock
from ivr.kpi.live import LiveCounters
from ivr.kpi.report import Kpi
from ivr.kpi.verdicts import Verdict
from ivr.web.api.events import Audience, EventHub
from ivr.web.api.figure_models import FigureTold
from ivr.web.api.floor_models import AgentTold, QueuesTold, QueueTold
from ivr.web.api.route import Asked, Route
from ivr.web.api.workspace import Titled


class FigureNow(BaseModel):
    """A KPI of today so far."""

    id: str
    value: float | None
    value_text: str
    verdict: Verdict
    calls: int

    @classmethod
    def of(cls, kpi: Kpi) -> FigureNow:
        """What of it changes."""
        told = FigureTold.of(kpi)
        return cls(**{name: getattr(told, name) for name in cls.model_fields})


class MomentTold(BaseModel):
    """This moment and today so far; also the event `now`.

    Attributes:
        in_robot: Calls that the robot conducts.
        queued: Callers who wait.
        talking: Calls in which a person talks.
        dialling: Outgoing calls that nobody has answered.
        longest_since: Since when the one waits who has waited longest.
    """

    at: AwareDatetime
    day: date
    in_robot: int
    queued: int
    talking: int
    dialling: int
    longest_since: AwareDatetime | None
    queues: list[QueueTold]
    kpis: list[FigureNow]


class NowTold(BaseModel):
    """All that is watched; `figures`: what the KPIs of `moment` are, with their targets."""

    moment: MomentTold
    figures: list[FigureTold]
    agents: list[AgentTold]


class LeadingTold(BaseModel):
    """What every part of the supervisor's page needs.

    Attributes:
        standard: The company's.
        time_zone: In which times are shown and taken, an IANA name.
        pause_reasons: Those that can be chosen for a colleague.
        lines: Lines by their names.
        queues: By their names in Asterisk.
    """

    company: str
    standard: str
    standard_title: str
    time_zone: str
    pause_reasons: list[Titled]
    lines: list[Titled]
    queues: list[Titled]


class Today(Protocol):
    """Makes KPIs of today's counters."""

    def today(self, standard: str, counters: LiveCounters, line: str | None) -> Mapping[str, Kpi]:
        """By id."""


class People(Protocol):
    """The operators and the queues."""

    def agents(self) -> list[Agent]:
        """Those who are signed in."""

    def queues(self) -> list[QueueState]:
        """All of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What is looked at.

    Attributes:
        reasons: Reasons of a pause: id → title.
    """

    counters: LiveCounters
    people: People
    today: Today
    leading: LeadingTold
    reasons: Mapping[str, str]

    def figures(self) -> list[Kpi]:
        """The KPIs that today's counters can tell."""
        found = self.today.today(self.leading.standard, self.counters, None)
        return [kpi for kpi in found.values() if kpi.definition.told_by_calls]

    def moment(self, clock: Clock, figures: list[Kpi]) -> MomentTold:
        """How it stands."""
        now = self.counters.now()
        titles = {queue.id: queue.title for queue in self.leading.queues}
        return MomentTold(
            at=clock.now(),
            day=self.counters.day,
            in_robot=now.in_robot,
            queued=now.queued,
            talking=now.talking,
            dialling=now.dialling,
            longest_since=now.longest_since,
            queues=QueuesTold.of(self.people.queues(), titles).queues,
            kpis=[FigureNow.of(kpi) for kpi in figures],
        )


class LiveFigures:
    """Tells the pages of those who lead as soon as something changes, and then not again for a pause."""

    def __init__(
        self,
        watched: Watched,
        hub: EventHub,
        clock: Clock,
        *,
        pause_seconds: float,
        watchers: Callable[[], bool],
    ) -> None:
        """Begin with nothing to tell.

        Args:
            watched: What is told.
            hub: Where.
            clock: Time.
            pause_seconds: Least time between two events.
            watchers: Whether anybody would hear it.
        """
        self._watched = watched
        self._hub = hub
        self._clock = clock
        self._pause = pause_seconds
        self._watchers = watchers
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def changed(self) -> None:
        """Something is no longer as it was told."""
        self._changed.set()

    def start(self) -> None:
        """Begin to tell."""
        self._task = asyncio.create_task(self._tell(), name="figures-live")

    async def close(self) -> None:
        """Tell no more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _tell(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self._watchers():
                moment = self._watched.moment(self._clock, self._watched.figures())
                self._hub.publish("now", moment, Audience(right=Right.DESK))
            await self._clock.sleep(self._pause)

    # --- the same as calls of the API ---

    def routes(self) -> list[Route]:
        """`/leading` and `/now`."""
        of = partial(Route, method="GET", right=Right.DESK)
        return [
            of(
                path="/leading",
                title="Tell what the supervisor's page needs",
                run=self.leading,
                answer=LeadingTold,
            ),
            of(path="/now", title="Tell what goes on, and today's figures", run=self.now, answer=NowTold),
        ]

    async def leading(self, _asked: Asked) -> LeadingTold:
        """`GET /leading`."""
        return self._watched.leading

    async def now(self, _asked: Asked) -> NowTold:
        """`GET /now`."""
        watched = self._watched
        figures = watched.figures()
        return NowTold(
            moment=watched.moment(self._clock, figures),
            figures=[FigureTold.of(kpi) for kpi in figures],
            agents=[AgentTold.of(agent, watched.reasons) for agent in watched.people.agents()],
        )
