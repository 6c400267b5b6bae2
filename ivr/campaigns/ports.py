"""What campaigns need of others, and what others tell them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from ivr.campaigns.model import Attempt, Campaign, Target, Who


class ExchangeAway(Exception):
    """Nobody knows whether Asterisk has taken the order."""


class NotDialled(Exception):
    """Certainly no call was made; the message says why, without personal data."""


class MachineOrder(StrEnum):
    """What is done when a machine answers."""

    HANG_UP = "hang-up"
    LEAVE_MESSAGE = "leave-message"


@dataclass(frozen=True, slots=True)
class OutgoingCall:
    """An attempt that is to be dialled now.

    Attributes:
        attempt_id: Id of the channel and of the call.
        caller_id: E.164, and the label that the subscriber's telephone may show.
        ring_seconds: How long it rings.
        queue: Of the operators who take it at once when a person answers; empty: the robot talks.
        campaign: Its id as a text, for the ledger; empty: a rehearsal.
    """

    attempt_id: str
    number: str
    trunk: str
    caller_id: str
    label: str
    ring_seconds: int
    machine: MachineOrder
    queue: str = ""
    campaign: str = ""


@dataclass(frozen=True, slots=True)
class CallEnd:
    """How a call ended, as Asterisk tells.

    Attributes:
        cause: Of the hang-up, Q.850; 0 is unknown.
        answered: Whether the subscriber's side has answered.
        who: Who answered, where that was looked at.
        told: Whether the message was left or said to its end.
    """

    at: datetime
    cause: int
    answered: bool
    who: Who | None = None
    told: bool = False


class DialEar(Protocol):
    """Is told what becomes of attempts; `ivr.campaigns` implements it. Unknown ids are ignored."""

    def answered(self, attempt_id: str, at: datetime) -> None:
        """The subscriber's side has answered; who, is not known yet."""

    def reached(self, attempt_id: str, at: datetime) -> None:
        """A person, whose greeting has ended."""

    def connected(self, attempt_id: str, at: datetime) -> None:
        """The person is connected with an operator."""

    def ended(self, attempt_id: str, end: CallEnd) -> None:
        """The channel is gone."""

    def seen(self, attempt_ids: Collection[str]) -> None:
        """All attempts' channels that Asterisk has, each time the link is up again."""


class Dialler(Protocol):
    """Makes calls; `ivr.asterisk.dialling` implements it."""

    def watch(self, ear: DialEar) -> None:
        """Tell this one from now on; once, before the link is started."""

    async def dial(self, call: OutgoingCall) -> None:
        """Order a call with our own channel id. Raises NotDialled, ExchangeAway."""

    async def hang_up(self, attempt_id: str) -> None:
        """End a call; nothing is done when it is gone. Raises ExchangeAway."""


class CallLog(Protocol):
    """What is written of calls that have ended, by whoever has seen them (ledger, Asterisk's own list)."""

    async def end_of(self, attempt_id: str) -> CallEnd | None:
        """None: nothing is known of its end. Raises StoreUnavailable."""


class Debts(Protocol):
    """What billing says now."""

    async def debt_of(self, account: str) -> Decimal | None:
        """Roubles; None: billing does not answer, or knows no such account."""


class Operators(Protocol):
    """The operators of a queue, for pacing; moments are seconds of `Clock.monotonic`."""

    def ready(self, queue: str) -> int:
        """How many wait for a call."""

    def talking(self, queue: str) -> Sequence[float]:
        """Since when each one talks."""

    def wrapping(self, queue: str) -> Sequence[float]:
        """Since when each one is in wrap-up."""


class Sender(Protocol):
    """Messages before, after or instead of a call; `ivr.campaigns.channels` implements it."""

    async def send(self, campaign: Campaign, target: Target, channel: str, moment: str) -> datetime:
        """Write a message into the outbox: once for target, channel and moment, however often asked.

        Returns:
            When it was written, the first time; aware.
        """


class Talks(Protocol):
    """What a flow is told of the attempt it talks in, and what it leaves; used by the AGI route."""

    async def facts_of(self, attempt_id: str) -> tuple[Campaign, Target, Attempt] | None:
        """None: there is no such attempt under way."""

    async def result(self, attempt_id: str, outcome: str, data: Mapping[str, Any]) -> None:
        """On disk when it returns; once more with the same changes nothing."""
