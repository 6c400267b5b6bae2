"""Reports on paper, wired: what keys are called, and books for commands, pages and the schedule."""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from functools import partial
from typing import Any, NoReturn

from ivr.access.users import Users
from ivr.app.kpi import Reporting
from ivr.app.people import queue_titles
from ivr.dialogue.ports import Clock
from ivr.errors import Fault
from ivr.knowledge.articles import Topic
from ivr.kpi.breakdown import By
from ivr.kpi.definitions import Definition, Definitions
from ivr.kpi.live import LiveCounters
from ivr.kpi.metrics import Metrics
from ivr.kpi.papers.book import Book, Wanted, make_book
from ivr.kpi.papers.forms import usual_breakdowns
from ivr.kpi.papers.posting import Post
from ivr.kpi.papers.settings import Order
from ivr.kpi.papers.spans import Days
from ivr.kpi.papers.words import Titles
from ivr.kpi.papers.worker import ReportDelivery
from ivr.kpi.profiles import Profile
from ivr.kpi.report import Kpi
from ivr.kpi.sums import Selection
from ivr.store import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookmaking:
    """Makes books for whoever asks.

    Attributes:
        topic_titles: What topics are called now, by id.
    """

    reporting: Reporting
    database: Database
    clock: Clock
    topic_titles: Callable[[], Mapping[str, str]]

    async def titles(self) -> Titles:
        """What lines, queues, topics and operators are called now.

        Raises:
            StoreUnavailable: The users can't be read.
        """
        settings = self.reporting.settings
        users = await Users(self.database, self.clock).all()
        return {
            By.LINE: {line.name: line.title for line in settings.lines},
            By.QUEUE: queue_titles(settings.asterisk),
            By.TOPIC: self.topic_titles(),
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

    async def ordered(self, order: Order, days: Days) -> Book:
        """The book of a report that is made by itself.

        Raises:
            Fault: There is no such standard.
            StoreUnavailable: The database can't be read.
        """
        profile = self.reporting.profile(order.standard or self.reporting.settings.company.profile)
        selection = self.selection(profile.id, days.first, days.last)
        usual = [by for form in order.formats for by in usual_breakdowns(form, selection.period)]
        return await self.book(profile.id, selection, Wanted(by=order.by or tuple(dict.fromkeys(usual))))

    def delivery(self) -> ReportDelivery:
        """What makes and delivers the reports of the settings.

        Raises:
            Fault: One of them is on a standard that does not exist.
        """
        settings = self.reporting.settings
        for order in settings.kpi.reports:
            self.reporting.profile(order.standard or settings.company.profile)
        return ReportDelivery(
            self.database,
            settings.kpi.reports,
            settings.kpi.delivery,
            self.clock,
            settings.company.zone,
            make=self.ordered,
            post=Post(settings.kpi.mail),
        )

    def deliver(self, metrics: Metrics) -> Coroutine[Any, Any, NoReturn]:
        """What makes and delivers the reports of the settings, again and again.

        Raises:
            Fault: One of them is on a standard that does not exist.
        """
        delivery = self.delivery()
        metrics.watch(
            "reports_late", "Destinations to which the last report has not come.", lambda: delivery.late
        )
        return delivery.run()

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
        return self.reporting.profiles.keys()

    @property
    def profiles(self) -> Collection[Profile]:
        """The standards."""
        return self.reporting.profiles.values()

    @property
    def zone(self) -> tzinfo:
        """The company's."""
        return self.reporting.settings.company.zone

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
        reporting, profile = self.reporting, self.reporting.profile(standard)
        sums = counters.today(reporting.profiles_of(standard), line)
        return {kpi.definition.id: kpi for kpi in reporting.reporter.kpis(profile, sums, {})}


def titles_of_topics(topics: Mapping[str, Topic]) -> dict[str, str]:
    """What topics are called, by id."""
    return {id: topic.title for id, topic in topics.items()}
