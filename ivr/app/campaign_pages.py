"""What supervisors and operators do with campaigns through the API, wired."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from ivr.access.audit import Audit
from ivr.app.campaigns import CampaignRoom
from ivr.campaigns.book import CampaignBook
from ivr.campaigns.channels.proof import Proofs
from ivr.campaigns.importing.importing import Importing
from ivr.campaigns.importing.imports import Imports
from ivr.campaigns.report.courses import Courses
from ivr.campaigns.report.words import outcomes_of
from ivr.campaigns.settings import CampaignsSettings
from ivr.customers.numbers import is_well_formed
from ivr.dialogue.ports import Clock
from ivr.settings import Settings
from ivr.store import Database
from ivr.web.api.campaign_evidence import EvidenceRoutes
from ivr.web.api.campaign_forms import known
from ivr.web.api.campaign_previews import PreviewRoutes
from ivr.web.api.campaign_refusals import RefusalRoutes
from ivr.web.api.campaign_targets import TargetRoutes
from ivr.web.api.campaigns import CampaignRoutes
from ivr.web.api.events import EventHub
from ivr.web.api.leading import Leading
from ivr.web.api.once import OnceAudited
from ivr.web.api.route import Asked, Route


@dataclass(frozen=True, slots=True)
class CampaignPages:
    """The calls of the API; `close` breaks off files that are being read."""

    routes: list[Route]
    _targets: TargetRoutes

    async def close(self) -> None:
        """Read no more files."""
        await self._targets.close()


def campaign_pages(
    settings: Settings,
    room: CampaignRoom,
    database: Database,
    clock: Clock,
    *,
    queues: Mapping[str, str],
    name: Callable[[str], str],
    audit: Audit,
    hub: EventHub,
    his: Callable[[str, Asked], Awaitable[object]],
) -> CampaignPages:
    """Everything below `/campaigns` and `/previews`.

    Args:
        settings: Of the company.
        room: Campaigns, and the loop that dials for them.
        database: Where they are kept.
        clock: Time.
        queues: Of the operators, id → title.
        name: Login → name for people.
        audit: Where it is put down.
        hub: Live events.
        his: Looks whether a call is the operator's; raises Refused.
    """
    courses, leading = Courses(database, clock), Leading(audit)
    main = CampaignRoutes(
        room=room.service,
        courses=courses,
        leading=leading,
        hub=hub,
        name=name,
        queues=queues,
        caller_ids=_caller_ids(settings.campaigns),
        abandoned_at_most=settings.campaigns.pacing.abandoned_at_most,
    )
    targets = TargetRoutes(
        book=room.book,
        kinds=room.kinds,
        importing=importing(settings, room.book, database),
        imports=Imports(database, clock, main.changed),
        leading=leading,
        name=name,
        today=lambda: clock.now().astimezone(settings.company.zone).date(),
    )
    views = OnceAudited(audit, clock)
    seen = EvidenceRoutes(
        book=room.book,
        database=database,
        courses=courses,
        kinds=room.kinds,
        audit=audit,
        views=views,
        clock=clock,
        zone=settings.company.zone,
        proofs=Proofs(
            database,
            clock,
            zone=settings.company.zone,
            company=settings.company.name,
            outcome_title=lambda outcome: _outcome(room, outcome),
            heard=lambda outcome: room.kinds().heard(outcome),
        ),
        name=name,
    )
    refused = RefusalRoutes(
        refusals=room.refusals,
        kinds=room.kinds,
        is_account=lambda text: is_well_formed(text, settings.customers.account_number),
        audit=audit,
        name=name,
    )
    read = PreviewRoutes(
        book=room.book,
        kinds=room.kinds,
        reads=room.previews,
        wake=room.wake,
        audit=audit,
        views=views,
        his=his,
    )
    routes = [main.routes(), targets.routes(), seen.routes(), refused.routes(), read.routes()]
    return CampaignPages([each for of in routes for each in of], targets)


def _outcome(room: CampaignRoom, outcome: str) -> str:
    kinds = known(room.kinds)
    return outcomes_of(kinds.outcomes if kinds else {})(outcome)


def importing(settings: Settings, book: CampaignBook, database: Database) -> Importing:
    """Targets from files, lists and debts."""
    form = settings.customers.account_number
    return Importing(book, database, settings.campaigns, form, settings.company.zone)


def _caller_ids(settings: CampaignsSettings) -> dict[str, str]:
    return {
        name: ", ".join(filter(None, (each.number, each.label))) for name, each in settings.caller_ids.items()
    }
