"""The floor: the operators who are signed in, kept in step with Asterisk and with the database.

Nothing is commanded step by step. Whenever something happened, the wished members of all queues are derived
from the operators' states, and `MemberKeeper` makes Asterisk have them; so it does not matter which side
restarted, or what was lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

import structlog

from ivr.access.model import User
from ivr.calls.legs import Leg, LegEnd, LegRole
from ivr.calls.story import Stage, Story
from ivr.desk import agents as does
from ivr.desk.agents import Happened
from ivr.desk.callers import nobody_promised
from ivr.desk.members import MemberKeeper
from ivr.desk.membership import Wish
from ivr.desk.model import Agent, AgentState, QueueState
from ivr.desk.news import News
from ivr.desk.ports import FloorSeen, Phone, Switchboard
from ivr.desk.queues import Queues
from ivr.desk.seat import Presence, Seat, ended_talk, shown
from ivr.desk.sessions import SessionBook
from ivr.desk.settings import DeskSettings
from ivr.dialogue.ports import Clock
from ivr.store import Database

log = structlog.get_logger(__name__)


class NotSignedIn(Exception):
    """The operator is not signed in."""


class PhoneTaken(Exception):
    """Somebody else is signed in at that telephone."""


class InTalk(Exception):
    """The telephone can't be changed while the other one rings or talks."""


def no_legs(login: str) -> Sequence[Leg]:
    """Nobody's telephone rings or talks."""
    return ()


