"""The cases that counting goes wrong in, one call or a few each. The figures are written beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.truth.script import Call, History
from tests.truth.sketches import Spoke, Stood, call, promised

NORMAL = Spoke()


def outcomes(noon: datetime) -> Sequence[Call]:
    """Each way in which a call may end, once; all at noon."""
    transferred = Spoke(agent="petrova", seconds=40.5, ended_by="transferred", alone=False)
    return [
        call("left-in-menu", noon, robot="left", robot_seconds=12.25),
        call("left-at-once", noon, robot="left", robot_seconds=0.4),
        call("served", noon, robot="served", topic="readings.submit"),
        call("served-gone-in-farewell", noon, robot="served", robot_seconds=41.7, topic="balance.debt"),
        call("served-then-answered", noon, robot="served", stood=[Stood(seconds=9)], spoke=[NORMAL]),
        call("served-then-gave-up", noon, robot="served", stood=[Stood(seconds=33)]),
        call("answered", noon, stood=[Stood(seconds=20)], spoke=[Spoke(seconds=240, hold=30, personal=True)]),
        call("answered-late", noon, stood=[Stood(seconds=20.001)], spoke=[NORMAL]),
        call("answered-directly", noon, robot_seconds=0, spoke=[Spoke(seconds=61.125)]),
        call("answered-no-wrapup", noon, stood=[Stood(seconds=2)], spoke=[Spoke(wrapup=None)]),
        call("transferred", noon, stood=[Stood(seconds=7)], spoke=[transferred, Spoke(seconds=200)]),
        call("gave-up", noon, stood=[Stood(seconds=61)]),
        call("gave-up-in-time", noon, stood=[Stood(seconds=20)]),
        call("gave-up-short", noon, stood=[Stood(seconds=4.999)]),
        call("gave-up-at-5", noon, stood=[Stood(seconds=5)]),
        call("gave-up-at-ring", noon, stood=[Stood(seconds=14, rings=("ivanova",))]),
        call("gave-up-at-ring-directly", noon, stood=[Stood(seconds=3, rings=("petrova",))]),
        call("corporate", noon, segment="corporate", stood=[Stood(seconds=1, queue="corporate")],
             spoke=[Spoke(agent="sidorov", seconds=1200.5, wrapup=90)], topic="contract.change"),
        call("readings-by-person", noon, stood=[Stood(seconds=11)], spoke=[Spoke(seconds=119.75)],
             topic="readings.submit", score=5),
        call("blocked", noon, robot="left", robot_seconds=3, blocked=True, outcome="blocked", topic=""),
        promised(call("callback-kept", noon, stood=[Stood(seconds=120)]), after=150, kept=3600),
        promised(call("callback-broken", noon, stood=[Stood(seconds=90)]), after=120, broken=86400),
        promised(call("callback-then-answered", noon, stood=[Stood(seconds=45)], spoke=[NORMAL], score=2),
                 after=60, kept=600),
        call("no-recording", noon, stood=[Stood(seconds=3)], spoke=[NORMAL], recording="no"),
        call("recording-disk-full", noon, stood=[Stood(seconds=3)], spoke=[NORMAL], recording="disk-full",
             score=4),
    ]  # fmt: skip


def told_only(noon: datetime) -> Sequence[Call]:
    """What the table has no room for: returns to the queue, pauses in a wait, flags that differ by talk."""
    handed_back = Spoke(seconds=30, ended_by="transferred", alone=False, personal=True, topic="bill.explain")
    again = [Stood(seconds=10), Stood(seconds=75)]
    return [
        call("returned-answered", noon, stood=again, spoke=[handed_back, Spoke(agent="petrova", seconds=50)]),
        call("returned-gave-up", noon, stood=again, spoke=[handed_back]),
        call("heard-robot-while-waiting", noon, stood=[Stood(seconds=60, pause=12)], spoke=[NORMAL]),
        call("gave-up-after-robot", noon, stood=[Stood(seconds=40, pause=5.5)]),
        call("rung-in-vain", noon, stood=[Stood(seconds=25, rings=("petrova", "sidorov"))], spoke=[NORMAL]),
        call("topic-corrected", noon, stood=[Stood(seconds=3)], spoke=[Spoke(topic="readings.submit")]),
        call("found-client", noon, stood=[Stood(seconds=3)], spoke=[Spoke(found_after=17.25)],
             account="320145678", topic="contract.change"),
        call("found-again", noon + timedelta(days=1), stood=[Stood(seconds=3)], spoke=[Spoke(found_after=8)],
             account="320145678", topic="contract.change", caller="74832550010"),
        promised(call("promise-open", noon, stood=[Stood(seconds=66)], caller="74832550009"), after=96),
    ]  # fmt: skip


def repeats(noon: datetime) -> Sequence[Call]:
    """The same client on the same topic, within seven days to the millisecond and after."""
    week, moment = timedelta(days=7), timedelta(milliseconds=1)
    of_a: dict[str, Any] = {
        "caller": "74832550001",
        "topic": "bill.explain",
        "spoke": [NORMAL],
        "stood": [Stood(seconds=6)],
    }
    of_b = {**of_a, "caller": "74832550002"}
    of_c = {**of_a, "caller": "74832550003"}
    of_d = {**of_a, "caller": "74832550004"}
    return [
        call("a-first", noon, **of_a),
        call("a-at-the-end-of-the-week", noon + week, **of_a),
        call("b-first", noon, **of_b),
        call("b-too-late", noon + week + moment, **of_b),
        call("c-first", noon, **of_c),
        call("c-other-topic", noon + timedelta(hours=1), **{**of_c, "topic": "outage.reason"}),
        call("d-first", noon, **of_d),
        call("d-gave-up-later", noon + timedelta(days=2), robot="left", caller="74832550004"),
    ]


def edges(zone: ZoneInfo) -> Sequence[Call]:
    """Calls across midnight, the end of a month, a leap day, a change of the zone's offset."""
    long_wait: dict[str, Any] = {"stood": [Stood(seconds=119)], "spoke": [Spoke(seconds=300)]}
    moments = {
        "midnight": datetime(2026, 9, 15, 23, 59, 0, tzinfo=zone),
        "last-millisecond": datetime(2026, 9, 15, 23, 59, 59, 999000, tzinfo=zone),
        "first-moment": datetime(2026, 9, 16, tzinfo=zone),
        "month-end": datetime(2026, 9, 30, 23, 58, 30, tzinfo=zone),
        "year-end": datetime(2025, 12, 31, 23, 59, 30, tzinfo=zone),
        "new-year": datetime(2026, 1, 1, 0, 0, 0, tzinfo=zone),
        "leap-day": datetime(2024, 2, 29, 12, 0, 0, tzinfo=zone),
        "leap-day-midnight": datetime(2024, 2, 29, 23, 59, 59, tzinfo=zone),
        "after-leap-day": datetime(2024, 3, 1, 0, 0, 0, tzinfo=zone),
    }
    return [call(name, moment, robot_seconds=10, **long_wait) for name, moment in moments.items()]


def changed_offset() -> History:
    """Volgograd, 27 December 2020: at 02:00 the clocks went back to 01:00, the day has 25 hours."""
    zone = ZoneInfo("Europe/Volgograd")
    first_one = datetime(2020, 12, 27, 1, 30, tzinfo=zone)
    moments = {
        "evening-before": datetime(2020, 12, 26, 23, 59, 59, tzinfo=zone),
        "midnight": datetime(2020, 12, 27, tzinfo=zone),
        "half-past-one": first_one,
        "half-past-one-again": replace_fold(first_one),
        "evening": datetime(2020, 12, 27, 23, 59, 59, tzinfo=zone),
        "day-after": datetime(2020, 12, 28, tzinfo=zone),
    }
    calls = [call(name, at, stood=[Stood(seconds=15)], spoke=[NORMAL]) for name, at in moments.items()]
    return History(zone=zone, calls=calls)


def replace_fold(moment: datetime) -> datetime:
    """The second time that the wall clock shows this."""
    return moment.replace(fold=1)


def renamed(calls: Sequence[Call], prefix: str) -> list[Call]:
    """The same calls with other ids."""
    return [replace(each, id=f"{prefix}-{each.id}") for each in calls]
