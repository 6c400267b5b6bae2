"""Lost callers: who they are, calling them back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from pydantic import BaseModel, Field

from ivr.access.model import Right
from ivr.desk.attempts import Matter, MatterKind
from ivr.desk.lost_rows import PENDING, LostCaller, LostKind, LostStatus
from ivr.desk.work import Work
from ivr.dialogue.ports import Clock
from ivr.web.api.route import Asked, Refused, Route
from ivr.web.api.work_faults import id_of, told
from ivr.web.api.work_models import AttemptTold, Closed, LostTold, OrderTold

_NOT_YOURS = "Этим звонком занимается другой сотрудник."


class LostQuery(BaseModel):
    """Which lost callers."""

    status: list[LostStatus] = Field(default=list(PENDING), description="Default: those to be called.")
    limit: int = Field(default=100, ge=1, le=500)


class LostListed(BaseModel):
    """Lost callers, the last ones first; `today` counts lost calls of today by their kind."""

    lost: list[LostTold]
    today: dict[LostKind, int]


class LostWhole(BaseModel):
    """A lost caller with the attempts to call him."""

    lost: LostTold
    attempts: list[AttemptTold]


def routes(work: Work, clock: Clock) -> list[Route]:
    """`/lost`."""
    does = _Lost(work, clock)
    route = partial(Route, right=Right.WORK)
    post = partial(route, method="POST", answer=LostTold)
    return [
        route(
            method="GET",
            path="/lost",
            title="Lost callers",
            run=does.all,
            query=LostQuery,
            answer=LostListed,
        ),
        route(
            method="GET",
            path="/lost/{id}",
            title="A lost caller with the attempts to call him",
            run=does.one,
            answer=LostWhole,
        ),
        route(
            method="POST",
            path="/lost/{id}/call",
            title="Call him back now: my telephone rings, then the client's",
            run=does.call,
            answer=OrderTold,
        ),
        post(path="/lost/{id}/take", title="Claim a lost caller", run=does.take),
        post(path="/lost/{id}/return", title="Let others see to him", run=does.give_back),
        post(path="/lost/{id}/close", title="Take him off the list", run=does.close_by_hand, body=Closed),
    ]


@dataclass(frozen=True, slots=True)
class _Lost:
    work: Work
    clock: Clock

    async def all(self, asked: Asked) -> LostListed:
        query: LostQuery = asked.query
        found = await self.work.lost.listed(query.status, query.limit)
        today = await self.work.lost.counted(_midnight(self.clock.now()))
        return LostListed(lost=[LostTold.of(each, asked.user) for each in found], today=today)

    async def one(self, asked: Asked) -> LostWhole:
        with told():
            caller = await self.work.lost.find(id_of(asked))
        attempts = await self.work.attempts.of(Matter(MatterKind.LOST, caller.id))
        return LostWhole(
            lost=LostTold.of(caller, asked.user), attempts=[AttemptTold.of(each) for each in attempts]
        )

    async def call(self, asked: Asked) -> OrderTold:
        with told():
            attempt = await self.work.lost.call(id_of(asked), asked.user.login)
        return OrderTold(order_id=attempt.order_id, call_id=attempt.call_id)

    async def take(self, asked: Asked) -> LostTold:
        with told():
            caller = await self.work.lost.take(id_of(asked), asked.user.login)
        return LostTold.of(caller, asked.user)

    async def give_back(self, asked: Asked) -> LostTold:
        with told():
            caller = await self._mine(asked)
            changed = await self.work.lost.give_back(caller.id)
        return LostTold.of(changed, asked.user)

    async def close_by_hand(self, asked: Asked) -> LostTold:
        body: Closed = asked.body
        with told():
            caller = await self._mine(asked)
            changed = await self.work.lost.close_by_hand(caller.id, asked.user.login, body.note)
        return LostTold.of(changed, asked.user)

    async def _mine(self, asked: Asked) -> LostCaller:
        """The lost caller, if nobody else is at it."""
        caller = await self.work.lost.find(id_of(asked))
        mine = caller.taken_by in {None, asked.user.login} or asked.user.may(Right.DESK)
        if caller.status in PENDING and not mine:
            raise Refused(403, "not-yours", _NOT_YOURS)
        return caller


def _midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)
