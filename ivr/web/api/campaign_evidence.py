"""What came of a campaign's attempts: on the page and as a file."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial

from ivr.access.audit import Action
from ivr.access.model import Right
from ivr.campaigns.book import CampaignBook
from ivr.campaigns.channels.proof import Proofs
from ivr.campaigns.kinds import Kinds
from ivr.campaigns.model import Campaign
from ivr.campaigns.report.courses import Courses
from ivr.campaigns.report.evidence import Wanted, evidence
from ivr.campaigns.report.gathered import gathered
from ivr.campaigns.report.sheets import Paper, as_csv, as_xlsx
from ivr.dialogue.ports import Clock
from ivr.store import Database
from ivr.web.api.audited import entry_of
from ivr.web.api.campaign_forms import known
from ivr.web.api.campaign_models import AttemptsQuery, AttemptsTold, AttemptTold, ProofQuery, ReportQuery
from ivr.web.api.cards import AuditTrail
from ivr.web.api.once import OnceAudited
from ivr.web.api.route import Asked, Download, Flow, Refused, Route
from ivr.web.api.work_faults import id_of

NO_CAMPAIGN = "Такой кампании нет. Обновите список."
_NO_TARGET = "Такого адресата в этой кампании нет."
PRINTABLE = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
_LATEST = 1 << 62
_MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}


async def campaign_of(book: CampaignBook, asked: Asked) -> Campaign:
    """The campaign in the path.

    Raises:
        Refused: There is none.
    """
    found = await book.campaign(id_of(asked))
    if found is None:
        raise Refused(404, "not-there", NO_CAMPAIGN)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRoutes:
    """`/campaigns/{id}/attempts`, `/report` and `/proof`; who looks is put down.

    Attributes:
        name: Login → name for people.
    """

    book: CampaignBook
    database: Database
    courses: Courses
    kinds: Callable[[], Kinds]
    audit: AuditTrail
    views: OnceAudited
    clock: Clock
    zone: tzinfo
    proofs: Proofs
    name: Callable[[str], str]

    def routes(self) -> list[Route]:
        """All of them."""
        route: Callable[..., Route] = partial(Route, method="GET", right=Right.CAMPAIGNS)
        return [
            route(
                path="/campaigns/{id}/attempts",
                title="Attempts of a campaign, the latest first; call_id leads to conversation and recording",
                run=self.attempts,
                query=AttemptsQuery,
                answer=AttemptsTold,
            ),
            route(
                path="/campaigns/{id}/report",
                title="The report of a campaign with every attempt, as XLSX or CSV",
                run=self.report,
                query=ReportQuery,
                media_type="*/*",
            ),
            route(
                path="/campaigns/{id}/proof",
                title="Proof of notification, to be printed: of one target, or of all as a file",
                run=self.proof,
                query=ProofQuery,
                media_type="text/html",
            ),
        ]

    async def attempts(self, asked: Asked) -> AttemptsTold:
        """A part of them."""
        query: AttemptsQuery = asked.query
        campaign = await campaign_of(self.book, asked)
        await self._viewed(asked, campaign, query)
        wanted = Wanted(
            campaign_id=campaign.campaign_id,
            before=query.before or _LATEST,
            disposition=query.disposition,
            outcome=query.outcome,
            account=query.account,
            number=query.number,
            target_id=query.target,
            limit=query.limit + 1,
        )
        found = await self.database.read(partial(evidence, wanted=wanted))
        shown = found[: query.limit]
        kinds = known(self.kinds)
        titles = kinds[campaign.kind].results if kinds and campaign.kind in kinds else {}
        return AttemptsTold(
            attempts=[AttemptTold.of(each, gathered(each.result, titles, self.zone)) for each in shown],
            next=shown[-1].id if len(found) > len(shown) else None,
        )

    async def report(self, asked: Asked) -> Flow:
        """The file."""
        query: ReportQuery = asked.query
        campaign = await campaign_of(self.book, asked)
        what = f"campaign {campaign.campaign_id}: report"
        await self.audit.record(entry_of(asked, Action.VIEWED, what))
        course = await self.courses.of(campaign.campaign_id)
        paper = Paper.of(campaign, known(self.kinds), course, self.clock.now(), self.zone)
        parts = as_csv(paper, self.database) if query.form == "csv" else as_xlsx(paper, self.database)
        name = f"{campaign.name}.{query.form}"
        return Flow(name=name, media_type=_MEDIA[query.form], parts=parts)

    async def proof(self, asked: Asked) -> Download | Flow:
        """The page of one target, or all of them."""
        query: ProofQuery = asked.query
        campaign = await campaign_of(self.book, asked)
        what, by = f"campaign {campaign.campaign_id}: proof", self.name(asked.user.login)
        name = f"proof-{campaign.name}"
        if not query.target:
            await self.audit.record(entry_of(asked, Action.VIEWED, what))
            pieces = self.proofs.of_campaign(campaign.campaign_id, campaign.title, by)
            return Flow(name=f"{name}.html", media_type="text/html; charset=utf-8", parts=_flowing(pieces))
        target = await self.book.target(query.target)
        if target is None or target.campaign_id != campaign.campaign_id:
            raise Refused(404, "not-there", _NO_TARGET)
        subject = target.account or target.numbers[0]
        await self.audit.record(entry_of(asked, Action.VIEWED, what, subject=subject))
        page = await self.proofs.of_person(target.person, by, campaign.campaign_id)
        return Download(
            page, name=f"{name}-{target.target_id}.html", media_type="text/html", policy=PRINTABLE
        )

    async def _viewed(self, asked: Asked, campaign: Campaign, query: AttemptsQuery) -> None:
        what = f"campaign {campaign.campaign_id}: attempts"
        if query.account:
            await self.audit.record(entry_of(asked, Action.VIEWED, what, subject=query.account))
        else:
            await self.views.viewed(asked, what, "")


async def _flowing(pieces: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    async for piece in pieces:
        yield piece
