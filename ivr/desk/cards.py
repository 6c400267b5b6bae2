"""Cards of calls: kept ready from the queue on, so that the pop at the ring costs nothing."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import structlog

from ivr.access.model import Right, User
from ivr.calls import rows
from ivr.calls.identifications import How, Identification, Identifications
from ivr.calls.ledger import Ledger
from ivr.calls.legs import Leg, LegRole
from ivr.calls.story import Stage, Story
from ivr.calls.wrapups import WrapUps
from ivr.desk.card import Card
from ivr.desk.card_face import CardFace, Known
from ivr.desk.card_sources import CardSources, Gathered, Gathering, carried_number
from ivr.desk.settings_cards import CardsSettings
from ivr.dialogue.ports import Clock
from ivr.store import Database, StoreUnavailable

log = structlog.get_logger(__name__)


class NoSuchCall(Exception):
    """The ledger knows no such call."""


class NotYours(Exception):
    """The user has no part in the call, and no right to see the cards of others."""


class OfClient(Protocol):
    """A request, a task, a promise to call, a visit: something that concerns a client; texts may be empty."""

    @property
    def account_number(self) -> str:
        """Of his account."""

    @property
    def phone(self) -> str:
        """In E.164."""


@dataclass(slots=True)
class _Entry:
    """A card in the making, or made.

    Attributes:
        story: Of the call.
        at: When it was begun, seconds of the monotonic clock.
        steps: Identifications of the call.
        before: What had been told for the card before this one.
        begun: Looks the identifications up, then asks for the parts.
    """

    story: Story
    at: float
    steps: Sequence[Identification] = ()
    before: Gathered | None = None
    begun: asyncio.Task[Gathering] | None = None

    @property
    def gathering(self) -> Gathering | None:
        """The questions, once they have been asked."""
        task = self.begun
        if task is None or not task.done() or task.cancelled() or task.exception() is not None:
            return None
        return task.result()

    @property
    def gathered(self) -> Gathered | None:
        """What has been told so far."""
        return self.gathering.gathered if self.gathering else self.before

    def concerns(self, matter: OfClient) -> bool:
        """Whether it is of the client of this call, known by his telephone or an account."""
        if matter.phone and matter.phone == self.story.caller_number:
            return True
        accounts = {account.number for account in (self.gathered or Gathered()).accounts}
        return matter.account_number in accounts | {step.account_number for step in self.steps}

    async def wait(self, seconds: float, clock: Clock) -> Gathered:
        """What there is, at the latest after so long."""
        began = clock.monotonic()
        if self.begun is not None:
            await asyncio.wait([self.begun], timeout=seconds)
        if self.gathering is None:
            return self.before or Gathered(missing={"accounts"})
        return await self.gathering.wait(max(0.0, seconds - (clock.monotonic() - began)))

    async def close(self) -> None:
        """Ask no more."""
        if self.begun is not None:
            self.begun.cancel()
            await asyncio.gather(self.begun, return_exceptions=True)
        if self.gathering is not None:
            await self.gathering.close()


class Cards:
    """Makes cards and keeps them; a listener of the ledger."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        database: Database,
        sources: CardSources,
        face: CardFace,
        identifications: Identifications,
        wrapups: WrapUps,
        settings: CardsSettings,
        clock: Clock,
    ) -> None:
        self._ledger = ledger
        self._database = database
        self._sources = sources
        self._face = face
        self._identifications = identifications
        self._wrapups = wrapups
        self._settings = settings
        self._clock = clock
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._announcing: set[asyncio.Task[None]] = set()
        self._closing: set[asyncio.Task[None]] = set()
        self._listeners: list[Callable[[Story], None]] = []
        ledger.subscribe(self)

    def subscribe(self, listener: Callable[[Story], None]) -> None:
        """Tell it of each call whose card has changed; at once, it must not wait."""
        self._listeners.append(listener)

    async def close(self) -> None:
        """Ask no more."""
        for entry in self._entries.values():
            await entry.close()
        self._entries.clear()
        for task in self._announcing:
            task.cancel()
        await asyncio.gather(*self._announcing, *self._closing, return_exceptions=True)

    # --- what the ledger tells --------------------------------------------------------------------------

    def story_changed(self, story: Story) -> None:
        """A card is made ready when its caller begins to wait."""
        if story.stage is Stage.QUEUED and story.call_id not in self._entries:
            self._begin(story)

    def leg_changed(self, leg: Leg) -> None:
        """It is made ready at the ring at the latest."""
        if leg.ended_at is None and leg.agent is not None and leg.call_id not in self._entries:
            call = self._ledger.find(leg.call_id)
            if call is not None:
                self._begin(call.story)

    # --- seeing -----------------------------------------------------------------------------------------

    async def story(self, call_id: str, user: User) -> Story:
        """A call that the user may see.

        Raises:
            NoSuchCall: There is none.
            NotYours: It is not his.
            StoreUnavailable: The ledger can't be read.
        """
        story = await self._find(call_id)
        if not may_see(story, user):
            log.warning("card.refused", call_id=call_id, login=user.login)
            raise NotYours
        return story

    async def at_ring(self, story: Story, login: str, *, disclose: bool = True) -> Card:
        """The card as the telephone rings: what is known now, without personal data where not disclosed."""
        entry = self._entries.get(story.call_id) or self._begin(story)
        gathered = await entry.wait(self._settings.ring_wait_seconds, self._clock)
        return await self._card(story, entry, gathered, login, disclose=disclose)

    async def open(self, call_id: str, user: User) -> Card:
        """The card for somebody who asks for it; what is old is asked anew.

        Raises:
            NoSuchCall: There is none.
            NotYours: It is not his.
            StoreUnavailable: The ledger can't be read.
        """
        story = await self.story(call_id, user)
        entry = self._entries.get(call_id)
        if entry is None or self._clock.monotonic() - entry.at > self._settings.fresh_seconds:
            entry = self._begin(story)
        gathered = await entry.wait(self._settings.open_wait_seconds, self._clock)
        return await self._card(story, entry, gathered, user.login)

    def changed(self, call_id: str) -> None:
        """Something that a card shows was changed elsewhere: it is asked anew, and who sees it is told."""
        if call_id not in self._entries:
            return
        call = self._ledger.find(call_id)
        if call is None:
            self._entries.pop(call_id)
        else:
            self._begin(call.story)
        self._later(self._announce_when_told(call_id), self._announcing)

    def client_changed(self, matter: OfClient) -> None:
        """Something of a client was made or changed: the cards of his calls are asked anew."""
        for call_id in [call_id for call_id, entry in self._entries.items() if entry.concerns(matter)]:
            self.changed(call_id)

    async def identified_accounts(self, call_id: str) -> frozenset[str]:
        """Numbers of the accounts for which the caller of a call is identified.

        Raises:
            NoSuchCall: There is none.
            StoreUnavailable: They can't be read.
        """
        story = await self._find(call_id)
        return _identified(story, await self._identifications.of_call(call_id))

    def speaks_for(self, call_id: str, matter: OfClient) -> bool:
        """Whether something is the caller's own: of his telephone or an account that he is identified for."""
        entry = self._entries.get(call_id)
        if entry is None:
            return False
        call = self._ledger.find(call_id)
        story = call.story if call else entry.story
        by_number = matter.phone != "" and matter.phone == story.caller_number
        return by_number or matter.account_number in _identified(story, entry.steps)

    # --- accounts of a call --------------------------------------------------------------------------------

    async def add(self, call_id: str, account_number: str, how: How, login: str) -> None:
        """Put an account to a call, durably: as identified, or only attached.

        Raises:
            StoreUnavailable: Nothing was written.
        """
        await self._ledger.durable()
        await self._identifications.record(
            Identification(
                call_id=call_id, account_number=account_number, how=how, agent=login, at=self._clock.now()
            )
        )
        self.changed(call_id)

    # --- making -----------------------------------------------------------------------------------------

    async def _find(self, call_id: str) -> Story:
        call = self._ledger.find(call_id)
        if call is not None:
            return call.story
        found = await self._database.read(partial(rows.read_stories, call_ids=[call_id]))
        if call_id not in found:
            raise NoSuchCall
        return found[call_id]

    def _begin(self, story: Story) -> _Entry:
        """Ask for the parts of a card; the parts that were told before stand until they are told anew."""
        before = self._entries.pop(story.call_id, None)
        entry = self._entries[story.call_id] = _Entry(story, self._clock.monotonic())
        if before is not None:
            entry.steps, entry.before = before.steps, before.gathered
            self._later(before.close(), self._closing)
        entry.begun = asyncio.create_task(self._gather(story, entry), name="card")
        while len(self._entries) > self._settings.kept:
            self._later(self._entries.popitem(last=False)[1].close(), self._closing)
        return entry

    async def _gather(self, story: Story, entry: _Entry) -> Gathering:
        try:
            entry.steps = await self._identifications.of_call(story.call_id)
        except StoreUnavailable as fault:
            log.warning("card.identifications-missing", call_id=story.call_id, fault=type(fault).__name__)
        late = partial(self._announce, story)
        return self._sources.begin(story, entry.steps, late, entry.before)

    async def _card(
        self, story: Story, entry: _Entry, gathered: Gathered, login: str, *, disclose: bool = True
    ) -> Card:
        known = Known(
            story=story,
            gathered=gathered,
            steps=entry.steps,
            note=await self._note(story, login),
            viewer=login,
            disclose=disclose,
        )
        return self._face.card(known, self._clock.now())

    async def _note(self, story: Story, login: str) -> str | None:
        """What the colleague has noted who brought the call."""
        brought = any(
            leg.agent == login and leg.role in {LegRole.CONSULT, LegRole.TRANSFER}
            for leg in story.legs.values()
        )
        if not brought:
            return None
        try:
            wrapups = await self._wrapups.of_call(story.call_id)
        except StoreUnavailable:
            return None
        return next((each.note for each in reversed(wrapups) if each.agent != login and each.note), None)

    async def _announce_when_told(self, call_id: str) -> None:
        try:
            story = await self._find(call_id)
        except (NoSuchCall, StoreUnavailable) as fault:
            log.warning("card.change-not-told", call_id=call_id, fault=type(fault).__name__)
            return
        entry = self._entries.get(call_id) or self._begin(story)
        await entry.wait(self._settings.open_wait_seconds, self._clock)
        self._announce(story)

    def _announce(self, story: Story) -> None:
        for listener in self._listeners:
            listener(story)

    def _later(self, work: Coroutine[Any, Any, None], among: set[asyncio.Task[None]]) -> None:
        task = asyncio.create_task(work, name="card-changed")
        among.add(task)
        task.add_done_callback(among.discard)


def _identified(story: Story, steps: Sequence[Identification]) -> frozenset[str]:
    by_robot = carried_number(story)
    numbers = {step.account_number for step in steps if step.how.identifies}
    return frozenset(numbers | ({by_robot} if by_robot else set()))


def may_see(story: Story, user: User) -> bool:
    """Whether the call is the user's: he is rung for it or has talked in it; or he may see all."""
    if user.may(Right.CARDS):
        return True
    mine = [leg for leg in story.legs.values() if leg.agent == user.login]
    return any(leg.answered_at is not None or leg.ended_at is None for leg in mine)
