"""A world for conversations without telephony: the real actions over the invented company's customers."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import cast

from ivr.app.actions import readings_rules, registered
from ivr.app.knowledge import open_knowledge
from ivr.app.rooms import Desk, Rooms, open_rooms
from ivr.calls.surveys import Surveys
from ivr.clock import SystemClock
from ivr.customers.demo import write_demo
from ivr.customers.importing import import_file
from ivr.customers.own import OwnTables
from ivr.desk.floor import Floor
from ivr.desk.ports import Switchboard
from ivr.desk.told_book import ToldBook
from ivr.desk.waiting import Strangers, Waiting
from ivr.dialogue.ports import Action, Clock
from ivr.knowledge.base import KnowledgeBase
from ivr.kpi.metrics import Metrics
from ivr.kpi.profiles import Profile, load_profiles
from ivr.outages.demo import write_demo_outages
from ivr.requests.demo import write_demo_requests
from ivr.settings import Settings
from ivr.store import Database, upgrade

ACCOUNTS = 200
FIRST_HOUR, LAST_HOUR = 8, 20


class Rehearsal:
    """Gives each conversation a database of its own, with the same customers; an `ActionsFor`.

    The last readings are of the month before the conversation's.
    """

    def __init__(self, settings: Settings) -> None:
        """Use the settings of the company, but its own database."""
        self._settings = settings
        self._folder = tempfile.TemporaryDirectory(prefix="ivr-rehearsal-")
        self._months: dict[date, Path] = {}

    @cached_property
    def knowledge(self) -> KnowledgeBase:
        """The company's knowledge base, opened with the first conversation."""
        return open_knowledge(self._settings, SystemClock(self._settings.company.zone))

    @cached_property
    def _profiles(self) -> Mapping[str, Profile]:
        return load_profiles(self._settings.standards_folder)

    def close(self) -> None:
        """Throw the databases away."""
        self._folder.cleanup()

    def __call__(self, clock: Clock) -> AbstractAsyncContextManager[Mapping[str, Action]]:
        """The actions of one conversation."""
        return self._actions(clock)

    @asynccontextmanager
    async def _actions(self, clock: Clock) -> AsyncIterator[Mapping[str, Action]]:
        company = await self._company(clock.now().date().replace(day=1))
        file = company.with_name("conversation.db")
        await asyncio.to_thread(shutil.copy, company, file)
        database = await self._open(file)
        try:
            rooms = self._rooms(database, clock)
            await write_demo_outages(rooms.outages, clock.now())
            await write_demo_requests(rooms.requests.register, clock.now())
            yield registered(rooms, clock, Metrics())
        finally:
            await database.close()

    def _rooms(self, database: Database, clock: Clock) -> Rooms:
        return open_rooms(
            self._settings,
            database,
            clock,
            billing=OwnTables(database),
            readings=readings_rules(self._settings.readings, self._profiles),
            knowledge=self.knowledge,
            at_work=_at_work,
            profiles=self._profiles,
            furnish=lambda requests, readings: self._desk(database, clock),
        )

    def _desk(self, database: Database, clock: Clock) -> Desk:
        """Nobody is at work and nobody waits, but for what a conversation says of `desk.waiting`."""
        desk = self._settings.desk
        floor = Floor(
            database=database,
            settings=desk,
            switchboard=cast(Switchboard, None),
            clock=clock,
            queues=(),
            wrap_up_norm=lambda call_id: None,
        )
        waiting = Waiting(
            floor=floor,
            settings=desk,
            clock=clock,
            story=lambda call_id: None,
            max_wait=lambda profile: None,
            at_work=_at_work,
            acquaintances=Strangers(),
            told=ToldBook(),
        )
        return Desk(waiting, Surveys(database, desk.work.survey, clock))

    async def _company(self, month: date) -> Path:
        """The database of a month with the customers in it, made once."""
        if month not in self._months:
            folder = Path(self._folder.name) / month.isoformat()
            files = write_demo(folder, ACCOUNTS, month)
            database = await self._open(folder / "company.db")
            await upgrade(database)
            for file in files:
                await import_file(database, file, self._settings.customers, lambda bad: None)
            await database.close()
            self._months[month] = folder / "company.db"
        return self._months[month]

    async def _open(self, file: Path) -> Database:
        return await Database.open(self._settings.store.model_copy(update={"url": f"sqlite:///{file}"}))


def _at_work(moment: datetime) -> bool:
    """Hours of the invented company's people."""
    return FIRST_HOUR <= moment.hour < LAST_HOUR
