"""A promise to call, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ivr.requests.model import Wish


class CallbackStatus(StrEnum):
    """How a promise stands."""

    OPEN = "open"
    TAKEN = "taken"  # somebody is at it: his telephone rings, or he has claimed it
    DONE = "done"  # kept
    FAILED = "failed"  # tried as often as is tried
    EXPIRED = "expired"  # nobody came to it in time

    @property
    def is_pending(self) -> bool:
        """Whether the call is still owed."""
        return self in PENDING


PENDING = (CallbackStatus.OPEN, CallbackStatus.TAKEN)


class CallbackSource(StrEnum):
    """Where it was promised."""

    ROBOT = "robot"
    QUEUE = "queue"  # instead of waiting on
    OPERATOR = "operator"


class CallbackEnd(StrEnum):
    """Why a promise is no longer owed."""

    CALLED = "called"
    CALLED_IN = "called-in"  # he called himself and got through
    GAVE_UP = "gave-up"  # attempts are used up
    TOO_LATE = "too-late"
    BY_HAND = "by-hand"  # a person said so, with a reason


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a queue: Asterisk's queue, and since when the caller waits in it (aware)."""

    queue: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """A promise to call. Moments are aware; texts are empty where not known.

    Attributes:
        phone: In E.164.
        asked_at: When it was first asked for.
        promised_at: When it was last asked for; a talk after that keeps the promise.
        due_from: Not to be called before.
        topic: Of `kb/`.
        said: What the caller said.
        call_id: Of the call in which it was last asked for.
        queue: Asterisk's queue whose place is kept.
        queued_at: Since when he waits in it; None when he never did.
        taken_by: Login.
        next_at: After a failed attempt: not again before.
        failures: Attempts at which the client was not reached.
        closed_as: Why it is no longer owed.
        note: Reason of a person who closed it.
    """

    id: int
    phone: str
    asked_at: datetime
    promised_at: datetime
    wish: Wish
    due_from: datetime
    topic: str
    account_number: str
    said: str
    status: CallbackStatus
    call_id: str
    source: CallbackSource
    queue: str
    queued_at: datetime | None
    taken_by: str | None
    taken_at: datetime | None
    next_at: datetime | None
    failures: int
    closed_at: datetime | None
    closed_as: CallbackEnd | None
    note: str

    @property
    def eligible_at(self) -> datetime:
        """From when on he may be called."""
        return max(self.due_from, self.next_at or self.due_from)

    @property
    def place(self) -> datetime:
        """Since when he waits, beside those who wait on the line.

        Who asked for a call as soon as possible keeps his place; who named a time waits from then on.
        """
        return self.queued_at if self.wish is Wish.SOON and self.queued_at else self.due_from
