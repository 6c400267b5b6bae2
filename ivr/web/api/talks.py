"""What an operator does with the call he talks in, and calling out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from ivr.access.model import Right, User
from ivr.calls.story import About
from ivr.desk.talks import Number, TalkRefused, Talks, Why
from ivr.desk.targets import PlaceKind
from ivr.web.api.route import Answer, Asked, Handler, Refused, Route

_WORDS: Final = {
    Why.NOT_IN_TALK: (403, "Вы не разговариваете в этом звонке."),
    Why.CALL_GONE: (409, "Звонок уже завершён, или собеседник только что положил трубку."),
    Why.EXCHANGE_AWAY: (503, "Станция сейчас не отвечает. Подождите несколько секунд и повторите."),
    Why.NO_TARGET: (422, "Такого адресата нет. Выберите его из списка."),
    Why.TARGET_BUSY: (409, "Коллега сейчас занят. Выберите другого или очередь."),
    Why.NUMBER_REFUSED: (422, "На этот номер звонить нельзя. Проверьте его или выберите другой."),
    Why.CONSULTS: (409, "Консультация уже идёт. Сначала завершите её."),
    Why.NO_CONSULTATION: (409, "Консультации нет: сначала позвоните тому, с кем хотите соединить."),
    Why.NOT_ANSWERED: (409, "Ответа ещё нет. Дождитесь его или вернитесь к клиенту."),
    Why.NOT_WARNED: (409, "Сначала предупредите клиента, что звонок будет завершён."),
    Why.WARNED_JUST_NOW: (409, "Предупреждение только что сделано. Дайте клиенту ответить."),
    Why.NOT_READY: (409, "Ваш телефон сейчас занят или не на связи."),
    Why.TAKEN: (409, "Этим звонком уже занимается другой оператор, или он уже закрыт."),
}
_OF_THE_PLACE: Final = frozenset({Why.NO_TARGET, Why.TARGET_BUSY, Why.NUMBER_REFUSED})
_NOTE_LIMIT: Final = 500


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Nothing(_Body):
    """No details are needed."""


class Place(_Body):
    """Where to: of the list, or an outside number."""

    kind: PlaceKind
    value: str = Field(min_length=1, max_length=80, repr=False)


class Consulted(_Body):
    """Who is asked."""

    target: Place


class Transferred(_Body):
    """Who takes the caller, and what he should know."""

    target: Place
    note: str = Field(default="", max_length=_NOTE_LIMIT, repr=False)


class Recorded(_Body):
    """Whether it goes on; a pause ends by itself."""

    on: bool


class Abusive(_Body):
    """`warn`: the operator has warned the caller; `end`: he went on."""

    step: Literal["warn", "end"]


class AboutWhat(_Body):
    """What an outgoing call is about; for a promise, a lost caller and a task their number is called."""

    kind: Literal["callback", "task", "lost", "request", "card", "none"] = "none"
    id: str | int | None = Field(default=None)


class NumberCalled(_Body):
    """Whom to call. The same `key`, of one press of a button, makes one call."""

    number: str = Field(default="", max_length=32, pattern=r"^[0-9+() -]*$", repr=False)
    about: AboutWhat = AboutWhat()
    key: str | None = Field(default=None, min_length=8, max_length=64)
    parent_call_id: str | None = Field(default=None, max_length=64)


class OrderTold(BaseModel):
    """The operator's telephone rings now and names the order."""

    order_id: str


class CallTold(BaseModel):
    """The operator's telephone rings now and names the order; then the number is called."""

    order_id: str
    call_id: str


class TargetsQuery(BaseModel):
    """What was typed; nothing: all."""

    q: str = Field(default="", max_length=80)


class TargetTold(BaseModel):
    """A target; `free` tells whether it can be reached now."""

    kind: PlaceKind
    value: str
    title: str
    free: bool


class TargetsTold(BaseModel):
    """By kind, the free ones first."""

    targets: list[TargetTold]


