"""A month of a million calls: how long its report takes, and what counting costs while calls go on.

The calls are invented as what has been counted of them and written in bulk; cells come about by the same code
as in the engine. The baseline is the same report over the calls themselves instead of cells.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, func, select

from ivr.bench.processes import memory_mb
from ivr.calls import rows as ledger_rows
from ivr.calls.events import HungUp, QueueJoined, ScenarioEnded
from ivr.calls.legs import LegAnswered, LegEnd, LegEnded, LegRang, LegRole
from ivr.calls.rows import Batch
from ivr.calls.story import Origin, Story
from ivr.dialogue.ports import Ending, EndingKind
from ivr.kpi import rows
from ivr.kpi.breakdown import By
from ivr.kpi.cells import CALLS, TALKS, Change
from ivr.kpi.facts import CallFact, CountedCall, Rules, TalkFact, half_hour
from ivr.kpi.intake import Intake
from ivr.kpi.live import LiveCounters
from ivr.kpi.measures import Counted
from ivr.kpi.periods import Period
from ivr.kpi.profiles import Profile
from ivr.kpi.report import Reporter
from ivr.kpi.settings import KpiSettings
from ivr.kpi.sums import Selection
from ivr.kpi.tables import kpi_calls, kpi_talks
from ivr.store import Database

_SECOND = 1_000_000
_CHUNK = 5_000
_LINES = ("private", "corporate", "readings")
_TOPICS = tuple(f"topic.{number:02d}" for number in range(39))
_AGENTS = tuple(f"agent{number:02d}" for number in range(60))
_OPENS, _CLOSES = 6 * 3600, 21 * 3600
_REPEATS = 7


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured.

    Attributes:
        calls: Calls of the month.
        live: Calls that go on while today is counted, five events each.
        intake: Calls that are counted from the ledger.
    """

    calls: int = 1_000_000
    live: int = 33_000
    intake: int = 5_000


QUICK = Size(calls=20_000, live=1_000, intake=500)


@dataclass(slots=True)
class Measured:
    """What came out, seconds unless said otherwise.

    Attributes:
        report: Of the month's report, each time; the first one is cold.
        by: Of the same with a breakdown, by its name.
        baseline: The sums of the same month over the calls themselves.
        counter_us: One event of today's counters, microseconds.
        intake_per_second: Calls counted from the ledger in a second.
    """

    report: list[float] = field(default_factory=list)
    by: dict[str, float] = field(default_factory=dict)
    baseline: float = 0.0
    counter_us: float = 0.0
    intake_per_second: float = 0.0
    filled: float = 0.0
    rss_mb: float = 0.0

    def document(self, size: Size, machine: dict[str, object]) -> dict[str, object]:
        """The figures under the names of the contract."""
        return {
            "calls": size.calls,
            "month_report_seconds": round(median(self.report), 4),
            "first_report_seconds": round(self.report[0], 4),
            "breakdown_seconds": {name: round(seconds, 3) for name, seconds in self.by.items()},
            "over_calls_seconds": round(self.baseline, 2),
            "counter_update_us": round(self.counter_us, 1),
            "intake_calls_per_second": round(self.intake_per_second),
            "filled_seconds": round(self.filled),
            "rss_mb": round(self.rss_mb, 1),
            "machine": machine,
        }


async def measure(
    database: Database,
    reporter: Reporter,
    profile: Profile,
    rules: Rules,
    size: Size,
    tell: Callable[[str], None],
) -> Measured:
    """Fill an empty database with a month, report on it, and count today's calls beside it."""
    found = Measured()
    period = Period(date(2026, 10, 1), date(2026, 10, 31), rules.zone)
    begun = perf_counter()
    for chunk in _chunks(_month(period, rules, size.calls)):
        await database.write(partial(_fill, chunk=chunk, rules=rules))
    found.filled = perf_counter() - begun
    tell(f"{size.calls} calls written in {found.filled:.0f} s")
    selection = Selection(period=period)
    make = partial(reporter.make, profile=profile, selection=selection, now=period.until)
    for _ in range(_REPEATS):
        found.report.append(await _timed(database, make))
    for by in By:
        found.by[by.value] = await _timed(database, partial(make, by=by))
    found.baseline = await _timed(database, partial(_over_calls, period=period))
    tell(f"the month's report took {median(found.report):.3f} s")
    found.counter_us = _live(rules, period, size.live)
    found.rss_mb = memory_mb([os.getpid()])
    found.intake_per_second = await _intake(database, rules, size.intake)
    return found


