"""Legs: each time that a person's telephone was rung for a call. One call has as many as it takes.

A leg is a set of facts, as a story is: an event only adds its own, in any order and any number of times, and
of two instants for the same fact the earlier one stands.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, NamedTuple

from ivr.calls.facts import add_fact


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """From and until; `until` is None while it lasts."""

    since: datetime
    until: datetime | None = None


class Mark(NamedTuple):
    """The person put the other party on hold at that moment, or came back."""

    at: datetime
    back: bool


@dataclass(slots=True, kw_only=True)
class Leg:
    """Facts of one leg. Every instant is aware, or None where it has not happened or is not known.

    Attributes:
        marks: What was told of holds, in order of time, each once.
    """

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
    marks: list[Mark] = field(default_factory=list)

    def apply(self, event: LegEvent) -> bool:
        """Add what the event tells; True when something was new."""
        if isinstance(event, LegHeld | LegResumed):
            return self._mark(Mark(event.at, isinstance(event, LegResumed)))
        if isinstance(event, LegEnded):
            return self._end(event)
        return add_fact(self, event.INSTANT, event.at, event.told())

    def _end(self, event: LegEnded) -> bool:
        """Of two ends the earlier one stands, but one that says how stands before one that does not."""
        before = (self.ended_at, self.end)
        known = self.ended_at is not None and self.end is not LegEnd.UNKNOWN
        tells = event.end is not LegEnd.UNKNOWN
        earlier = self.ended_at is None or event.at < self.ended_at
        if (tells and not known) or (tells == known and earlier):
            self.end = event.end
        if earlier:
            self.ended_at = event.at
        return (self.ended_at, self.end) != before

    def _mark(self, mark: Mark) -> bool:
        if mark in self.marks:
            return False
        insort(self.marks, mark)
        return True

    @property
    def person(self) -> bool:
        """Whether it is the telephone of somebody who serves, not the client's."""
        return self.role is not LegRole.CLIENT

    @property
    def talking(self) -> bool:
        """Whether the person is connected now."""
        return self.answered_at is not None and self.ended_at is None

    @property
    def holds(self) -> list[Hold]:
        """When the other party was on hold; a hold that is told twice counts once."""
        holds: list[Hold] = []
        for mark in self.marks:
            open_ = bool(holds) and holds[-1].until is None
            if mark.back and open_:
                holds[-1] = replace(holds[-1], until=mark.at)
            elif not mark.back and not open_ and (self.ended_at is None or mark.at < self.ended_at):
                holds.append(Hold(since=mark.at))
        return [self._within(hold) for hold in holds]

    def _within(self, hold: Hold) -> Hold:
        """The hold, ended with the leg at the latest."""
        end = self.ended_at
        return hold if end is None or (hold.until and hold.until < end) else replace(hold, until=end)

    @property
    def on_hold(self) -> bool:
        """Whether the other party is on hold now."""
        return bool(self.holds) and self.holds[-1].until is None

    def held(self, now: datetime) -> timedelta:
        """How long the other party has been on hold until now."""
        return sum(((hold.until or now) - hold.since for hold in self.holds), timedelta())
