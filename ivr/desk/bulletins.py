"""The supervisor's bulletins: what everybody at the desk has to know, and who has read it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Connection, and_, insert, select, update
from sqlalchemy.exc import IntegrityError

from ivr.desk.conflicts import NotThere
from ivr.desk.news import News, local
from ivr.desk.work_tables import bulletin_reads, bulletins
from ivr.dialogue.ports import Clock
from ivr.store import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulletin:
    """A bulletin. Moments are aware.

    Attributes:
        queue: Asterisk's, for those who serve it; empty for everybody.
        urgent: Whether it is shown until it is read.
        read_at: When the user who asks has read it, or None.
        readers: Logins of those who have.
    """

    id: int
    text: str
    queue: str
    urgent: bool
    since: datetime
    until: datetime
    written_by: str
    written_at: datetime
    read_at: datetime | None = None
    readers: tuple[str, ...] = ()


class Bulletins:
    """All bulletins.

    Attributes:
        news: Tells of every one that is new or changed.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self.news: News[Bulletin] = News()

    async def write(
        self,
        text: str,
        by: str,
        since: datetime,
        until: datetime,
        *,
        urgent: bool = False,
        queue: str = "",
        key: str | None = None,
    ) -> Bulletin:
        """Put one up; durable on return. What was put up with the same key before is answered again.

        Raises:
            ValueError: It would end before it begins.
            StoreUnavailable: Nothing was written.
        """
        if until <= since:
            raise ValueError("the end has to be after the beginning")
        now = self._clock.now()
        told = {"key": key, "text": text, "queue": queue, "urgent": urgent, "since": since, "until": until}
        fresh = {**told, "written_by": by, "written_at": now}
        try:
            bulletin = await self._database.write(partial(_write, fresh, now))
        except IntegrityError:  # the same press came twice
            return await self._database.read(partial(_of_key, key, now))
        self.news.tell(bulletin)
        return bulletin

    async def withdraw(self, id: int) -> Bulletin:
        """Take one down now.

        Raises:
            NotThere: There is none, or it is over.
            StoreUnavailable: Nothing was written.
        """
        now = self._clock.now()
        bulletin = await self._database.write(partial(_withdraw, id, now))
        if bulletin is None:
            raise NotThere
        self.news.tell(bulletin)
        return bulletin

    async def current(self, login: str, queues: Collection[str]) -> list[Bulletin]:
        """Those that hold now for who serves these queues, with what he has read; urgent and new ones first.

        Raises:
            StoreUnavailable: They cannot be read.
        """
        return await self._database.read(partial(_current, login, queues, self._clock.now()))

    async def all(self, limit: int) -> list[Bulletin]:
        """The last ones, over or not yet begun too, with all their readers.

        Raises:
            StoreUnavailable: They cannot be read.
        """
        return await self._database.read(partial(_all, limit, self._clock.now()))

    async def read(self, id: int, login: str) -> None:
        """Note that a user has read one; a second time changes nothing.

        Raises:
            NotThere: There is none.
            StoreUnavailable: Nothing was written.
        """
        try:
            if not await self._database.write(partial(_read, id, login, self._clock.now())):
                raise NotThere
        except IntegrityError:  # noted at the same moment
            return


def _write(values: Mapping[str, Any], now: datetime, connection: Connection) -> Bulletin:
    made = connection.execute(insert(bulletins).values(**values).returning(bulletins))
    return _bulletin(made.mappings().one(), now)


def _of_key(key: str | None, now: datetime, connection: Connection) -> Bulletin:
    row = connection.execute(select(bulletins).where(bulletins.c.key == key)).mappings().one()
    return _bulletin(row, now)


def _bulletin(row: Mapping[Any, Any], now: datetime, **more: Any) -> Bulletin:
    values = local(row, now.tzinfo)
    del values["key"]
    return Bulletin(**values, **more)


def _withdraw(id: int, now: datetime, connection: Connection) -> Bulletin | None:
    holds = (bulletins.c.id == id) & (bulletins.c.until > now)
    row = connection.execute(update(bulletins).where(holds).values(until=now).returning(bulletins))
    found = row.mappings().first()
    return None if found is None else _bulletin(found, now)


def _current(login: str, queues: Collection[str], now: datetime, connection: Connection) -> list[Bulletin]:
    mine = and_(bulletin_reads.c.bulletin_id == bulletins.c.id, bulletin_reads.c.login == login)
    query = (
        select(bulletins, bulletin_reads.c.at.label("read_at"))
        .outerjoin(bulletin_reads, mine)
        .where(bulletins.c.since <= now, bulletins.c.until > now, bulletins.c.queue.in_(["", *queues]))
        .order_by(bulletins.c.urgent.desc(), bulletins.c.since.desc())
    )
    return [_bulletin(row, now) for row in connection.execute(query).mappings()]


def _all(limit: int, now: datetime, connection: Connection) -> list[Bulletin]:
    query = select(bulletins).order_by(bulletins.c.id.desc()).limit(limit)
    rows = connection.execute(query).mappings().all()
    readers: dict[int, list[str]] = {row["id"]: [] for row in rows}
    who = select(bulletin_reads).where(bulletin_reads.c.bulletin_id.in_(readers))
    for row in connection.execute(who.order_by(bulletin_reads.c.at)).mappings():
        readers[row["bulletin_id"]].append(row["login"])
    return [_bulletin(row, now, readers=tuple(readers[row["id"]])) for row in rows]


def _read(id: int, login: str, now: datetime, connection: Connection) -> bool:
    if connection.execute(select(bulletins.c.id).where(bulletins.c.id == id)).first() is None:
        return False
    mine = (bulletin_reads.c.bulletin_id == id) & (bulletin_reads.c.login == login)
    if connection.execute(select(bulletin_reads.c.at).where(mine)).first() is None:
        connection.execute(insert(bulletin_reads).values(bulletin_id=id, login=login, at=now))
    return True
