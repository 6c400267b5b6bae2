"""What is known of one call: a pure model that events fill in, in any order and any number of times.

Asterisk's events and the engine's own may arrive late, twice, or after a restart. So a story is a set of
facts, and an event only adds its own: of two instants for the same fact the earlier one stands. The stage
of the call follows from the facts, among them its legs (`ivr.calls.legs`).
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from ivr.calls.events import Event, QueueAbandoned, QueueJoined, ScenarioEnded
from ivr.calls.events import Party as Party
from ivr.calls.facts import add_fact
from ivr.calls.legs import Leg, LegEnd, LegEvent
from ivr.dialogue.ports import CallFacts, Ending, EndingKind, Value

BLOCKED_OUTCOME = "blocked"
"""Outcome of the flow that turns a blocked number away."""


class CallKind(StrEnum):
    """Who called whom, and why."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"  # an operator called out
    CALLBACK = "callback"  # a promise to call was kept
    CAMPAIGN = "campaign"  # the engine called for a campaign

    @property
    def by_operator(self) -> bool:
        """Whether an operator calls: then the client's telephone is a leg, and not the call's own channel."""
        return self in (CallKind.OUTBOUND, CallKind.CALLBACK)


class Stage(StrEnum):
    """Where the call is."""

    ROBOT = "in-robot"
    DIALLING = "dialling"  # an outgoing call before the client has answered
    QUEUED = "queued"
    TALKING = "talking"
    ENDED = "ended"


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
    BLOCKED = "blocked"  # the number is on the block list
    UNREACHED = "unreached"  # an outgoing call that the client did not answer, or that told him nothing
    LOST_TRACK = "lost-track"  # ended while nobody watched; how is not known
    IN_PROGRESS = "in-progress"


class QueueMark(NamedTuple):
    """The caller entered a queue at that moment, or left it (an empty name)."""

    at: datetime
    queue: str = ""


@dataclass(frozen=True, slots=True)
class About:
    """What an outgoing call is about.

    Attributes:
        kind: `callback`, `task`, `lost`, `request`, `card` or `none`.
        id: Its id there, or an empty string.
    """

    kind: str
    id: str = ""


