"""What those who lead watch, wired: this moment and today's figures, told as they change."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.access.model import Right
from ivr.app.papers import Bookmaking
from ivr.app.people import People
from ivr.kpi.live import LiveCounters
from ivr.settings import Settings
from ivr.web.api.figures_live import LeadingTold, LiveFigures, Watched
from ivr.web.api.me import titles
from ivr.web.api.workspace import Titled
from ivr.web.hub import Hub


def open_live_figures(
    settings: Settings, people: People, books: Bookmaking, counters: LiveCounters, hub: Hub
) -> LiveFigures:
    """Tell it from now on, wherever it changes; `close` ends it.

    Raises:
        Fault: There is no such standard.
    """
    watched = Watched(
        counters=counters,
        people=people.floor,
        today=books,
        leading=_leading(settings, people, books),
        reasons=titles(settings.desk.agents),
    )
    figures = LiveFigures(
        watched,
        hub,
        books.clock,
        pause_seconds=settings.web.events.figures_seconds,
        watchers=lambda: any(feed.user.may(Right.DESK) for feed in hub.feeds),
    )
    counters.subscribe(figures.changed)
    people.floor.subscribe_queues(lambda _queues: figures.changed())
    figures.start()
    return figures


def _leading(settings: Settings, people: People, books: Bookmaking) -> LeadingTold:
    company = settings.company
    profile = books.reporting.profile(company.profile)
    return LeadingTold(
        company=company.name,
        standard=profile.id,
        standard_title=profile.title,
        time_zone=company.time_zone,
        pause_reasons=_titled(settings.desk.agents.pause_reasons),
        lines=_titled({line.name: line.title for line in settings.lines}),
        queues=_titled(people.queue_titles),
    )


def _titled(of: Mapping[str, str]) -> list[Titled]:
    return [Titled(id=id, title=title) for id, title in of.items()]
