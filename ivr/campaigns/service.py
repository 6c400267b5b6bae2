"""Campaigns, as supervisors handle them: made, checked, tried on one's own telephone, started, stopped."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from enum import StrEnum
from functools import partial
from typing import Any, Protocol
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from ivr.campaigns.book import CampaignBook
from ivr.campaigns.entries import NewCampaign
from ivr.campaigns.faults import NoCall, NoCampaign
from ivr.campaigns.forecast import Forecast, forecast
from ivr.campaigns.kinds import Kinds
from ivr.campaigns.model import (
    Attempt,
    AttemptState,
    Campaign,
    CampaignState,
    Mode,
    Target,
    TargetState,
)
from ivr.campaigns.needed import Owner
from ivr.campaigns.plans import Plan, Plans
from ivr.campaigns.ports import NotDialled, OutgoingCall
from ivr.campaigns.rules.caller_ids import NoCallerId
from ivr.campaigns.rules.hours import CallingHours, hours_of
from ivr.campaigns.rules.rules import Rules
from ivr.campaigns.settings import CampaignsSettings
from ivr.campaigns.tables import campaign_targets
from ivr.dialogue.ports import Clock
from ivr.errors import Fault
from ivr.store import Database


class Severity(StrEnum):
    """Whether a finding stands in the way of a start."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check has found; `where` is a field of the campaign, a file, or nothing. In Russian."""

    severity: Severity
    what: str
    where: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Checkup:
    """All findings, and the first moment at which somebody may be called (UTC; None: there is none)."""

    findings: Sequence[Finding]
    opens_at: datetime | None = None

    @property
    def ready(self) -> bool:
        """Whether nothing stands in the way of a start."""
        return all(each.severity is not Severity.ERROR for each in self.findings)


