"""Attempts to call somebody: ordered once, watched until it is known how they went.

An attempt is written down with the id of the channel before the exchange is asked, in the same transaction as
the claim on what it is about. Whatever happens then (engine killed, link away, answer lost), nobody orders
that call again: the ledger's legs of that id tell how it went.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any, Protocol
from weakref import WeakValueDictionary

import structlog
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from ivr.calls.legs import Leg, LegEnd, LegRole
from ivr.calls.story import About
from ivr.desk.model import Agent, AgentState
from ivr.desk.news import local
from ivr.desk.ports import ExchangeAway, Order, Phone
from ivr.desk.settings_work import AttemptsSettings
from ivr.desk.work_tables import call_attempts
from ivr.dialogue.ports import Clock
from ivr.store import Database, StoreUnavailable

log = structlog.get_logger(__name__)


class MatterKind(StrEnum):
    """What a call is made for."""

    CALLBACK = "callback"
    LOST = "lost"
    TASK = "task"


@dataclass(frozen=True, slots=True)
class Matter:
    """The promise, the lost caller or the task that a call is made for."""

    kind: MatterKind
    id: int


class AttemptOutcome(StrEnum):
    """How an attempt went."""

    ANSWERED = "answered"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    FAILED = "failed"  # the network did not reach the client
    OPERATOR_MISSED = "operator-missed"  # nobody took the operator's telephone, or he gave up
    NOT_MADE = "not-made"  # the exchange never made the call

    @property
    def counts(self) -> bool:
        """Whether it was an attempt to reach the client, and failed."""
        return self in {AttemptOutcome.BUSY, AttemptOutcome.NO_ANSWER, AttemptOutcome.FAILED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One attempt. Moments are aware.

    Attributes:
        order_id: Unique id of the operator's channel.
        call_id: Our id of the call that it makes.
        agent: Login.
        outcome: None until it is known.
    """

    id: int
    matter: Matter
    order_id: str
    call_id: str
    agent: str
    began_at: datetime
    outcome: AttemptOutcome | None = None
    settled_at: datetime | None = None


