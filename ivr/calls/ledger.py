"""The ledger: one call, one story, whatever legs it had and whoever tells of it.

The engine tells of scenarios, Asterisk's events (as plain values) of queues and channels. Nothing here waits
for the database but what says so.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

import structlog

from ivr.calls import rows
from ivr.calls.records import CallRecord
from ivr.calls.rows import NOTHING, Noted
from ivr.calls.settings import LedgerSettings
from ivr.calls.story import (
    AgentCompleted,
    AgentConnected,
    Answered,
    Event,
    HungUp,
    LostTrack,
    Origin,
    Party,
    QueueAbandoned,
    QueueJoined,
    ScenarioEnded,
    Stage,
    Story,
    found,
    opened,
)
from ivr.calls.turns import Clips, TurnKeeper
from ivr.calls.writer import LedgerWriter, WriterObserver
from ivr.dialogue.ports import CallFacts, Clock, Ending, HeardTurn, Step
from ivr.store import Database, StoreUnavailable

log = structlog.get_logger(__name__)


class LedgerObserver(WriterObserver, Protocol):
    """Is told of calls as they go on; the labels are names, never ids."""

    def call_opened(self, line: str) -> None:
        """A call has begun."""

    def call_closed(self, line: str, disposition: str, outcome: str) -> None:
        """A call has ended; `outcome` is the scenario's, or `none`."""

    def step_noted(self, flow: str, state: str, outcome: str) -> None:
        """A state was visited."""

    def turn_heard(self, turn: HeardTurn) -> None:
        """A turn of the caller was heard."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a comparison with Asterisk's channels found, in numbers of calls.

    Attributes:
        resumed: Were known and go on.
        found: Go on and were not known.
        lost: Were thought to go on and are gone.
    """

    resumed: int
    found: int
    lost: int


class CallStory:
    """The story of a call that goes on, to be told to; a `Journal`. No method waits but `durable`."""

    __slots__ = ("_ledger", "_steps", "_turns", "counted", "story")

    def __init__(self, ledger: Ledger, story: Story, noted: Noted = NOTHING) -> None:
        self._ledger = ledger
        self._steps = noted.steps
        self._turns = noted.turns
        self.story = story
        self.counted = False

    def answered(self) -> None:
        """The channel has been answered."""
        self._ledger.tell(self, Answered(self._ledger.now()))

    def step(self, step: Step) -> None:
        """A state has been visited."""
        self._steps += 1
        self._ledger.step(self.story.call_id, self._steps, step)

    def turn(self, turn: HeardTurn) -> None:
        """The caller has been heard, or was not."""
        self._turns += 1
        self._ledger.turn(self.story, self._turns, turn)

    def ending(self, ending: Ending) -> None:
        """The scenario has ended."""
        self._ledger.tell(self, ScenarioEnded(self._ledger.now(), ending))

    def closed(self, cause: int | None = None) -> None:
        """The channel is gone; `cause` is Asterisk's (Q.850)."""
        self._ledger.tell(self, HungUp(self._ledger.now(), cause))

    async def durable(self) -> None:
        """Wait until everything told so far is in the database.

        Raises:
            StoreUnavailable: Rows had to be given up.
        """
        await self._ledger.durable()


