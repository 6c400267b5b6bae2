"""What a call that goes on asks the desk: on its way through a queue, and after a talk.

`ivr.asterisk.continuations` asks whenever the dialplan comes back with a caller; `ivr.desk.waiting` and
`ivr.desk.after_talk` answer. What is said to the caller is a flow of its own, run before the question.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from ivr.dialogue.ports import CallFacts


class QueueEnd(StrEnum):
    """Why the caller came back from Asterisk's queue (`QUEUESTATUS`, core show application Queue)."""

    TIMEOUT = "TIMEOUT"  # the slice of waiting is over
    FULL = "FULL"
    JOIN_EMPTY = "JOINEMPTY"
    LEAVE_EMPTY = "LEAVEEMPTY"
    JOIN_UNAVAILABLE = "JOINUNAVAIL"
    LEAVE_UNAVAILABLE = "LEAVEUNAVAIL"
    WITHDRAWN = "WITHDRAW"  # we took him out (AMI QueueWithdrawCaller)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A caller between two slices of waiting, or before the first.

    Attributes:
        call_id: Our id of the call.
        queue: Asterisk's queue that he is for, `clients` or `clients.billing`.
        first: Whether he has not waited in this queue yet.
        end: Why he came back from the queue; None at the first visit, or when a key brought him.
        key: The key that he pressed while waiting, or an empty string.
    """

    call_id: str
    queue: str
    first: bool
    end: QueueEnd | None = None
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """He waits on.

    Attributes:
        queue: Asterisk's queue.
        seconds: Until the robot speaks to him again; an operator's telephone that rings then rings on.
        priority: `QUEUE_PRIO`: callers of a higher one are served before all of a lower one.
        position: Place from 1 among those of his priority, or None for the end.
    """

    queue: str
    seconds: int
    priority: int = 0
    position: int | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """He waits no longer (a call-back was promised, the limit was reached); he has been told. Hang up."""


class QueueKeeper(Protocol):
    """Keeps the callers who wait."""

    def arrived(self, facts: CallFacts, visit: Visit, call_away: Callable[[], None]) -> None:
        """The flow `waiting` begins with this caller; it reads what to say from its action.

        Args:
            facts: Of his call.
            visit: Why he is here.
            call_away: Ends the flow at once, unless he has begun to answer; to be called from when somebody
                is ready for him, until `next`.
        """

    async def next(self, visit: Visit, outcome: str) -> Slice | Leave:
        """What becomes of him now.

        Args:
            visit: As `arrived` was told.
            outcome: Of the flow `waiting`; an empty string when it failed.
        """


@dataclass(frozen=True, slots=True)
class Survey:
    """The operator has ended the talk, and the caller agreed to be asked.

    Attributes:
        flow: Run with him; then the call ends.
    """

    flow: str = "survey"


@dataclass(frozen=True, slots=True)
class Return:
    """The operator's telephone was lost: back to the queue.

    Attributes:
        slice: Where he waits then, as a rule at the head of the queue.
        flow: Run with him before, short.
    """

    slice: Slice
    flow: str = "returned"


@dataclass(frozen=True, slots=True)
class End:
    """The call ends."""


class AfterTalk(Protocol):
    """Decides what becomes of a caller whose talk with a person has ended."""

    async def next(self, call_id: str) -> Survey | Return | End:
        """How the call goes on; asked at once after the operator's telephone is gone."""
