"""What the invented company has besides customers: outages, requests, people."""

from __future__ import annotations

from ivr.access.model import Role, User
from ivr.access.service import Access
from ivr.clock import SystemClock
from ivr.outages.demo import write_demo_outages
from ivr.outages.service import Outages
from ivr.requests.demo import write_demo_requests
from ivr.requests.register import Register
from ivr.settings import Settings
from ivr.store import Database, upgrade

PASSWORD = "Лесная-тропа-17"  # noqa: S105  # of an invented company on the loopback
OPERATOR = User(
    login="anna", name="Анна Соколова", role=Role.OPERATOR, extension="201", skills=("clients", "dispatcher")
)
PEOPLE = (
    OPERATOR,
    User(
        login="boris",
        name="Борис Петров",
        role=Role.SENIOR,
        extension="202",
        skills=("clients", "clients.billing", "dispatcher"),
    ),
    User(login="vera", name="Вера Лебедева", role=Role.SUPERVISOR, extension="203", skills=("clients",)),
    User(login="admin", name="Администратор", role=Role.ADMINISTRATOR),
)
"""Invented people; all have the same password."""


async def write_demo_company(settings: Settings) -> None:
    """Enter them; a repeat moves them to the present moment.

    Raises:
        Fault: The database can't be opened.
    """
    clock = SystemClock(settings.company.zone)
    database = await Database.open(settings.store)
    try:
        await upgrade(database)
        await write_demo_outages(Outages(database, settings.outages, clock), clock.now())
        await write_demo_requests(Register(database, settings.requests, clock), clock.now())
        await _hire(Access(database, settings.access, clock))
    finally:
        await database.close()


async def _hire(access: Access) -> None:
    known = {user.login for user in await access.users.all()}
    for user in PEOPLE:
        if user.login not in known:
            await access.add(user, PASSWORD, by="demo", must_change=False)
    access.close()
