"""Who listened to whose talk, in which mode, from when to when: in the database and in the audit, at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import partial

from sqlalchemy import Connection, insert, select, update

from ivr.access.audit import Action, Entry, insertable
from ivr.access.tables import audit
from ivr.desk.listening_tables import listenings
from ivr.desk.ports_listening import ListenMode
from ivr.dialogue.ports import Clock
from ivr.store import Database


class Stage(StrEnum):
    """How far a listening is."""

    RINGING = "ringing"  # the supervisor's telephone
    HEARING = "hearing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listened:
    """A supervisor at a talk.

    Attributes:
        order_id: Unique id of his channel.
        listener: His login.
        agent: The operator's.
        call_id: The talk's call.
        leg_id: The operator's leg of it.
        since: When it was ordered.
        session_id: Public id of the session in which he ordered it.
    """

    order_id: str
    listener: str
    agent: str
    call_id: str
    leg_id: str
    mode: ListenMode
    since: datetime
    stage: Stage = Stage.RINGING
    session_id: str = ""

    def in_mode(self, mode: ListenMode) -> Listened:
        """The same in another mode."""
        return replace(self, mode=mode)


class ListeningBook:
    """Writes; every method is durable on return, and raises `StoreUnavailable` when nothing was written."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def entered(self, one: Listened) -> None:
        """This mode begins now, and the one before ends."""
        await self._database.write(partial(_enter, one, self._clock.now()))

    async def ended(self, one: Listened) -> None:
        """It is over; twice does no harm."""
        await self._database.write(partial(_end, one, self._clock.now()))

    async def left_open(self) -> list[Listened]:
        """What no end was written of: the engine was killed meanwhile."""
        return await self._database.read(_open_ones)


def _enter(one: Listened, now: datetime, connection: Connection) -> None:
    _close(one.order_id, now, connection)
    row = {name: getattr(one, name) for name in ("order_id", "listener", "agent", "call_id", "leg_id")}
    connection.execute(insert(listenings).values(**row, mode=one.mode.value, since=now))
    _audit(one, f"talk {one.mode.value}", now, connection)


def _end(one: Listened, now: datetime, connection: Connection) -> None:
    if _close(one.order_id, now, connection):
        _audit(one, "talk left", now, connection)


def _close(order_id: str, now: datetime, connection: Connection) -> int:
    lasting = (listenings.c.order_id == order_id) & listenings.c.until.is_(None)
    return connection.execute(update(listenings).where(lasting).values(until=now)).rowcount


def _audit(one: Listened, what: str, now: datetime, connection: Connection) -> None:
    entry = Entry(
        login=one.listener,
        action=Action.LED,
        subject=one.agent,
        call_id=one.call_id,
        what=what,
        session_id=one.session_id,
    )
    connection.execute(insert(audit).values(insertable(entry, now)))


def _open_ones(connection: Connection) -> list[Listened]:
    rows = connection.execute(select(listenings).where(listenings.c.until.is_(None)))
    return [
        Listened(
            order_id=row.order_id,
            listener=row.listener,
            agent=row.agent,
            call_id=row.call_id,
            leg_id=row.leg_id,
            mode=ListenMode(row.mode),
            since=row.since,
        )
        for row in rows
    ]
