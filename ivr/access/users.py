"""Users in the database."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from ivr.access.model import Role, User
from ivr.access.rows import user_of, values_of
from ivr.access.tables import users
from ivr.dialogue.ports import Clock
from ivr.store import Database

FORMS = {
    "login": re.compile(r"[a-z][a-z0-9._-]{1,31}"),
    "name": re.compile(r"\S[^\x00-\x1f\x7f]{0,98}\S"),
    "extension": re.compile(r"[0-9]{2,6}"),
    "skills": re.compile(r"[a-z0-9][a-z0-9_-]{0,39}(\.[a-z0-9][a-z0-9_-]{0,39})?"),
}
"""How the texts of a user look, by field; of skills, each."""


class Reason(StrEnum):
    """Why a user is not made or changed."""

    UNKNOWN = "unknown"
    MALFORMED = "malformed"
    LOGIN_TAKEN = "login-taken"
    EXTENSION_TAKEN = "extension-taken"
    LAST_ADMINISTRATOR = "last-administrator"


class UserRefused(Exception):
    """The user can't be made or changed; nothing was.

    Attributes:
        reason: Why.
        field: Field of the user that it is about, or None.
    """

    def __init__(self, reason: Reason, field: str | None = None) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.field = field


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a sign-in is checked against.

    Attributes:
        password: Encoded hash.
        must_change: It was given by somebody else.
    """

    user: User
    password: str
    must_change: bool


class Users:
    """Reads and writes users; whoever subscribes is told of each that is made or changed in this process."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._listeners: list[Callable[[User], None]] = []

    def subscribe(self, changed: Callable[[User], None]) -> None:
        """Have a function called with each user that was made or changed."""
        self._listeners.append(changed)

    async def all(self) -> list[User]:
        """All users, also those who may no longer sign in, by login.

        Raises:
            StoreUnavailable: They can't be read.
        """
        return await self._database.read(_all)

    async def get(self, login: str) -> User | None:
        """The user of a login.

        Raises:
            StoreUnavailable: He can't be read.
        """
        found = await self.credentials(login)
        return None if found is None else found.user

    async def credentials(self, login: str) -> Credentials | None:
        """What a sign-in is checked against; None: there is no such user.

        Raises:
            StoreUnavailable: They can't be read.
        """
        return await self._database.read(partial(_credentials, login))

    async def add(self, user: User, password: str, *, must_change: bool) -> None:
        """Make a user; the password is an encoded hash.

        Raises:
            UserRefused: A field is malformed, or the login or the extension is another's.
            StoreUnavailable: Nothing was written.
        """
        _check(user)
        now = self._clock.now()
        secrets = {"password": password, "must_change": must_change, "made_at": now, "password_at": now}
        await self._database.write(partial(_add, user, secrets))
        self._tell(user)

    async def change(self, login: str, **changes: Any) -> User:
        """Change fields of a user, by name; the login stays.

        Raises:
            UserRefused: There is no such user, a field is malformed, the extension is another's, or nobody
                would be left who may change users.
            StoreUnavailable: Nothing was written.
        """
        changed = await self._database.write(partial(_change, login, changes))
        self._tell(changed)
        return changed

    async def set_password(self, login: str, password: str, *, must_change: bool) -> None:
        """Replace the encoded hash.

        Raises:
            UserRefused: There is no such user.
            StoreUnavailable: Nothing was written.
        """
        await self._database.write(partial(_set_password, login, password, must_change, self._clock.now()))

    def _tell(self, user: User) -> None:
        for listener in self._listeners:
            listener(user)


def _check(user: User) -> None:
    for name, form in FORMS.items():
        value = getattr(user, name)
        each = value if isinstance(value, tuple) else (value,)
        if not all(form.fullmatch(text) for text in each if text is not None):
            raise UserRefused(Reason.MALFORMED, name)


def _all(connection: Connection) -> list[User]:
    return [user_of(row) for row in connection.execute(select(users).order_by(users.c.login)).mappings()]


def _credentials(login: str, connection: Connection) -> Credentials | None:
    row = connection.execute(select(users).where(users.c.login == login)).mappings().one_or_none()
    if row is None:
        return None
    return Credentials(user_of(row), row[users.c.password], row[users.c.must_change])


def _add(user: User, secrets: dict[str, Any], connection: Connection) -> None:
    if _credentials(user.login, connection) is not None:
        raise UserRefused(Reason.LOGIN_TAKEN, "login")
    _require_free_extension(user, connection)
    connection.execute(insert(users).values(values_of(user) | secrets))


def _change(login: str, changes: dict[str, Any], connection: Connection) -> User:
    found = _credentials(login, connection)
    if found is None:
        raise UserRefused(Reason.UNKNOWN)
    values = {each.name: getattr(found.user, each.name) for each in fields(User)}
    changed = User(**values | changes)
    _check(changed)
    _require_free_extension(changed, connection)
    _require_an_administrator(found.user, changed, connection)
    connection.execute(update(users).where(users.c.login == login).values(values_of(changed)))
    return changed


def _require_free_extension(user: User, connection: Connection) -> None:
    if not user.active or user.extension is None:
        return
    others = (users.c.extension == user.extension) & users.c.active.is_(True) & (users.c.login != user.login)
    if connection.execute(select(users.c.login).where(others)).first() is not None:
        raise UserRefused(Reason.EXTENSION_TAKEN, "extension")


def _require_an_administrator(before: User, after: User, connection: Connection) -> None:
    if not _administers(before) or _administers(after):
        return
    others = (
        users.c.active.is_(True)
        & (users.c.role == Role.ADMINISTRATOR.value)
        & (users.c.login != before.login)
    )
    if not connection.execute(select(func.count()).select_from(users).where(others)).scalar_one():
        raise UserRefused(Reason.LAST_ADMINISTRATOR)


def _administers(user: User) -> bool:
    return user.active and user.role is Role.ADMINISTRATOR


def _set_password(
    login: str, password: str, must_change: bool, now: datetime, connection: Connection
) -> None:
    values = {"password": password, "must_change": must_change, "password_at": now}
    if not connection.execute(update(users).where(users.c.login == login).values(values)).rowcount:
        raise UserRefused(Reason.UNKNOWN)
