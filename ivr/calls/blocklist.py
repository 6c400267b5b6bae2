"""Numbers that are kept away for a time. Whoever withholds his number is never blocked by that."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import phonenumbers
import structlog
from sqlalchemy import Connection, insert, select, update

from ivr.calls.followup_settings import BlockListSettings
from ivr.calls.followup_tables import blocked_numbers
from ivr.dialogue.ports import Clock
from ivr.store import Database, StoreUnavailable

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A number that is kept away. Moments are aware.

    Attributes:
        phone: In E.164; personal.
        blocked_by: Login, or `cli`.
        lifted_at: When somebody took it off the list before its time, or None.
        hits: Calls that were refused.
    """

    id: int
    phone: str
    reason: str
    blocked_by: str
    blocked_at: datetime
    until: datetime
    lifted_at: datetime | None
    lifted_by: str | None
    hits: int
    hit_at: datetime | None


_COLUMNS = [blocked_numbers.c[each.name] for each in fields(Block)]


def e164(text: str) -> str:
    """A telephone number as people write it, in E.164; one without a country is Russian.

    Raises:
        ValueError: It is none.
    """
    try:
        number = phonenumbers.parse(text, "RU")
    except phonenumbers.NumberParseException as error:
        raise ValueError("is not a telephone number") from error
    if not phonenumbers.is_possible_number(number):
        raise ValueError("is not a telephone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class BlockList:
    """The list: asked in memory at every call, kept in the database."""

    def __init__(self, database: Database, settings: BlockListSettings, clock: Clock) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._until: Mapping[str, datetime] = {}
        self._refreshing: asyncio.Task[None] | None = None
        self._noting: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Read the list, and go on reading it.

        Raises:
            StoreUnavailable: It cannot be read.
        """
        await self.refresh()
        self._refreshing = asyncio.create_task(self._keep_fresh(), name="block-list")

    async def close(self) -> None:
        """Read it no longer; what was to be noted is noted."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.gather(self._refreshing, return_exceptions=True)
        await asyncio.gather(*self._noting, return_exceptions=True)

    def is_blocked(self, number: str, now: datetime | None = None) -> bool:
        """Whether calls of this number (E.164, empty when withheld) are refused."""
        until = self._until.get(number) if number else None
        return until is not None and (now or self._clock.now()) < until

    def refused(self, number: str) -> None:
        """Note that a call of the number was refused; waits for nothing."""
        task = asyncio.create_task(self._note(number), name="block-list-hit")
        self._noting.add(task)
        task.add_done_callback(self._noting.discard)

    async def refresh(self) -> None:
        """Read the list now.

        Raises:
            StoreUnavailable: It cannot be read.
        """
        self._until = {each.phone: each.until for each in await self.listed()}

    async def listed(self) -> list[Block]:
        """What is in force, the latest first.

        Raises:
            StoreUnavailable: It cannot be read.
        """
        return await self._database.read(partial(_in_force, self._clock.now()))

    async def add(self, phone: str, reason: str, by: str, until: datetime | None = None) -> Block:
        """Keep a number away; a second time changes reason and end. Durable on return.

        Args:
            phone: As people write it.
            reason: For people.
            by: Login.
            until: Aware; default: as long as the settings say.

        Raises:
            ValueError: It is no telephone number, or the end is past or too far off.
            StoreUnavailable: Nothing was written.
        """
        now = self._clock.now()
        until = until or now + timedelta(days=self._settings.days)
        if not now < until <= now + timedelta(days=self._settings.most_days):
            raise ValueError(f"the end has to be within {self._settings.most_days} days")
        told = {"reason": reason, "blocked_by": by, "blocked_at": now, "until": until}
        block = await self._database.write(partial(_add, e164(phone), told, now))
        self._until = {**self._until, block.phone: block.until}
        log.info("blocklist.added", by=by, days=(until - now).days)
        return block

    async def lift(self, id: int, by: str) -> bool:
        """Let the number in again; False when it is not on the list. Durable on return.

        Raises:
            StoreUnavailable: Nothing was written.
        """
        phone = await self._database.write(partial(_lift, id, by, self._clock.now()))
        if phone is None:
            return False
        self._until = {number: until for number, until in self._until.items() if number != phone}
        log.info("blocklist.lifted", by=by)
        return True

    async def _keep_fresh(self) -> None:
        while True:
            await self._clock.sleep(self._settings.refresh_seconds)
            try:
                await self.refresh()
            except StoreUnavailable:
                log.warning("blocklist.stale")

    async def _note(self, number: str) -> None:
        try:
            await self._database.write(partial(_hit, number, self._clock.now()))
        except StoreUnavailable:
            log.warning("blocklist.hit_not_counted")


_UNLIFTED = blocked_numbers.c.lifted_at.is_(None)


def _in_force(now: datetime, connection: Connection) -> list[Block]:
    query = select(*_COLUMNS).where(_UNLIFTED, blocked_numbers.c.until > now)
    rows = connection.execute(query.order_by(blocked_numbers.c.blocked_at.desc())).mappings()
    return [_block(row, now) for row in rows]


def _add(phone: str, told: Mapping[str, Any], now: datetime, connection: Connection) -> Block:
    mine = (blocked_numbers.c.phone == phone) & _UNLIFTED
    known = connection.execute(select(blocked_numbers.c.id).where(mine)).scalar()
    if known is None:
        statement: Any = insert(blocked_numbers).values(**told, phone=phone, hits=0)
    else:
        statement = update(blocked_numbers).where(blocked_numbers.c.id == known).values(**told)
    return _block(connection.execute(statement.returning(*_COLUMNS)).mappings().one(), now)


def _lift(id: int, by: str, now: datetime, connection: Connection) -> str | None:
    statement = update(blocked_numbers).where(blocked_numbers.c.id == id, _UNLIFTED)
    lifted = statement.values(lifted_at=now, lifted_by=by).returning(blocked_numbers.c.phone)
    return connection.execute(lifted).scalar()


def _hit(phone: str, now: datetime, connection: Connection) -> None:
    mine = (blocked_numbers.c.phone == phone) & _UNLIFTED
    counted = {"hits": blocked_numbers.c.hits + 1, "hit_at": now}
    connection.execute(update(blocked_numbers).where(mine).values(counted))


def _block(row: Mapping[Any, Any], now: datetime) -> Block:
    moments = {
        name: value.astimezone(now.tzinfo) for name, value in row.items() if isinstance(value, datetime)
    }
    return Block(**{**row, **moments})
