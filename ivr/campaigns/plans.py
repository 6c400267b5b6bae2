"""What a campaign does, from its kind, the company's settings and its own rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pydantic import ValidationError

from ivr.campaigns.channels.plan import Plan as Messages
from ivr.campaigns.channels.plan import plan_of
from ivr.campaigns.kinds import Kinds, TalkEnd
from ivr.campaigns.model import Attempt, Campaign
from ivr.campaigns.ports import MachineOrder, OutgoingCall
from ivr.campaigns.retries import Retries
from ivr.campaigns.rules.caller_ids import caller_id
from ivr.campaigns.settings import CampaignsSettings
from ivr.errors import Fault

RETRIES = "retries"
"""Of a campaign's overrides: rules of `Retries.of`; messages: `ivr.campaigns.channels.plan`."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is looked up for every call of a campaign.

    Attributes:
        retries: Who is called again.
        messages: What is sent before and after calls.
        machine: What is done when a machine answers.
        debt: The debt is read again just before dialling.
        caller_id: E.164, with its `label`.
        ring_seconds: How long a telephone rings.
        end_of: What becomes of the target after a talk with that outcome.
    """

    retries: Retries
    messages: Messages
    machine: MachineOrder
    debt: bool
    caller_id: str
    label: str
    ring_seconds: int
    end_of: Callable[[str], TalkEnd]

    def call(self, campaign: Campaign, attempt: Attempt) -> OutgoingCall:
        """What is ordered for an attempt."""
        return OutgoingCall(
            attempt_id=attempt.attempt_id,
            number=attempt.number,
            trunk=attempt.trunk,
            caller_id=self.caller_id,
            label=self.label,
            ring_seconds=self.ring_seconds,
            machine=self.machine,
            queue=campaign.queue,
            campaign=str(campaign.campaign_id),
        )


class Plans(Protocol):
    """Finds the plan of a campaign."""

    def of(self, campaign: Campaign) -> Plan:
        """Raises Fault: its kind, its caller id or a rule of its own is wrong."""


class KindPlans:
    """Plans by the kinds of the company's scenarios."""

    def __init__(self, kinds: Callable[[], Kinds], settings: CampaignsSettings) -> None:
        """Args: kinds, as they are now."""
        self._kinds = kinds
        self._settings = settings

    def of(self, campaign: Campaign) -> Plan:
        """As `Plans.of`."""
        kinds = self._kinds()
        kind = kinds[campaign.kind]
        shown = caller_id(self._settings, campaign.caller_id)
        try:
            retries = Retries.of(self._settings.retries, kind.retries, campaign.overrides.get(RETRIES) or {})
            messages = plan_of(kind, campaign.overrides)
        except (ValidationError, ValueError, TypeError, AttributeError) as error:
            raise Fault(
                f"A rule of the campaign {campaign.name} is wrong: {_first(error)}.",
                "overrides",
                "Rules have the form of campaigns.retries.rules and of the kind's messages.",
            ) from error
        return Plan(
            retries=retries,
            messages=messages,
            machine=kind.machine.order,
            debt=kind.debt,
            caller_id=shown.number,
            label=shown.label,
            ring_seconds=self._settings.ring_seconds,
            end_of=kinds.end_of,
        )


def _first(error: Exception) -> str:
    if isinstance(error, ValidationError):
        one = error.errors()[0]
        return f"{'.'.join(map(str, one['loc']))}: {one['msg']}"
    return str(error)
