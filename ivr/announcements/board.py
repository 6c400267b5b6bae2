"""The board: what callers are told now, in memory for each call and in the database for ever."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy import ColumnElement, Connection, Row, insert, select, update

from ivr.announcements.model import Announcement, Draft, Effect
from ivr.announcements.tables import announcements
from ivr.dialogue.ports import Clock
from ivr.store import Database

log = structlog.get_logger(__name__)
_TABLE = announcements.c


class Board:
    """Asked by every call; changes are durable before they are seen there."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """An empty board; `start` fills it."""
        self._database = database
        self._clock = clock
        self._put_up: dict[int, Announcement] = {}

    async def start(self) -> None:
        """Take up what is in force, or will be.

        Raises:
            StoreUnavailable: The database can't be read.
        """
        now = self._clock.now()
        wanted = _TABLE.ended_at.is_(None) & (_TABLE.until > now)
        found = await self._database.read(partial(_select, wanted, now))
        self._put_up = {one.id: one for one in found}

    # --- what is asked -----------------------------------------------------------------------------------

    def next(self, line: str, after: int = 0) -> Announcement | None:
        """What a caller of a line is told next, who has heard all up to an id; what closes his line first."""
        theirs = self.told_to(line)
        closing = next((one for one in theirs if one.effect is Effect.CLOSE), None)
        return closing or next((one for one in theirs if one.id > after), None)

    def told_to(self, line: str) -> list[Announcement]:
        """What callers of a line are told now, the oldest first."""
        now = self._clock.now()
        return [one for one in self._put_up.values() if one.concerns(line) and one.in_force(now)]

    def coming(self) -> list[Announcement]:
        """What is told now, or will be."""
        now = self._clock.now()
        return [one for one in self._put_up.values() if not one.over(now)]

    async def listed(self, over_since: datetime) -> list[Announcement]:
        """All that are not over, and those that were put up or ended since then, the latest first.

        Raises:
            StoreUnavailable: The database can't be read.
        """
        now = self._clock.now()
        wanted = (_TABLE.until > over_since) & (_TABLE.ended_at.is_(None) | (_TABLE.ended_at > over_since))
        return (await self._database.read(partial(_select, wanted, now)))[::-1]

    # --- what is done ------------------------------------------------------------------------------------

    async def put_up(self, draft: Draft, begins_at: datetime, until: datetime, by: str) -> Announcement:
        """Tell it from now on, durably.

        Args:
            draft: Looked over.
            begins_at: Aware.
            until: Aware, later.
            by: Login.

        Raises:
            StoreUnavailable: Nothing was written.
        """
        values = {
            **asdict(draft),
            "effect": draft.effect.value,
            "begins_at": begins_at,
            "until": until,
            "made_by": by,
            "made_at": self._clock.now(),
        }
        one = await self._database.write(partial(_insert, values, self._clock.now()))
        self._put_up[one.id] = one
        log.info("announcement.made", announcement=one.id, effect=one.effect.value, line=one.line, by=by)
        return one

    async def take_down(self, announcement_id: int, by: str) -> bool:
        """Tell it no more; False when it is over already, or never was.

        Raises:
            StoreUnavailable: Nothing was written.
        """
        done = await self._database.write(partial(_end, announcement_id, by, self._clock.now()))
        if done:
            self._put_up.pop(announcement_id, None)
            log.info("announcement.ended", announcement=announcement_id, by=by)
        return done


def end_of_day(moment: datetime) -> datetime:
    """The midnight that follows, in the moment's zone."""
    return (moment + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def _insert(values: dict[str, Any], now: datetime, connection: Connection) -> Announcement:
    row = connection.execute(insert(announcements).values(values).returning(announcements)).one()
    return _announcement(row, now)


def _end(announcement_id: int, by: str, now: datetime, connection: Connection) -> bool:
    lasting = (_TABLE.id == announcement_id) & _TABLE.ended_at.is_(None) & (_TABLE.until > now)
    return (
        connection.execute(update(announcements).where(lasting).values(ended_by=by, ended_at=now)).rowcount
        > 0
    )


def _select(wanted: ColumnElement[bool], now: datetime, connection: Connection) -> list[Announcement]:
    rows: Iterable[Row[Any]] = connection.execute(select(announcements).where(wanted).order_by(_TABLE.id))
    return [_announcement(row, now) for row in rows]


def _announcement(row: Row[Any], now: datetime) -> Announcement:
    values: dict[str, Any] = {
        name: value.astimezone(now.tzinfo) if isinstance(value, datetime) else value
        for name, value in row._mapping.items()
    }
    values["effect"] = Effect(row.effect)
    return Announcement(**values)
