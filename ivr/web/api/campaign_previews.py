"""Preview: an operator reads whom he may call, and calls, or leaves it to others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from ivr.access.audit import Action
from ivr.access.model import Right, User
from ivr.campaigns.book import CampaignBook
from ivr.campaigns.kinds import Kinds
from ivr.campaigns.model import Campaign, CampaignState, Mode, Target
from ivr.web.api.audited import entry_of
from ivr.web.api.campaign_evidence import campaign_of
from ivr.web.api.campaign_models import Choice, PreviewsTold, PreviewTold
from ivr.web.api.cards import AuditTrail
from ivr.web.api.route import Asked, Refused, Route

_NOT_YOURS = "В этой кампании Вы не звоните."
_NOBODY = "Звонить сейчас некому: остальным ещё не время."
_READS_NOBODY = "Время на чтение вышло. Возьмите следующего."


class Reads(Protocol):
    """Who reads what (`ivr.campaigns.dialling.preview.Previews`)."""

    async def next(self, campaign_id: int, login: str) -> Target | None:
        """The next target for an operator, or the one he reads already; None: nobody is due."""

    def call(self, login: str) -> bool:
        """Call whom he reads; False: he reads nobody."""

    async def leave(self, login: str) -> None:
        """He calls nobody now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewRoutes:
    """`/previews`, for operators; wake: the dialling loop looks at once."""

    book: CampaignBook
    kinds: Callable[[], Kinds]
    reads: Reads
    wake: Callable[[], None]
    audit: AuditTrail

    def routes(self) -> list[Route]:
        """All of them."""
        route: Callable[..., Route] = partial(Route, right=Right.WORK)
        return [
            route(
                method="GET",
                path="/previews",
                title="Campaigns from which the operator may take somebody to call",
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
                title="Call whom the operator reads",
                run=self.call,
            ),
            route(method="POST", path="/previews/leave", title="Leave him to others", run=self.leave),
        ]

    async def all(self, asked: Asked) -> PreviewsTold:
        """Those of the operator's queues."""
        found = [each for each in await self.book.campaigns() if _is_for(each, asked.user)]
        return PreviewsTold(campaigns=[Choice(id=str(each.campaign_id), title=each.title) for each in found])

    async def next(self, asked: Asked) -> PreviewTold:
        """The next one."""
        campaign = await campaign_of(self.book, asked)
        if not _is_for(campaign, asked.user):
            raise Refused(403, "not-yours", _NOT_YOURS)
        target = await self.reads.next(campaign.campaign_id, asked.user.login)
        if target is None:
            raise Refused(409, "nobody", _NOBODY)
        subject = target.account or target.numbers[0]
        what = f"campaign {campaign.campaign_id}: preview"
        await self.audit.record(entry_of(asked, Action.VIEWED, what, subject=subject))
        return PreviewTold(
            campaign=campaign.title,
            kind=self.kinds()[campaign.kind].title,
            account=target.account,
            numbers=list(target.numbers),
            fields=target.fields,
            tries=target.tries,
        )

    async def call(self, asked: Asked) -> None:
        """Call him."""
        if not self.reads.call(asked.user.login):
            raise Refused(409, "reads-nobody", _READS_NOBODY)
        self.wake()

    async def leave(self, asked: Asked) -> None:
        """Leave him."""
        await self.reads.leave(asked.user.login)


def _is_for(campaign: Campaign, user: User) -> bool:
    running = campaign.state is CampaignState.RUNNING and campaign.mode is Mode.PREVIEW
    return running and campaign.queue in user.skills
