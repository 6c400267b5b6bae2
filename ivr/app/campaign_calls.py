"""Calls of campaigns at the exchange, wired: who dials, and who takes up what was answered."""

from __future__ import annotations

from collections.abc import Callable

from ivr.app.conducting import Conducting
from ivr.asterisk.campaign_route import ROUTE, CampaignCalls
from ivr.asterisk.telephone import Continuation
from ivr.calls.ledger import Ledger
from ivr.campaigns.answered import Phrases
from ivr.campaigns.kinds import Kinds
from ivr.campaigns.ports import Talks
from ivr.dialogue.ports import Clock
from ivr.settings import Settings

PHRASES_FILE = "campaigns/answered.yaml"
"""In the folder of scenarios; without it everybody who answers is a person."""


def campaign_continuations(
    settings: Settings,
    conducting: Conducting,
    *,
    talks: Talks,
    kinds: Callable[[], Kinds],
    ledger: Ledger,
    clock: Clock,
    forget: Callable[[str], None],
) -> dict[str, Continuation]:
    """What `TelephoneCalls` leads the answered calls of campaigns to.

    Args:
        settings: All of them.
        conducting: Runs flows.
        talks: Knows the attempts.
        kinds: Gives the kinds of campaigns.
        ledger: Knows the calls.
        clock: The time.
        forget: Told the call id when a flow that may have identified the person has ended.

    Raises:
        Fault: The phrases of machines can't be read.
    """
    phrases = settings.scenarios.folder / PHRASES_FILE
    calls = CampaignCalls(
        talks=talks,
        kinds=kinds,
        phrases=Phrases.load(phrases) if phrases.exists() else Phrases(),
        talk=conducting.talk_of,
        make_ready=conducting.make_name_ready,
        ledger=ledger,
        caller=conducting.caller,
        recording=conducting.recording_out,
        spool=settings.recordings_spool,
        profile=settings.company.profile,
        zone=settings.company.zone,
        clock=clock,
        forget=forget,
    )
    return {ROUTE: calls}
