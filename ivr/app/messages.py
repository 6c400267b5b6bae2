"""Messages of campaigns, wired: the outbox, the gateways, the rules that hold for them."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter

from ivr.campaigns.channels.opening import Channels
from ivr.campaigns.channels.permission import CampaignPermission
from ivr.campaigns.channels.replies import Replies
from ivr.campaigns.channels.wording import Wording
from ivr.campaigns.kinds import Kinds
from ivr.campaigns.rules.refusals import Refusals
from ivr.campaigns.rules.rules import Rules
from ivr.campaigns.rules.scopes import RuledOf
from ivr.dialogue.ports import Clock
from ivr.settings import Settings
from ivr.store import Database


def messages_of(
    settings: Settings,
    database: Database,
    clock: Clock,
    *,
    kinds: Callable[[], Kinds],
    ruled_of: RuledOf,
    rules: Rules,
    refusals: Refusals,
    registry: CollectorRegistry,
) -> Channels:
    """All channels of the settings; nothing is connected before `start`.

    Args:
        settings: Of the company.
        database: With the outbox.
        clock: Time.
        kinds: Of campaigns, as they are now.
        ruled_of: What the rules of calling ask of a kind.
        rules: Of calling.
        refusals: Who does not want messages.
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
            ruled_of,
            ruled=own.channels.ruled,
            valid_hours=own.channels.valid_hours,
        ),
        zone=zone,
        take_reply=Replies(refusals, own.channels.stop_words).take,
        counted=lambda channel, result: parts.labels(channel, result).inc(),
    )
