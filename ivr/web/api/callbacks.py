"""Call-backs: promises to call, keeping them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from pydantic import AwareDatetime, BaseModel, Field

from ivr.access.model import Right, User
from ivr.calls.blocklist import e164
from ivr.desk.attempts import Matter, MatterKind
from ivr.desk.conflicts import NotThere
from ivr.desk.work import Work
from ivr.requests.callback_model import PENDING, Callback, CallbackStatus
from ivr.requests.callbacks import Callbacks, Plea
from ivr.web.api.route import Asked, Refused, Route
from ivr.web.api.work_faults import id_of, told
from ivr.web.api.work_models import (
    Account,
    AttemptTold,
    CallbackTold,
    Closed,
    OrderTold,
    Phone,
    Postponed,
)

_NOT_YOURS = "Этот звонок взял другой сотрудник."
_BAD_NUMBER = "Это не телефонный номер. Введите его с кодом города."
_BAD_TIME = "На это время звонок обещать нельзя."


class CallbackMade(BaseModel):
    """A promise of an operator."""

    phone: Phone
    at: AwareDatetime | None = Field(default=None, description="None: as soon as possible.")
    topic: str = Field(default="", max_length=64)
    account_number: Account = ""
    said: str = Field(default="", max_length=500, repr=False)
    call_id: str = Field(default="", max_length=64)


class PromiseTold(BaseModel):
    """What was promised."""

    due_from: AwareDatetime
    renewed: bool = Field(description="Whether a call was owed to this number already.")


class CallbacksQuery(BaseModel):
    """Which promises."""

    status: list[CallbackStatus] = Field(default=[], description="None: those that are owed.")
    limit: int = Field(default=100, ge=1, le=500)


class CallbacksTold(BaseModel):
    """Promises; those that are owed are in the order of their times."""

    callbacks: list[CallbackTold]


class CallbackWhole(BaseModel):
    """A promise with its attempts."""

    callback: CallbackTold
    attempts: list[AttemptTold]


def routes(work: Work, promises: Callbacks) -> list[Route]:
    """`/callbacks`."""
    does = _Callbacks(work, promises)
    route = partial(Route, right=Right.WORK)
    post = partial(route, method="POST", answer=CallbackTold)
    return [
        route(
            method="GET",
            path="/callbacks",
            title="Promises to call",
            run=does.all,
            query=CallbacksQuery,
            answer=CallbacksTold,
        ),
        route(
            method="POST",
            path="/callbacks",
            title="Promise to call",
            run=does.ask,
            body=CallbackMade,
            answer=PromiseTold,
            status=201,
        ),
        route(
            method="GET",
            path="/callbacks/{id}",
            title="A promise with its attempts",
            run=does.one,
            answer=CallbackWhole,
        ),
        route(
            method="POST",
            path="/callbacks/{id}/call",
            title="Keep a promise now: my telephone rings, then the client's",
            run=does.call,
            answer=OrderTold,
        ),
        post(path="/callbacks/{id}/take", title="Claim a promise", run=does.take),
        post(path="/callbacks/{id}/return", title="Let others keep a promise", run=does.give_back),
        post(
            path="/callbacks/{id}/postpone",
            title="Agree upon another time",
            run=does.postpone,
            body=Postponed,
        ),
        post(
            path="/callbacks/{id}/close", title="Owe the call no longer", run=does.close_by_hand, body=Closed
        ),
    ]


@dataclass(frozen=True, slots=True)
class _Callbacks:
    work: Work
    promises: Callbacks

    async def all(self, asked: Asked) -> CallbacksTold:
        query: CallbacksQuery = asked.query
        if query.status:
            found = await self.promises.listed(query.status, query.limit)
        else:
            found = (await self.promises.waiting())[: query.limit]
        return CallbacksTold(callbacks=[CallbackTold.of(each, asked.user) for each in found])

    async def ask(self, asked: Asked) -> PromiseTold:
        made: CallbackMade = asked.body
        plea = Plea(
            phone=_number(made.phone),
            call_id=made.call_id,
            when=made.at.isoformat() if made.at else "",
            topic=made.topic,
            account_number=made.account_number,
            said=made.said,
            by_operator=True,
        )
        try:
            with told():
                promise = await self.promises.ask(plea)
        except ValueError as error:
            raise Refused(422, "not-then", _BAD_TIME, "at") from error
        return PromiseTold(due_from=promise.due_from, renewed=promise.renewed)

    async def one(self, asked: Asked) -> CallbackWhole:
        with told():
            promise = await self._found(asked)
        attempts = await self.work.attempts.of(Matter(MatterKind.CALLBACK, promise.id))
        return CallbackWhole(
            callback=CallbackTold.of(promise, asked.user),
            attempts=[AttemptTold.of(each) for each in attempts],
        )

    async def call(self, asked: Asked) -> OrderTold:
        with told():
            attempt = await self.work.callbacks.call(id_of(asked), asked.user.login)
        return OrderTold(order_id=attempt.order_id, call_id=attempt.call_id)

    async def take(self, asked: Asked) -> CallbackTold:
        with told():
            promise = await self.work.callbacks.take(id_of(asked), asked.user.login)
        return CallbackTold.of(promise, asked.user)

    async def give_back(self, asked: Asked) -> CallbackTold:
        with told():
            promise = await self._mine(asked)
            changed = await self.work.callbacks.give_back(promise.id)
        return CallbackTold.of(changed, asked.user)

    async def postpone(self, asked: Asked) -> CallbackTold:
        body: Postponed = asked.body
        with told():
            promise = await self._mine(asked)
            changed = await self.work.callbacks.postpone(promise.id, body.at)
        return CallbackTold.of(changed, asked.user)

    async def close_by_hand(self, asked: Asked) -> CallbackTold:
        body: Closed = asked.body
        with told():
            promise = await self._mine(asked)
            changed = await self.work.callbacks.close_by_hand(promise.id, asked.user.login, body.note)
        return CallbackTold.of(changed, asked.user)

    async def _found(self, asked: Asked) -> Callback:
        promise = await self.promises.find(id_of(asked))
        if promise is None:
            raise NotThere
        return promise

    async def _mine(self, asked: Asked) -> Callback:
        """The promise, if nobody else is at it."""
        promise = await self._found(asked)
        taken = promise.status in PENDING and promise.taken_by is not None
        if taken and not _may(asked.user, promise.taken_by):
            raise Refused(403, "not-yours", _NOT_YOURS)
        return promise


def _may(user: User, login: str | None) -> bool:
    return user.login == login or user.may(Right.DESK)


def _number(text: str) -> str:
    try:
        return e164(text)
    except ValueError as error:
        raise Refused(422, "bad-number", _BAD_NUMBER, "phone") from error
