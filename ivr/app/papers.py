"""Reports on paper, wired: what keys are called, and books for commands, pages and the schedule."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from ivr.access.users import Users
from ivr.app.kpi import Reporting
from ivr.app.people import queue_titles
from ivr.dialogue.ports import Clock
from ivr.errors import Fault
from ivr.knowledge.loading import topics_of
from ivr.kpi.definitions import Definition
from ivr.kpi.papers.book import Book, Wanted, make_book
from ivr.kpi.papers.words import Titles
from ivr.kpi.sums import By, Selection
from ivr.store import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookmaking:
    """Makes books for whoever asks."""

    reporting: Reporting
    database: Database
    clock: Clock

    async def titles(self) -> Titles:
        """What lines, queues, topics and operators are called now.

        Raises:
            StoreUnavailable: The users can't be read.
        """
        settings = self.reporting.settings
        topics = await asyncio.to_thread(topics_of, settings.knowledge.folder)
        users = await Users(self.database, self.clock).all()
        return {
            By.LINE: {line.name: line.title for line in settings.lines},
            By.QUEUE: queue_titles(settings.asterisk),
            By.TOPIC: {id: topic.title for id, topic in topics.items()},
            By.AGENT: {user.login: user.name for user in users},
        }

    async def book(self, standard: str, selection: Selection, wanted: Wanted) -> Book:
        """One book.

        Raises:
            Fault: There is no such standard.
            StoreUnavailable: The database can't be read.
        """
        job = partial(
            make_book,
            reporter=self.reporting.reporter,
            profile=self.reporting.profile(standard),
            selection=selection,
            now=self.clock.now(),
            wanted=wanted,
            titles=await self.titles(),
        )
        return await self.database.read(job)

    def definitions(self, ids: Sequence[str]) -> list[Definition]:
        """The KPIs of ids.

        Raises:
            Fault: There is no such KPI.
        """
        return [self.definition(id) for id in ids]

    def definition(self, id: str) -> Definition:
        """The KPI of an id.

        Raises:
            Fault: There is no such KPI.
        """
        known = self.reporting.reporter.definitions
        found = known.find(id)
        if found is None:
            ids = ", ".join(each.id for each in known.kpis)
            raise Fault(f"There is no KPI {id!r}.", "kpi", f"Take one of: {ids}.")
        return found
