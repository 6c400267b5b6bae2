"""Calls out, wired: the book, the rules, the dialling loop, and what they need of the other rooms."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path

import structlog

from ivr.app.campaign_texts import looking
from ivr.app.dialer import Dialer
from ivr.app.messages import messages_of
from ivr.app.people import People
from ivr.app.rooms import nothing_wished
from ivr.asterisk.ami import AmiLink, LinkState
from ivr.asterisk.desk import CallChannels
from ivr.asterisk.dialling import AsteriskDialler
from ivr.calls import queries
from ivr.calls.ledger import Ledger
from ivr.calls.story import Story
from ivr.campaigns.actions import Wishes
from ivr.campaigns.book import CampaignBook
from ivr.campaigns.channels.permission import contacts
from ivr.campaigns.dialling.building import Needs, Outgoing
from ivr.campaigns.dialling.metrics import CampaignMetrics
from ivr.campaigns.kinds import KINDS_FILE, Kinds
from ivr.campaigns.opinions import GivingOn, OpinionTalks
from ivr.campaigns.plans import KindPlans
from ivr.campaigns.ports import CallEnd
from ivr.campaigns.retention import Retention
from ivr.campaigns.rules.hours import CallingHours
from ivr.campaigns.rules.refusals import Refusals
from ivr.campaigns.rules.rules import Rules
from ivr.campaigns.rules.scopes import Ruled
from ivr.campaigns.service import Campaigns
from ivr.campaigns.wishes import BookWishes
from ivr.customers.billing import Billing, BillingUnavailable
from ivr.desk.floor import Floor
from ivr.desk.model import AgentState
from ivr.desk.seat import Presence, Seat
from ivr.dialogue.ports import Clock
from ivr.dialogue.problems import ScenarioFault
from ivr.errors import Fault
from ivr.kpi.metrics import Metrics
from ivr.requests.service import Requests
from ivr.requests.workdays import Own, WorkCalendar
from ivr.settings import Settings
from ivr.store import Database

log = structlog.get_logger(__name__)


class LiveKinds:
    """The kinds of the company's scenarios, as they were read last."""

    def __init__(self, folder: Path) -> None:
        """Read them; a company that calls nobody has none.

        Raises:
            ScenarioFault: With all problems.
        """
        self._folder = folder
        self._kinds = self._read()

    def __call__(self) -> Kinds:
        """The kinds. Raises Fault: there are none."""
        if self._kinds is None:
            raise Fault(
                "There are no kinds of campaigns.",
                str(self._folder / KINDS_FILE),
                "Put the file there and read the scenarios again.",
            )
        return self._kinds

    def reload(self) -> None:
        """Read them again. Raises ScenarioFault, and keeps those that were read before."""
        self._kinds = self._read()

    @property
    def absent(self) -> bool:
        """Whether there are none."""
        return self._kinds is None

    def ruled(self, kind: str) -> Ruled:
        """What the rules of calling ask of a kind, as it is now."""
        return self._kinds.ruled(kind) if self._kinds is not None else Ruled()

    def _read(self) -> Kinds | None:
        return Kinds.load(self._folder) if (self._folder / KINDS_FILE).exists() else None


class BillingDebts:
    """`Debts` of the campaigns' ports: what billing says now, not what is remembered of it."""

    def __init__(self, billing: Callable[[], Billing]) -> None:
        self._billing = billing

    async def debt_of(self, account: str) -> Decimal | None:
        """As `Debts.debt_of`."""
        try:
            answer = await self._billing().by_number(account)
        except BillingUnavailable:
            return None
        if answer.stale or len(answer.accounts) != 1 or answer.accounts[0].balance is None:
            return None
        return -answer.accounts[0].balance


