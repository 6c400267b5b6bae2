"""What is known of one call: a pure model that events fill in, in any order and any number of times.

Asterisk's events and the engine's own may arrive late, twice, or after a restart. So a story is a set of
facts, and an event only adds its own: of two instants for the same fact the earlier one stands. The stage
of the call follows from the facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from ivr.dialogue.ports import CallFacts, Ending, EndingKind, Value


class Stage(StrEnum):
    """Where the call is."""

    ROBOT = "in-robot"
    QUEUED = "queued"
    TALKING = "talking"
    ENDED = "ended"


class Party(StrEnum):
    """Who ended a call."""

    CALLER = "caller"
    ROBOT = "robot"
    AGENT = "agent"
    UNKNOWN = "unknown"


class Origin(StrEnum):
    """How the ledger learned of the call."""

    ENGINE = "engine"  # the engine took it
    FOUND = "found"  # seen in Asterisk only: it came while the engine was away
    IMPORTED = "imported"  # read from Asterisk's call records after it had ended


class Disposition(StrEnum):
    """What became of the call, as the standards count."""

    SERVED = "served"  # the robot reached an outcome marked complete; wins over anything after it
    ANSWERED = "answered"  # a person took it
    LOST = "lost"  # ended before either
    LOST_TRACK = "lost-track"  # ended while nobody watched; how is not known
    IN_PROGRESS = "in-progress"


# --- what may happen -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a call.

    Attributes:
        at: When, aware.
        INSTANT: The instant of the story that it tells.
    """

    INSTANT: ClassVar[str]

    at: datetime

    def told(self) -> Mapping[str, object]:
        """What else it tells, by attribute of the story."""
        return {}


@dataclass(frozen=True, slots=True)
class Answered(Event):
    """The channel was answered: by the robot, or by the dialplan in its place."""

    INSTANT = "answered_at"


@dataclass(frozen=True, slots=True)
class ScenarioEnded(Event):
    """The scenario came to an end."""

    INSTANT = "scenario_ended_at"

    ending: Ending

    def told(self) -> Mapping[str, object]:
        """How it ended."""
        return {"ending": self.ending.kind, "outcome": self.ending.outcome, "data": self.ending.data}


@dataclass(frozen=True, slots=True)
class QueueJoined(Event):
    """The caller entered a queue."""

    INSTANT = "queued_at"

    queue: str

    def told(self) -> Mapping[str, object]:
        """Which queue."""
        return {"queue": self.queue}


@dataclass(frozen=True, slots=True)
class QueueAbandoned(Event):
    """The caller left the queue before anybody answered."""

    INSTANT = "abandoned_at"


@dataclass(frozen=True, slots=True)
class AgentConnected(Event):
    """A person took the call."""

    INSTANT = "agent_answered_at"

    agent: str

    def told(self) -> Mapping[str, object]:
        """Who."""
        return {"agent": self.agent}


@dataclass(frozen=True, slots=True)
class AgentCompleted(Event):
    """The talk with the person ended."""

    INSTANT = "agent_ended_at"

    by: Party

    def told(self) -> Mapping[str, object]:
        """Who ended it."""
        return {"agent_ended_by": self.by}


@dataclass(frozen=True, slots=True)
class HungUp(Event):
    """The channel is gone.

    Attributes:
        cause: Asterisk's hang-up cause (Q.850), or None.
    """

    INSTANT = "ended_at"

    cause: int | None = None

    def told(self) -> Mapping[str, object]:
        """The cause."""
        return {"cause": self.cause}


@dataclass(frozen=True, slots=True)
class LostTrack(Event):
    """The channel was found gone at that moment; when it went is not known."""

    INSTANT = "lost_track_at"


# --- what is known -----------------------------------------------------------------------------------------


@dataclass(slots=True, kw_only=True)
class Story:
    """Facts of one call. Every instant is aware, or None where it has not happened or is not known."""

    call_id: str
    origin: Origin
    came_at: datetime
    line: str | None = None
    number_called: str | None = None
    caller_number: str | None = None
    segment: str | None = None
    profile: str | None = None
    answered_at: datetime | None = None
    scenario_ended_at: datetime | None = None
    ending: EndingKind | None = None
    outcome: str | None = None
    queued_at: datetime | None = None
    queue: str | None = None
    abandoned_at: datetime | None = None
    agent_answered_at: datetime | None = None
    agent: str | None = None
    agent_ended_at: datetime | None = None
    agent_ended_by: Party | None = None
    ended_at: datetime | None = None
    cause: int | None = None
    lost_track_at: datetime | None = None
    data: Mapping[str, Value] = field(default_factory=dict)

    def apply(self, event: Event) -> bool:
        """Add what the event tells; True when something was new."""
        known: datetime | None = getattr(self, event.INSTANT)
        first = known is None or event.at < known
        if first:
            setattr(self, event.INSTANT, event.at)
        new = first
        for name, value in event.told().items():
            if value is not None and (first or getattr(self, name) is None):
                setattr(self, name, value)
                new = True
        return new

    def adopt(self, facts: CallFacts, number_called: str) -> None:
        """Fill in what the engine knows of a call that was noticed before it was opened."""
        self.origin = Origin.ENGINE
        self.line = facts.line
        self.number_called = number_called or None
        self.caller_number = facts.caller_number or None
        self.segment = facts.segment
        self.profile = facts.profile
        self.came_at = min(self.came_at, facts.started_at)

    @property
    def stage(self) -> Stage:
        """Where the call is now."""
        if self.ended_at or self.lost_track_at:
            return Stage.ENDED
        if self.agent_answered_at:
            return Stage.ROBOT if self.agent_ended_at else Stage.TALKING
        if self.queued_at and not self.abandoned_at:
            return Stage.QUEUED
        return Stage.ROBOT

    @property
    def ended_by(self) -> Party | None:
        """Who ended it, as far as it is known; None while it goes on."""
        if self.stage is not Stage.ENDED:
            return None
        if self.agent_ended_by:
            return self.agent_ended_by
        if self.abandoned_at or self.ending is EndingKind.HUNG_UP:
            return Party.CALLER
        if self.ending in (EndingKind.COMPLETED, EndingKind.ENDED):
            return Party.ROBOT
        return Party.UNKNOWN

    @property
    def disposition(self) -> Disposition:
        """What became of the call."""
        if self.ending is EndingKind.COMPLETED:
            return Disposition.SERVED
        if self.agent_answered_at or self.agent:
            return Disposition.ANSWERED
        if self.ended_at:
            return Disposition.LOST
        return Disposition.LOST_TRACK if self.lost_track_at else Disposition.IN_PROGRESS


def opened(facts: CallFacts, number_called: str = "") -> Story:
    """The story of a call that the engine has just taken."""
    story = Story(call_id=facts.call_id, origin=Origin.ENGINE, came_at=facts.started_at)
    story.adopt(facts, number_called)
    return story


def found(call_id: str, at: datetime) -> Story:
    """The story of a call that the engine has not taken; what it knows is only that it is there."""
    return Story(call_id=call_id, origin=Origin.FOUND, came_at=at)
