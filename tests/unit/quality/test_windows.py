"""Who talked when in a recording, and where a voice is in a channel."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ivr.calls.legs import LegRole
from ivr.calls.story import Story
from ivr.quality.model import Span, Window
from ivr.quality.segments import MOST_MILLISECONDS, segments, within
from ivr.quality.windows import Sound, agent_at, united, windows, without
from ivr.speech.recognition.settings import PauseSettings, VoiceSettings
from tests.unit.kpi.stories import CAME, Tale

SOUND = Sound(CAME, 120_000)


def talks(told: Tale | Story, sound: Sound = SOUND) -> list[Window]:
    story = told.story if isinstance(told, Tale) else told
    return windows(sound, list(story.legs.values()))


def test_a_talk_lasts_from_the_answer_to_the_end() -> None:
    tale = Tale().answered(30).leg_ended(100)
    assert talks(tale) == [Window(30_000, 100_000, "anna")]


def test_holds_are_cut_out_and_only_the_beginning_is_fresh() -> None:
    tale = Tale().answered(30).held(50, 70).leg_ended(100)
    assert talks(tale) == [Window(30_000, 50_000, "anna"), Window(70_000, 100_000, "anna", fresh=False)]


def test_a_recording_that_begins_in_a_talk_has_no_greeting() -> None:
    tale = Tale().answered(30).leg_ended(100)
    late = Sound(CAME + timedelta(seconds=60), 120_000)
    assert talks(tale, late) == [Window(0, 40_000, "anna", fresh=False)]
    own_part = Sound(CAME + timedelta(seconds=31), 120_000)
    assert talks(tale, own_part) == [Window(0, 69_000, "anna", fresh=True)]


def test_what_is_said_belongs_to_who_came_last() -> None:
    tale = (
        Tale()
        .answered(30, "anna")
        .answered(60, "vera", LegRole.TRANSFER)
        .leg_ended(100)
        .leg_ended(100, agent="vera")
    )
    found = talks(tale)
    assert agent_at(found, Span(40_000, 41_000)) == "anna"
    assert agent_at(found, Span(70_000, 71_000)) == "vera"
    assert agent_at(found, Span(5_000, 6_000)) is None
    assert united(found) == [Span(30_000, 100_000)]


def test_in_an_outgoing_call_the_talk_begins_with_the_client() -> None:
    tale = Tale().answered(5, "anna", LegRole.OUT).answered(20, "client", LegRole.CLIENT).leg_ended(60)
    assert talks(tale) == [Window(20_000, 60_000, "anna")]


def test_nobody_answered() -> None:
    assert talks(Tale().rang(30)) == []


spans = st.tuples(st.integers(0, 1000), st.integers(0, 1000)).map(lambda pair: Span(min(pair), max(pair)))


@given(span=spans, holes=st.lists(spans, max_size=6))
def test_nothing_of_a_hole_is_left_and_nothing_else_is_lost(span: Span, holes: list[Span]) -> None:
    def inside(place: int, pieces: list[Span]) -> bool:
        return any(piece.begin <= place < piece.end for piece in pieces)

    left = without(span, holes)
    for place in range(span.begin, span.end):
        assert inside(place, left) is not inside(place, holes)


def voiced(*stretches: tuple[float, float], seconds: float) -> list[Span]:
    window = 32.0
    places = [index * window / 1000 for index in range(int(seconds * 1000 / window))]
    heard = [0.9 if any(begin <= at < end for begin, end in stretches) else 0.01 for at in places]
    return list(segments(heard, window, VoiceSettings(), PauseSettings(), round(seconds * 1000)))


def near(found: list[Span], *expected: tuple[float, float]) -> bool:
    pairs = zip(found, expected, strict=True)
    return all(abs(f.begin - b * 1000) < 60 and abs(f.end - e * 1000) < 60 for f, (b, e) in pairs)


def test_a_voice_is_found_with_the_silence_around_it() -> None:
    assert near(voiced((1, 3), (5, 6), seconds=8), (0.7, 3.2), (4.7, 6.2))


def test_a_short_pause_belongs_to_the_speech_and_a_click_is_none() -> None:
    assert near(voiced((1, 2), (2.4, 3), (5, 5.03), seconds=8), (0.7, 3.2))


def test_a_voice_up_to_the_end_is_not_lost() -> None:
    assert near(voiced((6, 8), seconds=8), (5.7, 8.0))


def test_a_long_speech_is_cut_without_losing_anything() -> None:
    found = voiced((1, 61), seconds=70)
    assert all(span.end - span.begin <= MOST_MILLISECONDS + 600 for span in found)
    assert found[0].begin < 1000
    assert found[-1].end >= 61_000
    gaps = [after.begin - before.end for before, after in pairwise(found)]
    assert all(0 <= gap <= 64 for gap in gaps)


def test_only_what_lies_in_the_places_is_kept() -> None:
    assert within([Span(0, 10), Span(20, 30)], [Span(5, 25)]) == [Span(5, 10), Span(20, 25)]