class Floor:
    """The operators; an `ExchangeListener`, and a listener of the ledger. Those methods never wait."""

    def __init__(
        self,
        *,
        database: Database,
        settings: DeskSettings,
        switchboard: Switchboard,
        clock: Clock,
        queues: Collection[str],
        wrap_up_norm: Callable[[str], int | None],
        promised: Callable[[str], Sequence[datetime]] = nobody_promised,
        open_legs: Callable[[str], Sequence[Leg]] = no_legs,
    ) -> None:
        """Begin with nobody; `start` finds who is signed in.

        Args:
            database: Open and current.
            settings: Of the desk.
            switchboard: Acts on Asterisk.
            clock: In the company's time zone.
            queues: Asterisk's queues, groups included.
            wrap_up_norm: Call id → seconds that the call's standard allows for wrap-up, or None.
            promised: Queue → since when its call-backs wait that keep their place.
            open_legs: Login → his legs that ring or talk, as the ledger knows.
        """
        self._settings = settings
        self._rules = settings.agents
        self._clock = clock
        self._wrap_up_norm = wrap_up_norm
        self._open_legs = open_legs
        self._book = SessionBook(database, clock, self._rules.retry_seconds)
        self._keeper = MemberKeeper(switchboard, clock, self._rules.retry_seconds)
        self._board = Queues(queues, settings, promised)
        self._seats: dict[str, Seat] = {}
        self._reachable: frozenset[str] = frozenset()
        self._news: News[Agent] = News()
        self._queue_news: News[list[QueueState]] = News()
        self._told: list[QueueState] = []
        self._ticking: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take up who is signed in, and begin to watch the time.

        Raises:
            StoreUnavailable: The database can't be read now.
        """
        limit = self._settings.estimate.handling_calls * max(1, len(self._board.names))
        for handled in await self._book.handled(limit):
            self._board.handling.add(handled.queue, handled.seconds)
        self._seats = {seat.login: seat for seat in await self._book.load()}
        self._route()
        self._ticking = asyncio.create_task(self._tick_forever(), name="desk-floor")
        log.info("floor.opened", operators=len(self._seats))

    async def close(self) -> None:
        """Write what waits; operators stay signed in, and members of their queues."""
        if self._ticking is not None:
            self._ticking.cancel()
            await asyncio.gather(self._ticking, return_exceptions=True)
        await self._keeper.close()
        await self._book.close()

    # --- what is asked -----------------------------------------------------------------------------------

    @property
    def board(self) -> Queues:
        """The queues and their callers."""
        return self._board

    @property
    def seats(self) -> Collection[Seat]:
        """The operators who are signed in, with all that is known of them."""
        return self._seats.values()

    def agents(self) -> list[Agent]:
        """The operators who are signed in, by login."""
        return [self._seats[login].agent(self._rules) for login in sorted(self._seats)]

    def agent(self, login: str) -> Agent | None:
        """One of them; None when he is not signed in."""
        seat = self._seats.get(login)
        return seat.agent(self._rules) if seat else None

    def agent_of(self, device: str) -> str | None:
        """Who is signed in at a telephone (`PJSIP/op-201`, or a channel of it)."""
        phone = Phone.of(device)
        return next((seat.login for seat in self._seats.values() if seat.phone == phone), None)

    def queues(self) -> list[QueueState]:
        """All queues."""
        return self._board.states(self._seats.values(), self._clock.now())

    def subscribe(self, listener: Callable[[Agent], None]) -> None:
        """Tell it of every operator whose state or telephone changed; it must not wait."""
        self._news.subscribe(listener)

    def subscribe_queues(self, listener: Callable[[list[QueueState]], None]) -> None:
        """Tell it of the queues when something in them changed, at most once a tick; it must not wait."""
        self._queue_news.subscribe(listener)

    # --- what operators do; durable on return ------------------------------------------------------------

    async def sign_in(self, user: User, phone: Phone) -> Agent:
        """He works at that telephone from now on, paused at first; signing in again changes nothing else.

        Raises:
            PhoneTaken: Somebody else is signed in there.
            InTalk: He is in a talk on another telephone.
            StoreUnavailable: It could not be written yet.
        """
        holder = self.agent_of(phone.device)
        if holder is not None and holder != user.login:
            raise PhoneTaken
        before = self._seats.get(user.login)
        self._put(before, self._seated(before, user, phone))
        for leg in self._open_legs(user.login):
            self.leg_changed(leg)
        await self._book.durable()
        return self._seats[user.login].agent(self._rules)

    async def sign_out(self, login: str) -> None:
        """He takes no more calls; a talk goes on to its end. No fault when he is not signed in.

        Raises:
            StoreUnavailable: It could not be written yet.
        """
        if login in self._seats:
            self._apply(login, does.SignedOut(at=self._clock.now()))
            await self._book.durable()

    async def ready(self, login: str) -> Agent:
        """Calls may come; after a talk when he is in one.

        Raises:
            NotSignedIn: He is not signed in.
            StoreUnavailable: It could not be written yet.
        """
        return await self._order(login, does.Ready(at=self._clock.now()))

    async def pause(self, login: str, reason: str) -> Agent:
        """No calls come; after a talk when he is in one. The reason is an id of the settings.

        Raises:
            ValueError: There is no such reason.
            NotSignedIn: He is not signed in.
            StoreUnavailable: It could not be written yet.
        """
        if reason not in self._rules.pause_reasons:
            raise ValueError(f"no such reason of a pause: {reason}")
        return await self._order(login, does.Paused(at=self._clock.now(), reason=reason))

    async def wrap_up_done(self, login: str) -> Agent:
        """What the call was about is written down: the next one may come.

        Raises:
            NotSignedIn: He is not signed in.
            StoreUnavailable: It could not be written yet.
        """
        return await self._order(login, does.WrappedUp(at=self._clock.now()))

    async def prolong(self, login: str) -> Agent:
        """More time for wrap-up, as often as the settings allow.

        Raises:
            NotSignedIn: He is not signed in.
            StoreUnavailable: It could not be written yet.
        """
        return await self._order(login, does.Prolonged(at=self._clock.now()))

    async def reserve(self, login: str, why: str, seconds: float | None = None) -> bool:
        """Keep callers away from an operator who is ready, so that he can be rung for something else.

        Args:
            login: His.
            why: For the log.
            seconds: For so long, if nothing happens; None: as the settings say.

        Returns:
            Whether he is kept; False when he is not ready, or Asterisk did not confirm in time.
        """
        seat = self._seats.get(login)
        if seat is None or not seat.free:
            return False
        now = self._clock.now()
        until = now + timedelta(seconds=self._rules.reserved_seconds if seconds is None else seconds)
        self._apply(login, does.Reserved(at=now, until=until))
        settled = await self._keeper.settled(seat.phone, self._rules.reserve_within_seconds)
        seat = self._seats.get(login)
        if settled and seat and seat.state is AgentState.READY and seat.reserved_until:
            log.info("floor.reserved", login=login, why=why)
            return True
        self.release(login)
        return False

    async def listens(self, login: str, begins: bool) -> bool:
        """Keep callers away from who listens to a talk of somebody, or let them in again.

        Returns:
            Whether it is so; False when a call holds him.
        """
        seat = self._seats.get(login)
        if seat is None:
            return not begins
        self._apply(login, does.Listens(at=self._clock.now(), begins=begins))
        await self._keeper.settled(seat.phone, self._rules.reserve_within_seconds)
        seat = self._seats.get(login)
        return not begins or (seat is not None and seat.listens and not seat.legs)

    def release(self, login: str) -> None:
        """Let callers in again; no fault when he was not kept."""
        if login in self._seats:
            self._apply(login, does.Released(at=self._clock.now()))

    # --- what Asterisk and the ledger tell ---------------------------------------------------------------

    def leg_changed(self, leg: Leg) -> None:
        """A leg of a call rang, was answered, or ended."""
        at = leg.ended_at or leg.answered_at or leg.rang_at or self._clock.now()
        login = self._whose(leg)
        if login is not None:
            seconds = self._wrap_up_seconds(leg.call_id)
            self._apply(login, does.LegSeen(at=at, leg=leg, wrap_up_seconds=seconds))
        if leg.end is LegEnd.TRANSFERRED:
            for other in [seat.login for seat in self._seats.values() if seat.login != login]:
                self._apply(other, does.TookOver(at=at, call_id=leg.call_id))

    def story_changed(self, story: Story) -> None:
        """A call went on; who talks, or has hung up, waits no longer."""
        if story.stage in (Stage.TALKING, Stage.ENDED):
            self._board.callers.gone(story.call_id)

    def caller_joined(self, queue: str, call_id: str, at: datetime) -> None:
        """A caller waits in a queue of Asterisk."""
        self._board.callers.joined(queue, call_id, at)

    def caller_left(self, queue: str, call_id: str, at: datetime) -> None:
        """He no longer does; he may come back to his place."""
        self._board.callers.left(call_id, at)

    def phone_reachable(self, device: str, reachable: bool) -> None:
        """A telephone came or went."""
        self._reachable = self._reachable | {device} if reachable else self._reachable - {device}
        login = self.agent_of(device)
        if login is not None:
            self._apply(login, does.PhoneSeen(at=self._clock.now(), reachable=reachable))

    def resync(self, seen: FloorSeen) -> None:
        """Asterisk was looked at after a time in which nobody watched."""
        now = self._clock.now()
        self._reachable = seen.reachable
        self._board.callers.seen(seen.callers, now)
        for seat in list(self._seats.values()):
            device = seat.phone.device
            self._apply(seat.login, does.PhoneSeen(at=now, reachable=device in seen.reachable))
            self._drop_legs(seat, seen, now)
        self._keeper.seen(seen.members)
        self._route()
        log.info("floor.resynced", operators=len(self._seats), members=len(seen.members))

    def _drop_legs(self, seat: Seat, seen: FloorSeen, now: datetime) -> None:
        """End what is not there: of a telephone with two legs Asterisk shows one, the ledger both."""
        alive = set(seen.talks.values())
        if seat.phone.device in seen.talks:
            alive |= {leg.leg_id for leg in self._open_legs(seat.login)}
        for leg in seat.legs:
            if leg.leg_id not in alive:
                seconds = self._wrap_up_seconds(leg.call_id)
                self._apply(seat.login, does.LegGone(at=now, leg_id=leg.leg_id, wrap_up_seconds=seconds))

    # --- time --------------------------------------------------------------------------------------------

    def tick(self) -> None:
        """Look at the time: limits that are over, queues that become wide or narrow."""
        now = self._clock.now()
        for login in list(self._seats):
            self._apply(login, does.Passed(at=now))
        self._board.look(now)
        self._route()
        states = self._board.states(self._seats.values(), now)
        if states != self._told:
            self._told = states
            self._queue_news.tell(states)

    async def _tick_forever(self) -> None:
        while True:
            await self._clock.sleep(self._rules.tick_seconds)
            try:
                self.tick()
            except Exception:
                log.exception("floor.tick_failed")

    # --- within ------------------------------------------------------------------------------------------

    def _seated(self, before: Seat | None, user: User, phone: Phone) -> Seat:
        now = self._clock.now()
        away = None if phone.device in self._reachable else now
        fresh = Seat(
            login=user.login,
            name=user.name,
            phone=phone,
            skills=user.skills,
            signed_in_at=now,
            since=now,
            away_since=away,
        )
        if before is None or (before.presence is Presence.OFFLINE and not before.legs):
            return fresh
        if before.phone != phone and before.legs:
            raise InTalk
        return does.rejoined(before, fresh)

    def _whose(self, leg: Leg) -> str | None:
        if leg.role is LegRole.CLIENT or Phone.of(leg.device) is None:
            return None
        return leg.agent if leg.agent in self._seats else self.agent_of(leg.device)

    def _wrap_up_seconds(self, call_id: str) -> int:
        for seconds in (self._rules.wrap_up_seconds, self._wrap_up_norm(call_id)):
            if seconds is not None:
                return seconds
        return self._rules.wrap_up_default_seconds

    async def _order(self, login: str, event: Happened) -> Agent:
        if login not in self._seats:
            raise NotSignedIn
        agent = self._apply(login, event)
        await self._book.durable()
        return agent

    def _apply(self, login: str, event: Happened) -> Agent:
        before = self._seats[login]
        seat = does.after(before, event, self._rules)
        if seat != before:
            self._put(before, seat)
        return seat.agent(self._rules)

    def _put(self, before: Seat | None, seat: Seat) -> None:
        if seat.state is AgentState.OFFLINE:
            self._seats.pop(seat.login, None)
        else:
            self._seats[seat.login] = seat
        self._book.changed(seat, moved=before is None or shown(before) != shown(seat))
        self._route()
        ended = ended_talk(before, seat) if before else None
        if ended is not None and ended.queue:
            self._board.handling.add(ended.queue, (self._clock.now() - ended.since).total_seconds())
        if before is None or before.agent(self._rules) != seat.agent(self._rules):
            self._news.tell(seat.agent(self._rules))

    def _route(self) -> None:
        """Wish the members that follow from the operators' states."""
        self._board.staffed(self._seats.values())
        self._keeper.want(
            {
                seat.phone: Wish(agent=seat.login, queues=self._board.of(seat.skills), pause=seat.kept_away)
                for seat in self._seats.values()
            }
        )