class TalkCalls:
    """Handlers."""

    def __init__(self, talks: Talks) -> None:
        self._talks = talks

    async def targets(self, asked: Asked) -> TargetsTold:
        """Where calls may be sent."""
        offers = self._talks.offers(asked.user, asked.query.q)
        return TargetsTold(
            targets=[
                TargetTold(kind=one.kind, value=one.value, title=one.title, free=one.free) for one in offers
            ]
        )

    async def consult(self, asked: Asked) -> OrderTold:
        """Ask somebody."""
        target = asked.body.target
        order_id = await self._talks.consult(asked.user, asked.path["call_id"], target.kind, target.value)
        return OrderTold(order_id=order_id)

    async def transfer(self, asked: Asked) -> None:
        """Hand the caller over."""
        target = asked.body.target
        await self._talks.transfer(
            asked.user, asked.path["call_id"], target.kind, target.value, asked.body.note
        )

    async def record(self, asked: Asked) -> None:
        """Pause the recording, or go on."""
        await self._talks.record(asked.user, asked.path["call_id"], asked.body.on)

    async def abusive(self, asked: Asked) -> None:
        """Warn, or end."""
        deed = self._talks.warn if asked.body.step == "warn" else self._talks.end_abusive
        await deed(asked.user, asked.path["call_id"])

    async def call_out(self, asked: Asked) -> CallTold:
        """Call a number."""
        body: NumberCalled = asked.body
        number = Number(
            text=body.number,
            about=About(body.about.kind, "" if body.about.id is None else str(body.about.id)),
            key=body.key,
            parent_call_id=body.parent_call_id,
        )
        placed = await self._talks.call_out(asked.user, number)
        return CallTold(order_id=placed.order_id, call_id=placed.call_id)


def routes(talks: Talks) -> list[Route]:
    """All of them."""
    calls = TalkCalls(talks)
    return [
        Route(
            method="GET",
            path="/targets",
            title="Where a call may be sent, and who may be asked",
            right=Right.WORK,
            run=calls.targets,
            query=TargetsQuery,
            answer=TargetsTold,
        ),
        _on_call("consult", "Ask somebody while the caller holds", calls.consult, Consulted, OrderTold),
        _on_call("transfer", "Send the caller to somebody", calls.transfer, Transferred),
        _on_call("recording", "Keep sensitive data out of the recording", calls.record, Recorded),
        _on_call("abusive", "Warn an abusive caller, or end his call", calls.abusive, Abusive),
        *(_on_call(name, title, _plain(deed), Nothing) for name, title, deed in _plain_deeds(talks)),
        Route(
            method="POST",
            path="/calls",
            title="Call a number: the operator's telephone rings first",
            right=Right.WORK,
            run=_refusing(calls.call_out, "number"),
            body=NumberCalled,
            answer=CallTold,
        ),
    ]


_Deed = Callable[[User, str], Awaitable[None]]


def _plain_deeds(talks: Talks) -> list[tuple[str, str, _Deed]]:
    return [
        ("complete", "Connect the caller with who was asked", talks.complete),
        ("withdraw", "End the consultation", talks.withdraw),
        ("conference", "Let all three hear each other", talks.conference),
        ("hang-up", "End the talk", talks.hang_up),
        ("silent", "End the call of a caller who is not heard", talks.end_silent),
    ]


def _plain(deed: _Deed) -> Handler:
    async def run(asked: Asked) -> None:
        await deed(asked.user, asked.path["call_id"])

    return run


def _on_call(
    name: str, title: str, run: Handler, body: type[BaseModel], answer: type[BaseModel] | None = None
) -> Route:
    return Route(
        method="POST",
        path=f"/calls/{{call_id}}/{name}",
        title=title,
        right=Right.WORK,
        run=_refusing(run, "target"),
        body=body,
        answer=answer,
    )


def _refusing(run: Handler, place: str) -> Handler:
    """The handler; what the desk refuses is told in words. Args: place, the field that tells where to."""

    async def told(asked: Asked) -> Answer:
        try:
            return await run(asked)
        except TalkRefused as error:
            status, words = _WORDS[error.why]
            about = place if error.why in _OF_THE_PLACE else None
            raise Refused(status, error.why.value, words, about) from error

    return told
