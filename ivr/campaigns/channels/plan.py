"""Which messages go before and after a call; a message instead of calls is a retry rule's `channel`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from ivr.campaigns.channels.model import Channel, Moment
from ivr.campaigns.kinds import Kind, MessageRule

RULES = "messages"
"""Of a campaign's overrides: rules instead of the kind's."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The messages of a campaign."""

    rules: tuple[MessageRule, ...] = ()

    def before(self) -> list[Channel]:
        """The channels of messages ahead of the first call."""
        return [Channel(each.channel) for each in self.rules if each.moment == Moment.BEFORE]

    def ahead(self) -> timedelta:
        """How long after them the first call comes."""
        hours = [float(each.hours) for each in self.rules if each.moment == Moment.BEFORE]
        return timedelta(hours=max(hours, default=0.0))

    def after(self, *ended: str | None) -> list[Channel]:
        """The channels of messages after the target's last call.

        Args:
            ended: Outcome of the talk and disposition of the last attempt, as far as there are any.
        """
        return [
            Channel(each.channel)
            for each in self.rules
            if each.moment == Moment.AFTER and (not each.on or not set(ended).isdisjoint(each.on))
        ]


def plan_of(kind: Kind, overrides: Mapping[str, Any]) -> Plan:
    """The messages of a campaign of a kind.

    Raises:
        pydantic.ValidationError: A rule of its own is none.
    """
    return Plan(tuple(rules_of(kind, overrides)))


def rules_of(kind: Kind, overrides: Mapping[str, Any]) -> Sequence[MessageRule]:
    """The campaign's own rules replace the kind's. Raises pydantic.ValidationError."""
    own = overrides.get(RULES)
    return kind.messages if own is None else [MessageRule.model_validate(each) for each in own]
