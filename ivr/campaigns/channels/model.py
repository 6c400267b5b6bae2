"""Messages, their parts, and what gateways tell of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Channel(StrEnum):
    """How a message goes."""

    SMS = "sms"
    EMAIL = "email"
    PUSH = "push"
    ACCOUNT = "account"


class Moment(StrEnum):
    """Why a message is sent; each at most once for a target and a channel."""

    BEFORE = "before"
    AFTER = "after"
    INSTEAD = "instead"
    ASKED = "asked"
    """The person has asked for it in the talk."""


class MessageState(StrEnum):
    """Where a message stands; SENT is an end where the gateway gives no receipts."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    """The gateway has taken it; whether it arrived is not known yet."""

    DELIVERED = "delivered"
    FAILED = "failed"
    """It has certainly not arrived; `why` tells the reason."""

    UNKNOWN = "unknown"
    """Nobody can tell whether it arrived; it is never sent again."""

    WITHDRAWN = "withdrawn"
    """It was never handed over: a rule forbids it for good."""


class PartState(StrEnum):
    """Where a part of a message stands."""

    BEGUN = "begun"
    """About to be handed over: on disk before the gateway hears of it."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    REFUSED = "refused"
    """The gateway has not taken it and never will."""

    UNKNOWN = "unknown"


_STRENGTH = {
    PartState.BEGUN: 0,
    PartState.ACCEPTED: 1,
    PartState.UNKNOWN: 2,
    PartState.REFUSED: 2,
    PartState.UNDELIVERED: 3,
    PartState.DELIVERED: 4,
}


def stronger(known: PartState, told: PartState) -> PartState:
    """What holds of a part when a receipt tells something of it.

    Receipts come late, twice and in any order, and the result must not depend on that: a telephone that has
    acknowledged a message has it, whatever is told before or afterwards; an end outweighs what is under way.
    """
    return told if _STRENGTH[told] > _STRENGTH[known] else known


def whole(parts: Collection[PartState], count: int) -> MessageState:
    """What holds of a message of `count` parts, of which some are written down."""
    if PartState.UNDELIVERED in parts or PartState.REFUSED in parts:
        return MessageState.FAILED
    if len(parts) < count or PartState.BEGUN in parts:
        return MessageState.SENDING
    if PartState.ACCEPTED in parts:
        return MessageState.SENT
    return MessageState.UNKNOWN if PartState.UNKNOWN in parts else MessageState.DELIVERED


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one person.

    Attributes:
        message_id: Number.
        person: As in `Target.person`.
        address: E.164 for SMS, mailbox for e-mail, account number for push and the personal account.
        key: 32 hexadecimal digits: under it gateways know a repeat, and mail servers the letter.
        why: Reason of FAILED, UNKNOWN and WITHDRAWN, without personal data.
        parts: Short messages that it is made of; 1 for other channels.
        price: Roubles, as the settings have the price of a part.
        due_at: Not before; once it is sent, since when a receipt is awaited.
        tries: Failed ones.
        sent_at: When the gateway had taken all of it.
        settled_at: When its last state was known.
    """

    message_id: int
    campaign_id: int
    target_id: int
    person: str
    channel: Channel
    moment: str
    address: str
    subject: str
    text: str
    key: str
    state: MessageState
    written_at: datetime
    due_at: datetime
    why: str = ""
    parts: int = 1
    price: Decimal = Decimal(0)
    tries: int = 0
    sent_at: datetime | None = None
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """What became of a part.

    Attributes:
        part: From 1.
        gateway_id: Its id at the gateway; empty until the gateway has answered.
        code: What the gateway or the network calls the reason.
    """

    message_id: int
    part: int
    gateway: str
    state: PartState
    begun_at: datetime
    gateway_id: str = ""
    answered_at: datetime | None = None
    settled_at: datetime | None = None
    code: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a gateway tells of a message it has taken.

    Attributes:
        gateway: Name in the settings.
        gateway_id: Its id there.
        state: ACCEPTED (under way), DELIVERED, UNDELIVERED or UNKNOWN.
        at: When it happened, as the gateway says; None: it does not say.
        code: What the gateway or the network calls the reason.
    """

    gateway: str
    gateway_id: str
    state: PartState
    at: datetime | None = None
    code: str = ""