async def _timed(database: Database, job: Callable[[Connection], object]) -> float:
    begun = perf_counter()
    await database.read(job)
    return perf_counter() - begun


def _over_calls(connection: Connection, period: Period) -> None:
    for kept in (CALLS, TALKS):
        sums = [func.sum(kept.facts.c[name]) for name in kept.sums]
        greatest = [func.max(kept.facts.c[name]) for name in kept.maxima]
        when = kept.facts.c.half_hour
        query = select(*sums, *greatest).where(when >= period.since, when < period.until)
        connection.execute(query).all()


# --- the month ---


def _fill(connection: Connection, chunk: Sequence[CountedCall], rules: Rules) -> None:
    of_calls, of_talks = Change(CALLS, rules.zone), Change(TALKS, rules.zone)
    of_calls.replace((), [each.call for each in chunk])
    of_talks.replace((), [talk for each in chunk for talk in each.talks])
    connection.execute(kpi_calls.insert(), [rows.call_row(each.call) for each in chunk])
    if talks := [rows.talk_row(talk) for each in chunk for talk in each.talks]:
        connection.execute(kpi_talks.insert(), talks)
    of_calls.write(connection)
    of_talks.write(connection)


def _chunks(calls: Iterator[CountedCall]) -> Iterator[list[CountedCall]]:
    chunk: list[CountedCall] = []
    for call in calls:
        chunk.append(call)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _month(period: Period, rules: Rules, count: int) -> Iterator[CountedCall]:
    """Calls in order of time, as many each day."""
    chance = random.Random(20_261_001)  # noqa: S311  # invented data
    step = period.days * (_CLOSES - _OPENS) / count
    for number in range(count):
        day, second = divmod(number * step, _CLOSES - _OPENS)
        came = period.since + timedelta(days=int(day), seconds=_OPENS + second)
        yield _call(f"bench-{number}", came, rules, chance)


def _call(call_id: str, came: datetime, rules: Rules, chance: random.Random) -> CountedCall:
    line = chance.choice(_LINES)
    agent = chance.choice(_AGENTS)
    way = chance.random()
    counted = _counted(way, chance)
    shared: dict[str, Any] = {
        "call_id": call_id,
        "profile": "bryansk",
        "line": line,
        "segment": "corporate" if line == "corporate" else "private",
        "topic": chance.choice(_TOPICS),
        "queue": line if "waited" in counted else "",
        "half_hour": half_hour(came),
        "day": rules.day(came),
    }
    answered = "talked" in counted
    call = CallFact(**shared, kind="inbound", agent=agent if answered else "", came_at=came, counted=counted)
    if not answered:
        return CountedCall(call)
    talk = TalkFact(
        **shared,
        kind="general",
        agent=agent,
        leg_id="1",
        answered_at=came + timedelta(seconds=60),
        counted=_talked(chance),
    )
    return CountedCall(call, (talk,))


