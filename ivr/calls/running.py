"""The calls in memory: those that go on, and those that have ended a short while ago."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Protocol

from ivr.calls.events import Answered, Event, HandedOver, HungUp, ScenarioEnded
from ivr.calls.legs import Leg, LegEvent
from ivr.calls.rows import NOTHING, Noted
from ivr.calls.story import CallKind, Origin, Stage, Story
from ivr.dialogue.ports import Clock, Ending, HeardTurn, QueueRequest, Step

Told = Event | LegEvent
"""Something that happened to a call, or on one of its legs."""


_NEVER = datetime.max.replace(tzinfo=UTC)


class RunningObserver(Protocol):
    """Is told of incoming calls as they begin and end."""

    def call_opened(self, line: str) -> None:
        """A call has begun."""

    def call_closed(self, line: str, disposition: str, outcome: str) -> None:
        """A call has ended; `outcome` is the scenario's, or `none`."""


class Scribe(Protocol):
    """Writes down what a call tells."""

    def now(self) -> datetime:
        """The moment."""

    def tell(self, call: CallStory, told: Told) -> None:
        """Add an event to a story."""

    def step(self, call_id: str, seq: int, step: Step) -> None:
        """Write a step down."""

    def turn(self, story: Story, seq: int, turn: HeardTurn) -> None:
        """Write a turn down."""

    async def durable(self) -> None:
        """Wait until everything told so far is in the database."""


class CallStory:
    """The story of a call that goes on, to be told to; a `Journal`. No method waits but `durable`."""

    __slots__ = ("_scribe", "_steps", "_turns", "counted", "story")

    def __init__(self, scribe: Scribe, story: Story, noted: Noted = NOTHING) -> None:
        self._scribe = scribe
        self._steps = noted.steps
        self._turns = noted.turns
        self.story = story
        self.counted = False

    def answered(self) -> None:
        """The channel has been answered."""
        self._scribe.tell(self, Answered(self._scribe.now()))

    def step(self, step: Step) -> None:
        """A state has been visited."""
        self._steps += 1
        self._scribe.step(self.story.call_id, self._steps, step)

    def turn(self, turn: HeardTurn) -> None:
        """The caller has been heard, or was not."""
        self._turns += 1
        self._scribe.turn(self.story, self._turns, turn)

    def handed_over(self, request: QueueRequest) -> None:
        """The robot hands the caller to people, with what it has learned."""
        self._scribe.tell(self, HandedOver(self._scribe.now(), request.topic, request.carry))

    def ending(self, ending: Ending) -> None:
        """The scenario has ended."""
        self._scribe.tell(self, ScenarioEnded(self._scribe.now(), ending))

    def closed(self, cause: int | None = None) -> None:
        """The channel is gone; `cause` is Asterisk's (Q.850)."""
        self._scribe.tell(self, HungUp(self._scribe.now(), cause))

    async def durable(self) -> None:
        """Wait until everything told so far is in the database.

        Raises:
            StoreUnavailable: Rows had to be given up.
        """
        await self._scribe.durable()


class RunningCalls:
    """Finds calls by their ids, counts each incoming one once, and lets go of those long ended."""

    def __init__(self, linger_seconds: float, clock: Clock, observer: RunningObserver) -> None:
        """Args: `linger_seconds` is how long an ended call stays, for late events."""
        self._linger_seconds = linger_seconds
        self._clock = clock
        self._observer = observer
        self._calls: dict[str, CallStory] = {}
        self._ended: deque[tuple[float, str]] = deque()

    def find(self, call_id: str) -> CallStory | None:
        """The call, if it is in memory."""
        return self._calls.get(call_id)

    @property
    def stories(self) -> Mapping[str, Story]:
        """All stories in memory by call id."""
        return {id_: call.story for id_, call in self._calls.items()}

    def open_legs(self, agent: str) -> list[Leg]:
        """The telephones of a person that ring or talk now, the first to ring first."""
        legs = [leg for call in self._calls.values() for leg in call.story.legs.values()]
        mine = [leg for leg in legs if leg.agent == agent and leg.ended_at is None]
        return sorted(mine, key=lambda leg: (leg.rang_at or leg.answered_at or _NEVER, leg.leg_id))

    def admit(self, call: CallStory) -> CallStory:
        """Keep a call."""
        story = call.story
        self._calls[story.call_id] = call
        if story.kind is CallKind.INBOUND:
            self._observer.call_opened(story.line or "")
        return call

    def note_end(self, call: CallStory) -> None:
        """Count a call once, when it has ended and its scenario has told how."""
        story = call.story
        if call.counted or story.stage is not Stage.ENDED:
            return
        self._ended.append((self._clock.monotonic(), story.call_id))
        if story.ending is not None or story.origin is not Origin.ENGINE or story.lost_track_at:
            self._count(call)

    def let_go(self) -> None:
        """Drop calls that ended long enough ago."""
        limit = self._clock.monotonic() - self._linger_seconds
        while self._ended and self._ended[0][0] <= limit:
            call = self._calls.pop(self._ended.popleft()[1], None)
            if call is not None and not call.counted:
                self._count(call)

    def _count(self, call: CallStory) -> None:
        call.counted = True
        story = call.story
        if story.kind is CallKind.INBOUND:
            self._observer.call_closed(story.line or "", story.disposition, story.outcome or "none")
