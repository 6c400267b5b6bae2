"""Who works at a company under test."""

from __future__ import annotations

from collections.abc import Iterable

from ivr.access.model import Role, User
from ivr.access.passwords import Hasher
from ivr.access.service import Access
from ivr.clock import SystemClock
from ivr.settings import Settings
from ivr.store import Database, upgrade
from tests.real.workspace.workplace import PASSWORD


def operator(login: str, name: str, extension: str) -> User:
    """An operator of the clients' queue with a workplace."""
    return User(login=login, name=name, role=Role.OPERATOR, extension=extension, skills=("clients",))


async def employ(settings: Settings, people: Iterable[User]) -> None:
    """Make users; one hash of the password serves for all."""
    database = await Database.open(settings.store)
    access = Access(database, settings.access, SystemClock(settings.company.zone))
    hasher = Hasher(settings.access.passwords)
    try:
        await upgrade(database)
        secret = await hasher.hash(PASSWORD)
        for user in people:
            await access.users.add(user, secret, must_change=False)
    finally:
        hasher.close()
        access.close()
        await database.close()