class NotPlaced(Exception):
    """No call was ordered.

    Attributes:
        why: `taken`: it is not open any more, or somebody else is at it; `not-ready`: the operator can't be
            rung now.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Dialler(Protocol):
    """Rings an operator, then a number, and begins the story of that call."""

    async def dial(self, order: Order, about: About) -> None:
        """Make the call that is written down already; `about` is for its story.

        Raises:
            ExchangeAway: It is not known whether the call was made.
        """


class Reserving(Protocol):
    """Keeps callers away from an operator who is about to be rung; `Floor` does."""

    def agent(self, login: str) -> Agent | None:
        """Who he is and what he does now."""

    async def reserve(self, login: str, why: str) -> bool:
        """Take him, if he is ready; no caller of a queue is offered to him then."""

    def release(self, login: str) -> None:
        """Let him go again; no fault when he was not taken."""


Claim = Callable[[Connection], bool]
"""Takes what the call is about, in the attempt's own transaction; False when it can't be had."""

Settle = Callable[[Connection, Attempt, datetime], None]
"""Draws the consequences of an outcome, in the transaction that writes it."""

LegsOf = Callable[[str], Awaitable[Sequence[Leg]]]
"""The legs of a call by our id, those of calls that ended before the engine started included."""

_FREE = frozenset({AgentState.PAUSED, AgentState.WRAP_UP})
_CLIENT_ENDS: Mapping[LegEnd | None, AttemptOutcome] = {
    LegEnd.BUSY: AttemptOutcome.BUSY,
    LegEnd.DECLINED: AttemptOutcome.BUSY,
    LegEnd.NO_ANSWER: AttemptOutcome.NO_ANSWER,
    LegEnd.FAILED: AttemptOutcome.FAILED,
    LegEnd.AGENT: AttemptOutcome.NO_ANSWER,
}


def outcome_of(order_id: str, legs: Sequence[Leg]) -> AttemptOutcome | None:
    """How an attempt went, from the legs of its call; None while that is open. Pure.

    A client who was busy on one trunk may yet be reached over the next, so it is over only when the
    operator's telephone is.
    """
    clients = [leg for leg in legs if leg.role is LegRole.CLIENT]
    if any(leg.answered_at for leg in clients):
        return AttemptOutcome.ANSWERED
    operator = next((leg for leg in legs if leg.leg_id == order_id), None)
    if operator is None or operator.ended_at is None:
        return None
    if operator.answered_at is None:
        return AttemptOutcome.OPERATOR_MISSED
    if not clients:
        return AttemptOutcome.FAILED
    return _CLIENT_ENDS.get(clients[-1].end, AttemptOutcome.OPERATOR_MISSED)


class Attempts:
    """Orders calls, and learns how they went."""

    def __init__(
        self,
        database: Database,
        settings: AttemptsSettings,
        clock: Clock,
        *,
        dialler: Dialler,
        floor: Reserving,
        legs_of: LegsOf,
        linked: Callable[[], bool],
    ) -> None:
        """Args: `linked` tells whether the exchange is being watched: a call that is there is seen."""
        self._database = database
        self._settings = settings
        self._clock = clock
        self._dialler = dialler
        self._floor = floor
        self._legs_of = legs_of
        self._linked = linked
        self._open: dict[str, Attempt] = {}
        self._placing: WeakValueDictionary[tuple[Matter, str], asyncio.Lock] = WeakValueDictionary()
        self._unseen_since: dict[str, float] = {}
        self._settles: dict[MatterKind, Settle] = {}
        self._after: dict[MatterKind, Callable[[Attempt], None]] = {}
        self._wake = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None

    def handle(self, kind: MatterKind, settle: Settle, after: Callable[[Attempt], None]) -> None:
        """Say what an outcome means for one kind; `after` is called when that is durable."""
        self._settles[kind] = settle
        self._after[kind] = after

    async def start(self) -> None:
        """Take up the attempts whose outcome is not known, and watch.

        Raises:
            StoreUnavailable: They cannot be read.
        """
        for attempt in await self._database.read(partial(_unsettled, self._clock.now())):
            self._open[attempt.call_id] = attempt
        self._watching = asyncio.create_task(self._watch(), name="call-attempts")

    async def close(self) -> None:
        """Watch no longer; what is open is taken up at the next start."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)

    def leg_changed(self, leg: Leg) -> None:
        """The ledger tells of a leg."""
        if leg.call_id in self._open:
            self._wake.set()

    def under_way(self, matter: Matter) -> bool:
        """Whether somebody is being called about it now."""
        return any(attempt.matter == matter for attempt in self._open.values())

    async def place(
        self, matter: Matter, login: str, number: str, profile: str, claim: Claim, *, by_hand: bool = False
    ) -> Attempt:
        """Ring the operator, then the number. Never twice, whatever happens.

        Who presses again, because the answer got lost, is told of the attempt that is under way.

        Args:
            matter: What it is about.
            login: Who is rung first.
            number: In E.164.
            profile: Standard that is kept.
            claim: Takes the matter for him.
            by_hand: Whether the operator has asked for it: then he may be in a pause or in wrap-up.

        Returns:
            The attempt, as it was written down; how it goes is told to the handler of its kind.

        Raises:
            NotPlaced: The operator is not ready, or what it is about is not to be had; nothing was ordered.
            StoreUnavailable: Nothing was written or ordered.
        """
        lock = self._placing.setdefault((matter, login), asyncio.Lock())
        async with lock:
            earlier = self._of_operator(matter, login) if by_hand else None
            return earlier or await self._place(matter, login, number, profile, claim, by_hand)

    def _of_operator(self, matter: Matter, login: str) -> Attempt | None:
        mine = (one for one in self._open.values() if (one.matter, one.agent) == (matter, login))
        return next(mine, None)

    async def _place(
        self, matter: Matter, login: str, number: str, profile: str, claim: Claim, by_hand: bool
    ) -> Attempt:
        phone = await self._reserved(login, matter, by_hand)
        order = Order(
            order_id=str(uuid.uuid4()),
            call_id=str(uuid.uuid4()),
            phone=phone,
            agent=login,
            number=number,
            role=LegRole.CALLBACK,
            profile=profile,
        )
        try:
            attempt = await self._write_down(matter, order, claim)
        except BaseException:
            self._floor.release(login)
            raise
        self._open[attempt.call_id] = attempt
        try:
            await self._dialler.dial(order, About(matter.kind, str(matter.id)))
        except ExchangeAway:
            log.warning("attempts.exchange_away", call_id=attempt.call_id)
        return attempt

    async def of(self, matter: Matter) -> list[Attempt]:
        """The attempts for one matter, the first one first.

        Raises:
            StoreUnavailable: They cannot be read.
        """
        return await self._database.read(partial(_of, matter, self._clock.now()))

    async def _reserved(self, login: str, matter: Matter, by_hand: bool) -> Phone:
        agent = self._floor.agent(login)
        if agent is None or agent.phone is None or not agent.reachable:
            raise NotPlaced("not-ready")
        if by_hand and agent.state in _FREE:
            return agent.phone
        if not await self._floor.reserve(login, matter.kind.value):
            raise NotPlaced("not-ready")
        return agent.phone

    async def _write_down(self, matter: Matter, order: Order, claim: Claim) -> Attempt:
        try:
            attempt = await self._database.write(partial(_begin, matter, order, claim, self._clock.now()))
        except IntegrityError:  # an attempt for it is under way
            attempt = None
        if attempt is None:
            raise NotPlaced("taken")
        return attempt

    async def _watch(self) -> None:
        while True:
            self._wake.clear()
            for attempt in list(self._open.values()):
                await self._look_at(attempt)
            await self._pause()

    async def _pause(self) -> None:
        """Until a leg changes, or for a while."""
        waits = [
            asyncio.ensure_future(self._wake.wait()),
            asyncio.ensure_future(self._clock.sleep(self._settings.poll_seconds)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()

    async def _look_at(self, attempt: Attempt) -> None:
        try:
            legs = await self._legs_of(attempt.call_id)
            outcome = self._not_made(attempt) if not legs else outcome_of(attempt.order_id, legs)
            if outcome is not None:
                await self._settle(attempt, outcome)
        except StoreUnavailable:
            log.warning("attempts.wait_for_store", call_id=attempt.call_id)

    def _not_made(self, attempt: Attempt) -> AttemptOutcome | None:
        """The exchange has shown nothing of it for so long, while it was being watched."""
        now = self._clock.monotonic()
        if not self._linked():
            self._unseen_since.pop(attempt.call_id, None)
            return None
        since = self._unseen_since.setdefault(attempt.call_id, now)
        return AttemptOutcome.NOT_MADE if now - since >= self._settings.unseen_seconds else None

    async def _settle(self, attempt: Attempt, outcome: AttemptOutcome) -> None:
        now = self._clock.now()
        settled = replace(attempt, outcome=outcome, settled_at=now)
        await self._database.write(partial(_settle, settled, self._settles[attempt.matter.kind], now))
        self._open.pop(attempt.call_id, None)
        self._unseen_since.pop(attempt.call_id, None)
        log.info("attempts.settled", call_id=attempt.call_id, kind=attempt.matter.kind, outcome=outcome)
        if outcome is AttemptOutcome.NOT_MADE:
            self._floor.release(attempt.agent)
        self._after[attempt.matter.kind](settled)


_COLUMNS = [call_attempts.c[each.name] for each in fields(Attempt) if each.name != "matter"]
_ALL = [*_COLUMNS, call_attempts.c.about_kind, call_attempts.c.about_id]


def _begin(
    matter: Matter, order: Order, claim: Claim, now: datetime, connection: Connection
) -> Attempt | None:
    if not claim(connection):
        return None
    values = {
        "about_kind": matter.kind,
        "about_id": matter.id,
        "order_id": order.order_id,
        "call_id": order.call_id,
        "agent": order.agent,
        "began_at": now,
    }
    statement = insert(call_attempts).values(values).returning(*_ALL)
    return _attempt(connection.execute(statement).mappings().one(), now)


def _settle(attempt: Attempt, settle: Settle, now: datetime, connection: Connection) -> None:
    mine = (call_attempts.c.id == attempt.id) & call_attempts.c.outcome.is_(None)
    told = {"outcome": attempt.outcome, "settled_at": now}
    if connection.execute(update(call_attempts).where(mine).values(told)).rowcount:
        settle(connection, attempt, now)


def _unsettled(now: datetime, connection: Connection) -> list[Attempt]:
    query = select(*_ALL).where(call_attempts.c.outcome.is_(None)).order_by(call_attempts.c.id)
    return [_attempt(row, now) for row in connection.execute(query).mappings()]


def _of(matter: Matter, now: datetime, connection: Connection) -> list[Attempt]:
    mine = (call_attempts.c.about_kind == matter.kind) & (call_attempts.c.about_id == matter.id)
    query = select(*_ALL).where(mine).order_by(call_attempts.c.id)
    return [_attempt(row, now) for row in connection.execute(query).mappings()]


def missed_lately(connection: Connection, kind: MatterKind, since: datetime) -> set[tuple[int, str]]:
    """What was rung for in vain at whose telephone: ids of matters with logins."""
    query = select(call_attempts.c.about_id, call_attempts.c.agent).where(
        call_attempts.c.about_kind == kind,
        call_attempts.c.outcome.in_([AttemptOutcome.OPERATOR_MISSED, AttemptOutcome.NOT_MADE]),
        call_attempts.c.settled_at >= since,
    )
    return {(row.about_id, row.agent) for row in connection.execute(query)}


def _attempt(row: Mapping[Any, Any], now: datetime) -> Attempt:
    values = local(row, now.tzinfo)
    matter = Matter(MatterKind(values.pop("about_kind")), values.pop("about_id"))
    outcome = values.pop("outcome")
    return Attempt(matter=matter, outcome=None if outcome is None else AttemptOutcome(outcome), **values)
