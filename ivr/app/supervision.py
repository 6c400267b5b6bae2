"""What supervisors do on the floor: listening to talks, announcements, outages."""

from __future__ import annotations

from collections.abc import Callable

from ivr.access.audit import Audit
from ivr.announcements.announcer import Announcer
from ivr.asterisk.ami import AmiLink
from ivr.asterisk.desk import AsteriskListening
from ivr.calls.ledger import Ledger
from ivr.desk.floor import Floor
from ivr.desk.listening import Listening
from ivr.desk.listening_book import ListeningBook
from ivr.dialogue.ports import Clock
from ivr.outages.service import Outages
from ivr.settings import Settings
from ivr.store import Database
from ivr.web.api.announcements import AnnouncementRoutes
from ivr.web.api.events import EventHub
from ivr.web.api.listening import ListeningRoutes
from ivr.web.api.outages import OutageRoutes
from ivr.web.api.route import Route


def open_listening(
    settings: Settings, database: Database, clock: Clock, *, link: AmiLink, floor: Floor, ledger: Ledger
) -> Listening:
    """Listening over a link that is not started yet; to be started after the floor."""
    post = AsteriskListening(link, settings.switchboard)
    listening = Listening(
        post=post, book=ListeningBook(database, clock), operators=floor, talks=ledger, clock=clock
    )
    post.watch(listening)
    return listening


def supervision_routes(
    settings: Settings,
    *,
    listening: Listening,
    announcer: Announcer,
    outages: Outages,
    name: Callable[[str], str],
    audit: Audit,
    hub: EventHub,
    clock: Clock,
) -> list[Route]:
    """The calls of the API, and from now on their live events; `name`: login → name for people."""
    ears = ListeningRoutes(
        listening=listening, name=name, tell_operator=settings.desk.listening.tell_operator
    )
    ears.publish(hub)
    told = AnnouncementRoutes(
        announcer=announcer,
        settings=settings.announcements,
        clock=clock,
        lines={line.name: line.title for line in settings.lines},
        name=name,
        audit=audit,
        hub=hub,
    )
    dark = OutageRoutes(
        outages=outages,
        announcer=announcer,
        clock=clock,
        home=settings.customers.home_settlement or "",
        name=name,
        audit=audit,
        hub=hub,
    )
    return [*ears.routes(), *told.routes(), *dark.routes()]
