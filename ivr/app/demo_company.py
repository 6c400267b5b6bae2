"""What the invented company has besides customers: outages and requests."""

from __future__ import annotations

from ivr.clock import SystemClock
from ivr.outages.demo import write_demo_outages
from ivr.outages.service import Outages
from ivr.requests.demo import write_demo_requests
from ivr.requests.register import Register
from ivr.settings import Settings
from ivr.store import Database, upgrade


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
    finally:
        await database.close()
