"""Campaigns: made, changed, checked, tried on one's own telephone, started, watched, paused, stopped."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import BaseModel

from ivr.access.model import Right
from ivr.campaigns.entries import HistoryLine, NewCampaign
from ivr.campaigns.faults import NameTaken, NoCall, NotNow
from ivr.campaigns.kinds import Kind, Kinds
from ivr.campaigns.model import Campaign
from ivr.campaigns.ports import ExchangeAway
from ivr.campaigns.report.course import LATELY
from ivr.campaigns.report.courses import Courses, Size
from ivr.campaigns.report.words import title, words
from ivr.campaigns.service import Campaigns, NotReady
from ivr.desk.ports import ExchangeAway as NobodyAnswers
from ivr.web.api.campaign_evidence import campaign_of
from ivr.web.api.campaign_forms import known, require_form, telephone
from ivr.web.api.campaign_models import (
    CampaignNow,
    CampaignsTold,
    CampaignTold,
    CampaignWords,
    Checked,
    Choice,
    CourseTold,
    FieldTold,
    FindingTold,
    ForecastTold,
    KindTold,
    NewCampaignTold,
    Rehearsal,
    Rehearsed,
    StepTold,
    Why,
)
from ivr.web.api.campaign_targets import UPLOAD_BYTES
from ivr.web.api.events import Audience, EventHub
from ivr.web.api.leading import Leading
from ivr.web.api.route import Asked, Refused, Route

_TAKEN = "Кампания с таким именем уже есть. Выберите другое."
_NOT_NOW = "Сейчас этого сделать нельзя: кампания {state}."
_NOT_READY = "Кампания не готова: {what}"
_BAD_NUMBER = "Это не номер телефона. Напишите его целиком: +7 912 345-67-89."
_NO_CALL = "Позвонить не удалось: станция не приняла вызов. Проверьте связь с ней и линии для кампаний."
_NO_PHONE = "Ваш телефон не на связи. Откройте «Место оператора» в этом браузере и позвоните ещё раз."
_MOST_NAMES = 99


class _Changed(BaseModel):
    """Something about campaigns has changed: read them again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignRoutes:
    """`/campaigns`.

    Attributes:
        name: Login → name for people.
        queues: Of the operators, id → title.
        caller_ids: Those that may be shown, by name.
        abandoned_at_most: The bound, a fraction.
    """

    room: Campaigns
    courses: Courses
    leading: Leading
    hub: EventHub
    name: Callable[[str], str]
    queues: Mapping[str, str]
    caller_ids: Mapping[str, str]
    abandoned_at_most: float

    def routes(self) -> list[Route]:
        """All of them."""
        route: Callable[..., Route] = partial(Route, right=Right.CAMPAIGNS)
        get, post = partial(route, method="GET"), partial(route, method="POST")
        return [
            get(
                path="/campaigns", title="All campaigns, the latest first", run=self.all, answer=CampaignsTold
            ),
            get(
                path="/campaigns/words",
                title="What a new campaign is chosen from, and what things are called",
                run=self.words,
                answer=CampaignWords,
            ),
            post(
                path="/campaigns",
                title="Write a campaign down, as a draft",
                run=self.create,
                body=NewCampaignTold,
                answer=CampaignTold,
                status=201,
            ),
            get(
                path="/campaigns/{id}",
                title="One campaign: how it goes, when it ends, what was done",
                run=self.one,
                answer=CampaignNow,
            ),
            route(
                method="PUT",
                path="/campaigns/{id}",
                title="Change a draft, or a campaign that is paused",
                run=self.revise,
                body=NewCampaignTold,
                answer=CampaignTold,
            ),
            post(
                path="/campaigns/{id}/check",
                title="What stands in the way of a start",
                run=self.check,
                answer=Checked,
            ),
            post(
                path="/campaigns/{id}/rehearsal",
                title="Call one's own telephone as if it were a target's; nothing of it is kept",
                run=self.rehearse,
                body=Rehearsal,
                answer=Rehearsed,
                status=202,
            ),
            post(
                path="/campaigns/{id}/start",
                title="Let it dial; 409 not-ready: the check has found an error",
                run=self.start,
                answer=CampaignTold,
            ),
            post(
                path="/campaigns/{id}/pause",
                title="Order no more calls; those under way go on",
                run=self.pause,
                body=Why,
                answer=CampaignTold,
            ),
            post(
                path="/campaigns/{id}/stop",
                title="For good: no more calls, what rings is hung up",
                run=self.stop,
                body=Why,
                answer=CampaignTold,
            ),
        ]

    def changed(self) -> None:
        """Tell the pages that something has changed, and count anew."""
        self.courses.forget()
        self.hub.publish("campaigns", _Changed(), Audience(right=Right.CAMPAIGNS))

    # --- what there is ----------------------------------------------------------------------------------

    async def all(self, asked: Asked) -> CampaignsTold:
        """All of them."""
        sizes = await self.courses.sizes()
        found = await self.room.book.campaigns()
        return CampaignsTold(
            campaigns=[
                CampaignTold.of(each, self._kind_title(each), sizes.get(each.campaign_id, Size()))
                for each in found
            ]
        )

    async def one(self, asked: Asked) -> CampaignNow:
        """One as it stands."""
        campaign = await campaign_of(self.room.book, asked)
        course = await self.courses.of(campaign.campaign_id)
        ends = await self.room.forecast(campaign.campaign_id, course.left)
        size = Size(course.total, course.total - course.left)
        return CampaignNow(
            campaign=CampaignTold.of(campaign, self._kind_title(campaign), size),
            course=CourseTold.of(course, LATELY.total_seconds() / 60),
            forecast=ForecastTold(ends_at=ends.ends_at, in_time=ends.in_time),
            history=[self._step(each) for each in await self.room.book.history(campaign.campaign_id)],
        )

    async def words(self, asked: Asked) -> CampaignWords:
        """What is chosen from."""
        kinds = self._kinds()
        return CampaignWords(
            kinds=[_kind(each) for each in kinds or ()],
            queues=_choices(self.queues),
            caller_ids=_choices(self.caller_ids),
            dispositions=words()["dispositions"],
            outcomes={**words()["outcomes"], **(kinds.outcomes if kinds else {})},
            abandoned_at_most=self.abandoned_at_most,
            upload_bytes=UPLOAD_BYTES,
        )

    # --- what is done -----------------------------------------------------------------------------------

    async def create(self, asked: Asked) -> CampaignTold:
        """Write a draft down."""
        body: NewCampaignTold = asked.body
        require_form(body, self._kinds(), self.queues, self.caller_ids)
        for name in _names(body):
            try:
                made = await self.room.create(_new(body, name, asked.user.login))
            except NameTaken:
                continue
            return await self._did(asked, made, "made")
        raise Refused(409, "name-taken", _TAKEN, "name")

    async def revise(self, asked: Asked) -> CampaignTold:
        """Change a draft."""
        body: NewCampaignTold = asked.body
        require_form(body, self._kinds(), self.queues, self.caller_ids)
        before = await campaign_of(self.room.book, asked)
        new = _new(body, body.name or before.name, asked.user.login, before.overrides)
        try:
            changed = await self.room.revise(before.campaign_id, new)
        except NameTaken as error:
            raise Refused(409, "name-taken", _TAKEN, "name") from error
        except NotNow as error:
            raise _not_now(error) from error
        return await self._did(asked, changed, "changed")

    async def check(self, asked: Asked) -> Checked:
        """Look for what stands in the way."""
        campaign = await campaign_of(self.room.book, asked)
        found = await self.room.check(campaign.campaign_id)
        return Checked(
            ready=found.ready,
            findings=[
                FindingTold(severity=each.severity, what=each.what, where=each.where, fix=each.fix)
                for each in found.findings
            ],
            opens_at=found.opens_at,
        )

    async def rehearse(self, asked: Asked) -> Rehearsed:
        """Call one's own telephone."""
        body: Rehearsal = asked.body
        campaign = await campaign_of(self.room.book, asked)
        number = asked.user.extension if body.own else telephone(body.number)
        if not number:
            wrong = ("no-phone", _NO_PHONE) if body.own else ("bad-number", _BAD_NUMBER, "number")
            raise Refused(422, *wrong)
        await self.leading.did(asked, ("", f"campaign {campaign.campaign_id} rehearsed"))
        try:
            login = asked.user.login if body.own else ""
            call_id = await self.room.rehearse(campaign.campaign_id, number, body.fields, login)
        except ExchangeAway as error:
            raise NobodyAnswers from error
        except NoCall as error:
            raise Refused(409, "no-call", _NO_PHONE if body.own else _NO_CALL) from error
        except NotReady as error:
            raise _not_ready(error) from error
        return Rehearsed(call_id=call_id)

    async def start(self, asked: Asked) -> CampaignTold:
        """Let it dial."""
        campaign = await campaign_of(self.room.book, asked)
        try:
            started = await self.room.start(campaign.campaign_id, asked.user.login)
        except NotReady as error:
            raise _not_ready(error) from error
        except NotNow as error:
            raise _not_now(error) from error
        return await self._did(asked, started, "started")

    async def pause(self, asked: Asked) -> CampaignTold:
        """Order no more calls."""
        return await self._halt(asked, self.room.pause, "paused")

    async def stop(self, asked: Asked) -> CampaignTold:
        """End it for good."""
        return await self._halt(asked, self.room.stop, "stopped")

    # --- in detail --------------------------------------------------------------------------------------

    async def _halt(
        self, asked: Asked, halt: Callable[[int, str, str], Awaitable[Campaign]], what: str
    ) -> CampaignTold:
        campaign, body = await campaign_of(self.room.book, asked), asked.body
        try:
            halted = await halt(campaign.campaign_id, body.why, asked.user.login)
        except NotNow as error:
            raise _not_now(error) from error
        return await self._did(asked, halted, what)

    async def _did(self, asked: Asked, campaign: Campaign, what: str) -> CampaignTold:
        self.changed()
        await self.leading.did(asked, ("", f"campaign {campaign.campaign_id} {what}"))
        sizes = await self.courses.sizes()
        size = sizes.get(campaign.campaign_id, Size())
        return CampaignTold.of(campaign, self._kind_title(campaign), size)

    def _kinds(self) -> Kinds | None:
        return known(lambda: self.room.kinds)

    def _kind_title(self, campaign: Campaign) -> str:
        kinds = self._kinds()
        return kinds[campaign.kind].title if kinds and campaign.kind in kinds else campaign.kind

    def _step(self, line: HistoryLine) -> StepTold:
        return StepTold(at=line.at, by=line.by and self.name(line.by), state=line.state, why=line.why)


