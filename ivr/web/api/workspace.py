"""Everything that the operator's page needs when it opens, or has lost the thread."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from pydantic import BaseModel, JsonValue, TypeAdapter

from ivr.access.model import Right, User
from ivr.calls.ledger import Ledger
from ivr.calls.legs import Leg, LegRole
from ivr.calls.results import TalkResult
from ivr.calls.wrapups import WrapUps
from ivr.desk.model import Agent, AgentState
from ivr.knowledge.base import KnowledgeBase
from ivr.store import StoreUnavailable
from ivr.web.api.card_models import CardTold
from ivr.web.api.cards import Viewing
from ivr.web.api.live import TalkTold, talk_of
from ivr.web.api.route import Asked, Refused, Route
from ivr.web.api.wrapups import WrapUpTold

log = structlog.get_logger(__name__)

Part = Callable[[User], Awaitable[Any]]
"""Tells a user's part of the workspace, as models or plain data."""

PARTS: Final = ("me", "queues", "callbacks", "lost", "tasks", "bulletins", "shift")
_PLAIN: TypeAdapter[Any] = TypeAdapter(Any)


class TopicTitled(BaseModel):
    """A topic of a wrap-up; `personal`: its answer needs the client's own data."""

    id: str
    title: str
    personal: bool


class Titled(BaseModel):
    """Something to choose."""

    id: str
    title: str


class Dictionaries(BaseModel):
    """What is chosen from."""

    topics: list[TopicTitled]
    results: list[TalkResult]
    pause_reasons: list[Titled]
    offices: list[Titled]


class WrapUpOpen(BaseModel):
    """The wrap-up that is under way; `draft` is what the server has of it."""

    call_id: str
    since: datetime
    draft: WrapUpTold | None
    card: CardTold | None


class WorkspaceTold(BaseModel):
    """The whole.

    Attributes:
        talk: The telephone of the operator that rings or talks, or null.
        consult: The telephone of whom he asks in a consultation that goes on, or null.
        card: Of that talk.
        me, queues, callbacks, lost, tasks, bulletins, shift: As the calls of the API of those names tell.
        missing: Parts that could not be read now.
        time_zone: In which the page shows and takes times, an IANA name such as Europe/Moscow.
    """

    me: JsonValue
    talk: TalkTold | None
    consult: TalkTold | None
    card: CardTold | None
    wrap_up: WrapUpOpen | None
    dictionaries: Dictionaries
    queues: JsonValue
    callbacks: JsonValue
    lost: JsonValue
    tasks: JsonValue
    bulletins: JsonValue
    shift: JsonValue
    missing: list[str]
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkspaceRoutes:
    """Tells the workspace.

    Attributes:
        agent: State of an operator by his login (`Floor.agent`).
        parts: By the names of `PARTS`; those that are not given are null.
        pause_reasons: Reasons that an operator may choose: id → title.
        profile: Standard whose offices are listed.
        time_zone: Of the company, an IANA name.
    """

    viewing: Viewing
    ledger: Ledger
    wrapups: WrapUps
    knowledge: KnowledgeBase
    agent: Callable[[str], Agent | None]
    parts: Mapping[str, Part]
    results: tuple[TalkResult, ...]
    pause_reasons: Mapping[str, str]
    profile: str
    time_zone: str

    def routes(self) -> list[Route]:
        """The one that there is."""
        return [
            Route(
                method="GET",
                path="/workspace",
                title="Tell everything that the operator's page needs",
                right=Right.WORK,
                run=self.tell,
                answer=WorkspaceTold,
            )
        ]

    async def tell(self, asked: Asked) -> WorkspaceTold:
        """`GET /workspace`."""
        legs = self.ledger.open_legs(asked.user.login)
        talk = talk_of(legs[0]) if legs else None
        parts, card, wrap_up = await asyncio.gather(
            self._parts(asked.user),
            self._card(talk.call_id if talk else None, asked),
            self._wrap_up(asked),
        )
        return WorkspaceTold(
            **{name: parts.get(name) for name in PARTS},
            talk=talk,
            consult=self._consult(legs[0]) if legs else None,
            card=card,
            wrap_up=wrap_up,
            dictionaries=self._dictionaries(),
            missing=sorted(name for name in self.parts if name not in parts),
            time_zone=self.time_zone,
        )

    def _consult(self, own: Leg) -> TalkTold | None:
        asked = (leg for leg in self.ledger.legs(own.call_id) if leg.role is LegRole.CONSULT)
        going_on = (leg for leg in asked if leg.agent != own.agent and leg.ended_at is None)
        return next(map(talk_of, going_on), None)

    async def _parts(self, user: User) -> dict[str, JsonValue]:
        told = await asyncio.gather(*(self._part(name, user) for name in self.parts))
        return {name: value for name, ok, value in told if ok}

    async def _part(self, name: str, user: User) -> tuple[str, bool, JsonValue]:
        try:
            return name, True, _PLAIN.dump_python(await self.parts[name](user), mode="json")
        except (StoreUnavailable, Refused) as fault:
            log.warning("workspace.part-missing", part=name, fault=type(fault).__name__)
            return name, False, None

    async def _card(self, call_id: str | None, asked: Asked) -> CardTold | None:
        if call_id is None:
            return None
        try:
            return await self.viewing.card(call_id, asked)
        except Refused:
            return None

    async def _wrap_up(self, asked: Asked) -> WrapUpOpen | None:
        agent = self.agent(asked.user.login)
        if agent is None or agent.state is not AgentState.WRAP_UP or agent.call_id is None:
            return None
        draft = await self.wrapups.of(agent.call_id, agent.login)
        return WrapUpOpen(
            call_id=agent.call_id,
            since=agent.since,
            draft=WrapUpTold.of(draft) if draft else None,
            card=await self._card(agent.call_id, asked),
        )

    def _dictionaries(self) -> Dictionaries:
        topics = self.knowledge.topics.values()
        return Dictionaries(
            topics=[TopicTitled(id=each.id, title=each.title, personal=each.personal) for each in topics],
            results=list(self.results),
            pause_reasons=[Titled(id=id_, title=title) for id_, title in self.pause_reasons.items()],
            offices=[Titled(id=each.id, title=each.name) for each in self.knowledge.offices(self.profile)],
        )