class NotReady(Fault):
    """A campaign was not started, because of what its check has found.

    Attributes:
        findings: The errors.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(" ".join(each.what for each in findings), findings[0].where, findings[0].fix)
        self.findings = findings


class Engine(Protocol):
    """The dialling engine of this process; commands have none."""

    def halt(self, campaign_id: int) -> None:
        """No call of it is ordered from now on."""

    def wake(self) -> None:
        """Something has changed."""

    def pace_of(self, campaign_id: int) -> float | None:
        """How many targets end in a second, as measured of late; None: not known."""

    async def rehearse(self, call: OutgoingCall, facts: tuple[Campaign, Target, Attempt]) -> None:
        """Make a call of which nothing is kept. Raises NotDialled, ExchangeAway."""


Look = Callable[[Campaign], Sequence[Finding]]
"""Further findings, such as those of the texts."""

_NO_TARGETS = Finding(
    Severity.ERROR, "В кампании некого обзванивать.", "targets", "Загрузите адресатов из файла или из долгов."
)
_NO_TRUNKS = Finding(
    Severity.ERROR,
    "Для обзвона не отведён ни один транк.",
    "campaigns.trunks",
    "Назовите транк и его пределы в настройках.",
)
_NO_QUEUE = Finding(
    Severity.ERROR,
    "Не названа очередь операторов, которые будут разговаривать.",
    "queue",
    "Выберите очередь или обзвон без операторов.",
)
_UNKNOWN_QUEUE = "Очереди «{queue}» нет."
_ITS_QUEUE = "Выберите очередь из списка."
_PAST = Finding(Severity.ERROR, "Последний день кампании уже прошёл.", "last_day", "Назначьте другие дни.")
_FIELD = "Не хватает данных для текста: {title}."
_FIELD_FIX = "Заполните поле кампании."
_CLOSED = Finding(
    Severity.ERROR,
    "В дни и часы кампании никому нельзя звонить.",
    "opens",
    "Расширьте дни или часы: звонить можно лишь тогда, когда время звонков идёт во всех поясах адресата.",
)
_PARTLY_CLOSED = Finding(
    Severity.WARNING,
    "Части адресатов в дни и часы кампании звонить нельзя: их часовой пояс этого не допускает.",
    "opens",
    "Расширьте дни или часы, иначе им не позвонят.",
)
_RULES = "Правила кампании не годятся: {what}"
_NO_CALLER_ID = "Не выбран номер, который увидят абоненты."
_UNKNOWN_CALLER_ID = "Номера «{wanted}» нет в списке разрешённых."
_ITS_CALLER_ID = "Выберите номер из списка."
_EMPTY_LIST = "Внесите номер в настройки: список разрешённых номеров пуст."
_NO_ENGINE = "No engine dials in this process; start the rehearsal from the supervisor's page."


class Campaigns:
    """What may be done with campaigns; who may do it is asked elsewhere."""

    def __init__(
        self,
        *,
        book: CampaignBook,
        database: Database,
        kinds: Callable[[], Kinds],
        plans: Plans,
        rules: Rules,
        hours: CallingHours,
        settings: CampaignsSettings,
        queues: Collection[str],
        zone: ZoneInfo,
        clock: Clock,
        look: Look = lambda _campaign: (),
        engine: Engine | None = None,
    ) -> None:
        """Args: queues, of operators. zone, the company's. engine, None where only the book is at hand."""
        self.book = book
        self._database = database
        self._kinds = kinds
        self._plans = plans
        self._rules = rules
        self._hours = hours
        self._settings = settings
        self._queues = queues
        self._zone = zone
        self._clock = clock
        self._look = look
        self._engine = engine

    @property
    def kinds(self) -> Kinds:
        """The kinds, as they are now."""
        return self._kinds()

    async def create(self, new: NewCampaign) -> Campaign:
        """Write a draft down. Raises NameTaken; Fault: no such kind, days or hours in disorder."""
        self._check_form(new)
        return await self.book.create(new)

    async def revise(self, campaign_id: int, new: NewCampaign) -> Campaign:
        """Change a campaign that does not run. Raises as `create`; NoCampaign; NotNow: it runs or is over."""
        self._check_form(new)
        return await self.book.revise(campaign_id, new)

    async def check(self, campaign_id: int) -> Checkup:
        """Look for what stands in the way of a start. Raises NoCampaign."""
        campaign = await self._campaign(campaign_id)
        zones = await self._database.read(partial(_zones_of_waiting, campaign_id))
        findings = [*self._of_form(campaign), *self._look(campaign)]
        opens_at = None
        if not zones:
            findings.append(_NO_TARGETS)
        else:
            now = self._clock.now()
            findings += self._of_hours(campaign, zones, now)
            moments = (self._rules.first_moment(campaign, each, now) for each in zones)
            opens_at = min((each for each in moments if each is not None), default=None)
        return Checkup(findings, opens_at and opens_at.astimezone(UTC))

    async def start(self, campaign_id: int, by: str) -> Campaign:
        """Let it dial, from its first day on. Raises NoCampaign, NotReady, NotNow."""
        checkup = await self.check(campaign_id)
        if not checkup.ready:
            raise NotReady([each for each in checkup.findings if each.severity is Severity.ERROR])
        started = await self.book.set_state(campaign_id, CampaignState.RUNNING, "", by)
        if self._engine is not None:
            self._engine.wake()
        return started

    async def pause(self, campaign_id: int, why: str, by: str) -> Campaign:
        """Order no more calls; those under way go on. Raises NoCampaign, NotNow."""
        return await self._halt(campaign_id, CampaignState.PAUSED, why, by)

    async def stop(self, campaign_id: int, why: str, by: str) -> Campaign:
        """For good: no more calls, and what rings is hung up. Raises NoCampaign, NotNow."""
        return await self._halt(campaign_id, CampaignState.STOPPED, why, by)

    async def rehearse(
        self, campaign_id: int, number: str, fields: Mapping[str, Any], login: str = ""
    ) -> str:
        """Call a telephone as if it were a target's; no limit counts it, nothing of it is kept.

        Args:
            campaign_id: In any state.
            number: E.164, one's own.
            fields: Stand for those of a target.
            login: Whose telephone on the desk is called in the place of the number; empty: the number is.

        Returns:
            Id of the call.

        Raises:
            NoCampaign: There is none.
            NoCall: There is no trunk, or the exchange made no call.
            NotReady: A rule of the campaign is wrong.
            ExchangeAway: Nobody knows whether the call was made.
        """
        if self._engine is None:
            raise NoCall(_NO_ENGINE)
        campaign = await self._campaign(campaign_id)
        plan = self._plan(campaign)
        trunk = next(iter(self._settings.trunks), "")
        if not trunk:
            raise NoCall(f"{_NO_TRUNKS.what} {_NO_TRUNKS.fix}")
        facts = _rehearsal(campaign, number, trunk, fields, self._clock.now())
        call = replace(plan.call(campaign, facts[2]), campaign="", rehearses=login)
        try:
            await self._engine.rehearse(call, facts)
        except NotDialled as error:
            raise NoCall(str(error)) from error
        return call.attempt_id

    async def forecast(self, campaign_id: int, left: int) -> Forecast:
        """When it will be over at its pace. Raises NoCampaign."""
        campaign = await self._campaign(campaign_id)
        pace = self._engine.pace_of(campaign_id) if self._engine is not None else None
        return forecast(
            left, pace, self._clock.now(), campaign.last_day, self._zone, partial(self._span, campaign)
        )

    # --- in detail ------------------------------------------------------------------------------------

    async def _halt(self, campaign_id: int, state: CampaignState, why: str, by: str) -> Campaign:
        if self._engine is not None:
            self._engine.halt(campaign_id)
        halted = await self.book.set_state(campaign_id, state, why, by)
        if self._engine is not None:
            self._engine.halt(campaign_id)
        return halted

    async def _campaign(self, campaign_id: int) -> Campaign:
        found = await self.book.campaign(campaign_id)
        if found is None:
            raise NoCampaign(campaign_id)
        return found

    def _plan(self, campaign: Campaign) -> Plan:
        try:
            return self._plans.of(campaign)
        except Fault as fault:
            raise NotReady([_broken(fault)]) from fault

    def _check_form(self, new: NewCampaign) -> None:
        self._kinds()[new.kind]
        if new.last_day < new.first_day:
            raise Fault(
                "The last day comes before the first one.", "last_day", "Put the days in their order."
            )
        if new.opens is not None and new.closes is not None and new.closes <= new.opens:
            raise Fault("The hours end before they begin.", "closes", "Put the hours in their order.")

    def _of_form(self, campaign: Campaign) -> Iterator[Finding]:
        try:
            self._plans.of(campaign)
            missing = self._kinds()[campaign.kind].missing(Owner.CAMPAIGN, campaign.fields)
            for needed, _why in missing:
                title = _FIELD.format(title=needed.title)
                yield Finding(Severity.ERROR, title, f"fields.{needed.name}", _FIELD_FIX)
        except Fault as fault:
            yield _broken(fault)
        if not self._settings.trunks:
            yield _NO_TRUNKS
        if campaign.last_day < self._clock.now().astimezone(self._zone).date():
            yield _PAST
        yield from self._of_queue(campaign)

    def _of_queue(self, campaign: Campaign) -> Iterator[Finding]:
        if campaign.mode is not Mode.AGENTLESS and not campaign.queue:
            yield _NO_QUEUE
        if campaign.queue and campaign.queue not in self._queues:
            unknown = _UNKNOWN_QUEUE.format(queue=campaign.queue)
            yield Finding(Severity.ERROR, unknown, "queue", _ITS_QUEUE)

    def _of_hours(
        self, campaign: Campaign, zones: Sequence[tuple[str, ...]], now: datetime
    ) -> Iterator[Finding]:
        try:
            closed = self._rules.unreachable(campaign, zones, now)
        except Fault:
            yield _CLOSED
        else:
            if closed:
                yield _PARTLY_CLOSED

    def _span(self, campaign: Campaign, day: date) -> tuple[time, time] | None:
        hours, own = self._hours.on(day), hours_of(campaign)
        if hours is None or day < campaign.first_day:
            return None
        opens, closes = max(hours[0], own[0]), min(hours[1], own[1])
        return (opens, closes) if opens < closes else None


