"""What a refusal may be of, and under which of these a call or a message falls. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ivr.campaigns.model import Campaign

ALL = "all"
"""Every campaign, every way. Others: `CALL`, `DEBT`, a channel of messages, `of_kind`."""

CALL = "call"
"""Every call, not messages."""

DEBT = "debt"
"""Campaigns about debt, of whatever kind."""

_KIND = "kind:"


def of_kind(kind: str) -> str:
    """Campaigns of one kind alone."""
    return f"{_KIND}{kind}"


@dataclass(frozen=True, slots=True)
class Ruled:
    """What the rules ask of a kind of campaigns.

    Attributes:
        debt: It is about debt.
        leaves_messages: A machine that answers is left a message, which counts as one.
    """

    debt: bool = False
    leaves_messages: bool = True


RuledOf = Callable[[str], Ruled]
"""By the id of the kind, as its file stands now."""


def scopes(campaign: Campaign, way: str, ruled: Ruled) -> set[str]:
    """All that a call (`CALL`) or a message (its channel) of a campaign falls under."""
    return {ALL, way, of_kind(campaign.kind), *({DEBT} if ruled.debt else ())}
