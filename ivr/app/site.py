"""Pages, API and live events of the company, built from the rooms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel

from ivr.access.model import Right, User
from ivr.announcements.announcer import Announcer
from ivr.app.campaign_opinions import TalkOpinions
from ivr.app.campaign_pages import campaign_pages
from ivr.app.campaigns import CampaignRoom
from ivr.app.now import open_live_figures
from ivr.app.papers import Bookmaking
from ivr.app.people import People
from ivr.app.rooms import Rooms
from ivr.app.satisfaction import open_satisfaction
from ivr.app.supervision import supervision_routes
from ivr.asterisk.config.secret import workplace_secret
from ivr.asterisk.settings import AsteriskSettings
from ivr.calls.ledger import Ledger
from ivr.customers.billing import Billing
from ivr.desk.model import AgentState
from ivr.desk.ports import Phone, PhoneKind
from ivr.dialogue.ports import Clock
from ivr.errors import Fault
from ivr.knowledge.base import KnowledgeBase
from ivr.kpi.alarm_book import AlarmBook
from ivr.kpi.live import LiveCounters
from ivr.requests.model import Request
from ivr.settings import Settings
from ivr.store import Database
from ivr.web.api import (
    alarms,
    appointments,
    blocked,
    bulletins,
    callbacks,
    lost,
    requests,
    shifts,
    surveys,
    talks,
    tasks,
    visits,
    work_events,
)
from ivr.web.api.accounts import AccountRoutes
from ivr.web.api.appointments import OfficePlace
from ivr.web.api.calls import CallRoutes
from ivr.web.api.cards import CardRoutes, Viewing
from ivr.web.api.events import Audience
from ivr.web.api.figures import FigureRoutes
from ivr.web.api.floor import FloorRoutes
from ivr.web.api.knowledge import KnowledgeRoutes
from ivr.web.api.live import LiveCalls
from ivr.web.api.me import Me, SipLogin
from ivr.web.api.readings import ReadingRoutes
from ivr.web.api.route import Asked, Route
from ivr.web.api.workspace import Part, WorkspaceRoutes
from ivr.web.api.wrapups import WrapUpRoutes
from ivr.web.hub import Hub
from ivr.web.message_receipts import MessageReceipts
from ivr.web.site import Site, SiteParts

_PARTS: Mapping[str, str] = {
    "me": "/me",
    "queues": "/queues",
    "callbacks": "/callbacks",
    "lost": "/lost",
    "tasks": "/tasks",
    "bulletins": "/bulletins",
    "shift": "/shifts",
}
"""Part of the workspace → the call of the API that tells the same."""


class _Nothing(BaseModel):
    """An event without data."""


class CompanySite:
    """The site and what keeps it live; `close` ends the latter."""

    def __init__(
        self,
        settings: Settings,
        *,
        people: People,
        rooms: Rooms,
        ledger: Ledger,
        database: Database,
        billing: Billing,
        clock: Clock,
        alarm_book: AlarmBook,
        counters: LiveCounters,
        books: Bookmaking,
        announcer: Announcer,
        campaigns: CampaignRoom,
        conversations: Sequence[Route],
    ) -> None:
        """Put it together; `conversations` are the calls of the API on what the archive holds.

        Raises:
            Fault: The address of the telephones' WebSocket is not known.
        """
        self._settings = settings
        self._people = people
        self._rooms = rooms
        self._ledger = ledger
        self._database = database
        self._billing = billing
        self._clock = clock
        self._alarms = alarm_book
        self._announcer = announcer
        self._figures = FigureRoutes(
            books=books, counters=counters, database=database, clock=clock, standard=settings.company.profile
        )
        self._audit = people.access.audit
        self._viewing = Viewing(people.cards, self._audit)
        self._floor = FloorRoutes(
            people.floor, settings.desk.agents, people.queue_titles, people.access.users.all, self._audit
        )
        self.hub = Hub(settings.web.events, clock)
        self._live = LiveCalls(ledger, people.cards, self.hub, self._audit, people.floor.agents)
        self._floor.publish(self.hub)
        work_events.publish(people.work, self.hub, clock)
        alarms.publish(alarm_book, self.hub)
        self.opinions = open_satisfaction(
            settings,
            database,
            clock,
            profiles=books.reporting.profiles,
            cases=rooms.requests.cases,
            audit=self._audit,
        )
        campaigns.opinions.give_to(TalkOpinions(self.opinions.room, self.opinions.control))
        self._campaigns = campaign_pages(
            settings,
            campaigns,
            database,
            clock,
            queues=people.queue_titles,
            name=people.name,
            audit=self._audit,
            hub=self.hub,
            his=self._viewing.story,
        )
        self._now = open_live_figures(settings, people, books, counters, self.hub)
        socket = phone_socket(settings)
        routes = [
            *self._of_operators(socket),
            *self._of_leaders(),
            *conversations,
            *self._of_calls(),
            *self._of_clients(),
            *self._of_work(),
        ]
        self.site = Site(
            settings.web,
            SiteParts(
                access=people.access,
                access_settings=settings.access,
                hub=self.hub,
                clock=clock,
                routes=[*routes, *self._workspace(routes)],
                direct=MessageReceipts(campaigns.channels.callbacks, settings.web.limits).calls(),
                phone_lost=people.phone_lost,
                phone_sockets=(socket,),
            ),
        )

    def dictionaries_changed(self) -> None:
        """The knowledge base has been read: the pages that are open read everything anew, topics too."""
        self.hub.publish("resync", _Nothing(), Audience(right=Right.WORK))

    async def close(self) -> None:
        """Tell nothing more."""
        await self._campaigns.close()
        await self._now.close()
        await self._live.close()

    # --- the calls of the API, by whom they concern --------------------------------------------------

    def _of_operators(self, socket: str) -> list[Route]:
        asterisk, agents = self._settings.asterisk, self._settings.desk.agents
        people, work = self._people, self._people.work
        me = Me(people.floor, agents, lambda phone: sip_login(asterisk, socket, phone))
        return [
            *me.routes(),
            *self._floor.routes(),
            *bulletins.routes(work.bulletins, self._clock, people.queue_titles, self._audit),
            *shifts.routes(work.shifts, self._clock, people.access.users.all, self._audit),
        ]

    def _of_leaders(self) -> list[Route]:
        supervision = supervision_routes(
            self._settings,
            listening=self._people.listening,
            announcer=self._announcer,
            outages=self._rooms.outages,
            name=self._people.name,
            audit=self._audit,
            hub=self.hub,
            clock=self._clock,
        )
        return [
            *alarms.routes(self._alarms, self._clock),
            *self._figures.routes(),
            *self._now.routes(),
            *self.opinions.routes,
            *self._campaigns.routes,
            *supervision,
        ]

    def _of_calls(self) -> list[Route]:
        people = self._people
        wrapups = WrapUpRoutes(
            wrapups=people.wrapups,
            viewing=self._viewing,
            ledger=self._ledger,
            surveys=people.work.surveys,
            topics=lambda: self._knowledge.topics.keys(),
            results=tuple(result.id for result in people.results),
            done=self._wrap_up_done,
            clock=self._clock,
        )
        calls = CallRoutes(
            database=self._database,
            ledger=self._ledger,
            cards=people.cards,
            viewing=self._viewing,
            audit=self._audit,
        )
        return [
            *talks.routes(people.talks),
            *wrapups.routes(),
            *calls.routes(),
            *surveys.routes(people.work.surveys, self._ledger.legs),
            *KnowledgeRoutes(knowledge=self._knowledge, profile=self._profile).routes(),
        ]

    def _of_clients(self) -> list[Route]:
        people, room = self._people, self._rooms.requests
        home = self._settings.customers.home_settlement
        cards = CardRoutes(
            cards=people.cards,
            viewing=self._viewing,
            billing=self._billing,
            ledger=self._ledger,
            home_settlement=home,
        )
        accounts = AccountRoutes(
            billing=self._billing,
            viewing=self._viewing,
            audit=self._audit,
            home_settlement=home,
            most_names=self._settings.customers.names_limit,
        )
        readings = ReadingRoutes(
            readings=self._rooms.readings,
            billing=self._billing,
            cards=people.cards,
            viewing=self._viewing,
            ledger=self._ledger,
            audit=self._audit,
            clock=self._clock,
        )
        return [
            *cards.routes(),
            *accounts.routes(),
            *readings.routes(),
            *requests.routes(
                room,
                profile=self._profile,
                profile_titles=people.standard_titles(),
                users=people.access.users,
                audit=self._audit,
                topics=lambda: self._knowledge.topics.keys(),
                profile_of=people.profile_of,
                concerned=self._talks_with_client,
            ),
            *appointments.routes(room.appointments, audit=self._audit, offices=self._offices),
            *visits.routes(
                room.home_visits,
                profile=self._profile,
                audit=self._audit,
                zone=self._settings.company.zone,
            ),
        ]

    def _of_work(self) -> list[Route]:
        work = self._people.work
        return [
            *callbacks.routes(work, self._rooms.requests.callbacks),
            *lost.routes(work, self._clock),
            *tasks.routes(
                work.tasks,
                work.task_calls,
                channels=self._settings.desk.work.tasks.channels,
                audit=self._audit,
                clock=self._clock,
                profile_of=self._people.profile_of,
            ),
            *blocked.routes(work.blocklist, self._audit),
        ]

    def _workspace(self, routes: Iterable[Route]) -> list[Route]:
        people = self._people
        told = {route.path: route for route in routes if route.method == "GET"}
        workspace = WorkspaceRoutes(
            viewing=self._viewing,
            ledger=self._ledger,
            wrapups=people.wrapups,
            knowledge=self._knowledge,
            agent=people.floor.agent,
            parts={name: _part(told[path]) for name, path in _PARTS.items()},
            results=people.results,
            pause_reasons=self._settings.desk.agents.pause_reasons,
            profile=self._profile,
            time_zone=self._settings.company.time_zone,
        )
        return workspace.routes()

    # --- what the calls ask ---------------------------------------------------------------------------

    @property
    def _knowledge(self) -> KnowledgeBase:
        return self._rooms.knowledge

    @property
    def _profile(self) -> str:
        return self._settings.company.profile

    async def _wrap_up_done(self, login: str, call_id: str) -> None:
        agent = self._people.floor.agent(login)
        if agent is not None and agent.call_id == call_id:
            await self._people.floor.wrap_up_done(login)

    def _talks_with_client(self, user: User, request: Request) -> bool:
        """Whether the request belongs to the client of a call that the user is in now, or wraps up."""
        return any(self._people.cards.speaks_for(call_id, request) for call_id in self._calls_of(user))

    def _calls_of(self, user: User) -> set[str]:
        agent = self._people.floor.agent(user.login)
        on_telephone = {leg.call_id for leg in self._ledger.open_legs(user.login)}
        wraps_up = agent is not None and agent.state is AgentState.WRAP_UP and agent.call_id
        return on_telephone | ({wraps_up} if wraps_up else set())

    def _offices(self) -> Mapping[str, OfficePlace]:
        offices = self._knowledge.offices(self._profile)
        return {office.id: OfficePlace(office.name, office.address) for office in offices}


def _part(route: Route) -> Part:
    async def tell(user: User) -> object:
        query = route.query() if route.query else None
        return await route.run(Asked(user=user, session_id="", query=query))

    return tell


def sip_login(asterisk: AsteriskSettings, socket: str, phone: Phone) -> SipLogin:
    """How the telephone of a workplace registers."""
    endpoint = phone.device.removeprefix("PJSIP/")
    host = asterisk.sip.external_address or asterisk.sip.host
    password = workplace_secret(asterisk, endpoint) if phone.kind is PhoneKind.BROWSER else None
    return SipLogin(
        uri=f"sip:{endpoint}@{host}",
        password=password.get_secret_value() if password else "",
        websocket=f"{socket}/ws",
        realm="asterisk",
    )


def phone_socket(settings: Settings) -> str:
    """Where telephones in the browser connect: `wss://host:port`, or `ws://…` on the loopback.

    Raises:
        Fault: There is a certificate, but the host that browsers know is not told.
    """
    socket = settings.asterisk.websocket
    if socket.certificate is None:
        return f"ws://{socket.host}:{socket.port}"
    origin = settings.web.origin.partition("://")[2].partition(":")[0]
    host = origin or (settings.web.host if settings.web.host not in ("", "0.0.0.0", "::") else "")  # noqa: S104
    if not host:
        raise Fault(
            "The address at which browsers reach the telephones' WebSocket is not known.",
            "web.origin",
            "Set it to the address of the pages, such as https://desk.example.ru:8443.",
        )
    return f"wss://{host}:{socket.tls_port}"