def _broken(fault: Fault) -> Finding:
    if isinstance(fault, NoCallerId):
        what = _UNKNOWN_CALLER_ID.format(wanted=fault.wanted) if fault.wanted else _NO_CALLER_ID
        return Finding(Severity.ERROR, what, fault.where, _ITS_CALLER_ID if fault.listed else _EMPTY_LIST)
    return Finding(Severity.ERROR, _RULES.format(what=fault.what), fault.where, fault.fix)


def _zones_of_waiting(campaign_id: int, connection: Connection) -> list[tuple[str, ...]]:
    """The sets of zones that its waiting targets have, each one once."""
    targets = campaign_targets.c
    waiting = (targets.campaign_id == campaign_id) & (targets.state == TargetState.WAITING)
    found = connection.execute(select(targets.zones).where(waiting).distinct()).scalars()
    return sorted({tuple(each) for each in found})


def _rehearsal(
    campaign: Campaign, number: str, trunk: str, fields: Mapping[str, Any], now: datetime
) -> tuple[Campaign, Target, Attempt]:
    target = Target(
        target_id=0,
        campaign_id=campaign.campaign_id,
        person=f"number:{number}",
        numbers=(number,),
        zones=(),
        state=TargetState.CALLING,
        due_at=now,
        account=str(fields.get("account", "")),
        fields=dict(fields),
    )
    attempt = Attempt(
        attempt_id=str(uuid4()),
        campaign_id=campaign.campaign_id,
        target_id=0,
        person=target.person,
        number=number,
        trunk=trunk,
        state=AttemptState.WRITTEN,
        written_at=now,
    )
    return campaign, target, attempt
