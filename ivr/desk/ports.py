"""What the desk needs from the telephone exchange, and what the exchange tells the desk.

`ivr.asterisk.desk` implements `Switchboard` and tells an `ExchangeListener`. A queue is named as Asterisk has
it: `clients`, or `clients.billing` for a group of skills. A device is Asterisk's name of a telephone, such as
`PJSIP/op-201` (browser) or `PJSIP/desk-201` (on the desk).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from ivr.calls.legs import LegRole


class PhoneKind(StrEnum):
    """What an operator speaks through."""

    BROWSER = "browser"
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class Phone:
    """A workplace's telephone."""

    kind: PhoneKind
    extension: str

    @property
    def device(self) -> str:
        """As Asterisk names it."""
        return f"PJSIP/{'op' if self.kind is PhoneKind.BROWSER else 'desk'}-{self.extension}"

    @classmethod
    def of(cls, device: str) -> Phone | None:
        """The telephone of a device or channel (`PJSIP/op-201-0000002a`); None: no workplace has it."""
        technology, _, rest = device.partition("/")
        prefix, _, number = rest.partition("-")
        kinds = {"op": PhoneKind.BROWSER, "desk": PhoneKind.DESK}
        extension = number.partition("-")[0]
        if technology != "PJSIP" or prefix not in kinds or not extension.isdecimal():
            return None
        return cls(kinds[prefix], extension)


class TargetKind(StrEnum):
    """Where a call can be sent."""

    COLLEAGUE = "colleague"  # value: login
    QUEUE = "queue"  # value: Asterisk's queue
    OUTSIDE = "outside"  # value: number, in E.164 or as the trunk takes it
    ROBOT = "robot"  # value: id of a flow


@dataclass(frozen=True, slots=True)
class Target:
    """A place that a call is sent to, or that is asked."""

    kind: TargetKind
    value: str = field(repr=False)


class CallNotThere(Exception):
    """The call, or the leg that an action needs, has ended or never was."""


class ExchangeAway(Exception):
    """Asterisk can't be asked now, or refused; nothing is known to have changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An outgoing call: the operator's telephone is rung first, then the number.

    Attributes:
        order_id: Unique id of the operator's channel, made and written down by us before: an order is never
            given twice. The telephone is told of it in the header `X-Ivr-Order`, so that the page that gave
            the order answers by itself.
        call_id: Our id of the new call.
        phone: Rung first.
        agent: Login.
        number: Dialled when the operator has answered.
        role: `CALLBACK` or `OUT`.
        profile: Standard that is kept.
    """

    order_id: str
    call_id: str
    phone: Phone
    agent: str
    number: str = field(repr=False)
    role: LegRole
    profile: str


class Switchboard(Protocol):
    """Acts on Asterisk. Every method raises `ExchangeAway`; those on a call raise `CallNotThere` too."""

    # --- queues ---

    async def join(self, queue: str, phone: Phone, agent: str, pause: str | None) -> None:
        """Make the telephone a member of the queue, paused when a reason is given; may be one already."""

    async def leave(self, queue: str, phone: Phone) -> None:
        """Take it out of the queue; no fault when it is not in."""

    async def pause(self, phone: Phone, reason: str | None) -> None:
        """Keep the callers of all its queues away, or let them in again (None)."""

    # --- outgoing ---

    async def call_out(self, order: Order) -> None:
        """Ring the operator, then the number."""

    # --- a call that goes on, seen from the operator who talks ---

    async def consult(self, call_id: str, leg_id: str, order_id: str, target: Target) -> None:
        """Ring the operator's telephone a second time (header `X-Ivr-Order`), then the target.

        The operator holds the caller first, and hears the target ringing.
        """

    async def complete(self, call_id: str, leg_id: str) -> None:
        """Connect caller and consulted party; the operator is out of the call."""

    async def withdraw(self, call_id: str, leg_id: str) -> None:
        """End the consultation; the operator takes the caller off hold."""

    async def conference(self, call_id: str, leg_id: str) -> None:
        """Caller, operator and consulted party all hear each other; whoever stays goes on talking."""

    async def transfer(self, call_id: str, leg_id: str, target: Target) -> None:
        """Send the caller there without asking; the operator is out of the call."""

    async def hang_up(self, call_id: str, leg_id: str) -> None:
        """End the operator's talk; the caller goes on to the survey or to the end."""

    async def end_call(self, call_id: str, prompt: str | None) -> None:
        """End the caller's call, after a prompt of the catalogue has been played to him."""

    async def record(self, call_id: str, on: bool) -> None:
        """Silence all recordings of the call at sensitive data (both directions), or go on with them."""

    async def expect_loss(self, phone: Phone) -> None:
        """The telephone's page is about to vanish: hang-ups in the next seconds are a loss, not an end."""


# --- what the exchange tells -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberSeen:
    """A member of a queue, as Asterisk has it."""

    queue: str
    device: str
    paused: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerSeen:
    """Someone who waits in a queue of Asterisk."""

    queue: str
    call_id: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class FloorSeen:
    """What Asterisk has at one moment, after a time in which nobody watched.

    Attributes:
        talks: Leg id by device of every telephone that is ringing or talking.
        reachable: Devices that can be rung.
    """

    members: Sequence[MemberSeen]
    callers: Sequence[CallerSeen]
    talks: Mapping[str, str]
    reachable: frozenset[str]


class ExchangeListener(Protocol):
    """Is told what happens; no method waits. Legs are told by the ledger's own subscription."""

    def caller_joined(self, queue: str, call_id: str, at: datetime) -> None:
        """A caller waits in a queue of Asterisk."""

    def caller_left(self, queue: str, call_id: str, at: datetime) -> None:
        """He no longer does, whatever the reason."""

    def phone_reachable(self, device: str, reachable: bool) -> None:
        """A telephone came or went."""

    def resync(self, seen: FloorSeen) -> None:
        """The link was away; this is how things are."""
