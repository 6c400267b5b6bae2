"""Supervisors who listen to talks, whisper to operators and join: one talk at a time each.

Written down before anything is heard. The supervisor's telephone is no leg of the call, so neither figures
nor the operator's state know of it; he himself takes no calls meanwhile.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, Protocol

import structlog

from ivr.calls.deeds import DeedKind
from ivr.calls.legs import Leg
from ivr.desk.listening_book import Listened, ListeningBook, Stage
from ivr.desk.model import Agent, AgentState
from ivr.desk.news import News
from ivr.desk.ports import CallNotThere, ExchangeAway, Phone
from ivr.desk.ports_listening import ListeningPost, ListenMode, ListenOrder
from ivr.dialogue.ports import Clock
from ivr.store import StoreUnavailable

log = structlog.get_logger(__name__)

_FREE: Final = frozenset({AgentState.READY, AgentState.PAUSED, AgentState.WRAP_UP})
_RETRY_SECONDS: Final = 1.0
_CLOSE_SECONDS: Final = 3.0


class Why(StrEnum):
    """Why somebody can't listen."""

    NO_TELEPHONE = "no-telephone"  # he is not signed in at a telephone
    BUSY = "busy"  # a call holds him
    LISTENS = "listens-already"
    OWN = "own-talk"
    NO_TALK = "no-talk"  # the operator does not talk now
    NOT_LISTENING = "not-listening"
    NOT_ANSWERED = "not-answered"  # his telephone still rings
    THREE = "three-talk"  # Asterisk mixes him in for one other party at most: the client would not hear him
    EXCHANGE_AWAY = "exchange-away"


class ListenRefused(Exception):
    """It was not done.

    Attributes:
        why: The reason.
    """

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


class Operators(Protocol):
    """The floor, as far as listening needs it."""

    def agent(self, login: str) -> Agent | None:
        """Who he is and what he does now."""

    async def listens(self, login: str, begins: bool) -> bool:
        """Keep callers away from who listens, or let them in again."""


class TalkBook(Protocol):
    """The ledger, as far as listening needs it."""

    def open_legs(self, login: str) -> Iterable[Leg]:
        """Legs of an operator that ring or talk."""

    def legs(self, call_id: str) -> Iterable[Leg]:
        """All legs of a call."""

    def note_deed(
        self, call_id: str, kind: str, agent: str | None, *, data: Mapping[str, Any] | None = None
    ) -> None:
        """Somebody did something in a call."""


@dataclass(frozen=True, slots=True)
class Changed:
    """News of a listening; `over`: it has ended."""

    one: Listened
    over: bool = False