def _new(
    body: NewCampaignTold, name: str, by: str, overrides: Mapping[str, Any] | None = None
) -> NewCampaign:
    values = body.model_dump(exclude={"name"})
    return NewCampaign(name=name, by=by, overrides=overrides or {}, **values)


def _names(body: NewCampaignTold) -> Sequence[str]:
    if body.name:
        return [body.name]
    plain = f"{body.kind}-{body.first_day:%Y-%m-%d}"
    return [plain, *(f"{plain}-{number}" for number in range(2, _MOST_NAMES))]


def _not_now(error: NotNow) -> Refused:
    return Refused(409, "not-now", _NOT_NOW.format(state=title("states", error.state.value)))


def _not_ready(error: NotReady) -> Refused:
    return Refused(409, "not-ready", _NOT_READY.format(what=" ".join(each.what for each in error.findings)))


def _kind(kind: Kind) -> KindTold:
    return KindTold(
        id=kind.id,
        title=kind.title,
        personal=kind.personal,
        debt=kind.debt,
        mode=kind.mode,
        fields=[
            FieldTold(
                name=each.name,
                of=each.of,
                title=each.title,
                type=each.kind,
                clause=each.clause,
                optional=each.optional,
                personal=each.personal,
            )
            for each in kind.needs
        ],
        results=kind.results,
    )


def _choices(titles: Mapping[str, str]) -> list[Choice]:
    return [Choice(id=id, title=title) for id, title in titles.items()]
