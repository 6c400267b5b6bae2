"""What may happen to a call, but for its legs (`ivr.calls.legs`); each tells an instant of the story."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from ivr.dialogue.ports import Ending, EndingKind, Value


class Party(StrEnum):
    """Who ended a call."""

    CALLER = "caller"
    ROBOT = "robot"
    AGENT = "agent"
    UNKNOWN = "unknown"


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
        """How it ended; what a call was about that goes on to people is told with `HandedOver`."""
        topic = None if self.ending.kind is EndingKind.QUEUED else self.ending.topic
        return {
            "ending": self.ending.kind,
            "outcome": self.ending.outcome,
            "data": self.ending.data,
            "topic": topic,
        }


@dataclass(frozen=True, slots=True)
class HandedOver(Event):
    """The robot handed the caller to people.

    Attributes:
        topic: Of `kb/`, or None.
        carried: What the robot has learned; personal.
    """

    INSTANT = "handed_at"

    topic: str | None
    carried: Mapping[str, Value] = field(default_factory=dict, repr=False)

    def told(self) -> Mapping[str, object]:
        """What was handed over."""
        return {"topic": self.topic, "carried": self.carried or None}


@dataclass(frozen=True, slots=True)
class QueueJoined(Event):
    """The caller entered a queue of Asterisk, for the first time or again."""

    INSTANT = "queued_at"

    queue: str

    def told(self) -> Mapping[str, object]:
        """Which queue."""
        return {"queue": self.queue}


@dataclass(frozen=True, slots=True)
class QueueAbandoned(Event):
    """The caller left the queue unanswered: for good, or to hear the robot between two slices of waiting."""

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