@dataclass(slots=True, kw_only=True)
class Story:
    """Facts of one call. Every instant is aware, or None where it has not happened or is not known.

    Attributes:
        caller_number: The client's, also where we called him.
        queue: The first one; where he waits now is `waits_in`.
        abandoned_at: When he left the queue unanswered and did not come back.
        queue_marks: Every entry to a queue and every leaving, in order of time.
        recording_paused: Whether an operator keeps sensitive data out of the recording now.
        parent_call_id: The call that an outgoing one follows from, or None.
        legs: By their ids; each is a row of its own.
    """

    call_id: str
    origin: Origin
    came_at: datetime
    kind: CallKind = CallKind.INBOUND
    line: str | None = None
    number_called: str | None = None
    caller_number: str | None = None
    segment: str | None = None
    profile: str | None = None
    answered_at: datetime | None = None
    scenario_ended_at: datetime | None = None
    ending: EndingKind | None = None
    outcome: str | None = None
    handed_at: datetime | None = None
    topic: str | None = None
    queued_at: datetime | None = None
    queue: str | None = None
    queue_marks: list[QueueMark] = field(default_factory=list)
    abandoned_at: datetime | None = None
    agent_answered_at: datetime | None = None
    agent: str | None = None
    agent_ended_at: datetime | None = None
    agent_ended_by: Party | None = None
    ended_at: datetime | None = None
    cause: int | None = None
    lost_track_at: datetime | None = None
    recording_paused: bool = False
    about_kind: str | None = None
    about_id: str | None = None
    parent_call_id: str | None = None
    carried: Mapping[str, Value] | None = None
    data: Mapping[str, Value] = field(default_factory=dict)
    legs: dict[str, Leg] = field(default_factory=dict)

    def apply(self, event: Event) -> bool:
        """Add what the event tells; True when something was new."""
        if isinstance(event, QueueAbandoned):
            return self._mark(QueueMark(event.at))
        new = add_fact(self, event.INSTANT, event.at, event.told())
        if isinstance(event, ScenarioEnded) and event.ending.kind is EndingKind.COMPLETED:
            new |= self._complete(event.ending)
        if isinstance(event, QueueJoined):
            new |= self._mark(QueueMark(event.at, event.queue))
        if self.legs:
            self._settle()
        return new

    def apply_leg(self, event: LegEvent) -> bool:
        """Add what the event tells of a leg; True when something was new."""
        leg = self.legs.get(event.leg_id)
        known = leg is not None
        if leg is None:
            leg = self.legs[event.leg_id] = Leg(call_id=self.call_id, leg_id=event.leg_id)
        new = leg.apply(event)
        if new:
            self._settle()
        return new or not known

    def _complete(self, ending: Ending) -> bool:
        """What the robot has completed later, while the caller waited, wins over how he came to wait."""
        if self.ending is EndingKind.COMPLETED:
            return False
        self.ending, self.outcome, self.data = ending.kind, ending.outcome, ending.data
        return True

    def _mark(self, mark: QueueMark) -> bool:
        if mark in self.queue_marks:
            return False
        insort(self.queue_marks, mark)
        last = self.queue_marks[-1]
        self.abandoned_at = None if last.queue else last.at
        return True

    def _settle(self) -> None:
        """Take over what the legs tell of the call: who answered first, the end of an outgoing one."""
        first = min(self.answered_legs(), key=lambda leg: (leg.answered_at, leg.leg_id), default=None)
        if first is not None and first.answered_at is not None:
            known = self.agent_answered_at
            self.agent_answered_at = min(known, first.answered_at) if known else first.answered_at
            self.agent = self._who(first) or self.agent
        if self.kind.by_operator:
            self._settle_outgoing()

    def _settle_outgoing(self) -> None:
        if self.agent_answered_at is not None:
            self.answered_at = self.agent_answered_at
        ends = [leg.ended_at for leg in self.legs.values()]
        if self.lost_track_at is None:
            self.ended_at = max(end for end in ends if end) if all(ends) else None

    @property
    def open_legs(self) -> list[Leg]:
        """The legs that have not ended, as far as it is known."""
        return [leg for leg in self.legs.values() if leg.ended_at is None]

    def answered_legs(self) -> Iterator[Leg]:
        """The legs by which caller and person came together: the client's own where we called him."""
        of_operators = not self.kind.by_operator
        for leg in self.legs.values():
            if leg.answered_at is not None and leg.person is of_operators:
                yield leg

    def _who(self, answered: Leg) -> str | None:
        """Login of the person who talks there, the telephone where nobody is known."""
        if answered.person:
            return answered.agent or answered.device
        known = [leg for leg in self.legs.values() if leg.person and leg.agent]
        return min(known, key=self._rang, default=answered).agent

    def _rang(self, leg: Leg) -> tuple[datetime, str]:
        return leg.rang_at or self.came_at, leg.leg_id

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
        if self._talks:
            return Stage.TALKING
        if self.waits_in:
            return Stage.QUEUED
        if self.kind is CallKind.CAMPAIGN and self.answered_at:
            return Stage.ROBOT
        return Stage.ROBOT if self.kind is CallKind.INBOUND else Stage.DIALLING

    @property
    def _talks(self) -> bool:
        legs = list(self.answered_legs()) if self.legs else []
        if legs:
            return any(leg.talking for leg in legs)
        return self.agent_answered_at is not None and self.agent_ended_at is None

    @property
    def waits_in(self) -> str | None:
        """Asterisk's queue that the caller waits in now; None where he does not."""
        last = self.queue_marks[-1] if self.queue_marks else None
        if last is None or not last.queue:
            return None
        talked = [leg.answered_at for leg in self.answered_legs()] if self.legs else []
        answers = [at for at in (*talked, self.agent_answered_at) if at is not None]
        return None if any(last.at <= at for at in answers) else last.queue

    @property
    def blocked(self) -> bool:
        """Whether the number was on the block list."""
        return self.outcome == BLOCKED_OUTCOME

    @property
    def ended_by(self) -> Party | None:
        """Who ended it, as far as it is known; None while it goes on."""
        if self.stage is not Stage.ENDED:
            return None
        if party := self._talk_ended_by:
            return party
        if self.abandoned_at or self.ending is EndingKind.HUNG_UP:
            return Party.CALLER
        if self.ending in (EndingKind.COMPLETED, EndingKind.ENDED):
            return Party.ROBOT
        return Party.UNKNOWN

    @property
    def disposition(self) -> Disposition:
        """What became of the call."""
        if self.kind is not CallKind.INBOUND:
            return self._disposition_outgoing
        if self.blocked:
            return Disposition.BLOCKED
        if self.ending is EndingKind.COMPLETED:
            return Disposition.SERVED
        if self.agent_answered_at or self.agent:
            return Disposition.ANSWERED
        if self.ended_at:
            return Disposition.LOST
        return Disposition.LOST_TRACK if self.lost_track_at else Disposition.IN_PROGRESS

    @property
    def _disposition_outgoing(self) -> Disposition:
        if self.agent_answered_at or self.agent:
            return Disposition.ANSWERED
        if self.ending is EndingKind.COMPLETED:
            return Disposition.SERVED
        if self.ended_at:
            return Disposition.UNREACHED
        return Disposition.LOST_TRACK if self.lost_track_at else Disposition.IN_PROGRESS

    @property
    def _talk_ended_by(self) -> Party | None:
        """Who ended the last talk, unless the caller went on to a queue after it."""
        talks = [leg for leg in self.answered_legs() if leg.ended_at] if self.legs else []
        if not talks:
            return self.agent_ended_by
        last = max(talks, key=lambda leg: leg.ended_at or self.came_at)
        if self.abandoned_at and last.ended_at and self.abandoned_at >= last.ended_at:
            return Party.CALLER
        return _ENDED_BY.get((last.person, last.end or LegEnd.UNKNOWN))


def opened(facts: CallFacts, number_called: str = "") -> Story:
    """The story of a call that the engine has just taken."""
    story = Story(call_id=facts.call_id, origin=Origin.ENGINE, came_at=facts.started_at)
    story.adopt(facts, number_called)
    return story


def found(call_id: str, at: datetime, facts: CallFacts | None = None) -> Story:
    """The story of a call that the engine has not taken; `facts` are what its channel tells."""
    story = Story(call_id=call_id, origin=Origin.FOUND, came_at=at)
    if facts is not None:
        story.adopt(facts, "")
        story.origin = Origin.FOUND
    return story


def outgoing(facts: CallFacts, kind: CallKind, about: About | None, parent_call_id: str | None) -> Story:
    """The story of a call that we make; `facts.caller_number` is the client's."""
    story = Story(call_id=facts.call_id, origin=Origin.ENGINE, came_at=facts.started_at, kind=kind)
    story.adopt(facts, "")
    story.line = facts.line or None
    story.about_kind, story.about_id = (about.kind, about.id or None) if about else (None, None)
    story.parent_call_id = parent_call_id
    return story


_ENDED_BY = {
    (True, LegEnd.CALLER): Party.CALLER,
    (True, LegEnd.AGENT): Party.AGENT,
    (False, LegEnd.CALLER): Party.AGENT,  # of the client's telephone: the other party is the operator
    (False, LegEnd.AGENT): Party.CALLER,
}
