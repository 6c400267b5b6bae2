"""Failed sign-ins: how long the next attempt has to wait.

Counted by login, known or not, and by network address. The state is in the database: a restart forgives
nothing, and `ivr user unlock` works from another process. It is asked before a password is checked, so that
a storm costs two look-ups an attempt instead of a calculation of Argon2.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256

from sqlalchemy import Connection, delete, insert, select, update

from ivr.access.settings import AttemptSettings
from ivr.access.tables import sign_in_failures
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

    async def wait_seconds(self, login: str, address: str) -> float:
        """How long this login from this address has to wait; 0: it may try now.

        Raises:
            StoreUnavailable: The failures can't be read.
        """
        subjects = self._subjects(login, address)
        found = await self._database.read(partial(_read, [subject.key for subject in subjects]))
        waits = (self._left(found[each.key], each) for each in subjects if each.key in found)
        return max(waits, default=0.0)

    async def failed(self, login: str, address: str) -> bool:
        """Count a failure; tells whether the login is locked now.

        Raises:
            StoreUnavailable: It was not counted.
        """
        of_login, of_address = self._subjects(login, address)
        now = self._clock.now()
        keys = [of_login.key, of_address.key]
        counts = await self._database.write(partial(_count, keys, now, now - self._memory))
        return self._delay(counts[0], of_login) >= of_login.longest_seconds

    async def forgive(self, login: str) -> bool:
        """Forget the failures of a login: it was right, or someone unlocks it. Tells whether there were any.

        Raises:
            StoreUnavailable: Nothing was forgotten.
        """
        return await self._database.write(partial(_forget, _key("login", login)))

    @property
    def _memory(self) -> timedelta:
        return timedelta(seconds=self._settings.forget_seconds)

    def _subjects(self, login: str, address: str) -> tuple[_Subject, _Subject]:
        settings = self._settings
        return (
            _Subject(_key("login", login), settings.free, settings.lock_seconds),
            _Subject(_key("address", address), settings.free_of_address, settings.longest_of_address_seconds),
        )

    def _delay(self, failures: int, subject: _Subject) -> float:
        first = self._settings.first_delay_seconds
        return delay_seconds(failures, subject.free, first, subject.longest_seconds)

    def _left(self, failures: _Failures, subject: _Subject) -> float:
        passed = self._clock.now() - failures.last_at
        if passed >= self._memory:
            return 0.0
        return max(0.0, self._delay(failures.count, subject) - passed.total_seconds())


def _key(kind: str, value: str) -> str:
    return sha256(f"{kind}\0{value}".encode()).hexdigest()


def _read(keys: list[str], connection: Connection) -> dict[str, _Failures]:
    rows = connection.execute(select(sign_in_failures).where(sign_in_failures.c.key.in_(keys)))
    return {row.key: _Failures(row.failures, row.last_at) for row in rows}


def _count(keys: list[str], now: datetime, forget_before: datetime, connection: Connection) -> list[int]:
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


def _forget(key: str, connection: Connection) -> bool:
    statement = delete(sign_in_failures).where(sign_in_failures.c.key == key)
    return connection.execute(statement).rowcount > 0
