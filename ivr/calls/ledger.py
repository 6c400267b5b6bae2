"""The ledger: one call, one story, whatever legs it had and whoever tells of it.

The engine tells of scenarios, Asterisk's events (as plain values) of queues, channels and legs, the pages of
what people do. Nothing here waits for the database but what says so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol

import structlog

from ivr.calls import rows
from ivr.calls.deeds import Deed, DeedKind
from ivr.calls.events import (
    AgentCompleted,
    AgentConnected,
    Event,
    HungUp,
    LostTrack,
    QueueAbandoned,
    QueueJoined,
)
from ivr.calls.legs import Leg, LegEnd, LegEnded, LegEvent
from ivr.calls.listeners import LedgerListener, Listeners
from ivr.calls.records import CallRecord
from ivr.calls.rows import NOTHING, Noted
from ivr.calls.running import CallStory as CallStory
from ivr.calls.running import RunningCalls, RunningObserver, Told
from ivr.calls.settings import LedgerSettings
from ivr.calls.story import About, CallKind, Party, Stage, Story, found, opened, outgoing
from ivr.calls.strays import Stray, Strays
from ivr.calls.turns import Clips, TurnKeeper
from ivr.calls.writer import LedgerWriter, WriterObserver
from ivr.dialogue.ports import CallFacts, Clock, HeardTurn, Step
from ivr.store import Database

log = structlog.get_logger(__name__)

_RECORDING: Mapping[str, bool] = {DeedKind.RECORDING_PAUSED: True, DeedKind.RECORDING_RESUMED: False}


class LedgerObserver(WriterObserver, RunningObserver, Protocol):
    """Is told of calls as they go on; the labels are names, never ids."""

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
        self._running = RunningCalls(settings.linger_seconds, clock, observer)
        self._strays = Strays(database, settings, clock, self._settle_stray, self._writer.durable)
        self._listeners = Listeners()

    def start(self) -> None:
        """Begin to write."""
        self._writer.start()

    async def close(self) -> None:
        """Write what waits, then end."""
        await self._strays.close()
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

    def subscribe(self, listener: LedgerListener) -> None:
        """Tell it from now on of every change."""
        self._listeners.add(listener)

    def open(self, facts: CallFacts, number_called: str = "") -> CallStory:
        """Begin the story of a call that the engine takes."""
        self._running.let_go()
        call = self._running.find(facts.call_id)
        if call is None:
            call = self._admit(opened(facts, number_called))
        else:
            call.story.adopt(facts, number_called)
        return self._begun(call)

    def open_outgoing(
        self, facts: CallFacts, kind: CallKind, about: About | None = None, parent_call_id: str | None = None
    ) -> CallStory:
        """Begin the story of a call that we make, before anything is dialled.

        Args:
            facts: `caller_number` is the client's, in E.164.
            kind: `OUTBOUND` or `CALLBACK`.
            about: What it is about.
            parent_call_id: The call that it follows from.
        """
        self._running.let_go()
        call = self._running.find(facts.call_id)
        return self._begun(call or self._admit(outgoing(facts, kind, about, parent_call_id)))

    async def resume(self, facts: CallFacts) -> CallStory:
        """The story of a call that goes on, for another flow of it; it is looked up if not in memory.

        Raises:
            StoreUnavailable: The database can't be read now.
        """
        if self._running.find(facts.call_id) is None:
            ids = [facts.call_id]
            known = await self._database.read(partial(rows.read_stories, call_ids=ids))
            last = await self._database.read(partial(rows.noted, call_ids=ids))
            self._settle_stray(
                facts.call_id, Stray(facts=facts), known.get(facts.call_id), last[facts.call_id]
            )
        return self._running.find(facts.call_id) or self.open(facts)

    def find(self, call_id: str) -> CallStory | None:
        """The story of a call that goes on or has ended a short while ago."""
        return self._running.find(call_id)

    def legs(self, call_id: str) -> tuple[Leg, ...]:
        """The legs of a call in memory, in the order in which they were told of."""
        call = self._running.find(call_id)
        return () if call is None else tuple(call.story.legs.values())

    def open_legs(self, agent: str) -> list[Leg]:
        """The telephones of a person that ring or talk now, the first to ring first."""
        return self._running.open_legs(agent)

    def note_deed(
        self,
        call_id: str,
        kind: str,
        agent: str | None,
        at: datetime | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        """Somebody did something in a call, which is in the database or in memory; see `Deed`."""
        deed = Deed(call_id=call_id, kind=kind, agent=agent, at=at or self.now(), data=data or {})
        self._writer.deed_done(deed)
        call = self._running.find(call_id)
        if call is not None:
            call.story.recording_paused = _RECORDING.get(kind, call.story.recording_paused)
            self._changed(call)

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

    def leg(self, event: LegEvent) -> None:
        """Something happened on a leg."""
        self.note(event.call_id, event)

    def note(self, call_id: str, told: Told) -> None:
        """An event of a call; one that is not in memory is looked up first."""
        call = self._running.find(call_id)
        if call is not None:
            self.tell(call, told)
        else:
            self._strays.add(call_id, told)

    def notice(self, facts: CallFacts) -> None:
        """A call is there that no scenario serves, because the engine refused or lost it."""
        if self._running.find(facts.call_id) is None:
            self._strays.notice(facts)

    def tell(self, call: CallStory, told: Told) -> None:
        """Add an event to a story; nothing is written when it tells nothing new."""
        if isinstance(told, Event):
            if call.story.apply(told):
                self._changed(call)
        elif call.story.apply_leg(told):
            self._changed(call, call.story.legs[told.leg_id])

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

    async def reconcile(
        self,
        live: Mapping[str, CallFacts | None],
        seen_at: datetime,
        channels: Collection[str] | None = None,
    ) -> Reconciled:
        """Compare with the calls that Asterisk has.

        Args:
            live: Calls by id, with what their channels tell of them, or None.
            seen_at: When Asterisk was asked; calls and legs that began later are left alone.
            channels: Unique ids of all its channels: legs that are not among them have ended. None where
                they are not known; then only the legs of calls that are gone have.

        Raises:
            StoreUnavailable: The database can't be read now.
        """
        known = await self._database.read(rows.read_going_on)
        known |= await self._database.read(partial(rows.read_stories, call_ids=live))
        known |= self._running.stories
        last = await self._database.read(partial(rows.noted, call_ids=known))
        strangers = [id_ for id_ in live if id_ not in known]
        gone = [story for id_, story in known.items() if id_ not in live and story.came_at < seen_at]
        for id_ in live.keys() & known.keys():
            self._take_up(known[id_], last.get(id_, NOTHING), channels, seen_at)
        for id_ in strangers:
            self._writer.story_changed(self._admit(found(id_, seen_at, live[id_])).story)
        lost = sum(self._lose(story, seen_at) for story in gone)
        result = Reconciled(len(live) - len(strangers), len(strangers), lost)
        log.info("ledger.reconciled", resumed=result.resumed, found=result.found, lost=result.lost)
        return result

    async def import_records(self, records: Sequence[CallRecord], channels: Collection[str] = ()) -> int:
        """Add calls from Asterisk's own records; those whose end is known are left alone.

        Args:
            records: Each of a call whose caller, or client, is gone.
            channels: Unique ids of all channels that Asterisk has; other legs ended with their calls.

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
            changed += sum(self._import(record, known, channels) for record in chunk)
            await self.durable()
        return changed

    def _import(self, record: CallRecord, known: dict[str, Story], channels: Collection[str]) -> bool:
        call = self._running.find(record.call_id)
        story = call.story if call else known.get(record.call_id)
        if story is None:
            story = known[record.call_id] = record.story()
        elif story.ended_at is not None:
            return False
        record.complete(story)
        self._writer.story_changed(story)
        left = [leg for leg in story.open_legs if leg.leg_id not in channels]
        call = self._admit(story) if left and call is None else call
        if call is not None:
            for leg in left:
                known_at = leg.answered_at or leg.rang_at or story.came_at
                self._end_unseen(call, leg, max(record.ended_at, known_at))
            self._running.note_end(call)
        return True

    def _take_up(
        self, story: Story, noted: Noted, channels: Collection[str] | None, seen_at: datetime
    ) -> None:
        """Go on with a call that is there, even if it had been thought lost."""
        call = self._running.find(story.call_id) or self._admit(story, noted)
        if story.ended_at is None and story.lost_track_at is not None:
            story.lost_track_at = None
            self._changed(call)
        for leg in story.open_legs:
            if channels is not None and leg.leg_id not in channels:
                self._end_unseen(call, leg, seen_at)
            else:
                self._listeners.tell(story, leg)

    def _lose(self, story: Story, seen_at: datetime) -> bool:
        """Close a story whose channel is gone; True when it was open."""
        open_legs = story.open_legs
        was_open = story.stage is not Stage.ENDED
        if not was_open and not open_legs:
            return False
        call = self._running.find(story.call_id) or self._admit(story)
        if was_open:
            self.tell(call, LostTrack(self.now()))
        for leg in open_legs:
            self._end_unseen(call, leg, seen_at)
        return was_open

    def _end_unseen(self, call: CallStory, leg: Leg, seen_at: datetime) -> None:
        if (leg.rang_at or leg.answered_at or call.story.came_at) <= seen_at:
            gone = LegEnded(at=seen_at, call_id=leg.call_id, leg_id=leg.leg_id, end=LegEnd.UNKNOWN)
            self.tell(call, gone)

    def _begun(self, call: CallStory) -> CallStory:
        """Add what was told before the beginning; write the story down."""
        for told in self._strays.take(call.story.call_id):
            self.tell(call, told)
        self._changed(call)
        return call

    def _admit(self, story: Story, noted: Noted = NOTHING) -> CallStory:
        return self._running.admit(CallStory(self, story, noted))

    def _settle_stray(self, call_id: str, stray: Stray, story: Story | None, noted: Noted) -> None:
        call = self._running.find(call_id)
        if call is None and story is not None and story.stage is Stage.ENDED:
            self._tell_ended(story, stray.told)
            return
        if call is None:
            at = stray.told[0].at if stray.told else self.now()
            call = self._admit(story or found(call_id, at, stray.facts), noted)
            self._changed(call)
        for told in stray.told:
            self.tell(call, told)

    def _tell_ended(self, story: Story, told: Sequence[Told]) -> None:
        """What comes late, of a call that is not taken into memory for it."""
        for one in told:
            if isinstance(one, Event):
                if story.apply(one):
                    self._writer.story_changed(story)
            elif story.apply_leg(one):
                self._writer.story_changed(story)
                self._writer.leg_changed(story.legs[one.leg_id])

    def _changed(self, call: CallStory, leg: Leg | None = None) -> None:
        """Write down, count and tell what is new."""
        self._writer.story_changed(call.story)
        if leg is not None:
            self._writer.leg_changed(leg)
        self._running.note_end(call)
        self._listeners.tell(call.story, leg)
