"""Campaigns for commands: everything but the engine that dials, which picks up what was changed by itself."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.app.campaign_texts import looking
from ivr.app.campaigns import LiveKinds, calendar_of
from ivr.app.people import queue_titles
from ivr.campaigns.book import CampaignBook
from ivr.campaigns.channels.permission import contacts
from ivr.campaigns.importing.importing import Importing
from ivr.campaigns.plans import KindPlans
from ivr.campaigns.rules.hours import CallingHours
from ivr.campaigns.rules.refusals import Refusals
from ivr.campaigns.rules.rules import Rules
from ivr.campaigns.service import Campaigns
from ivr.dialogue.ports import Clock
from ivr.settings import Settings
from ivr.store import Database


@dataclass(frozen=True, slots=True)
class CampaignOffice:
    """What can be done with campaigns on the database alone."""

    service: Campaigns
    kinds: LiveKinds
    refusals: Refusals
    importing: Importing


def campaign_office(settings: Settings, database: Database, clock: Clock) -> CampaignOffice:
    """Build it.

    Raises:
        ScenarioFault: The kinds are wrong.
        Fault: The calendar can't be read.
    """
    own = settings.campaigns
    kinds = LiveKinds(settings.scenarios.folder)
    book = CampaignBook(database, clock)
    calendar = calendar_of(settings)
    service = Campaigns(
        book=book,
        database=database,
        kinds=kinds,
        plans=KindPlans(kinds, own),
        rules=Rules(own.rules, calendar, settings.company.zone, contacts, kinds.ruled),
        hours=CallingHours(own.rules.hours, calendar),
        settings=own,
        queues=queue_titles(settings.asterisk),
        zone=settings.company.zone,
        clock=clock,
        look=looking(settings, kinds),
    )
    form = settings.customers.account_number
    return CampaignOffice(
        service=service,
        kinds=kinds,
        refusals=Refusals(database, clock, own.rules.quiet_after_payment_days),
        importing=Importing(book, database, own, form, settings.company.zone),
    )
