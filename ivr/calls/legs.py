"""Legs: each time that a person's telephone was rung for a call. One call has as many as it takes.

A leg is a set of facts, as a story is: an event only adds its own, in any order and any number of times, and
of two instants for the same fact the earlier one stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar


class LegRole(StrEnum):
    """Why a telephone was rung."""

    QUEUE = "queue"  # the queue offered the caller
    CONSULT = "consult"  # a colleague, a desk or an outside number is asked while the caller holds
    TRANSFER = "transfer"  # the caller was sent there
    CALLBACK = "callback"  # the operator is rung first, then the client
    OUT = "out"  # the operator calls out
    CLIENT = "client"  # the client's telephone, rung for a call-back or an outgoing call


class LegEnd(StrEnum):
    """How a leg ended."""

    NO_ANSWER = "no-answer"
    DECLINED = "declined"
    BUSY = "busy"
    FAILED = "failed"
    CALLER = "caller"  # the other party hung up
    AGENT = "agent"  # the person whose telephone it is hung up
    TRANSFERRED = "transferred"  # the person handed the call over
    LOST = "lost"  # the telephone vanished: page closed, browser crashed, network gone
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class LegEvent:
    """Something that happened on a leg.

    Attributes:
        at: When, aware.
        call_id: Our id of the call.
        leg_id: Unique id of the telephone's channel.
        INSTANT: The instant of the leg that it tells, or None.
    """

    INSTANT: ClassVar[str | None] = None

    at: datetime
    call_id: str
    leg_id: str

    def told(self) -> Mapping[str, object]:
        """What else it tells, by attribute of the leg."""
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class LegRang(LegEvent):
    """A telephone began to ring.

    Attributes:
        device: Asterisk's name of it, `PJSIP/op-201`; an outside number is not told.
        agent: Login of whoever works there, or None.
        queue: Asterisk's queue that offered the call, or None.
    """

    INSTANT = "rang_at"

    role: LegRole
    device: str
    agent: str | None = None
    queue: str | None = None

    def told(self) -> Mapping[str, object]:
        """Whose telephone and why."""
        return {"role": self.role, "device": self.device, "agent": self.agent, "queue": self.queue}


@dataclass(frozen=True, slots=True, kw_only=True)
class LegAnswered(LegEvent):
    """The person answered."""

    INSTANT = "answered_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class LegHeld(LegEvent):
    """The person put the other party on hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegResumed(LegEvent):
    """The person came back from hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegEnded(LegEvent):
    """The telephone's channel is gone, or no longer takes part in this call."""

    INSTANT = "ended_at"

    end: LegEnd

    def told(self) -> Mapping[str, object]:
        """How."""
        return {"end": self.end}


@dataclass(slots=True, kw_only=True)
class Hold:
    """From and until; `until` is None while it lasts."""

    since: datetime
    until: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Leg:
    """Facts of one leg. Every instant is aware, or None where it has not happened or is not known."""

    call_id: str
    leg_id: str
    role: LegRole = LegRole.QUEUE
    device: str = ""
    agent: str | None = None
    queue: str | None = None
    rang_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    end: LegEnd | None = None
    holds: list[Hold] = field(default_factory=list)

    @property
    def talking(self) -> bool:
        """Whether the person is connected now."""
        return self.answered_at is not None and self.ended_at is None

    def held(self, now: datetime) -> timedelta:
        """How long the other party has been on hold until now."""
        return sum(((hold.until or now) - hold.since for hold in self.holds), timedelta())