def _counted(way: float, chance: random.Random) -> Counted:
    told: Counted = {"incoming": 1, "robot_took": 1, "conversation": 1, "recorded": 1}
    if way < 0.45:
        return told | {"served": 1, "contained": 1, "lost_literal": 1, "repeat_base": 1, "first_contact": 1}
    if way < 0.48:
        return told | {"lost": 1, "lost_literal": 1, "lost_in_robot": 1}
    wait = round(chance.expovariate(1 / 30) * _SECOND)
    told |= {"waited": 1, "wait_us": wait, "longest_wait_us": wait}
    in_time = int(wait <= 20 * _SECOND)
    if way < 0.6:
        return told | {
            "lost": 1,
            "lost_literal": 1,
            "lost_in_queue": 1,
            "abandoned": 1,
            "abandoned_in_sl": in_time,
        }
    told |= {"answered": 1, "talked": 1, "queue_answered": 1, "answer_us": wait, "answered_in_sl": in_time}
    return told | {"repeat_base": 1, "first_contact": 1, "summed_up": 1, "alone": 1}


def _talked(chance: random.Random) -> Counted:
    talk, after = round(chance.gauss(150, 30) * _SECOND), round(chance.gauss(40, 5) * _SECOND)
    told = {"talks": 1, "talk_us": talk, "conversation_us": talk, "handling_us": talk + after}
    return told | {"wrapped": 1, "wrapup_us": after, "general": 1, "general_us": talk, "longest_us": talk}


# --- while calls go on ---


class _Standing:
    """A clock that stands still."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError


def _live(rules: Rules, period: Period, count: int) -> float:
    """Microseconds of one event, with all calls of a day there; making the events is not in it."""
    counters = LiveCounters(rules, _Standing(period.since))
    seconds, events = 0.0, 0
    for number in range(count):
        story = _story(f"live-{number}", period.since + timedelta(seconds=number))
        for tell in _events(story):
            tell()
            begun = perf_counter()
            counters.story_changed(story)
            seconds += perf_counter() - begun
            events += 1
    return seconds / events * 1e6


def _story(call_id: str, came: datetime) -> Story:
    return Story(
        call_id=call_id,
        origin=Origin.ENGINE,
        came_at=came,
        line="private",
        segment="private",
        profile="bryansk",
        caller_number=f"+7900{hash(call_id) % 10_000_000:07d}",
        answered_at=came,
        topic="topic.01",
    )


def _events(story: Story) -> Iterator[Callable[[], object]]:
    at, leg = story.came_at, f"{story.call_id}-leg"
    told = {"call_id": story.call_id, "leg_id": leg}
    handed = Ending(EndingKind.QUEUED, "clients")
    rang = LegRang(at=at + timedelta(seconds=30), role=LegRole.QUEUE, device="PJSIP/op", agent="anna", **told)
    ended = LegEnded(at=at + timedelta(seconds=180), end=LegEnd.CALLER, **told)
    yield lambda: None
    yield partial(story.apply, ScenarioEnded(at + timedelta(seconds=20), handed))
    yield partial(story.apply, QueueJoined(at + timedelta(seconds=20), "clients"))
    yield partial(story.apply_leg, rang)
    yield partial(story.apply_leg, LegAnswered(at=at + timedelta(seconds=35), **told))
    yield partial(story.apply_leg, ended)
    yield partial(story.apply, HungUp(at + timedelta(seconds=180), 16))


async def _intake(database: Database, rules: Rules, count: int) -> float:
    """Calls in a second that are counted from the ledger, beside the month."""
    stories = []
    for number in range(count):
        story = _story(f"intake-{number}", datetime(2026, 11, 2, 6, tzinfo=UTC) + timedelta(seconds=number))
        for tell in _events(story):
            tell()
        stories.append(story)
    for start in range(0, count, 500):
        await database.write(partial(_put, stories=stories[start : start + 500]))
    counting = Intake(database, KpiSettings(), _Standing(datetime(2026, 11, 3, tzinfo=UTC)), rules)
    begun = perf_counter()
    await counting.work_off()
    return count / (perf_counter() - begun)


def _put(connection: Connection, stories: Sequence[Story]) -> None:
    legs = [ledger_rows.leg_row(leg) for story in stories for leg in story.legs.values()]
    ledger_rows.write(connection, Batch([ledger_rows.call_row(story) for story in stories], legs))
