"""Reports on paper, wired: what keys are called, and books for commands, pages and the schedule."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from ivr.access.users import Users
from ivr.app.kpi import Reporting
from ivr.app.people import queue_titles
from ivr.dialogue.ports import Clock
from ivr.errors import Fault
from ivr.knowledge.loading import topics_of
from ivr.kpi.definitions import Definition, Definitions
from ivr.kpi.live import LiveCounters
from ivr.kpi.papers.book import Book, Wanted, make_book
from ivr.kpi.papers.words import Titles
from ivr.kpi.report import Kpi, profiles_of
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

    def chosen(self, ids: Sequence[str]) -> list[Definition]:
        """The KPIs of ids.

        Raises:
            Fault: There is no such KPI.
        """
        unknown = next((id for id in ids if self.definitions.find(id) is None), None)
        if unknown is not None:
            known = ", ".join(each.id for each in self.definitions.kpis)
            raise Fault(f"There is no KPI {unknown!r}.", "kpi", f"Take one of: {known}.")
        return [found for id in ids if (found := self.definitions.find(id)) is not None]

    @property
    def definitions(self) -> Definitions:
        """All KPIs."""
        return self.reporting.reporter.definitions

    @property
    def standards(self) -> Collection[str]:
        """Ids of the profiles."""
        return {path.stem for path in self.reporting.settings.standards_folder.glob("*.yaml")}

    def selection(self, standard: str, first: date, last: date, **narrower: str | None) -> Selection:
        """The calls of a period that are held against a standard.

        Raises:
            Fault: The period has not begun, or ends before it begins.
        """
        return self.reporting.selection(standard, first, last, self.clock.now(), **narrower)

    def today(self, standard: str, counters: LiveCounters, line: str | None) -> Mapping[str, Kpi]:
        """The KPIs of today's calls so far, by id.

        Raises:
            Fault: There is no such standard.
        """
        settings, profile = self.reporting.settings, self.reporting.profile(standard)
        of_lines = {each.profile for each in settings.lines}
        sums = counters.today(profiles_of(standard, of_lines), line)
        return {kpi.definition.id: kpi for kpi in self.reporting.reporter.kpis(profile, sums, {})}
