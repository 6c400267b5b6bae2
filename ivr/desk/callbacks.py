"""Keeping promises to call: the operator is rung first, then the client; nobody is overtaken or rung twice.

A promise is open, then taken (by the executor for a ready operator, or by hand), then done, or open again
after an attempt that did not reach the client, until attempts or time are used up.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog
from sqlalchemy import Connection, func, select

from ivr.calls.queries import briefs
from ivr.calls.story import CallKind, Story
from ivr.calls.tables import calls
from ivr.desk.attempts import (
    Attempt,
    AttemptOutcome,
    Attempts,
    Matter,
    MatterKind,
    NotPlaced,
    missed_lately,
)
from ivr.desk.callback_choice import Match, Rules, Scene, choose
from ivr.desk.conflicts import Conflict, NotThere
from ivr.desk.model import Agent, QueueState
from ivr.desk.news import News
from ivr.desk.settings_work import CallbacksSettings
from ivr.dialogue.ports import Clock
from ivr.requests import callback_rows
from ivr.requests.callback_model import Callback, CallbackEnd, CallbackStatus
from ivr.requests.callbacks import Callbacks
from ivr.store import Database, StoreUnavailable, UtcDateTime

log = structlog.get_logger(__name__)

Consequence = Callable[[Connection, Callback, datetime], None]
"""What a broken promise leaves behind, in the transaction that breaks it."""


_END_OF = {
    CallKind.INBOUND: CallbackEnd.CALLED_IN,
    CallKind.OUTBOUND: CallbackEnd.CALLED,
    CallKind.CALLBACK: CallbackEnd.CALLED,
    CallKind.CAMPAIGN: CallbackEnd.CALLED,
}


class Floor(Protocol):
    """Who is ready, and who waits; `ivr.desk.floor.Floor` is one."""

    def agents(self) -> Sequence[Agent]:
        """All operators."""

    def queues(self) -> Sequence[QueueState]:
        """All queues."""


class CallbackDesk:
    """Keeps the promises; its own task never ends before `close`.

    Attributes:
        news: Tells of every promise that is given, changes or is kept.
    """

    def __init__(
        self,
        database: Database,
        settings: CallbacksSettings,
        clock: Clock,
        *,
        promises: Callbacks,
        attempts: Attempts,
        floor: Floor,
        default_profile: str,
        queue_for: Callable[[str], str],
        broken: Sequence[Consequence] = (),
    ) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._promises = promises
        self._attempts = attempts
        self._floor = floor
        self._default_profile = default_profile
        self._broken = tuple(broken)
        self._rules = Rules(
            queue_for=queue_for,
            widen=timedelta(seconds=settings.widen_seconds),
            opens=settings.hours_from,
            closes=settings.hours_until,
        )
        self._owed: Mapping[int, Callback] = {}
        self._got_through: dict[int, CallbackEnd] = {}
        self._wake = asyncio.Event()
        self._keeping: asyncio.Task[None] | None = None
        self.news: News[Callback] = News()

    async def start(self) -> None:
        """Begin to keep promises.

        Raises:
            StoreUnavailable: They cannot be read.
        """
        self._attempts.handle(MatterKind.CALLBACK, self._settle, lambda attempt: self._wake.set())
        self._promises.subscribe(self._wake.set)
        self._owed = {each.id: each for each in await self._promises.waiting()}
        phones = [each.phone for each in self._owed.values()]
        for phone, at, kind in await self._database.read(partial(_talks, phones)):
            self._talked_with(phone, at, _END_OF[kind])
        self._keeping = asyncio.create_task(self._keep(), name="callbacks")

    async def close(self) -> None:
        """Ring nobody any more."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)

    def places(self, queue: str) -> list[datetime]:
        """Since when those wait for a call who are due in a queue, the longest first."""
        now, queue_of = self._clock.now(), self._rules.queue_of
        due = (each for each in self._owed.values() if each.eligible_at <= now and queue_of(each) == queue)
        return sorted(each.place for each in due)

    # --- what others tell; nothing waits ---

    def floor_changed(self) -> None:
        """Somebody may have become ready."""
        self._wake.set()

    def story_changed(self, story: Story) -> None:
        """The ledger tells of a call: whoever talks with a person needs no call any more."""
        phone, at = story.caller_number, story.agent_answered_at
        if phone and at:
            self._talked_with(phone, at, _END_OF[story.kind])

    def _talked_with(self, phone: str, at: datetime, end: CallbackEnd) -> None:
        for promise in self._owed.values():
            if promise.phone == phone and at > promise.promised_at and not self._is_ours(promise, end):
                self._got_through[promise.id] = end
                self._wake.set()

    def _is_ours(self, promise: Callback, end: CallbackEnd) -> bool:
        """Whether it is the attempt's own talk, whose outcome closes the promise."""
        matter = Matter(MatterKind.CALLBACK, promise.id)
        return end is CallbackEnd.CALLED and self._attempts.under_way(matter)

    # --- by hand ---

    async def take(self, id: int, login: str) -> Callback:
        """Claim a promise, to keep it later by hand.

        Raises:
            NotThere: There is none of this id.
            Conflict: It is not open.
            StoreUnavailable: Nothing was written.
        """
        now = self._clock.now()
        return await self._change(id, lambda connection: callback_rows.take(connection, id, login, now))

    async def give_back(self, id: int) -> Callback:
        """Let others keep a promise that somebody has taken. Raises as `take`."""
        now = self._clock.now()
        return await self._change(id, lambda connection: callback_rows.give_back(connection, id, now))

    async def postpone(self, id: int, due_from: datetime) -> Callback:
        """Agree with the client upon another time. Raises as `take`."""
        now = self._clock.now()
        return await self._change(
            id, lambda connection: callback_rows.postpone(connection, id, due_from, now)
        )

    async def close_by_hand(self, id: int, login: str, note: str) -> Callback:
        """Keep it no longer, with a reason. Raises as `take`."""
        now = self._clock.now()
        close = partial(
            callback_rows.close,
            id=id,
            status=CallbackStatus.DONE,
            closed_as=CallbackEnd.BY_HAND,
            now=now,
            taken_by=login,
            note=note,
        )
        return await self._change(id, close)

    async def call(self, id: int, login: str) -> Attempt:
        """Keep it now: ring this operator, then the client.

        Raises:
            NotThere: There is none of this id.
            Conflict: It is not open (`taken`), or the operator can't be rung (`not-ready`).
            StoreUnavailable: Nothing was written or ordered.
        """
        promise = await self._promises.find(id)
        if promise is None:
            raise NotThere
        try:
            return await self._place(Match(promise, login), by_hand=True)
        except NotPlaced as error:
            raise Conflict(error.why) from error
        finally:
            self._wake.set()

    async def _change(self, id: int, job: Callable[[Connection], bool]) -> Callback:
        changed = await self._database.write(job)
        self._wake.set()
        promise = await self._promises.find(id)
        if promise is None:
            raise NotThere
        if not changed:
            raise Conflict("taken" if promise.status.is_pending else "closed")
        return promise

    # --- by itself ---

    async def _keep(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self._close_those_who_got_through()
                await self._look()
            except StoreUnavailable:
                log.warning("callbacks.wait_for_store")
            await self._pause()

    async def _pause(self) -> None:
        waiting = asyncio.ensure_future(self._wake.wait())
        polling = asyncio.ensure_future(self._clock.sleep(self._settings.poll_seconds))
        try:
            await asyncio.wait((waiting, polling), return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            polling.cancel()

    async def _close_those_who_got_through(self) -> None:
        for id, end in list(self._got_through.items()):
            await self._database.write(partial(_done, id, end, self._clock.now()))
            del self._got_through[id]

    async def _look(self) -> None:
        now = self._clock.now()
        owed = {each.id: each for each in await self._promises.waiting()}
        await self._tell_changes(owed)
        for promise in owed.values():
            if self._is_too_late(promise, now):
                await self._database.write(partial(self._expire, promise, now))
                self._wake.set()
        if self._settings.automatic:
            await self._serve(owed, now)

    def _is_too_late(self, promise: Callback, now: datetime) -> bool:
        late = now >= promise.due_from + timedelta(hours=self._settings.expire_hours)
        return late and not self._attempts.under_way(Matter(MatterKind.CALLBACK, promise.id))

    async def _serve(self, owed: Mapping[int, Callback], now: datetime) -> None:
        open_ones = [each for each in owed.values() if each.status is CallbackStatus.OPEN]
        if not open_ones:
            return
        since = now - timedelta(minutes=self._settings.retry_minutes)
        missed = await self._database.read(partial(missed_lately, kind=MatterKind.CALLBACK, since=since))
        live = {queue.queue: queue.longest_since for queue in self._floor.queues()}
        scene = Scene(now=now, agents=self._floor.agents(), live=live, missed=missed)
        for match in choose(open_ones, scene, self._rules):
            try:
                await self._place(match)
            except NotPlaced as error:
                log.info("callbacks.not_placed", why=error.why)

    async def _place(self, match: Match, *, by_hand: bool = False) -> Attempt:
        promise, login = match.promise, match.login
        known = await self._database.read(partial(briefs, call_ids=[promise.call_id]))
        brief = known.get(promise.call_id)
        claim = partial(callback_rows.take, id=promise.id, login=login, now=self._clock.now())
        return await self._attempts.place(
            Matter(MatterKind.CALLBACK, promise.id),
            login,
            promise.phone,
            (brief and brief.profile) or self._default_profile,
            claim,
            by_hand=by_hand,
        )

    async def _tell_changes(self, owed: Mapping[int, Callback]) -> None:
        before, self._owed = self._owed, owed
        for id, promise in owed.items():
            if before.get(id) != promise:
                self.news.tell(promise)
        for id in before.keys() - owed.keys():
            closed = await self._promises.find(id)
            if closed is not None:
                self.news.tell(closed)

    # --- consequences, each in one transaction ---

    def _settle(self, connection: Connection, attempt: Attempt, now: datetime) -> None:
        promise = callback_rows.one(connection, attempt.matter.id, now)
        outcome = attempt.outcome
        if promise is None or outcome is None or not promise.status.is_pending:
            return
        if outcome is AttemptOutcome.ANSWERED:
            callback_rows.close(connection, promise.id, CallbackStatus.DONE, CallbackEnd.CALLED, now)
        elif not outcome.counts:
            callback_rows.give_back(connection, promise.id, now)
        elif promise.failures + 1 < self._settings.attempts:
            next_at = now + timedelta(minutes=self._settings.retry_minutes)
            failures = promise.failures + 1
            callback_rows.give_back(connection, promise.id, now, next_at=next_at, failures=failures)
        else:
            self._break(connection, promise, CallbackStatus.FAILED, CallbackEnd.GAVE_UP, now)

    def _expire(self, promise: Callback, now: datetime, connection: Connection) -> None:
        self._break(connection, promise, CallbackStatus.EXPIRED, CallbackEnd.TOO_LATE, now)

    def _break(
        self,
        connection: Connection,
        promise: Callback,
        status: CallbackStatus,
        closed_as: CallbackEnd,
        now: datetime,
    ) -> None:
        if callback_rows.close(connection, promise.id, status, closed_as, now):
            for consequence in self._broken:
                consequence(connection, promise, now)


def _done(id: int, end: CallbackEnd, now: datetime, connection: Connection) -> bool:
    return callback_rows.close(connection, id, CallbackStatus.DONE, end, now)


def _talks(phones: Sequence[str], connection: Connection) -> list[tuple[str, datetime, CallKind]]:
    """When a person last talked with these numbers, by who called whom."""
    last = func.max(calls.c.agent_answered_at, type_=UtcDateTime)
    query = select(calls.c.caller_number, last, calls.c.kind).where(
        calls.c.caller_number.in_(list(phones)), calls.c.agent_answered_at.is_not(None)
    )
    rows = connection.execute(query.group_by(calls.c.caller_number, calls.c.kind))
    return [(phone, at, CallKind(kind)) for phone, at, kind in rows]
