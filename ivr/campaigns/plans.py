"""What a campaign does, from its kind, the company's settings and its own rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ivr.campaigns.channels.plan import Plan as Messages
from ivr.campaigns.kinds import TalkEnd
from ivr.campaigns.model import Campaign
from ivr.campaigns.ports import MachineOrder
from ivr.campaigns.retries import Retries


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


class Plans(Protocol):
    """Finds the plan of a campaign."""

    def of(self, campaign: Campaign) -> Plan:
        """Raises Fault: its kind, its caller id or a rule of its own is wrong."""
