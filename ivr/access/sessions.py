"""Sessions: what a browser holds after a sign-in.

The cookie's secret has 256 random bits; only its SHA-256 is kept, so that neither a backup nor the list of
sessions opens one. A session ends by its limits, by signing out, by a new password, by the end of the user,
or when it is revoked; whoever subscribes is told of those that end in this process.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.sql import ColumnElement

from ivr.access.model import User
from ivr.access.rows import user_of
from ivr.access.settings import SessionSettings
from ivr.access.tables import sessions, users
from ivr.dialogue.ports import Clock
from ivr.store import Database

_SEEN_STEP = timedelta(minutes=1)
_KEPT = timedelta(days=30)
_MOST_TRUSTED = 10_000


class SessionEnd(StrEnum):
    """How a session ended before its limits."""

    SIGNED_OUT = "signed-out"
    REVOKED = "revoked"
    PASSWORD = "password"  # noqa: S105  # the password was changed
    INACTIVE = "inactive"  # the user may no longer sign in


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A sign-in.

    Attributes:
        id: Public; it names the session in lists and in the audit.
        address: Network address that it was begun from.
        seen_at: Last request or sign of life of an open page, to the minute.
        ends_at: Absolute limit.
    """

    id: str
    login: str
    address: str
    began_at: datetime
    seen_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A session that holds, and whose it is.

    Attributes:
        must_change: The user has to choose a password of his own before anything else.
    """

    session: Session
    user: User
    must_change: bool


@dataclass(frozen=True, slots=True)
class _Trusted:
    holder: Holder
    until: float


def csrf_token(secret: str) -> str:
    """The token that a page sends in `X-CSRF-Token`: bound to the session, useless without its cookie."""
    return hmac.new(secret.encode(), b"csrf", sha256).hexdigest()


class Sessions:
    """Begins, finds and ends sessions."""

    def __init__(self, database: Database, settings: SessionSettings, clock: Clock) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._trusted: dict[str, _Trusted] = {}
        self._listeners: list[Callable[[str], None]] = []

    def subscribe(self, ended: Callable[[str], None]) -> None:
        """Have a function called with the id of each session that is ended in this process."""
        self._listeners.append(ended)

    async def begin(self, login: str, address: str) -> str:
        """Begin a session; returns the cookie's secret.

        Raises:
            StoreUnavailable: There is none.
        """
        secret = secrets.token_urlsafe(32)
        now = self._clock.now()
        row = {
            "id": secrets.token_hex(16),
            "secret_hash": _hash(secret),
            "login": login,
            "address": address,
            "began_at": now,
            "seen_at": now,
            "ends_at": now + timedelta(hours=self._settings.absolute_hours),
        }
        await self._database.write(partial(_begin, row, now - _KEPT))
        return secret

    def knows(self, secret: str) -> bool:
        """Whether the secret was valid not long ago; costs nothing."""
        return _hash(secret) in self._trusted

    async def find(self, secret: str) -> Holder | None:
        """The session of a cookie, or None when there is none that holds.

        Raises:
            StoreUnavailable: It can't be looked up.
        """
        key = _hash(secret)
        trusted = self._trusted.get(key)
        if trusted is not None and self._clock.monotonic() < trusted.until:
            return trusted.holder
        found = await self._holders(sessions.c.secret_hash == key)
        if not found:
            self._trusted.pop(key, None)
            return None
        (holder,) = found
        self._trust(key, holder)
        await self.seen([holder.session])
        return holder

    def distrust(self) -> None:
        """Ask the database again about each session: a user or his password has changed."""
        self._trusted.clear()

    async def holding(self, ids: Iterable[str]) -> dict[str, Holder]:
        """Those of the sessions that hold, by id.

        Raises:
            StoreUnavailable: They can't be looked up.
        """
        return {each.session.id: each for each in await self._holders(sessions.c.id.in_(list(ids)))}

    async def of(self, login: str) -> list[Session]:
        """The sessions of a user that hold, the newest first.

        Raises:
            StoreUnavailable: They can't be read.
        """
        found = await self._holders(sessions.c.login == login)
        return sorted((each.session for each in found), key=lambda each: each.began_at, reverse=True)

    async def seen(self, alive: Iterable[Session]) -> None:
        """Note that someone is there; written at most once a minute.

        Raises:
            StoreUnavailable: It was not noted.
        """
        now = self._clock.now()
        ids = [each.id for each in alive if now - each.seen_at >= _SEEN_STEP]
        if ids:
            await self._database.write(partial(_seen, ids, now))

    async def end(self, session_id: str, how: SessionEnd) -> bool:
        """End one; tells whether it held.

        Raises:
            StoreUnavailable: It was not ended.
        """
        return bool(await self._end(sessions.c.id == session_id, how))

    async def end_all(self, login: str, how: SessionEnd, *, but: str = "") -> int:
        """End those of a user, one excepted when its id is given; tells how many.

        Raises:
            StoreUnavailable: None was ended.
        """
        return len(await self._end((sessions.c.login == login) & (sessions.c.id != but), how))

    async def _end(self, which: ColumnElement[bool], how: SessionEnd) -> list[str]:
        ended = await self._database.write(partial(_end, which, how, self._clock.now()))
        gone = set(ended)
        self._trusted = {
            key: each for key, each in self._trusted.items() if each.holder.session.id not in gone
        }
        for session_id in ended:
            for listener in self._listeners:
                listener(session_id)
        return ended

    async def _holders(self, which: ColumnElement[bool]) -> list[Holder]:
        now = self._clock.now()
        idle_since = now - timedelta(minutes=self._settings.idle_minutes)
        return await self._database.read(partial(_holders, which, now, idle_since))

    def _trust(self, key: str, holder: Holder) -> None:
        if len(self._trusted) >= _MOST_TRUSTED:
            self._trusted.clear()
        self._trusted[key] = _Trusted(holder, self._clock.monotonic() + self._settings.trusted_seconds)


def _hash(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _begin(row: dict[str, Any], forget_before: datetime, connection: Connection) -> None:
    connection.execute(delete(sessions).where(sessions.c.ends_at < forget_before))
    connection.execute(insert(sessions).values(row))


def _holders(
    which: ColumnElement[bool], now: datetime, idle_since: datetime, connection: Connection
) -> list[Holder]:
    query = (
        select(sessions, users)
        .join(users, users.c.login == sessions.c.login)
        .where(
            which,
            sessions.c.ended_at.is_(None),
            sessions.c.ends_at > now,
            sessions.c.seen_at > idle_since,
            users.c.active.is_(True),
        )
    )
    return [_holder(row) for row in connection.execute(query).mappings()]


def _holder(row: Mapping[Any, Any]) -> Holder:
    names = Session.__dataclass_fields__
    session = Session(**{name: row[sessions.c[name]] for name in names})
    return Holder(session=session, user=user_of(row), must_change=row[users.c.must_change])


def _seen(ids: list[str], now: datetime, connection: Connection) -> None:
    connection.execute(update(sessions).where(sessions.c.id.in_(ids)).values(seen_at=now))


def _end(which: ColumnElement[bool], how: SessionEnd, now: datetime, connection: Connection) -> list[str]:
    open_ones = select(sessions.c.id).where(which, sessions.c.ended_at.is_(None))
    ids = list(connection.execute(open_ones).scalars())
    statement = update(sessions).where(sessions.c.id.in_(ids)).values(ended_at=now, end=how.value)
    connection.execute(statement)
    return ids
