"""Operators and queues as the rest of the system sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ivr.desk.ports import Phone


class AgentState(StrEnum):
    """What an operator is doing."""

    OFFLINE = "offline"
    READY = "ready"
    PAUSED = "paused"
    RINGING = "ringing"
    TALKING = "talking"
    WRAP_UP = "wrap-up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """An operator at one moment.

    Attributes:
        login: Names him in ledger, queues and reports.
        name: For people.
        extension: Of the telephone at his workplace, or None.
        phone: What he speaks through; None while he is offline.
        skills: Queues of Asterisk that he serves.
        reason: Id of the reason of a pause; None in every other state.
        since: When the state began.
        call_id: The call that he is rung for, talks in or wraps up, or None.
        leg_id: His telephone's leg of it, or None.
        missed: Calls in a row that he was rung for and did not take.
        reachable: Whether his telephone can be rung.
        until: When wrap-up ends by itself, or None.
        prolongations: How often wrap-up can still be prolonged.
    """

    login: str
    name: str
    extension: str | None
    phone: Phone | None
    skills: tuple[str, ...]
    state: AgentState
    reason: str | None
    since: datetime
    call_id: str | None = None
    leg_id: str | None = None
    missed: int = 0
    reachable: bool = False
    until: datetime | None = None
    prolongations: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """A queue at one moment.

    Attributes:
        queue: As Asterisk names it.
        waiting: Callers who wait.
        longest_since: Since when the one waits who has waited longest, or None.
        ready: Operators who would take a call of it now.
        serving: Operators who serve it: ready, ringing, talking or in wrap-up.
        widened: Whether operators without the skill serve it too: somebody has waited long, or no other does.
        estimate_seconds: Expected wait of a caller who came now; None when nobody serves.
    """

    queue: str
    waiting: int
    longest_since: datetime | None
    ready: int
    serving: int
    widened: bool
    estimate_seconds: int | None
