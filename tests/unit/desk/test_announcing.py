"""What a caller who waits is told, and what he is spared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.desk.announcing import Announcement, Told, View, Word, announce
from ivr.desk.ports_calls import QueueEnd
from ivr.desk.settings import AfterHours

OFFER_SECONDS = 180
VIEW = View(ahead=3, minutes=2, seconds=120.0, overdue=False, open=True, known_number=True)


def said(view: View, told: Told | None = None, after_hours: AfterHours = AfterHours.SERVE) -> Announcement:
    return announce(view, told or Told(), OFFER_SECONDS, after_hours)


def test_at_first_his_place_his_wait_and_the_key() -> None:
    assert said(VIEW) == Announcement(word=Word.NEWS, position=4, minutes=2, hint=True)


def test_who_is_answered_at_once_is_not_held_up() -> None:
    assert said(replace(VIEW, ahead=0, minutes=0, seconds=0.0)).word is Word.SILENT


def test_then_only_what_has_changed() -> None:
    told = Told()
    said(VIEW, told)
    assert said(VIEW, told).word is Word.SILENT
    nearer = said(replace(VIEW, ahead=2), told)
    assert nearer == Announcement(word=Word.NEWS, position=3)
    sooner = said(replace(VIEW, ahead=2, minutes=1), told)
    assert sooner == Announcement(word=Word.NEWS, minutes=1)


def test_who_is_next_is_left_in_peace() -> None:
    told = Told()
    said(VIEW, told)
    assert said(replace(VIEW, ahead=0, minutes=1), told).word is Word.SILENT


def test_a_call_back_is_offered_once_when_the_wait_is_long() -> None:
    told = Told()
    long = replace(VIEW, minutes=3, seconds=200.0)
    assert said(long, told) == Announcement(word=Word.NEWS, position=4, minutes=3, offer=True)
    assert said(replace(long, ahead=4), told) == Announcement(word=Word.NEWS, position=5)


def test_an_offer_that_comes_later_is_made_though_nothing_else_is_new() -> None:
    told = Told()
    said(replace(VIEW, seconds=179.0), told)
    assert said(replace(VIEW, seconds=180.0), told) == Announcement(word=Word.NEWS, offer=True)


def test_who_can_not_be_called_back_is_offered_nothing() -> None:
    unknown = replace(VIEW, known_number=False, seconds=900.0)
    assert said(unknown) == Announcement(word=Word.NEWS, position=4, minutes=2)
    assert said(replace(unknown, overdue=True)) == Announcement(word=Word.OVERDUE)


def test_the_key_is_a_call_back_whatever_else_is_to_be_said() -> None:
    assert said(replace(VIEW, key="1", overdue=True, open=False)).word is Word.CALLBACK


def test_near_the_longest_wait_it_is_offered_once_more() -> None:
    told = Told()
    said(replace(VIEW, seconds=200.0), told)
    late = replace(VIEW, overdue=True, seconds=200.0)
    assert said(late, told) == Announcement(word=Word.OVERDUE, offer=True)
    assert said(late, told).word is Word.SILENT


@pytest.mark.parametrize("offered_before", [False, True])
def test_nobody_there_is_told_once_and_asked_once(offered_before: bool) -> None:
    told = Told()
    if offered_before:
        said(replace(VIEW, seconds=200.0), told)
    alone = replace(VIEW, minutes=None, seconds=None)
    assert said(alone, told) == Announcement(word=Word.NOBODY, offer=not offered_before)
    assert said(alone, told).word is Word.SILENT


@pytest.mark.parametrize(
    ("after_hours", "served", "word"),
    [
        (AfterHours.SERVE, True, Word.NEWS),
        (AfterHours.SERVE, False, Word.CLOSED),
        (AfterHours.CALLBACK, True, Word.CLOSED),
        (AfterHours.CALLBACK, False, Word.CLOSED),
    ],
)
def test_when_the_hours_end(after_hours: AfterHours, served: bool, word: Word) -> None:
    view = VIEW if served else replace(VIEW, minutes=None, seconds=None)
    assert said(replace(view, open=False), after_hours=after_hours).word is word


def test_a_full_queue_is_told_each_time() -> None:
    told, full = Told(), replace(VIEW, end=QueueEnd.FULL)
    assert [said(full, told).word for _ in range(2)] == [Word.FULL, Word.FULL]


def test_an_empty_queue_that_lets_nobody_in_is_filled_with_words() -> None:
    told, empty = Told(), replace(VIEW, minutes=None, seconds=None, end=QueueEnd.JOIN_EMPTY)
    assert [said(empty, told).word for _ in range(3)] == [Word.NOBODY, Word.HOLD, Word.HOLD]


def test_telephones_at_which_nobody_signs_in_serve_without_words() -> None:
    elsewhere = replace(VIEW, minutes=None, seconds=None, elsewhere=True)
    assert said(elsewhere, Told()) == Announcement(word=Word.SILENT)


@pytest.mark.parametrize(
    ("view", "word"),
    [
        (VIEW, Word.SILENT),
        (replace(VIEW, overdue=True), Word.SILENT),
        (replace(VIEW, seconds=900.0), Word.SILENT),
        (replace(VIEW, key="1"), Word.CALLBACK),
        (replace(VIEW, end=QueueEnd.JOIN_EMPTY), Word.HOLD),
    ],
)
def test_who_has_an_operator_hears_nothing_that_he_did_not_ask_for(view: View, word: Word) -> None:
    told = Told()
    assert said(replace(view, ready=True), told).word is word
    assert (told.position, told.minutes, told.hinted) == (None, None, False)
