"""Messages of campaigns, wired: the outbox, the gateways, the rules that hold for them, the proof."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from prometheus_client import CollectorRegistry, Counter

from ivr.campaigns.channels.opening import Channels
from ivr.campaigns.channels.permission import CampaignPermission
from ivr.campaigns.channels.proof import Proofs
from ivr.campaigns.channels.wording import Wording
from ivr.campaigns.kinds import Kinds
from ivr.campaigns.report.words import outcomes_of
from ivr.campaigns.rules.rules import Rules
from ivr.dialogue.ports import Clock
from ivr.settings import Settings
from ivr.store import Database


def messages_of(
    settings: Settings,
    database: Database,
    clock: Clock,
    *,
    kinds: Callable[[], Kinds],
    of_debt: Callable[[], frozenset[str]],
    rules: Rules,
    registry: CollectorRegistry,
) -> Channels:
    """All channels of the settings; nothing is connected before `start`.

    Args:
        settings: Of the company.
        database: With the outbox.
        clock: Time.
        kinds: Of campaigns, as they are now.
        of_debt: The kinds about debt.
        rules: Of calling.
        registry: Where parts of messages are counted.
    """
    own, zone = settings.campaigns, settings.company.zone
    parts = Counter(
        "ivr_message_parts",
        "Parts of messages by what became of handing them over.",
        ["channel", "result"],
        registry=registry,
    )
    return Channels.made(
        own.channels,
        database,
        clock,
        wording=Wording(kinds, profile=settings.company.profile, zone=zone),
        permission=CampaignPermission(
            rules,
            own.rules.limits,
            of_debt,
            ruled=own.channels.ruled,
            valid_hours=own.channels.valid_hours,
        ),
        zone=zone,
        counted=lambda channel, result: parts.labels(channel, result).inc(),
    )


def proofs_of(settings: Settings, database: Database, clock: Clock, kinds: Callable[[], Kinds]) -> Proofs:
    """Makes proofs of notification."""
    return Proofs(
        database,
        clock,
        zone=settings.company.zone,
        company=settings.company.name,
        outcome_title=partial(_outcome_title, kinds),
    )


def _outcome_title(kinds: Callable[[], Kinds], outcome: str) -> str:
    return outcomes_of(kinds().outcomes)(outcome)
