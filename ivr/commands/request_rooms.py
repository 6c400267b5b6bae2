"""The room of requests over the company's database, for commands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

from ivr.clock import SystemClock
from ivr.commands.opened import with_database
from ivr.kpi.profiles import load_profiles, request_rules, visit_rules
from ivr.requests.service import Requests
from ivr.requests.slots import NoOffices
from ivr.settings import Settings
from ivr.store import Database

T = TypeVar("T")


def with_requests(settings: Settings, work: Callable[[Requests], Awaitable[T]]) -> T:
    """Do it on the tables; no offices and no working hours are needed for that.

    Raises:
        Fault: The database cannot be opened, or a standard cannot be read.
    """
    profiles = load_profiles(settings.standards_folder)
    clock = SystemClock(settings.company.zone)

    async def on(database: Database) -> T:
        requests = Requests(
            database,
            settings.requests,
            clock,
            NoOffices(),
            lambda moment: False,
            rules=request_rules(profiles),
            visit_rules=visit_rules(profiles),
        )
        return await work(requests)

    return with_database(settings.store, on)


def when(moment: datetime) -> str:
    """A moment for people."""
    return f"{moment:%Y-%m-%d %H:%M}"
