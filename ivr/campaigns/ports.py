"""What campaigns need of others, and what others tell them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
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
        operator: Login of the one who has chosen to call, and alone takes it; empty: any of the queue.
        rehearses: Login of who hears it on his own telephone, called in the place of the number; empty: the
            number is called.
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
    operator: str = ""
    rehearses: str = ""


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

    async def withdraw(self, attempt_id: str, written_at: datetime) -> bool:
        """Take back an order of which nobody knows whether it has arrived; nothing is done to a call.

        Args:
            attempt_id: Of the order.
            written_at: When the attempt was written, aware: before it nothing can have been ordered.

        Returns:
            True: it was certainly never carried out, and will not be, however late it arrives.
            False: it was, or that can't be known.
        """


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


class Choosers(Protocol):
    """Operators who choose whom they call, by login."""

    def there(self, login: str) -> bool:
        """Whether he is at work, at a telephone that can be rung."""

    async def keep(self, login: str, seconds: float) -> bool:
        """Keep other calls away from him for so long; False: he can't be rung now."""

    def release(self, login: str) -> None:
        """Let them in again; no fault when they were not kept away."""


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


class OpinionOf(StrEnum):
    """Of what a kind of campaigns asks for an opinion."""

    SURVEY = "survey"
    CONTROL_CALL = "control-call"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What a client has said of the service in one talk.

    Attributes:
        client: Account, else the telephone number (E.164); personal.
        at: When he was talked with, aware.
        answers: What the talk has left, by name: `score`, `words`, `satisfied`, …; personal.
        questionnaire: Id of the one that a survey asks for; empty: none.
        request_number: Of the complaint that a control call is about; empty: none.
    """

    of: OpinionOf
    attempt_id: str
    client: str = field(repr=False)
    at: datetime
    answers: Mapping[str, str] = field(repr=False)
    questionnaire: str = ""
    request_number: str = ""


class Opinions(Protocol):
    """Keeps opinions; joined with `ivr.satisfaction`."""

    async def take(self, opinion: Opinion) -> None:
        """Keep it, durable on return; the same attempt again changes nothing. Raises StoreUnavailable."""
