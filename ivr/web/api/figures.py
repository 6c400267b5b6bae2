"""How the standard is kept: reports, the calls behind each figure, today so far."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from functools import partial
from typing import Protocol

from ivr.access.model import Right
from ivr.calls import queries
from ivr.dialogue.ports import Clock
from ivr.kpi.behind import add_alike, behind, counts_talks, how_many
from ivr.kpi.breakdown import By
from ivr.kpi.choices import keys_since
from ivr.kpi.definitions import Definition, Definitions
from ivr.kpi.live import LiveCounters
from ivr.kpi.papers.book import Book, Wanted
from ivr.kpi.papers.deliveries import listed
from ivr.kpi.papers.facts import fact_measures
from ivr.kpi.papers.forms import paper, usual_breakdowns
from ivr.kpi.papers.kinds import Form
from ivr.kpi.papers.words import Titles
from ivr.kpi.profiles import Profile
from ivr.kpi.report import Kpi
from ivr.kpi.sums import Selection
from ivr.kpi.sums import total as total_of
from ivr.store import Database
from ivr.web.api.figure_details import CallBehind, CallsBehind, ChoicesTold, SeriesQuery, SeriesTold
from ivr.web.api.figure_models import (
    BehindQuery,
    DeliveriesTold,
    DeliveryTold,
    FiguresQuery,
    FigureTold,
    LiveQuery,
    LiveTold,
    PaperQuery,
    ReportQuery,
    ReportTold,
)
from ivr.web.api.route import Asked, Download, Refused, Route

_NO_STANDARD = "Такого стандарта нет."
_NO_KPI = "Такого показателя нет."
_BACKWARDS = "Период заканчивается раньше, чем начинается. Поменяйте даты местами."
_FUTURE = "Этот период ещё не начался."
_TOO_LONG = "Период длиннее пяти лет. Выберите короче."
_MOST_DAYS = 5 * 366
_CHOICES_OF = timedelta(days=550)
_MOST_DELIVERIES = 200
_MOST_CALLS = 1_000
"""In a file: more of them would hold the calls up that the engine conducts meanwhile."""

_FORMS = (Form.XLSX, Form.CSV, Form.HTML)
_PRINTABLE = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"


class Books(Protocol):
    """Makes reports of the company."""

    @property
    def definitions(self) -> Definitions:
        """All KPIs."""

    @property
    def standards(self) -> Collection[str]:
        """Ids of the profiles."""

    @property
    def profiles(self) -> Collection[Profile]:
        """The standards."""

    @property
    def zone(self) -> tzinfo:
        """The company's."""

    def selection(self, standard: str, first: date, last: date, **narrower: str | None) -> Selection:
        """The calls of a period that has begun."""

    async def book(self, standard: str, selection: Selection, wanted: Wanted) -> Book:
        """A report."""

    async def titles(self) -> Titles:
        """What keys are called."""

    def today(self, standard: str, counters: LiveCounters, line: str | None) -> Mapping[str, Kpi]:
        """The KPIs of today's calls so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureRoutes:
    """`/kpi`.

    Attributes:
        standard: The company's.
    """

    books: Books
    counters: LiveCounters
    database: Database
    clock: Clock
    standard: str

    def routes(self) -> list[Route]:
        """All of them."""
        route: Callable[..., Route] = partial(Route, method="GET", right=Right.REPORTS)
        return [
            route(
                path="/kpi/report",
                title="How a standard is kept",
                run=self.report,
                query=ReportQuery,
                answer=ReportTold,
            ),
            route(
                path="/kpi/choices",
                title="What figures can be chosen by",
                run=self.choices,
                answer=ChoicesTold,
            ),
            route(
                path="/kpi/figures/{id}",
                title="One figure, beside the period before, and by something",
                run=self.figure,
                query=SeriesQuery,
                answer=SeriesTold,
            ),
            *(
                route(
                    path=f"/kpi/report.{form.suffix}",
                    title=f"The same as {form.suffix.upper()}",
                    run=self._download(form),
                    query=PaperQuery,
                    media_type=form.media_type,
                )
                for form in _FORMS
            ),
            route(
                path="/kpi/figures/{id}/calls",
                title="The calls behind a figure, those that add most first",
                run=self.calls,
                query=BehindQuery,
                answer=CallsBehind,
            ),
            route(
                path="/kpi/live",
                title="Today so far, and this moment",
                run=self.live,
                query=LiveQuery,
                answer=LiveTold,
            ),
            route(
                path="/kpi/deliveries",
                title="What became of the reports that are made by themselves",
                run=self.deliveries,
                answer=DeliveriesTold,
            ),
        ]

    async def report(self, asked: Asked) -> ReportTold:
        """`GET /kpi/report`."""
        query: ReportQuery = asked.query
        standard, selection = self._selection(query)
        book = await self.books.book(standard, selection, Wanted(by=query.by, before=query.before))
        return await asyncio.to_thread(ReportTold.of, book)

    async def choices(self, asked: Asked) -> ChoicesTold:
        """`GET /kpi/choices`."""
        now = self.clock.now()
        keys = await self.database.read(partial(keys_since, since=now - _CHOICES_OF))
        return ChoicesTold.of(
            standard=self.standard,
            profiles=self.books.profiles,
            definitions=self.books.definitions,
            keys=keys,
            titles=await self.books.titles(),
            today=now.astimezone(self.books.zone).date(),
            time_zone=str(self.books.zone),
        )

    async def figure(self, asked: Asked) -> SeriesTold:
        """`GET /kpi/figures/{id}`."""
        query: SeriesQuery = asked.query
        definition = self._definition(asked.path["id"])
        standard, selection = self._selection(query)
        wanted = Wanted(by=() if query.by is None else (query.by,), before=True)
        if definition.formula.named is not None:
            wanted = Wanted(before=True, over_time=definition if query.by is By.DAY else None)
        book = await self.books.book(standard, selection, wanted)
        return await asyncio.to_thread(SeriesTold.of, book, definition)

    async def calls(self, asked: Asked) -> CallsBehind:
        """`GET /kpi/figures/{id}/calls`."""
        query: BehindQuery = asked.query
        definition = self._definition(asked.path["id"])
        _, selection = self._selection(query)
        job = partial(
            behind,
            definition=definition,
            selection=selection,
            limit=query.limit,
            offset=query.offset,
            measures=fact_measures(),
        )
        shown = await self.database.read(job)
        total = how_many(await self.database.read(partial(total_of, selection=selection)), definition)
        numbers = await self.database.read(
            partial(queries.callers, call_ids=[each.call_id for each in shown])
        )
        titles = await self.books.titles()
        return CallsBehind(
            id=definition.id,
            title=definition.title,
            calls=[CallBehind.of(each, definition, titles, numbers.get(each.call_id, "")) for each in shown],
            talks=counts_talks(definition),
            alike=add_alike(definition),
            total=total,
            more=query.offset + len(shown) < total,
        )

    async def live(self, asked: Asked) -> LiveTold:
        """`GET /kpi/live`."""
        query: LiveQuery = asked.query
        standard = self._standard(query.standard)
        kpis = self.books.today(standard, self.counters, query.line)
        now = self.counters.now(query.line)
        counted = [kpi for kpi in kpis.values() if kpi.definition.told_by_calls]
        return LiveTold(
            standard=standard,
            day=self.counters.day,
            at=self.clock.now(),
            in_robot=now.in_robot,
            queued=now.queued,
            talking=now.talking,
            dialling=now.dialling,
            longest_since=now.longest_since,
            kpis=[FigureTold.of(kpi) for kpi in counted],
        )

    async def deliveries(self, asked: Asked) -> DeliveriesTold:
        """`GET /kpi/deliveries`."""
        found = await self.database.read(partial(listed, limit=_MOST_DELIVERIES))
        return DeliveriesTold(deliveries=[DeliveryTold.of(each) for each in found])

    def _download(self, form: Form) -> Callable[[Asked], Awaitable[Download]]:
        async def download(asked: Asked) -> Download:
            query: PaperQuery = asked.query
            standard, selection = self._selection(query)
            wanted = Wanted(
                by=query.by or usual_breakdowns(form, selection.period),
                behind=[self._definition(id) for id in query.calls],
                most=_MOST_CALLS,
            )
            book = await self.books.book(standard, selection, wanted)
            made = await asyncio.to_thread(paper, book, form, standard)
            policy = _PRINTABLE if form is Form.HTML else None
            return Download(made.content, made.name, form.media_type, policy)

        return download

    def _selection(self, query: FiguresQuery) -> tuple[str, Selection]:
        standard = self._standard(query.standard)
        today = self.clock.now().date()
        days = query.days(today)
        if days.first > days.last:
            raise Refused(422, "backwards", _BACKWARDS, "to")
        if days.first > today:
            raise Refused(422, "future", _FUTURE, "of" if query.period else "from")
        if (days.last - days.first).days > _MOST_DAYS:
            raise Refused(422, "too-long", _TOO_LONG, "to")
        return standard, self.books.selection(standard, days.first, days.last, **query.narrower())

    def _standard(self, asked_for: str | None) -> str:
        standard = asked_for or self.standard
        if standard not in self.books.standards:
            raise Refused(404, "no-such-standard", _NO_STANDARD, "standard")
        return standard

    def _definition(self, id: str) -> Definition:
        found = self.books.definitions.find(id)
        if found is None:
            raise Refused(404, "no-such-kpi", _NO_KPI)
        return found
