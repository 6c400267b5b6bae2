"""Wrap-up: kept while the operator types, finished after the talk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from pydantic import AwareDatetime, BaseModel, Field

from ivr.access.model import Right
from ivr.calls.ledger import Ledger
from ivr.calls.legs import Leg
from ivr.calls.wrapups import WrapUp, WrapUps
from ivr.dialogue.ports import Clock
from ivr.web.api.cards import Viewing
from ivr.web.api.route import Asked, Handler, Refused, Route

TALK_GOES_ON = "Разговор ещё идёт. Итог сохранён черновиком, завершите его после разговора."
NEED_TOPIC = "Выберите тему обращения."
NEED_RESULT = "Выберите, чем закончился разговор."
UNKNOWN_TOPIC = "Такой темы нет. Обновите страницу."
UNKNOWN_RESULT = "Такого итога нет. Обновите страницу."
FINISHED = "Итог этого разговора уже сохранён."
NO_PART = "Вы не участвовали в этом разговоре."

WrapUpDone = Callable[[str, str], Awaitable[None]]
"""Told login and call id once a wrap-up is durable: the next call may come."""


class SurveyWish(Protocol):
    """What callers say to a survey (`ivr.calls.surveys.Surveys`)."""

    async def agree(self, call_id: str, agent: str, agreed: bool) -> None:
        """Durable on return."""


class WrapUpTyped(BaseModel):
    """What the operator has chosen and typed so far.

    Attributes:
        survey: Whether the client agrees to be asked about the talk; null when he was not asked.
    """

    topic: str | None = Field(default=None, max_length=64)
    result: str | None = Field(default=None, max_length=32)
    personal: bool = False
    alone: bool = True
    promised_at: AwareDatetime | None = None
    note: str = Field(default="", max_length=2_000, repr=False)
    survey: bool | None = None


class WrapUpTold(BaseModel):
    """A wrap-up as it is kept; `saved_at` is null for a draft."""

    call_id: str
    topic: str | None
    result: str | None
    personal: bool
    alone: bool
    promised_at: datetime | None
    note: str
    began_at: datetime | None
    saved_at: datetime | None

    @classmethod
    def of(cls, wrapup: WrapUp) -> WrapUpTold:
        """As the page has it."""
        return cls(**{name: getattr(wrapup, name) for name in cls.model_fields})


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUpRoutes:
    """The calls of the API on wrap-ups.

    Attributes:
        topics: Tells the ids of `kb/` that there are now.
        results: Ids of `results.yaml`.
        done: See `WrapUpDone`.
    """

    wrapups: WrapUps
    viewing: Viewing
    ledger: Ledger
    surveys: SurveyWish
    topics: Callable[[], Collection[str]]
    results: Collection[str]
    done: WrapUpDone
    clock: Clock

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            _route("PUT", "Keep a draft", self.keep),
            _route("POST", "Finish the wrap-up", self.finish),
        ]

    async def keep(self, asked: Asked) -> WrapUpTold:
        """`PUT /calls/{call_id}/wrap-up`."""
        legs = await self._legs(asked)
        wrapup = self._typed(asked, legs)
        if not await self.wrapups.save(wrapup):
            raise Refused(409, "finished", FINISHED)
        await self._survey(asked)
        return WrapUpTold.of(wrapup)

    async def finish(self, asked: Asked) -> WrapUpTold:
        """`POST /calls/{call_id}/wrap-up`: durable first, then the desk is told."""
        legs = await self._legs(asked)
        self._check(asked.body)
        draft = self._typed(asked, legs)
        if any(leg.ended_at is None for leg in legs):
            await self.wrapups.save(draft)
            raise Refused(409, "talk-goes-on", TALK_GOES_ON)
        now = self.clock.now()
        began_at = draft.began_at or now
        final = replace(draft, began_at=began_at, saved_at=max(now, began_at))
        await self.wrapups.save(final)
        await self._survey(asked)
        await self.done(asked.user.login, final.call_id)
        return WrapUpTold.of(final)

    async def _legs(self, asked: Asked) -> list[Leg]:
        """The operator's own legs of the call."""
        call_id = asked.path["call_id"]
        story = await self.viewing.story(call_id, asked)
        await self.ledger.durable()
        legs = [leg for leg in story.legs.values() if leg.agent == asked.user.login]
        if not legs:
            raise Refused(403, "no-part", NO_PART)
        return legs

    def _typed(self, asked: Asked, legs: list[Leg]) -> WrapUp:
        ends = [leg.ended_at for leg in legs]
        typed: WrapUpTyped = asked.body
        return WrapUp(
            call_id=asked.path["call_id"],
            agent=asked.user.login,
            **typed.model_dump(exclude={"survey"}),
            began_at=max(end for end in ends if end) if all(ends) else None,
        )

    def _check(self, typed: WrapUpTyped) -> None:
        if not typed.topic:
            raise Refused(422, "need-topic", NEED_TOPIC, "topic")
        known = self.topics()
        if known and typed.topic not in known:
            raise Refused(422, "unknown-topic", UNKNOWN_TOPIC, "topic")
        if not typed.result:
            raise Refused(422, "need-result", NEED_RESULT, "result")
        if typed.result not in self.results:
            raise Refused(422, "unknown-result", UNKNOWN_RESULT, "result")

    async def _survey(self, asked: Asked) -> None:
        if asked.body.survey is not None:
            await self.surveys.agree(asked.path["call_id"], asked.user.login, asked.body.survey)


def _route(method: str, title: str, run: Handler) -> Route:
    return Route(
        method=method,
        path="/calls/{call_id}/wrap-up",
        title=title,
        right=Right.WORK,
        run=run,
        body=WrapUpTyped,
        answer=WrapUpTold,
    )
