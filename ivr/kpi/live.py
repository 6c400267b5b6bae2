"""Counters of today and of this moment, kept in memory: no question of a page reaches the database.

What each of today's calls contributes is kept by its id; an event takes the old contribution off and puts the
new one in its place, so an event costs the same however many calls there were.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import partial

from sqlalchemy import Connection, select

from ivr.calls.durations import waits
from ivr.calls.legs import Leg
from ivr.calls.story import Stage, Story
from ivr.dialogue.ports import Clock
from ivr.kpi.cells import midnight
from ivr.kpi.counting import count_call
from ivr.kpi.definitions import Sums
from ivr.kpi.facts import CallFact, Circumstances, Recorded, Rules
from ivr.kpi.measures import CALL_MAXIMA, Counted
from ivr.kpi.rows import call_of
from ivr.kpi.tables import kpi_calls
from ivr.store import Database

_NOT_YET_KNOWN = Circumstances(recorded=Recorded.UNKNOWN)
_Place = tuple[str, str]
"""Profile and line."""


@dataclass(frozen=True, slots=True)
class _Share:
    """What a call contributes; `final` once it was counted from the database."""

    place: _Place
    counted: Counted
    final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GoingOn:
    """A call of this moment.

    Attributes:
        since: When its stage began; of a caller who waits, his wait.
    """

    line: str
    queue: str
    stage: Stage
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """This moment.

    Attributes:
        in_robot: Calls that the robot conducts.
        queued: Callers who wait.
        talking: Calls in which a person talks.
        dialling: Outgoing calls that nobody has answered.
        longest_since: Since when the one waits who has waited longest, or None.
    """

    in_robot: int
    queued: int
    talking: int
    dialling: int
    longest_since: datetime | None


class LiveCounters:
    """Today's counters; a listener of the ledger."""

    def __init__(self, rules: Rules, clock: Clock) -> None:
        self._rules = rules
        self._clock = clock
        self._day = rules.day(clock.now())
        self._shares: dict[str, _Share] = {}
        self._sums: dict[_Place, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self._going_on: dict[str, GoingOn] = {}
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> None:
        """Tell it whenever something has changed; it must not wait."""
        self._listeners.append(listener)

    async def open(self, database: Database) -> None:
        """Take up what has been counted of today.

        Raises:
            StoreUnavailable: It can't be read.
        """
        self.counted(await database.read(partial(_of_day, day=self._day, zone=self._rules.zone)))

    # --- what others tell ---

    def leg_changed(self, leg: Leg) -> None:
        """Its story is told of, too."""

    def story_changed(self, story: Story) -> None:
        """Something new is known of a call."""
        self._note(story)
        known = self._shares.get(story.call_id)
        over = known is not None and known.final and story.stage is Stage.ENDED
        if not over:  # else it is counted again from the database, where more is known of it
            self._put(count_call(story, _NOT_YET_KNOWN, self._rules), final=False)
        self._tell()

    def counted(self, facts: Iterable[CallFact]) -> None:
        """Calls have been counted from the database."""
        for fact in facts:
            self._put(fact, final=True)
        self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()

    def _note(self, story: Story) -> None:
        stage = story.stage
        if stage is Stage.ENDED:
            self._going_on.pop(story.call_id, None)
            return
        self._going_on[story.call_id] = GoingOn(
            line=story.line or "", queue=story.waits_in or "", stage=stage, since=_since(story, stage)
        )

    def _put(self, fact: CallFact, *, final: bool) -> None:
        self._turn_over()
        before = self._shares.pop(fact.call_id, None)
        if before is not None:
            self._add(before, -1)
        if fact.day == self._day:
            share = self._shares[fact.call_id] = _Share((fact.profile, fact.line), fact.counted, final)
            self._add(share, 1)

    def _add(self, share: _Share, sign: int) -> None:
        sums = self._sums[share.place]
        for name, value in share.counted.items():
            if name not in CALL_MAXIMA:
                sums[name] += sign * value

    def _turn_over(self) -> None:
        """At midnight a new day begins with nothing."""
        today = self._rules.day(self._clock.now())
        if today != self._day:
            self._day = today
            self._shares.clear()
            self._sums.clear()

    # --- what pages ask ---

    @property
    def day(self) -> date:
        """The day that is counted."""
        self._turn_over()
        return self._day

    def today(self, profiles: Iterable[str] | None = None, line: str | None = None) -> Sums:
        """The sums of today's calls, those that go on included as far as they have come.

        Args:
            profiles: Standards of their lines; None: all.
            line: Name of a line; None: all.
        """
        self._turn_over()
        meant = None if profiles is None else frozenset(profiles)
        found: dict[str, int] = defaultdict(int)
        for place, sums in self._sums.items():
            if _is_meant(place, meant, line):
                for name, value in sums.items():
                    found[name] += value
        for share in self._shares.values():
            if _is_meant(share.place, meant, line):
                for name in CALL_MAXIMA:
                    found[name] = max(found[name], share.counted.get(name, 0))
        return dict(found)

    def now(self, line: str | None = None) -> Moment:
        """What goes on at this moment."""
        meant = [one for one in self._going_on.values() if line is None or one.line == line]
        waiting = [one.since for one in meant if one.stage is Stage.QUEUED]
        stages = [one.stage for one in meant]
        return Moment(
            in_robot=stages.count(Stage.ROBOT),
            queued=len(waiting),
            talking=stages.count(Stage.TALKING),
            dialling=stages.count(Stage.DIALLING),
            longest_since=min(waiting, default=None),
        )

    def calls(self) -> Mapping[str, GoingOn]:
        """The calls of this moment, by id."""
        return dict(self._going_on)


def _is_meant(place: _Place, profiles: frozenset[str] | None, line: str | None) -> bool:
    return (profiles is None or place[0] in profiles) and line in (None, place[1])


def _since(story: Story, stage: Stage) -> datetime:
    if stage is Stage.QUEUED and (of_caller := waits(story)):
        return of_caller[-1].since
    if stage is Stage.TALKING:
        return story.agent_answered_at or story.came_at
    return story.came_at


def _of_day(connection: Connection, day: date, zone: tzinfo) -> list[CallFact]:
    since, until = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    query = select(kpi_calls).where(kpi_calls.c.half_hour >= since, kpi_calls.c.half_hour < until)
    return [call_of(row) for row in connection.execute(query).mappings()]
