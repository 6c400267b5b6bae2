"""What happened to a call, as its script has it. Moments are aware and whole milliseconds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

Robot = Literal["served", "handed", "left"]
EndedBy = Literal["caller", "agent", "transferred"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """From entering a queue until somebody answered or the caller left it.

    Attributes:
        pauses: When the caller heard the robot in between; he waits on all the same.
    """

    queue: str
    since: datetime
    until: datetime
    answered: bool
    pauses: tuple[tuple[datetime, datetime], ...] = ()

    @property
    def seconds(self) -> float:
        return between(self.since, self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """A telephone that rang and was not answered."""

    agent: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A person's part of a call.

    Attributes:
        wrapup_seconds: None where nobody noted the end of the wrap-up.
        identified_after: Seconds until the operator had found the client; None where he did not.
    """

    agent: str
    rang_at: datetime
    since: datetime
    until: datetime
    holds: tuple[tuple[datetime, datetime], ...] = ()
    ended_by: EndedBy = "caller"
    wrapup_seconds: float | None = None
    personal: bool = False
    alone: bool = True
    topic: str = ""
    queue: str = ""
    identified_after: float | None = None

    @property
    def conversation(self) -> float:
        """Talk and hold, seconds: what the client lives through."""
        return between(self.since, self.until)

    @property
    def held(self) -> float:
        return sum(between(since, until) for since, until in self.holds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A call-back that was promised; open while neither kept nor broken."""

    at: datetime
    kept_at: datetime | None = None
    broken_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One incoming call.

    Attributes:
        robot: How the robot's part ended: it served him, handed him over, or he left it.
        robot_until: When its part ended.
        rings: Telephones that rang in vain; one that rang when he hung up ends with the call.
        recording: `yes`, `no`, or why there is none.
        account: The client's; known in the call only where an operator has found him.
    """

    id: str
    came_at: datetime
    ended_at: datetime
    line: str
    number_called: str
    caller: str
    segment: str
    topic: str
    robot: Robot
    robot_until: datetime
    outcome: str = ""
    blocked: bool = False
    waits: tuple[Wait, ...] = ()
    rings: tuple[Ring, ...] = ()
    talks: tuple[Talk, ...] = ()
    promise: Promise | None = None
    score: int | None = None
    recording: str = "yes"
    account: str = ""

    @property
    def known_as(self) -> set[str]:
        """By what the client is known: his number, the account for which he was identified."""
        found = any(talk.identified_after is not None for talk in self.talks)
        return {name for name in (self.caller, self.account if found else "") if name}

    @property
    def last_topic(self) -> str:
        """What the call was about: the last person's word wins over the robot's."""
        told = [talk.topic for talk in self.talks if talk.topic]
        return told[-1] if told else self.topic

    @property
    def rang_at_end(self) -> bool:
        """Whether a telephone rang when the caller gave up."""
        return any(ring.until == self.ended_at for ring in self.rings)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All calls of a company."""

    zone: ZoneInfo
    calls: Sequence[Call]

    def day(self, call: Call) -> date:
        """The company's day to which it belongs: that on which it came."""
        return call.came_at.astimezone(self.zone).date()

    def within(self, first: date, last: date) -> Iterator[Call]:
        """The calls that came on these days, both included."""
        return (call for call in self.calls if first <= self.day(call) <= last)


def between(since: datetime, until: datetime) -> float:
    """Seconds from one moment to another one."""
    return (until - since).total_seconds()
