"""Failed sign-ins: how long the next attempt has to wait.

Counted by login, known or not, and by network address. Whoever has signed in from an address before is
counted there by login and address together and by nothing else, so that strangers can't lock him out (OWASP,
Authentication Cheat Sheet, "Account Lockout" and device cookies). The state is in the database: a restart
forgives nothing, and `ivr user unlock` works from another process. It is asked before a password is checked,
so that a storm costs two look-ups an attempt instead of a calculation of Argon2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256

from sqlalchemy import Connection, delete, insert, select, update

from ivr.access.settings import AttemptSettings
from ivr.access.tables import sessions, sign_in_failures
from ivr.dialogue.ports import Clock
from ivr.store import Database

_MOST_DOUBLINGS = 30


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class _Subject:
    """What failures are counted of."""

    key: str
    free: int
    longest_seconds: float


@dataclass(frozen=True, slots=True)
class Standing:
    """How a login from an address stands.

    Attributes:
        familiar: It has signed in from there before, not longer ago than sessions are kept.
        wait_seconds: The next attempt has to wait so long; 0: it may be made now.
        keys: What its failures are counted by; the first is its own.
    """

    familiar: bool
    wait_seconds: float
    keys: tuple[str, ...]

    @property
    def key(self) -> str:
        """What names those who guess for this login."""
        return self.keys[0]


def delay_seconds(failures: int, free: int, first_seconds: float, longest_seconds: float) -> float:
    """How long after the last of so many failures the next attempt may come."""
    beyond = failures - free
    if beyond <= 0:
        return 0.0
    return min(first_seconds * 2.0 ** min(beyond - 1, _MOST_DOUBLINGS), longest_seconds)


class Attempts:
    """Counts failures and tells delays."""

    def __init__(self, database: Database, settings: AttemptSettings, clock: Clock) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock

    async def standing(self, login: str, address: str) -> Standing:
        """How this login from this address stands.

        Raises:
            StoreUnavailable: The failures can't be read.
        """
        own, *others = subjects = self._subjects(login, address)
        keys = [subject.key for subject in subjects]
        familiar, found = await self._database.read(partial(_look, login, address, keys))
        counted = (own,) if familiar else tuple(others)
        waits = (self._left(found[each.key], each) for each in counted if each.key in found)
        return Standing(familiar, max(waits, default=0.0), tuple(each.key for each in counted))

    async def failed(self, standing: Standing) -> bool:
        """Count a failure; tells whether the login is locked now.

        Raises:
            StoreUnavailable: It was not counted.
        """
        now = self._clock.now()
        counts = await self._database.write(partial(_count, standing.keys, now, now - self._memory))
        settings = self._settings
        return self._delay(counts[0], settings.free, settings.lock_seconds) >= settings.lock_seconds

    async def succeeded(self, standing: Standing) -> None:
        """Forget the failures of a login that was right now; those of strangers elsewhere remain.

        Raises:
            StoreUnavailable: They are still counted.
        """
        await self._database.write(partial(_forget, [standing.key]))

    async def forgive(self, login: str) -> bool:
        """Forget the failures of a login wherever they came from. Tells whether there were any.

        Raises:
            StoreUnavailable: Nothing was forgotten.
        """
        return await self._database.write(partial(_forgive, login))

    @property
    def _memory(self) -> timedelta:
        return timedelta(seconds=self._settings.forget_seconds)

    def _subjects(self, login: str, address: str) -> tuple[_Subject, _Subject, _Subject]:
        """The login where it is familiar, the login anywhere else, the address."""
        settings = self._settings
        return (
            _Subject(_familiar_key(login, address), settings.free, settings.lock_seconds),
            _Subject(_key("login", login), settings.free, settings.lock_seconds),
            _Subject(_key("address", address), settings.free_of_address, settings.longest_of_address_seconds),
        )

    def _delay(self, failures: int, free: int, longest_seconds: float) -> float:
        return delay_seconds(failures, free, self._settings.first_delay_seconds, longest_seconds)

    def _left(self, failures: _Failures, subject: _Subject) -> float:
        passed = self._clock.now() - failures.last_at
        if passed >= self._memory:
            return 0.0
        return max(
            0.0, self._delay(failures.count, subject.free, subject.longest_seconds) - passed.total_seconds()
        )


def _key(kind: str, *values: str) -> str:
    return sha256("\0".join([kind, *values]).encode()).hexdigest()


def _familiar_key(login: str, address: str) -> str:
    return _key("familiar", login, address)


def _look(
    login: str, address: str, keys: Sequence[str], connection: Connection
) -> tuple[bool, dict[str, _Failures]]:
    been_there = select(sessions.c.id).where(sessions.c.login == login, sessions.c.address == address)
    familiar = connection.execute(been_there.limit(1)).first() is not None
    return familiar, _read(keys, connection)


def _read(keys: Sequence[str], connection: Connection) -> dict[str, _Failures]:
    rows = connection.execute(select(sign_in_failures).where(sign_in_failures.c.key.in_(keys)))
    return {row.key: _Failures(row.failures, row.last_at) for row in rows}


def _count(keys: Sequence[str], now: datetime, forget_before: datetime, connection: Connection) -> list[int]:
    table = sign_in_failures
    connection.execute(delete(table).where(table.c.last_at <= forget_before))
    known = _read(keys, connection)
    counts = []
    for key in keys:
        count = known[key].count + 1 if key in known else 1
        values = {"failures": count, "last_at": now}
        if key in known:
            connection.execute(update(table).where(table.c.key == key).values(values))
        else:
            connection.execute(insert(table).values(key=key, **values))
        counts.append(count)
    return counts


def _forget(keys: Sequence[str], connection: Connection) -> bool:
    statement = delete(sign_in_failures).where(sign_in_failures.c.key.in_(keys))
    return connection.execute(statement).rowcount > 0


def _forgive(login: str, connection: Connection) -> bool:
    been_at = select(sessions.c.address).where(sessions.c.login == login).distinct()
    familiar = [_familiar_key(login, address) for address in connection.execute(been_at).scalars()]
    return _forget([_key("login", login), *familiar], connection)
