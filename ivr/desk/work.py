"""What must not be forgotten, built and started together: call-backs, lost callers, tasks, the survey."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from ivr.calls import queries
from ivr.calls.blocklist import BlockList
from ivr.calls.ledger import Ledger
from ivr.calls.legs import Leg
from ivr.calls.story import Story
from ivr.calls.surveys import Surveys
from ivr.desk import lost_rows
from ivr.desk.acquaintances import KnownCallers
from ivr.desk.after_talk import AfterTalks
from ivr.desk.attempts import Attempts, Dialler, Reserving
from ivr.desk.bulletins import Bulletins
from ivr.desk.callbacks import CallbackDesk, Floor
from ivr.desk.lost import LostCallers
from ivr.desk.settings_work import WorkSettings
from ivr.desk.shifts import Shifts
from ivr.desk.task_calls import TaskCalls
from ivr.desk.tasks import Tasks, Terms
from ivr.dialogue.ports import Clock
from ivr.requests.callback_model import Place
from ivr.requests.callbacks import Callbacks, Places
from ivr.store import Database


class WorkFloor(Floor, Reserving, Protocol):
    """What the work asks of the operators' floor; `ivr.desk.floor.Floor` is one."""


class Work:
    """A `LedgerListener`; the parts are public.

    Attributes:
        attempts: Ordered calls that are watched.
        callbacks: Promises to call.
        lost: Lost callers.
        tasks: Answers that are owed.
        task_calls: Calls about them.
        acquaintances: Implements `Acquaintances` of the waiting.
        bulletins: Of the supervisor.
        shifts: The plan.
        surveys: After a talk.
        blocklist: Numbers that are kept away.
        after_talk: Implements `AfterTalk`.
    """

    def __init__(
        self,
        database: Database,
        settings: WorkSettings,
        clock: Clock,
        *,
        ledger: Ledger,
        promises: Callbacks,
        floor: WorkFloor,
        dialler: Dialler,
        terms: Terms,
        default_profile: str,
        linked: Callable[[], bool],
        queue_for: Callable[[str, str | None], str],
        places: Places | None = None,
    ) -> None:
        """Build the parts.

        Args:
            database: Open and current.
            settings: Of all parts.
            clock: Its zone is the company's.
            ledger: Tells of calls and legs.
            promises: Where promises to call are given.
            floor: The operators.
            dialler: Makes the calls.
            terms: When deferred answers are due.
            default_profile: Standard of calls whose line is not known.
            linked: Whether the exchange is being watched now.
            queue_for: A queue and the topic of a call → Asterisk's queue for it.
            places: The places that the waiting keeps; what it does not know the ledger may.
        """
        self._database = database
        self._ledger = ledger
        self._promises = promises
        self._places = places
        self._queue_for = partial(queue_for, settings.callbacks.queue)
        self.blocklist = BlockList(database, settings.blocklist, clock)
        self.surveys = Surveys(database, settings.survey, clock)
        self.bulletins = Bulletins(database, clock)
        self.shifts = Shifts(database, clock)
        self.tasks = Tasks(database, settings.tasks, clock, terms)
        self.attempts = Attempts(
            database,
            settings.attempts,
            clock,
            dialler=dialler,
            floor=floor,
            legs_of=self._legs_of,
            linked=linked,
        )
        self.task_calls = TaskCalls(self.attempts, self.tasks, clock, default_profile)
        self.acquaintances = KnownCallers(database, promises, self.tasks)
        self.lost = LostCallers(database, settings.lost, clock, self.attempts, default_profile)
        self.callbacks = CallbackDesk(
            database,
            settings.callbacks,
            clock,
            promises=promises,
            attempts=self.attempts,
            floor=floor,
            default_profile=default_profile,
            queue_for=self._queue_for,
            broken=(lost_rows.break_promise, self.tasks.break_promise),
        )
        self.after_talk = AfterTalks(
            settings.after_talk,
            settings.survey,
            clock,
            surveys=self.surveys,
            legs=ledger.legs,
            queue_of=self._queue_of,
        )

    async def start(self) -> None:
        """Begin; what was under way when the engine ended is taken up.

        Raises:
            StoreUnavailable: The database cannot be read.
        """
        self._promises.keep_places(self._place_of)
        self._ledger.subscribe(self)
        await self.blocklist.start()
        await self.lost.start()
        await self.callbacks.start()
        await self.attempts.start()
        await self.tasks.start()

    async def close(self) -> None:
        """Begin nothing new, and end what runs."""
        for part in (self.callbacks, self.attempts, self.lost, self.tasks, self.blocklist):
            await part.close()

    def story_changed(self, story: Story) -> None:
        """The ledger tells of a call."""
        self.callbacks.story_changed(story)
        self.lost.story_changed(story)

    def leg_changed(self, leg: Leg) -> None:
        """The ledger tells of a leg."""
        self.attempts.leg_changed(leg)
        self.after_talk.leg_changed(leg)

    async def _legs_of(self, call_id: str) -> Sequence[Leg]:
        in_memory = self._ledger.legs(call_id)
        return in_memory or await self._database.read(partial(queries.legs, call_id=call_id))

    def _place_of(self, call_id: str) -> Place | None:
        """The place of a caller who waits for a person and has talked with none."""
        kept = self._places(call_id) if self._places else None
        if kept is not None:
            return kept
        call = self._ledger.find(call_id)
        if call is None or call.story.queued_at is None or call.story.agent_answered_at:
            return None
        return Place(self._queue_of(call_id), call.story.queued_at)

    def _queue_of(self, call_id: str) -> str:
        """Asterisk's queue that the caller belongs to."""
        call = self._ledger.find(call_id)
        if call is None:
            return self._queue_for(None)
        return call.story.waits_in or call.story.queue or self._queue_for(call.story.topic)
