"""Alarms: as calls of the API, and as live events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from pydantic import AwareDatetime, BaseModel, Field

from ivr.access.model import Right
from ivr.dialogue.ports import Clock
from ivr.kpi.alarm_book import AlarmBook
from ivr.kpi.alarms import Alarm, Name, State
from ivr.web.api.events import Audience, EventHub
from ivr.web.api.route import Asked, Refused, Route

_OVER = "Этой тревоги уже нет."


class AlarmTold(BaseModel):
    """An alarm; also the event `alarm`.

    Attributes:
        about: Which queue, trunk, KPI (`standard/kpi`) or disk.
        value: As of the last look: callers, seconds, bytes, or the unit of the KPI.
    """

    id: str
    name: Name
    about: str
    state: State
    value: float | None
    limit: float | None
    worst: float | None
    raised_at: AwareDatetime
    seen_at: AwareDatetime | None
    seen_by: str | None
    over_at: AwareDatetime | None

    @classmethod
    def of(cls, alarm: Alarm) -> AlarmTold:
        """As JSON has it."""
        return cls(**{name: getattr(alarm, name) for name in cls.model_fields})


class AlarmsQuery(BaseModel):
    """How far back."""

    hours: int = Field(24, ge=0, le=24 * 400, description="Alarms raised in the last hours; 0: none.")
    most: int = Field(200, ge=1, le=1000, description="So many at most.")


class AlarmsTold(BaseModel):
    """Those that are not over and those of the time asked for, the latest first."""

    alarms: list[AlarmTold]


def publish(book: AlarmBook, hub: EventHub) -> None:
    """Bring alarms to the pages of those who lead the desk."""
    book.subscribe(lambda alarm: hub.publish("alarm", AlarmTold.of(alarm), Audience(right=Right.DESK)))


def routes(book: AlarmBook, clock: Clock) -> list[Route]:
    """`/alarms…`."""
    does = _Alarms(book, clock)
    return [
        Route(
            method="GET",
            path="/alarms",
            title="Tell the alarms",
            right=Right.DESK,
            run=does.all,
            query=AlarmsQuery,
            answer=AlarmsTold,
        ),
        Route(
            method="POST",
            path="/alarms/{id}/seen",
            title="Say that one has seen it",
            right=Right.DESK,
            run=does.seen,
            answer=AlarmTold,
        ),
    ]


@dataclass(frozen=True, slots=True)
class _Alarms:
    book: AlarmBook
    clock: Clock

    async def all(self, asked: Asked) -> AlarmsTold:
        query: AlarmsQuery = asked.query
        since = self.clock.now() - timedelta(hours=query.hours)
        return AlarmsTold(alarms=[AlarmTold.of(each) for each in await self.book.since(since, query.most)])

    async def seen(self, asked: Asked) -> AlarmTold:
        alarm = await self.book.see(asked.path["id"], asked.user.login)
        if alarm is None:
            raise Refused(404, "not-there", _OVER)
        return AlarmTold.of(alarm)
