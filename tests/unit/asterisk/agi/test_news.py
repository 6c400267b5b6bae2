"""Each key counts once, however often Asterisk tells of it, and nothing is judged while it is on its way."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.asterisk.agi.ahead import Typed
from ivr.asterisk.agi.news import KeyNews

TONE = 0.1


@dataclass
class Clock:
    """Time that goes on when somebody sleeps."""

    now: float = 100.0
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass
class Telling:
    """News of one call, told as Asterisk tells them."""

    clock: Clock = field(default_factory=Clock)
    news: KeyNews = field(init=False)

    def __post_init__(self) -> None:
        self.news = KeyNews(clock=lambda: self.clock.now, sleep=self.clock.sleep)

    def tell(self, *events: str) -> None:
        """`+5`: the key 5 went down; `-5`: up."""
        for event in events:
            if event[0] == "+":
                self.news.began(event[1])
            else:
                self.news.ended(event[1], TONE)

    @property
    def waiting(self) -> str:
        return self.news.ahead.take(99).digits


@pytest.fixture
def telling() -> Telling:
    return Telling()


def test_an_end_that_was_put_off_and_is_told_again_is_no_second_key(telling: Telling) -> None:
    telling.tell("+3", "-3", "+1", "-1", "-1", "+4", "-4", "-4")
    assert telling.waiting == "314"


def test_ends_that_were_put_off_in_a_bunch_are_told_again_behind_all_of_them(telling: Telling) -> None:
    telling.tell("+3", "-3", "+1", "-1", "+1", "-1", "+4", "-4", "-1", "-1", "-4")
    assert telling.waiting == "3114"


def test_a_key_pressed_twice_counts_twice_even_if_the_first_end_comes_again_in_between(
    telling: Telling,
) -> None:
    telling.tell("+1", "-1", "+1", "-1", "-1")
    assert telling.waiting == "11"


def test_an_end_told_again_while_the_next_key_is_down(telling: Telling) -> None:
    telling.tell("+1", "-1", "+2", "-1", "-2")
    assert telling.waiting == "12"


def test_a_beginning_that_comes_twice_begins_one_key(telling: Telling) -> None:
    """`ANSWER` reads the first packet of a call a second time."""
    telling.tell("+1", "+1", "-1")
    assert telling.waiting == "1"


def test_a_telephone_that_tells_of_no_beginnings_is_heard(telling: Telling) -> None:
    telling.tell("-1", "-1", "-2")
    assert telling.waiting == "112"


@given(keys=st.text("0123", min_size=1, max_size=12), again=st.lists(st.integers(0, 3), max_size=24))
def test_what_is_told_again_at_any_time_never_counts(keys: str, again: list[int]) -> None:
    telling = Telling()
    put_off: list[str] = []
    turns = iter(again)

    def repeat() -> None:
        for _ in range(min(next(turns, 0), len(put_off))):
            telling.tell(f"-{put_off.pop(0)}")

    for key in keys:
        telling.tell(f"+{key}")
        repeat()
        telling.tell(f"-{key}")
        put_off.append(key)
        repeat()
    assert telling.waiting == keys


# --- on its way ----------------------------------------------------------------------------------------


async def test_a_key_is_judged_when_it_can_reach_no_command_any_more(telling: Telling) -> None:
    telling.tell("+1", "-1")
    await telling.news.handed_over()
    assert telling.clock.now >= 100 + TONE
    before = telling.clock.now
    await telling.news.handed_over()
    assert telling.clock.now == before


async def test_keys_in_a_bunch_follow_one_another(telling: Telling) -> None:
    telling.tell("+1", "-1", "+2", "-2", "+3", "-3")
    await telling.news.handed_over()
    assert telling.clock.now >= 100 + 3 * TONE + 2 * 0.045


async def test_where_no_key_waits_nobody_waits(telling: Telling) -> None:
    await telling.news.handed_over()
    telling.tell("+#", "-#")
    await telling.news.handed_over()
    assert telling.clock.slept == []
    assert telling.news.ahead.take(9) == Typed("")