class FloorOperators:
    """`Operators` of the campaigns' ports, over the floor; a state keeps the moment first told for it."""

    def __init__(self, floor: Floor, clock: Clock) -> None:
        self._floor = floor
        self._clock = clock
        self._since: dict[tuple[str, datetime], float] = {}

    def ready(self, queue: str) -> int:
        """As `Operators.ready`; callers who wait have the operators first."""
        board, seats = self._floor.board, self._floor.seats
        free = sum(seat.free for seat in board.servers(queue, seats))
        return max(0, free - len(board.callers.of(queue)))

    def talking(self, queue: str) -> Sequence[float]:
        """As `Operators.talking`."""
        return self._in(queue, AgentState.TALKING)

    def wrapping(self, queue: str) -> Sequence[float]:
        """As `Operators.wrapping`."""
        return self._in(queue, AgentState.WRAP_UP)

    def _in(self, queue: str, state: AgentState) -> list[float]:
        seats = self._floor.seats
        known = {(seat.login, seat.since) for seat in seats}
        self._since = {key: moment for key, moment in self._since.items() if key in known}
        return [
            self._moment(seat)
            for seat in self._floor.board.servers(queue, seats)
            if seat.state is state and seat.presence is Presence.READY
        ]

    def _moment(self, seat: Seat) -> float:
        age = (self._clock.now() - seat.since).total_seconds()
        return self._since.setdefault((seat.login, seat.since), self._clock.monotonic() - max(0.0, age))


