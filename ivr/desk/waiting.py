"""The caller's wait: his place, what he is told, how long the next slice of it is. Implements `QueueKeeper`.

Asterisk's queue holds him for a slice at a time; between two of them the robot may speak to him, and he comes
back to the place that he has by the beginning of his wait.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog

from ivr.calls.legs import LegEnd
from ivr.calls.story import Story
from ivr.desk.announcing import YIELDING, Announcement, Told, View, announce
from ivr.desk.callers import Place
from ivr.desk.estimate import told_minutes
from ivr.desk.floor import Floor
from ivr.desk.ports_calls import Leave, Slice, Visit
from ivr.desk.routing import Claims, priority_of
from ivr.desk.settings import DeskSettings
from ivr.desk.told_book import ToldBook
from ivr.dialogue.ports import CallFacts, Clock
from ivr.requests.callback_model import Place as KeptPlace

log = structlog.get_logger(__name__)

LEAVING: Final = frozenset({"callback-promised", "closed", "full"})
"""Outcomes of the flow `waiting` after which the caller waits no longer."""


class Acquaintances(Protocol):
    """What is known of a caller that speaks for serving him before others."""

    async def claims(self, facts: CallFacts) -> Claims:
        """Whether he was lost lately, has an open task, was promised a call, needs it easier."""


class Strangers:
    """Nothing is known of anybody."""

    async def claims(self, facts: CallFacts) -> Claims:
        """Nothing."""
        return Claims()


def _stay() -> None:
    """He hears it to its end."""


@dataclass(slots=True)
class _Guest:
    """A caller who waits.

    Attributes:
        told: What he knows; None while it has not been looked up.
        noted: The same, as it was noted last.
        claims: What speaks for him; None while it has not been looked up.
        call_away: Ends what he is being told.
        yields: Whether that need not be heard to its end.
    """

    facts: CallFacts
    visit: Visit
    told: Told | None = None
    noted: Told = field(default_factory=Told)
    claims: Claims | None = None
    call_away: Callable[[], None] = _stay
    yields: bool = False


class Waiting:
    """Keeps the callers who wait."""

    def __init__(
        self,
        *,
        floor: Floor,
        settings: DeskSettings,
        clock: Clock,
        story: Callable[[str], Story | None],
        max_wait: Callable[[str], int | None],
        at_work: Callable[[datetime], bool],
        acquaintances: Acquaintances,
        told: ToldBook,
        elsewhere: Collection[str] = (),
    ) -> None:
        """Build it.

        Args:
            floor: Operators and queues.
            settings: Of the desk.
            clock: In the company's time zone.
            story: Call id → what the ledger knows, or None.
            max_wait: Profile → longest wait that its standard allows, seconds, or None.
            at_work: Whether a moment is within the operators' hours.
            acquaintances: Tells whom we know.
            told: Where it is noted what they have been told.
            elsewhere: Queues that telephones serve at which nobody signs in.
        """
        self._floor = floor
        self._settings = settings
        self._clock = clock
        self._story = story
        self._max_wait = max_wait
        self._at_work = at_work
        self._acquaintances = acquaintances
        self._told = told
        self._elsewhere = frozenset(elsewhere)
        self._guests: dict[str, _Guest] = {}
        floor.subscribe(lambda agent: self._look())
        floor.subscribe_queues(lambda queues: self._look())

    def arrived(self, facts: CallFacts, visit: Visit, call_away: Callable[[], None]) -> None:
        """The flow `waiting` begins with this caller."""
        self._forget_gone()
        guest = self._guests.get(visit.call_id) or _Guest(facts, visit)
        guest.visit, guest.call_away, guest.yields = visit, call_away, False
        self._guests[visit.call_id] = guest
        self._take_place(guest)

    async def announcement(self, facts: CallFacts) -> Announcement:
        """What to say to the caller now; asked once a visit, by the flow."""
        guest = self._guests.get(facts.call_id)
        if guest is None:
            guest = _Guest(facts, Visit(call_id=facts.call_id, queue=self._queue(facts), first=True))
            self._guests[facts.call_id] = guest
        if guest.claims is None:
            guest.claims = await self._claims(guest)
        place = self._take_place(guest)
        told = guest.told = guest.told or await self._told_before(guest, place)
        waiting = self._settings.waiting
        said = announce(self._view(guest, place), told, waiting.offer_seconds, waiting.after_hours)
        guest.yields = said.word in YIELDING
        return said

    async def next(self, visit: Visit, outcome: str) -> Slice | Leave:
        """What becomes of him now."""
        guest = self._guests.get(visit.call_id)
        if guest is not None:
            guest.yields = False
        if outcome in LEAVING:
            self._guests.pop(visit.call_id, None)
            self._floor.board.callers.gone(visit.call_id)
            log.info("waiting.left", outcome=outcome)
            return Leave()
        if guest is None:
            return Slice(queue=visit.queue, seconds=self._settings.waiting.slice_seconds)
        self._note_told(guest)
        place = self._take_place(guest)
        return Slice(
            queue=place.queue,
            seconds=self._slice_seconds(guest, place),
            priority=place.priority,
            position=self._floor.board.callers.position(place),
        )

    def place_of(self, call_id: str) -> KeptPlace | None:
        """The place that a promise to call keeps; None when he does not wait."""
        place = self._floor.board.callers.place(call_id)
        return KeptPlace(place.queue, place.since) if place else None

    # --- within ------------------------------------------------------------------------------------------

    def _forget_gone(self) -> None:
        callers = self._floor.board.callers
        for call_id in [each for each in self._guests if callers.place(each) is None]:
            del self._guests[call_id]

    def _look(self) -> None:
        """Something changed: who is only told of his wait, and has an operator, is told no more."""
        board = self._floor.board
        for guest in [each for each in self._guests.values() if each.yields]:
            place = board.callers.place(guest.visit.call_id)
            if place is not None and board.ready_for(place, self._floor.seats):
                guest.yields = False
                log.info("waiting.called-away", queue=place.queue)
                guest.call_away()

    def _queue(self, facts: CallFacts) -> str:
        place = self._floor.board.callers.place(facts.call_id)
        return place.queue if place else self._floor.board.names[0]

    async def _told_before(self, guest: _Guest, place: Place) -> Told:
        if guest.visit.first:
            return Told()
        told = await self._told.since(guest.visit.call_id, place.since)
        guest.noted = deepcopy(told)
        return told

    def _note_told(self, guest: _Guest) -> None:
        if guest.told is not None and guest.told != guest.noted:
            self._told.note(guest.visit.call_id, guest.told)
            guest.noted = deepcopy(guest.told)

    async def _claims(self, guest: _Guest) -> Claims:
        try:
            return await self._acquaintances.claims(guest.facts)
        except Exception:  # he waits like everybody then
            log.exception("waiting.claims_failed")
            return Claims()

    def _take_place(self, guest: _Guest) -> Place:
        """Where he waits from now on."""
        now, visit = self._clock.now(), guest.visit
        callers, story = self._floor.board.callers, self._story(visit.call_id)
        known = callers.place(visit.call_id)
        began = (known.since if known else None, _waits_since(story) if story else None)
        since = min((at for at in began if at), default=now)
        overdue_at = since + timedelta(seconds=self._patience(guest.facts))
        claims = guest.claims or Claims()
        interrupted = story is not None and _interrupted(story)
        priority = priority_of(
            Claims(
                returning=claims.returning,
                promised=claims.promised,
                accessible=claims.accessible,
                overdue=overdue_at <= now,
                interrupted=interrupted,
            ),
            self._settings.routing,
        )
        return callers.take_place(
            Place(
                call_id=visit.call_id,
                queue=self._serving_queue(visit.queue, (now - since).total_seconds()),
                since=since,
                overdue_at=overdue_at,
                priority=priority,
                left_at=now,
            )
        )

    def _patience(self, facts: CallFacts) -> int:
        """After how many seconds of waiting we act, so that the standard's longest wait is not reached."""
        waiting = self._settings.waiting
        longest = self._max_wait(facts.profile) or waiting.max_wait_seconds
        return max(0, longest - waiting.act_before_seconds)

    def _serving_queue(self, queue: str, waited: float) -> str:
        """The queue itself, or the one that takes over from it when somebody serves there."""
        waiting, board = self._settings.waiting, self._floor.board
        other = waiting.overflow.get(queue)
        late = waited >= waiting.overflow_seconds
        return other if other and late and board.servers(other, self._floor.seats) else queue

    def _view(self, guest: _Guest, place: Place) -> View:
        now, board = self._clock.now(), self._floor.board
        seconds = board.estimate(place.queue, place.rank, self._floor.seats, now)
        return View(
            ahead=board.callers.ahead(place.queue, place.rank),
            minutes=None if seconds is None else told_minutes(seconds),
            seconds=seconds,
            overdue=place.overdue_at is not None and place.overdue_at <= now,
            open=self._at_work(now),
            known_number=bool(guest.facts.caller_number),
            key=guest.visit.key,
            end=guest.visit.end,
            elsewhere=place.queue in self._elsewhere,
            ready=board.ready_for(place, self._floor.seats),
        )

    def _slice_seconds(self, guest: _Guest, place: Place) -> int:
        """Until the robot looks after him again: earlier when something is to be done before."""
        now, waiting = self._clock.now(), self._settings.waiting
        moments = [now + timedelta(seconds=waiting.slice_seconds)]
        if place.overdue_at:
            moments.append(place.overdue_at)
        if guest.visit.queue in waiting.overflow:
            moments.append(place.since + timedelta(seconds=waiting.overflow_seconds))
        ahead = [(moment - now).total_seconds() for moment in moments if moment > now]
        return max(waiting.shortest_slice_seconds, round(min(ahead, default=waiting.slice_seconds)))


def _waits_since(story: Story) -> datetime | None:
    """Since when he has waited for a person, after the last talk; None where the ledger knows of no wait."""
    talked = [leg.ended_at for leg in story.answered_legs() if leg.ended_at]
    joined = [mark.at for mark in story.queue_marks if mark.queue]
    return min((at for at in joined if not talked or at >= max(talked)), default=None)


def _interrupted(story: Story) -> bool:
    """Whether his last talk ended because the operator's telephone was lost."""
    ended = [(leg.ended_at, leg.end) for leg in story.answered_legs() if leg.ended_at]
    return bool(ended) and max(ended, key=lambda each: each[0])[1] is LegEnd.LOST
