"""Tells operators' pages of their telephones as it happens: it rings, they talk, the card has changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from datetime import datetime
from typing import Any

import structlog
from pydantic import BaseModel

from ivr.access.audit import Action
from ivr.calls.ledger import Ledger
from ivr.calls.legs import Leg, LegEnd, LegRole
from ivr.calls.story import Story
from ivr.desk.card import Card
from ivr.desk.cards import Cards
from ivr.desk.model import Agent, AgentState
from ivr.store import StoreUnavailable
from ivr.web.api.card_models import CardTold
from ivr.web.api.cards import AuditTrail, views
from ivr.web.api.events import Audience, EventHub

log = structlog.get_logger(__name__)

_AUDIT_SECONDS = 0.2
"""So long a ring waits for the audit; then the card is shown without personal data."""

_ORDERED = frozenset({LegRole.OUT, LegRole.CALLBACK})


class RingTold(BaseModel):
    """A telephone of the operator rings; `order_id` is that of an order of his own page, or null."""

    call_id: str
    leg_id: str
    role: LegRole
    queue: str | None
    order_id: str | None
    card: CardTold


class TalkTold(BaseModel):
    """A leg of the operator's calls, the client's where he is called, or that of somebody who is asked.

    Attributes:
        agent: Login of whoever's telephone it is, or null.
        stage: `ringing`, `talking`, `held` or `ended`.
        since: When the stage began.
    """

    call_id: str
    leg_id: str
    role: LegRole
    agent: str | None = None
    queue: str | None
    order_id: str | None
    stage: str
    since: datetime | None
    answered_at: datetime | None
    end: LegEnd | None


class CardChanged(BaseModel):
    """A card that is shown has changed."""

    card: CardTold


class LiveCalls:
    """A listener of the ledger and of the cards."""

    def __init__(
        self,
        ledger: Ledger,
        cards: Cards,
        hub: EventHub,
        audit: AuditTrail,
        agents: Callable[[], Iterable[Agent]],
    ) -> None:
        """Subscribe; `agents` tells who is signed in (`Floor.agents`)."""
        self._ledger = ledger
        self._cards = cards
        self._hub = hub
        self._audit = audit
        self._agents = agents
        self._rung: set[tuple[str, str]] = set()
        self._changing: set[tuple[str, str]] = set()
        self._told: dict[tuple[str, str], TalkTold] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False
        ledger.subscribe(self)
        cards.subscribe(self.card_changed)

    async def close(self) -> None:
        """Tell nothing more."""
        self._closed = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def story_changed(self, story: Story) -> None:
        """Nothing is told of the whole call: what concerns a page is told of its legs."""

    def leg_changed(self, leg: Leg) -> None:
        """Tell whom it concerns, each stage once."""
        call = self._ledger.find(leg.call_id)
        if call is None or self._closed:
            return
        key, talk = (leg.call_id, leg.leg_id), talk_of(leg)
        if talk.stage == "ringing" and leg.agent is not None and key not in self._rung:
            self._rung.add(key)
            self._later(self._ring(call.story, leg, leg.agent))
        if self._told.get(key) != talk:
            self._told[key] = talk
            for login in _concerned(call.story, leg):
                self._hub.publish("talk", talk, Audience(login=login))
        if talk.stage == "ended":
            self._rung.discard(key)
            self._told.pop(key, None)

    def card_changed(self, story: Story) -> None:
        """Tell everybody who has the call before him; what changes until his card is made is in it."""
        if self._closed:
            return
        for login in sorted(self._looking(story)):
            key = (story.call_id, login)
            if key not in self._changing:
                self._changing.add(key)
                self._later(self._change(story, login))

    def _looking(self, story: Story) -> set[str]:
        """Who has the call on the telephone or is wrapping it up."""
        on_telephone = {leg.agent for leg in story.legs.values() if leg.agent and leg.ended_at is None}
        return on_telephone | {
            agent.login
            for agent in self._agents()
            if agent.state is AgentState.WRAP_UP and agent.call_id == story.call_id
        }

    async def _ring(self, story: Story, leg: Leg, login: str) -> None:
        card = CardTold.model_validate(await self._seen(story, login))
        if leg.answered_at is not None or leg.ended_at is not None:  # quicker than its card
            self._hub.publish("card", CardChanged(card=card), Audience(login=login))
            return
        ring = RingTold(
            call_id=leg.call_id,
            leg_id=leg.leg_id,
            role=leg.role,
            queue=leg.queue,
            order_id=_order(leg),
            card=card,
        )
        self._hub.publish("ring", ring, Audience(login=login))

    async def _change(self, story: Story, login: str) -> None:
        card = CardTold.model_validate(await self._seen(story, login))
        self._hub.publish("card", CardChanged(card=card), Audience(login=login))

    async def _seen(self, story: Story, login: str) -> Card:
        """The card, put down as seen; without personal data while that is not possible."""
        card = await self._cards.at_ring(story, login)
        self._changing.discard((story.call_id, login))
        entries = views(card, login)
        if not entries:
            return card
        try:
            async with asyncio.timeout(_AUDIT_SECONDS):
                await self._audit.record(*entries)
        except (TimeoutError, StoreUnavailable) as fault:
            log.warning("card.not-audited", action=Action.VIEWED.value, fault=type(fault).__name__)
            return await self._cards.at_ring(story, login, disclose=False)
        return card

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="live-call")
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("live.failed", error=type(error).__name__)


def talk_of(leg: Leg) -> TalkTold:
    """How a leg stands."""
    stage, since = "ringing", leg.rang_at
    if leg.ended_at is not None:
        stage, since = "ended", leg.ended_at
    elif leg.on_hold:
        stage, since = "held", leg.holds[-1].since
    elif leg.answered_at is not None:
        stage, since = "talking", leg.answered_at
    return TalkTold(
        call_id=leg.call_id,
        leg_id=leg.leg_id,
        role=leg.role,
        agent=leg.agent,
        queue=leg.queue,
        order_id=_order(leg),
        stage=stage,
        since=since,
        answered_at=leg.answered_at,
        end=leg.end,
    )


def _order(leg: Leg) -> str | None:
    """Id of the order that made the telephone ring: a channel that we originate is named by its order."""
    return leg.leg_id if leg.role in _ORDERED else None


def _concerned(story: Story, leg: Leg) -> list[str]:
    """The operator of the leg; of a client or somebody asked, all operators in the call."""
    if leg.agent is not None and leg.role is not LegRole.CONSULT:
        return [leg.agent]
    others = {one.agent for one in story.legs.values() if one.agent and one.ended_at is None}
    return sorted(others | {leg.agent} if leg.agent else others)