class FloorChoosers:
    """`Choosers` of the campaigns' ports: operators who are signed in, over the floor."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor

    def there(self, login: str) -> bool:
        """As `Choosers.there`."""
        return self.device_of(login) is not None

    async def keep(self, login: str, seconds: float) -> bool:
        """As `Choosers.keep`; from who is on a pause they are away already."""
        agent = self._floor.agent(login)
        if agent is None or not self.there(login):
            return False
        if agent.state is AgentState.PAUSED:
            return True
        return await self._floor.reserve(login, "preview", seconds)

    def release(self, login: str) -> None:
        """As `Choosers.release`."""
        self._floor.release(login)

    def device_of(self, login: str) -> str | None:
        """Asterisk's name of his telephone; None: he is gone, or it can't be rung."""
        agent = self._floor.agent(login)
        return agent.phone.device if agent and agent.phone and agent.reachable else None


class LedgerLog:
    """`CallLog` of the campaigns' ports: the ledger, which reads Asterisk's own list of calls, too."""

    def __init__(self, database: Database, ledger: Ledger) -> None:
        self._database = database
        self._ledger = ledger

    async def end_of(self, attempt_id: str) -> CallEnd | None:
        """As `CallLog.end_of`."""
        running = self._ledger.find(attempt_id)
        story = running.story if running else await self._written(attempt_id)
        if story is None or story.ended_at is None:
            return None
        told = story.data.get("asterisk")
        answered = isinstance(told, Mapping) and bool(told.get("answered"))
        return CallEnd(
            at=story.ended_at,
            cause=story.cause or 0,
            answered=answered or story.answered_at is not None,
        )

    async def _written(self, call_id: str) -> Story | None:
        found = await self._database.read(partial(queries.one, call_id=call_id))
        return found[0] if found else None


class CampaignRoom:
    """All of it; the parts that others need are public.

    Attributes:
        book: Campaigns, targets, attempts.
        kinds: As they are now.
        rules: Of calling.
        refusals: Who is not to be called.
        service: For supervisors.
        channels: Messages beside the calls.
        talks: For the flows' calls.
        retention: Erases personal data that are too old.
        opinions: What clients say of the service, for who keeps it.
        previews: For operators who read before they call.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        clock: Clock,
        *,
        metrics: Metrics,
        ledger: Ledger,
        link: AmiLink,
        channels: CallChannels,
        people: People,
        billing: Callable[[], Billing],
    ) -> None:
        """Build it before the link is started; `start` dials.

        Raises:
            ScenarioFault: The kinds are wrong.
            Fault: The calendar can't be read.
        """
        own = settings.campaigns
        self._settings = settings
        self._database = database
        self._clock = clock
        self.kinds = LiveKinds(settings.scenarios.folder)
        self.book = CampaignBook(database, clock)
        calendar = calendar_of(settings)
        self.rules = Rules(own.rules, calendar, settings.company.zone, contacts, self.kinds.ruled)
        self.refusals = Refusals(database, clock, own.rules.quiet_after_payment_days)
        self.channels = messages_of(
            settings,
            database,
            clock,
            kinds=self.kinds,
            ruled_of=self.kinds.ruled,
            rules=self.rules,
            refusals=self.refusals,
            registry=metrics.registry,
        )
        plans = KindPlans(self.kinds, own)
        self._dialer = Dialer(settings.data_folder, own.dialling.dialer)
        choosers = FloorChoosers(people.floor)
        self._outgoing = Outgoing(
            own,
            dialer=self._dialer.name,
            book=self.book,
            database=database,
            clock=clock,
            needs=Needs(
                checks=self.rules.check,
                plans=plans,
                dialler=AsteriskDialler(
                    link,
                    channels,
                    ledger,
                    profile=settings.company.profile,
                    clock=clock,
                    device_of=choosers.device_of,
                ),
                debts=BillingDebts(billing),
                operators=FloorOperators(people.floor, clock),
                sender=self.channels.outbox,
                log_of_calls=LedgerLog(database, ledger),
                linked=lambda: link.state is LinkState.UP,
                choosers=choosers,
            ),
            metrics=CampaignMetrics(metrics.registry),
        )
        self.opinions = GivingOn(database, self.kinds, clock)
        self.retention = Retention(database, clock, own.retention)
        self.talks = OpinionTalks(self._outgoing.talks, self.opinions)
        self.previews = self._outgoing.previews
        self.service = Campaigns(
            book=self.book,
            database=database,
            kinds=self.kinds,
            plans=plans,
            rules=self.rules,
            hours=CallingHours(own.rules.hours, calendar),
            settings=own,
            queues=people.queue_titles,
            zone=settings.company.zone,
            clock=clock,
            look=looking(settings, self.kinds),
            engine=self._outgoing.dialling,
        )

    def wish(self, requests: Requests) -> Wishes:
        """What persons who are called may want; as `ivr.app.rooms.Wish`."""
        if self.kinds.absent:
            return nothing_wished(requests)
        return BookWishes(
            book=self.book,
            database=self._database,
            talks=self.talks,
            kinds=self.kinds(),
            refusals=self.refusals,
            rules=self.rules,
            cases=requests.cases,
            clock=self._clock,
            sender=self.channels.outbox if self.channels.has("sms") else None,
            profile=self._settings.company.profile,
        )

    def reload(self) -> None:
        """Read the kinds again; a broken file changes nothing."""
        try:
            self.kinds.reload()
        except ScenarioFault as fault:
            log.error("campaigns.kinds", problem=str(fault))

    async def start(self) -> None:
        """Dial for the campaigns that run, if there is a trunk for it; before the link is started.

        Raises:
            Fault: Another engine dials with the same folder of data.
            StoreUnavailable: What an earlier life has left can't be read.
        """
        self._dialer.hold()
        self.channels.start()
        await self._outgoing.dialling.start()

    async def give_on(self) -> None:
        """Give on the opinions that an earlier life has left."""
        await self.opinions.catch_up()

    def wake(self) -> None:
        """Something has changed: the loop looks at once."""
        self._outgoing.dialling.wake()

    def hold(self) -> None:
        """Order nothing more; what calls under way tell is still written."""
        self._outgoing.dialling.hold()

    async def close(self) -> None:
        """Listen no longer; calls under way go on, and are taken up at the next start."""
        await self._outgoing.dialling.close()
        await self.channels.close()
        self._dialer.release()


def calendar_of(settings: Settings) -> WorkCalendar:
    """Working days and holidays."""
    own = settings.requests.calendar
    return WorkCalendar.load(own.file, Own(own.days_off, own.working_days))