class Listening:
    """The supervisors who listen now; a `ListeningEar`, and a listener of nothing else."""

    def __init__(
        self, *, post: ListeningPost, book: ListeningBook, operators: Operators, talks: TalkBook, clock: Clock
    ) -> None:
        """Begin with nobody; `start` closes what a killed engine has left open."""
        self._post = post
        self._book = book
        self._operators = operators
        self._talks = talks
        self._clock = clock
        self._going: dict[str, Listened] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.news: News[Changed] = News()

    async def start(self) -> None:
        """Write down the end of what was left open; the telephones are hung up once Asterisk is seen.

        Raises:
            StoreUnavailable: The database is away.
        """
        for one in await self._book.left_open():
            await self._operators.listens(one.listener, False)
            await self._book.ended(one)
            log.warning("listening.left-open", listener=one.listener)

    async def close(self) -> None:
        """Hang up whoever listens, and write all ends; what the database refuses the next start writes."""
        for one in list(self._going.values()):
            with suppress(ExchangeAway):
                await self._post.stop(one.order_id)
            self.ended(one.order_id)
        if tasks := list(self._tasks):
            _, late = await asyncio.wait(tasks, timeout=_CLOSE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    # --- what is asked -----------------------------------------------------------------------------------

    def of(self, listener: str) -> Listened | None:
        """The talk that somebody listens to."""
        return next((one for one in self._going.values() if one.listener == listener), None)

    def at(self, agent: str) -> list[Listened]:
        """Who listens to an operator."""
        return [one for one in self._going.values() if one.agent == agent]

    # --- what supervisors do -----------------------------------------------------------------------------

    async def listen(self, listener: str, agent: str, mode: ListenMode, session_id: str = "") -> Listened:
        """Ring the supervisor's telephone; when he answers he hears the operator's talk.

        Raises:
            ListenRefused: It can't be done now.
            StoreUnavailable: It was not written down, and nothing was rung.
        """
        if self.of(listener) is not None:
            raise ListenRefused(Why.LISTENS)
        phone = self._phone(listener)
        leg = self._talk(agent, but=listener)
        self._check(mode, leg.call_id, leg.leg_id)
        one = Listened(
            order_id=str(uuid.uuid4()),
            listener=listener,
            agent=agent,
            call_id=leg.call_id,
            leg_id=leg.leg_id,
            mode=mode,
            since=self._clock.now(),
            session_id=session_id,
        )
        self._going[one.order_id] = one
        try:
            await self._book.entered(one)
            if not await self._operators.listens(listener, True):
                raise ListenRefused(Why.BUSY)
            self.news.tell(Changed(one))
            order = ListenOrder(
                order_id=one.order_id, phone=phone, call_id=leg.call_id, leg_id=leg.leg_id, mode=mode
            )
            await self._told(self._post.listen(order))
        except BaseException:
            self._give_up(one)
            raise
        return self._going.get(one.order_id, one)

    async def change(self, listener: str, mode: ListenMode) -> Listened:
        """Change who hears the supervisor.

        Raises:
            ListenRefused: It can't be done now; the mode is as before.
            StoreUnavailable: It was not written down; the mode is as before.
        """
        one = self._own(listener)
        if one.stage is Stage.RINGING:
            raise ListenRefused(Why.NOT_ANSWERED)
        if one.mode is mode:
            return one
        self._check(mode, one.call_id, one.leg_id)
        other = one.in_mode(mode)
        await self._book.entered(other)
        try:
            await self._told(self._post.set_mode(one.order_id, one.leg_id, mode))
        except ListenRefused:
            await self._book.entered(one)
            raise
        finally:
            if one.order_id not in self._going:  # it has ended meanwhile
                await self._book.ended(other)
        return self._put(other)

    async def leave(self, listener: str) -> None:
        """Hang the supervisor's telephone up; no fault when he does not listen.

        Raises:
            ListenRefused: The exchange is away.
        """
        one = self.of(listener)
        if one is not None:
            await self._told(self._post.stop(one.order_id))

    # --- what the exchange tells -------------------------------------------------------------------------

    def began(self, order_id: str) -> None:
        """The telephone was answered."""
        one = self._going.get(order_id)
        if one is not None and one.stage is Stage.RINGING:
            self._put(replace(one, stage=Stage.HEARING))

    def ended(self, order_id: str) -> None:
        """The telephone is gone."""
        one = self._going.pop(order_id, None)
        if one is None:
            return
        if one.stage is Stage.HEARING:
            self._note(one, DeedKind.LISTENING_ENDED)
        self.news.tell(Changed(one, over=True))
        self._spawn(self._finish(one))

    def seen(self, order_ids: Collection[str]) -> None:
        """The link was away: whoever listens without our knowledge is hung up."""
        for order_id in set(order_ids) ^ set(self._going):
            self._spawn(self._stop(order_id))
            self.ended(order_id)

    # --- within ------------------------------------------------------------------------------------------

    def _phone(self, listener: str) -> Phone:
        agent = self._operators.agent(listener)
        if agent is None or agent.phone is None or not agent.reachable:
            raise ListenRefused(Why.NO_TELEPHONE)
        if agent.state not in _FREE:
            raise ListenRefused(Why.BUSY)
        return agent.phone

    def _talk(self, login: str, but: str) -> Leg:
        if login == but:
            raise ListenRefused(Why.OWN)
        talking = [leg for leg in self._talks.open_legs(login) if leg.talking and leg.person]
        if not talking:
            raise ListenRefused(Why.NO_TALK)
        agent = self._operators.agent(login)
        return next((leg for leg in talking if agent and leg.leg_id == agent.leg_id), talking[0])

    def _check(self, mode: ListenMode, call_id: str, leg_id: str) -> None:
        others = (leg for leg in self._talks.legs(call_id) if leg.leg_id != leg_id)
        if mode is ListenMode.JOIN and any(leg.talking and leg.person for leg in others):
            raise ListenRefused(Why.THREE)

    def _own(self, listener: str) -> Listened:
        one = self.of(listener)
        if one is None:
            raise ListenRefused(Why.NOT_LISTENING)
        return one

    def _put(self, one: Listened) -> Listened:
        if one.order_id in self._going:
            self._going[one.order_id] = one
            self._note(one, DeedKind.LISTENING)
            self.news.tell(Changed(one))
        return one

    def _note(self, one: Listened, kind: DeedKind) -> None:
        told = {"to": one.agent, "mode": one.mode.value}
        log.info("desk.listening", what=kind.value, by=one.listener, whom=one.agent, mode=one.mode.value)
        self._talks.note_deed(one.call_id, kind, one.listener, data=told)

    async def _told(self, deed: Awaitable[None]) -> None:
        try:
            await deed
        except CallNotThere as error:
            raise ListenRefused(Why.NO_TALK) from error
        except ExchangeAway as error:
            raise ListenRefused(Why.EXCHANGE_AWAY) from error

    def _give_up(self, one: Listened) -> None:
        """It came to nothing, as far as is known: perhaps the telephone rings all the same."""
        self._spawn(self._stop(one.order_id))
        self.ended(one.order_id)

    async def _stop(self, order_id: str) -> None:
        with suppress(ExchangeAway):
            await self._post.stop(order_id)

    async def _finish(self, one: Listened) -> None:
        await self._operators.listens(one.listener, self.of(one.listener) is not None)
        await self._until_written(lambda: self._book.ended(one))

    async def _until_written(self, write: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                return await write()
            except StoreUnavailable:
                log.warning("listening.database-away")
                await self._clock.sleep(_RETRY_SECONDS)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="listening")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
