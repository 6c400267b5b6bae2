"""Hands the messages of one channel to its gateway until each has come to an end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import NoReturn

import structlog
from sqlalchemy import Connection

from ivr.campaigns.channels import receipts, rows
from ivr.campaigns.channels.gateways import Gateway, Letter, NotSent, Unsure
from ivr.campaigns.channels.model import Channel, Message, PartState
from ivr.campaigns.channels.rows import Permission
from ivr.campaigns.channels.settings import ChannelsSettings, GatewaySettings
from ivr.dialogue.ports import Clock
from ivr.store import Database, StoreUnavailable

log = structlog.get_logger(__name__)

_MARGIN_SECONDS = 60.0
"""How much longer a lease lasts than the longest wait for an answer."""

_MOST_EXPONENT = 30
_GATHER_SECONDS = 0.02
"""Messages that end within it are followed by others in one transaction."""

_NEVER = datetime.min.replace(tzinfo=UTC)
_GOODBYE_SECONDS = 10.0

Counted = Callable[[str, str], None]
"""Is told channel and what became of a part: `sent`, `refused`, `again`, `unknown`."""


class Delivery:
    """Sends the messages of one channel.

    A part is written down before it is handed over, and its end when the gateway has answered. What stands
    between both when the engine dies is handed over again only where the gateway knows repeats by the key;
    elsewhere it stays unknown: a notice that comes twice is worse than one that is known to be in doubt.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        channel: Channel,
        gateway: Gateway,
        own: GatewaySettings,
        settings: ChannelsSettings,
        *,
        permission: Permission,
        counted: Counted = lambda channel, what: None,
    ) -> None:
        """Put it together; `run` works."""
        self._database = database
        self._clock = clock
        self._channel = channel
        self._gateway = gateway
        self._own = own
        self._settings = settings
        self._permission = permission
        self._counted = counted
        self._busy: set[asyncio.Task[None]] = set()
        self._not_before = 0.0
        self._next = 0.0

    async def run(self) -> NoReturn:
        """Work until cancelled; what is under way is then given a moment to end."""
        try:
            while True:
                begun = await self._tried(self.work)
                while begun:
                    if self._busy:
                        await asyncio.wait(self._busy, return_when=asyncio.FIRST_COMPLETED)
                    await self._clock.sleep(_GATHER_SECONDS)
                    begun = await self._tried(self._begin)
                await self._clock.sleep(self._settings.poll_seconds)
        finally:
            if self._busy:
                await asyncio.wait(self._busy, timeout=_GOODBYE_SECONDS)

    async def _tried(self, work: Callable[[], Awaitable[int]]) -> int:
        try:
            return await work()
        except StoreUnavailable:
            log.warning("messages.wait_for_store")
        except Exception:
            log.exception("messages.failed", channel=self._channel.value)
        return 0

    async def work(self) -> int:
        """Clear up what is left over, begin with what is due; tells how many were begun.

        Raises:
            StoreUnavailable: The database can't be used now.
        """
        now = self._clock.now()
        before = now - timedelta(hours=self._settings.receipt_hours) if self._own.receipts else _NEVER
        if not await self._database.read(
            partial(rows.has_work, channel=self._channel, now=now, sent_before=before)
        ):
            return 0
        await self._database.write(partial(self._clear_up, now=now, sent_before=before))
        return await self._begin()

    def _clear_up(self, connection: Connection, now: datetime, sent_before: datetime) -> None:
        rows.take_back(connection, self._channel, now, repeatable=self._own.repeatable)
        rows.overdue(connection, self._channel, sent_before, now)

    async def settled(self) -> None:
        """Wait until nothing that was begun is under way."""
        while self._busy:
            await asyncio.wait(self._busy)

    async def _begin(self) -> int:
        now = self._clock.now()
        free = self._own.window - len(self._busy)
        if free <= 0 or self._clock.monotonic() < self._not_before:
            return 0
        until = self._lease(now)
        taken = await self._database.write(
            partial(
                rows.take,
                channel=self._channel,
                now=now,
                limit=free,
                until=until,
                permission=self._permission,
            )
        )
        for message, valid_until in taken:
            task = asyncio.create_task(self._send(message, valid_until, until), name="message")
            self._busy.add(task)
            task.add_done_callback(self._busy.discard)
        return len(taken)

    async def _send(self, message: Message, valid_until: datetime | None, held: datetime) -> None:
        """Hand over what is left of a message. Nothing escapes: what fails is taken back after its lease."""
        try:
            begun = await self._database.read(partial(rows.begun_parts, message_id=message.message_id))
            for part in range(1, message.parts + 1):
                if part in begun:
                    continue
                await self._pace()
                now = self._clock.now()
                until = self._lease(now)
                if not await self._note_begun(message, part, now, held, until):
                    return
                held = until
                if not await self._hand_over(message, part, valid_until):
                    return
        except StoreUnavailable:
            log.warning("message.wait_for_store")
        except Exception:
            log.exception("message.failed", channel=self._channel.value)

    async def _note_begun(
        self, message: Message, part: int, now: datetime, held: datetime, until: datetime
    ) -> bool:
        return await self._database.write(
            partial(
                rows.begin,
                message_id=message.message_id,
                part=part,
                gateway=self._own.name,
                now=now,
                held=held,
                until=until,
            )
        )

    async def _hand_over(self, message: Message, part: int, valid_until: datetime | None) -> bool:
        """Hand over one part; tells whether the next one may follow."""
        try:
            given = await self._gateway.hand_over(_letter(message, valid_until), part)
        except NotSent as failure:
            await self._not_sent(message, part, failure)
            return False
        except Unsure as doubt:
            await self._unsure(message, part, str(doubt))
            return not self._own.repeatable
        self._counted(self._channel.value, "sent")
        await self._database.write(
            partial(
                receipts.answered,
                message_id=message.message_id,
                part=part,
                gateway=self._own.name,
                gateway_id=given,
                now=self._clock.now(),
            )
        )
        return True

    async def _not_sent(self, message: Message, part: int, failure: NotSent) -> None:
        if failure.pause:
            self._not_before = self._clock.monotonic() + failure.pause
        worn_out = not failure.pause and message.tries + 1 >= self._settings.tries
        if failure.final or worn_out:
            self._counted(self._channel.value, "refused")
            await self._end(message, part, PartState.REFUSED, failure.code or str(failure))
            return
        await self._again(message, part, str(failure), pause=failure.pause)

    async def _unsure(self, message: Message, part: int, why: str) -> None:
        log.warning("message.unsure", channel=self._channel.value, why=why)
        if self._own.repeatable:
            await self._again(message, part, why, pause=0.0)
            return
        self._counted(self._channel.value, "unknown")
        await self._end(message, part, PartState.UNKNOWN, why)

    async def _again(self, message: Message, part: int, why: str, *, pause: float) -> None:
        self._counted(self._channel.value, "again")
        wait = pause or self._pause(message.tries + 1)
        due_at = self._clock.now() + timedelta(seconds=wait)
        await self._database.write(
            partial(
                rows.not_sent,
                message_id=message.message_id,
                part=part,
                due_at=due_at,
                blame=not pause,
                why=why,
            )
        )

    async def _end(self, message: Message, part: int, state: PartState, why: str) -> None:
        now = self._clock.now()
        await self._database.write(
            partial(
                rows.ended,
                message_id=message.message_id,
                part=part,
                state=state,
                now=now,
                code=why[:64],
                why=why,
            )
        )

    async def _pace(self) -> None:
        """Wait for this part's turn: no more than so many a second."""
        now = self._clock.monotonic()
        at = max(now, self._next)
        self._next = at + 1 / self._own.per_second
        if at > now:
            await self._clock.sleep(at - now)

    def _lease(self, now: datetime) -> datetime:
        return now + timedelta(seconds=self._own.timeout_seconds + _MARGIN_SECONDS)

    def _pause(self, tried: int) -> float:
        doubled = self._settings.first_pause_seconds * 2.0 ** min(tried - 1, _MOST_EXPONENT)
        return min(doubled, self._settings.longest_pause_seconds)


def _letter(message: Message, valid_until: datetime | None) -> Letter:
    return Letter(
        key=message.key,
        reference=message.message_id,
        address=message.address,
        subject=message.subject,
        text=message.text,
        parts=message.parts,
        written_at=message.written_at,
        valid_until=valid_until,
    )
