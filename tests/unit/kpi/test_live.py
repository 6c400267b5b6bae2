"""Counters of today and of this moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from ivr.calls.story import Stage, Story
from ivr.dialogue.ports import EndingKind
from ivr.kpi.counting import count_call
from ivr.kpi.facts import Circumstances, Promised, Recorded
from ivr.kpi.live import LiveCounters
from tests.unit.kpi.stories import CAME, RULES, Tale, answered, at, gave_up, served


class Clock:
    def __init__(self) -> None:
        self.moment = CAME

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError


def counters(clock: Clock | None = None) -> LiveCounters:
    return LiveCounters(RULES, clock or Clock())


def told(live: LiveCounters, *stories: Story) -> None:
    for story in stories:
        live.story_changed(story)


def test_calls_are_counted_once_however_often_they_are_told_of() -> None:
    live = counters()
    told(live, answered("c1"), answered("c1"), gave_up("c2"), served("c3"), answered("c1"))
    today = live.today()
    assert (today["incoming"], today["answered"], today["lost"], today["served"]) == (3, 1, 1, 1)
    assert today["longest_wait_us"] == 60_000_000


def test_an_event_takes_the_old_contribution_off() -> None:
    live = counters()
    tale = Tale("c1").robot(20, EndingKind.QUEUED).queued(20).left_queue(500)
    told(live, tale.ended(500))
    assert live.today()["lost"] == 1
    told(live, tale.answered(50).leg_ended(500).story)
    today = live.today()
    assert (today["lost"], today["answered"], today["longest_wait_us"]) == (0, 1, 30_000_000)


def test_this_moment() -> None:
    live = counters()
    robot, waiting = Tale("c1"), Tale("c2").robot(20, EndingKind.QUEUED).queued(20)
    longer = Tale("c3").robot(5, EndingKind.QUEUED).queued(5).left_queue(30).queued(40)
    told(live, robot.story, waiting.story, longer.story, Tale("c4").answered(3).story)
    now = live.now()
    assert (now.in_robot, now.queued, now.talking, now.dialling) == (1, 2, 1, 0)
    assert now.longest_since == at(5)  # the slices of a wait are one
    assert live.calls()["c3"].stage is Stage.QUEUED
    told(live, longer.answered(50).story, robot.ended(60))
    now = live.now()
    assert (now.in_robot, now.queued, now.talking, now.longest_since) == (0, 1, 2, at(20))
    assert live.now("other").queued == 0


def test_what_was_counted_from_the_database_stands() -> None:
    live = counters()
    story = gave_up("c1")
    told(live, story)
    known = Circumstances(promised=Promised.KEPT, recorded=Recorded.YES)
    live.counted([count_call(story, known, RULES)])
    told(live, story)  # a late event: the database will tell
    today = live.today()
    assert (today["lost"], today["callback_accepted"], today["recorded"]) == (0, 1, 1)


def test_at_midnight_a_new_day_begins() -> None:
    clock = Clock()
    live = counters(clock)
    told(live, answered("c1"), Tale("c2").story)
    clock.moment = CAME + timedelta(days=1)
    assert live.today() == {}
    assert live.now().in_robot == 1  # it goes on all the same
    told(live, answered("c3", came=clock.moment), Tale("c2").ended(86_400))
    assert live.today()["incoming"] == 1  # c2 belongs to the day in which it came


def test_lines_and_standards_apart() -> None:
    live = counters()
    other = answered("c2")
    other.line, other.profile = "readings", "omsk"
    told(live, answered("c1"), other)
    assert live.today(line="readings")["incoming"] == 1
    assert live.today(profiles=["omsk"])["incoming"] == 1
    assert live.today(profiles=["omsk"], line="main") == {}
    fact = count_call(other, Circumstances(), RULES)
    live.counted([replace(fact, line="main")])
    assert live.today(line="readings")["incoming"] == 0
