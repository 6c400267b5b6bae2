"""Campaigns for operators: whom one may call next is read first; in a talk, what it is about."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from ivr.access.audit import Action
from ivr.access.model import Right, User
from ivr.campaigns.book import CampaignBook
from ivr.campaigns.dialling.preview import CallGoesOn, CannotCall, Preview, Skip
from ivr.campaigns.kinds import Kind, Kinds
from ivr.campaigns.model import Campaign, CampaignState, Mode, Target
from ivr.campaigns.needed import NeededField, Owner
from ivr.campaigns.report.words import title
from ivr.web.api.audited import entry_of
from ivr.web.api.campaign_evidence import campaign_of
from ivr.web.api.campaign_forms import known
from ivr.web.api.campaign_models import Choice
from ivr.web.api.campaign_preview_models import (
    AboutTold,
    FactTold,
    PreviewsTold,
    PreviewTold,
    SkipAsked,
)
from ivr.web.api.cards import AuditTrail
from ivr.web.api.once import OnceAudited
from ivr.web.api.route import Asked, Refused, Route

_NOT_YOURS = "В этой кампании Вы не звоните."
_NOBODY = "Звонить сейчас некому: остальным ещё не время."
_READS_NOBODY = "Время на чтение вышло. Возьмите следующего."
_CALLS = "Вызов ещё идёт. Следующего можно взять, когда он закончится."
_NOT_READY = "Сейчас Вас не вызвать: закончите разговор и проверьте телефон."
_NO_CAMPAIGN = "Этот звонок не из кампании."


class Reads(Protocol):
    """Who reads and calls whom (`ivr.campaigns.dialling.preview.Previews`)."""

    def of(self, login: str) -> Preview | None:
        """Whom he has before him."""

    async def next(self, campaign_id: int, login: str) -> Preview | None:
        """The next target for an operator, or the one he reads already; None: nobody is due."""

    async def call(self, login: str) -> bool:
        """Call whom he reads; False: he reads nobody."""

    async def skip(self, login: str, why: Skip) -> bool:
        """He does not call whom he reads; False: he reads nobody."""

    async def leave(self, login: str) -> None:
        """He reads nobody any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRoutes:
    """`/previews`, for operators.

    Attributes:
        wake: The dialling loop looks at once.
        his: Looks whether a call is the operator's; raises Refused.
    """

    book: CampaignBook
    kinds: Callable[[], Kinds]
    reads: Reads
    wake: Callable[[], None]
    audit: AuditTrail
    views: OnceAudited
    his: Callable[[str, Asked], Awaitable[object]]

    def routes(self) -> list[Route]:
        """All of them."""
        route: Callable[..., Route] = partial(Route, right=Right.WORK)
        return [
            route(
                method="GET",
                path="/previews",
                title="Campaigns from which the operator may take somebody, and whom he has before him",
                run=self.all,
                answer=PreviewsTold,
            ),
            route(
                method="POST",
                path="/previews/{id}/next",
                title="Whom to call next in a campaign; the same one until he is called or left",
                run=self.next,
                answer=PreviewTold,
            ),
            route(
                method="POST",
                path="/previews/call",
                title="Call whom the operator reads: the person is rung first, then the operator",
                run=self.call,
            ),
            route(
                method="POST",
                path="/previews/skip",
                title="Do not call him: put him off, or say that no call is needed",
                run=self.skip,
                body=SkipAsked,
            ),
            route(method="POST", path="/previews/leave", title="Leave him to others", run=self.leave),
            route(
                method="GET",
                path="/previews/calls/{call_id}",
                title="What a campaign's call is about, for the operator who is in it",
                run=self.about,
                answer=AboutTold,
            ),
        ]

    async def all(self, asked: Asked) -> PreviewsTold:
        """Those of the operator's queues."""
        every = await self.book.campaigns()
        mine = self.reads.of(asked.user.login)
        campaign = next(
            (each for each in every if mine and each.campaign_id == mine.target.campaign_id), None
        )
        return PreviewsTold(
            campaigns=[
                Choice(id=str(each.campaign_id), title=each.title)
                for each in every
                if _is_for(each, asked.user)
            ],
            mine=await self._shown(asked, campaign, mine) if campaign and mine else None,
        )

    async def next(self, asked: Asked) -> PreviewTold:
        """The next one."""
        campaign = await campaign_of(self.book, asked)
        if not _is_for(campaign, asked.user):
            raise Refused(403, "not-yours", _NOT_YOURS)
        try:
            mine = await self.reads.next(campaign.campaign_id, asked.user.login)
        except CallGoesOn as error:
            raise Refused(409, "calls", _CALLS) from error
        if mine is None:
            raise Refused(409, "nobody", _NOBODY)
        return await self._shown(asked, campaign, mine)

    async def call(self, asked: Asked) -> None:
        """Call him."""
        try:
            called = await self.reads.call(asked.user.login)
        except CannotCall as error:
            raise Refused(409, "not-ready", _NOT_READY) from error
        if not called:
            raise Refused(409, "reads-nobody", _READS_NOBODY)
        self.wake()

    async def skip(self, asked: Asked) -> None:
        """Do not call him; who has said so is put down."""
        mine = self.reads.of(asked.user.login)
        if mine is None or not await self.reads.skip(asked.user.login, Skip(asked.body.why)):
            raise Refused(409, "reads-nobody", _READS_NOBODY)
        what = f"campaign {mine.target.campaign_id}: skipped, {asked.body.why}"
        await self.audit.record(entry_of(asked, Action.CHANGED, what, subject=_subject(mine.target)))

    async def leave(self, asked: Asked) -> None:
        """Leave him."""
        await self.reads.leave(asked.user.login)

    async def about(self, asked: Asked) -> AboutTold:
        """What the call is about."""
        call_id = asked.path["call_id"]
        await self.his(call_id, asked)
        attempt = await self.book.attempt(call_id)
        if attempt is None:
            raise Refused(404, "no-campaign", _NO_CAMPAIGN)
        target = await self.book.target(attempt.target_id)
        campaign = await self.book.campaign(attempt.campaign_id)
        if target is None or campaign is None:
            raise Refused(404, "no-campaign", _NO_CAMPAIGN)
        await self._viewed(asked, campaign, target, call_id)
        return AboutTold(**self._about(campaign, target))

    # --- within ---------------------------------------------------------------------------------------

    async def _shown(self, asked: Asked, campaign: Campaign, mine: Preview) -> PreviewTold:
        await self._viewed(asked, campaign, mine.target)
        return PreviewTold(
            **self._about(campaign, mine.target),
            stage=mine.stage.value,
            until=mine.until,
            called=mine.called,
            how=title("dispositions", mine.disposition.value) if mine.disposition else "",
        )

    def _about(self, campaign: Campaign, target: Target) -> Mapping[str, Any]:
        kinds = known(self.kinds)
        kind = kinds[campaign.kind] if kinds and campaign.kind in kinds else None
        return {
            "campaign_id": str(campaign.campaign_id),
            "campaign": campaign.title,
            "kind": kind.title if kind else campaign.kind,
            "account": target.account,
            "numbers": list(target.numbers),
            "facts": _facts(kind, campaign, target) if kind else [],
            "tries": target.tries,
        }

    async def _viewed(self, asked: Asked, campaign: Campaign, target: Target, call_id: str = "") -> None:
        what = f"campaign {campaign.campaign_id}: preview of {target.target_id}"
        await self.views.viewed(asked, what, call_id, _subject(target))


def _subject(target: Target) -> str:
    return target.account or target.numbers[0]


def _facts(kind: Kind, campaign: Campaign, target: Target) -> list[FactTold]:
    told = [(each, target.fields) for each in kind.needed(Owner.TARGET)]
    told += [(each, campaign.fields) for each in kind.needed(Owner.CAMPAIGN)]
    return [_fact(each, fields[each.name]) for each, fields in told if fields.get(each.name)]


def _fact(needed: NeededField, value: object) -> FactTold:
    """As a value of its kind where it is one; what can't be read is shown as it was written."""
    try:
        read = needed.value(value)
    except ValueError:
        return FactTold(title=needed.title, kind="text", value=str(value))
    return FactTold(title=needed.title, kind=needed.kind.value, value=str(read))


def _is_for(campaign: Campaign, user: User) -> bool:
    running = campaign.state is CampaignState.RUNNING and campaign.mode is Mode.PREVIEW
    return running and campaign.queue in user.skills