class Ledger:
    """All calls: those that go on in memory, all of them in the database."""

    def __init__(
        self,
        database: Database,
        settings: LedgerSettings,
        clock: Clock,
        observer: LedgerObserver,
        clips: Clips | None = None,
    ) -> None:
        """Args: `clips` has the sound of what was said; without it none is kept."""
        self._database = database
        self._settings = settings
        self._clock = clock
        self._observer = observer
        self._writer = LedgerWriter(database, settings, clock, observer)
        self._keeper = TurnKeeper(settings.review, clips)
        self._calls: dict[str, CallStory] = {}
        self._ended: deque[tuple[float, str]] = deque()
        self._strays: dict[str, list[Event]] = {}
        self._noticed: dict[str, CallFacts] = {}
        self._settling: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to write."""
        self._writer.start()

    async def close(self) -> None:
        """Write what waits, then end."""
        if self._settling is not None:
            self._settling.cancel()
            await asyncio.gather(self._settling, return_exceptions=True)
        await self._keeper.close()
        await self._writer.close()

    def now(self) -> datetime:
        """The moment."""
        return self._clock.now()

    async def durable(self) -> None:
        """Wait until everything told so far is in the database.

        Raises:
            StoreUnavailable: Rows had to be given up.
        """
        await self._writer.durable()

    def open(self, facts: CallFacts, number_called: str = "") -> CallStory:
        """Begin the story of a call that the engine takes."""
        self._let_go()
        call = self._calls.get(facts.call_id)
        if call is None:
            call = self._admit(opened(facts, number_called))
        else:
            call.story.adopt(facts, number_called)
        self._noticed.pop(facts.call_id, None)
        for event in self._strays.pop(facts.call_id, ()):
            call.story.apply(event)
        self._writer.story_changed(call.story)
        return call

    def find(self, call_id: str) -> CallStory | None:
        """The story of a call that goes on or has ended a short while ago."""
        return self._calls.get(call_id)

    # --- what Asterisk's events tell, each of the caller's own channel ---

    def queue_joined(self, call_id: str, queue: str, at: datetime | None = None) -> None:
        """The caller entered a queue."""
        self.note(call_id, QueueJoined(at or self.now(), queue))

    def queue_abandoned(self, call_id: str, at: datetime | None = None) -> None:
        """The caller left the queue before anybody answered."""
        self.note(call_id, QueueAbandoned(at or self.now()))

    def agent_connected(self, call_id: str, agent: str, at: datetime | None = None) -> None:
        """A person took the call."""
        self.note(call_id, AgentConnected(at or self.now(), agent))

    def agent_completed(self, call_id: str, by: Party, at: datetime | None = None) -> None:
        """The talk with the person ended."""
        self.note(call_id, AgentCompleted(at or self.now(), by))

    def hung_up(self, call_id: str, cause: int | None = None, at: datetime | None = None) -> None:
        """The caller's channel is gone."""
        self.note(call_id, HungUp(at or self.now(), cause))

    def note(self, call_id: str, event: Event) -> None:
        """An event of a call; one that is not in memory is looked up first."""
        call = self._calls.get(call_id)
        if call is not None:
            self.tell(call, event)
            return
        if len(self._strays) < self._settings.backlog_rows:
            self._strays.setdefault(call_id, []).append(event)
        self._begin_settling()

    def notice(self, facts: CallFacts) -> None:
        """A call is there that no scenario serves, because the engine refused or lost it."""
        if facts.call_id in self._calls or len(self._strays) >= self._settings.backlog_rows:
            return
        self._noticed[facts.call_id] = facts
        self._strays.setdefault(facts.call_id, [])
        self._begin_settling()

    def _begin_settling(self) -> None:
        if self._settling is None or self._settling.done():
            self._settling = asyncio.create_task(self._settle_strays(), name="ledger-strays")

    def tell(self, call: CallStory, event: Event) -> None:
        """Add an event to a story; nothing is written when it tells nothing new."""
        if call.story.apply(event):
            self._writer.story_changed(call.story)
            self._count_end(call)

    def step(self, call_id: str, seq: int, step: Step) -> None:
        """Write a step down; `seq` counts the steps of the call from 1."""
        self._writer.step_ended(call_id, seq, step)
        self._observer.step_noted(step.flow, step.state, step.outcome)

    def turn(self, story: Story, seq: int, turn: HeardTurn) -> None:
        """Write a turn down with what may be kept of it; `seq` counts the turns of the call from 1."""
        kept = self._keeper.keep(turn, story.profile)
        self._writer.turn_heard(story.call_id, seq, self.now(), kept)
        self._observer.turn_heard(turn)

    # --- after a time in which nobody watched ---

    async def reconcile(self, live: Mapping[str, CallFacts | None], seen_at: datetime) -> Reconciled:
        """Compare with the calls that Asterisk has.

        Args:
            live: Calls by id, with what their channels tell of them, or None.
            seen_at: When Asterisk was asked; calls that began later are left alone.

        Raises:
            StoreUnavailable: The database can't be read now.
        """
        known = await self._database.read(rows.read_going_on)
        known |= await self._database.read(partial(rows.read_stories, call_ids=live))
        known |= {id_: call.story for id_, call in self._calls.items()}
        last = await self._database.read(partial(rows.noted, call_ids=known))
        strangers = [id_ for id_ in live if id_ not in known]
        gone = [story for id_, story in known.items() if id_ not in live and story.came_at < seen_at]
        for id_ in live.keys() & known.keys():
            self._take_up(known[id_], last.get(id_, NOTHING))
        for id_ in strangers:
            self._writer.story_changed(self._admit(_stranger(id_, live[id_], seen_at)).story)
        lost = sum(self._lose(story) for story in gone)
        result = Reconciled(len(live) - len(strangers), len(strangers), lost)
        log.info("ledger.reconciled", resumed=result.resumed, found=result.found, lost=result.lost)
        return result

    async def import_records(self, records: Sequence[CallRecord]) -> int:
        """Add calls from Asterisk's own records; those whose end is known are left alone.

        Returns:
            Number of stories that were added or completed.

        Raises:
            StoreUnavailable: The database can't be read now.
        """
        changed = 0
        size = self._settings.flush_rows
        for start in range(0, len(records), size):
            chunk = records[start : start + size]
            ids = [record.call_id for record in chunk]
            known = await self._database.read(partial(rows.read_stories, call_ids=ids))
            changed += sum(self._import(record, known) for record in chunk)
            await self.durable()
        return changed

    def _import(self, record: CallRecord, known: dict[str, Story]) -> bool:
        call = self._calls.get(record.call_id)
        story = call.story if call else known.get(record.call_id)
        if story is None:
            story = known[record.call_id] = record.story()
        elif story.ended_at is not None:
            return False
        record.complete(story)
        self._writer.story_changed(story)
        if call is not None:
            self._count_end(call)
        return True

    def _take_up(self, story: Story, noted: Noted) -> None:
        """Go on with a call that is there, even if it had been thought lost."""
        if story.ended_at is None and story.lost_track_at is not None:
            story.lost_track_at = None
            self._writer.story_changed(story)
        if story.call_id not in self._calls:
            self._admit(story, noted)

    def _lose(self, story: Story) -> bool:
        """Close a story whose channel is gone; True when it was open."""
        if story.stage is Stage.ENDED:
            return False
        call = self._calls.get(story.call_id) or self._admit(story)
        self.tell(call, LostTrack(self.now()))
        return True

    def _admit(self, story: Story, noted: Noted = NOTHING) -> CallStory:
        call = self._calls[story.call_id] = CallStory(self, story, noted)
        self._observer.call_opened(story.line or "")
        return call

    async def _settle_strays(self) -> None:
        """Find the stories of calls that are not in memory, and add what was told of them."""
        while self._strays:
            try:
                ids = list(self._strays)[: self._settings.flush_rows]
                known = await self._database.read(partial(rows.read_stories, call_ids=ids))
                last = await self._database.read(partial(rows.noted, call_ids=ids))
            except StoreUnavailable:
                await self._clock.sleep(self._settings.retry_seconds)
                continue
            for id_ in ids:
                self._settle_stray(id_, known.get(id_), last[id_])

    def _settle_stray(self, call_id: str, story: Story | None, noted: Noted) -> None:
        events = self._strays.pop(call_id, [])
        facts = self._noticed.pop(call_id, None)
        if story is not None and story.stage is Stage.ENDED and call_id not in self._calls:
            if sum(story.apply(event) for event in events):
                self._writer.story_changed(story)
            return
        call = self._calls.get(call_id)
        if call is None:
            at = events[0].at if events else self.now()
            call = self._admit(story or _stranger(call_id, facts, at), noted)
            self._writer.story_changed(call.story)
        for event in events:
            self.tell(call, event)

    def _count_end(self, call: CallStory) -> None:
        """Count a call once, when it has ended and its scenario has told how."""
        story = call.story
        if call.counted or story.stage is not Stage.ENDED:
            return
        self._ended.append((self._clock.monotonic(), story.call_id))
        if story.ending is not None or story.origin is not Origin.ENGINE or story.lost_track_at:
            self._count(call)

    def _count(self, call: CallStory) -> None:
        call.counted = True
        story = call.story
        self._observer.call_closed(story.line or "", story.disposition, story.outcome or "none")

    def _let_go(self) -> None:
        """Drop calls that ended long enough ago."""
        limit = self._clock.monotonic() - self._settings.linger_seconds
        while self._ended and self._ended[0][0] <= limit:
            call = self._calls.pop(self._ended.popleft()[1], None)
            if call is not None and not call.counted:
                self._count(call)


def _stranger(call_id: str, facts: CallFacts | None, at: datetime) -> Story:
    """The story of a call that the engine did not take, with what its channel tells."""
    story = found(call_id, at)
    if facts is not None:
        story.adopt(facts, "")
        story.origin = Origin.FOUND
    return story
