from __future__ import annotations

import wave
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.speech.recognition.clips import Clips
from ivr.speech.recognition.listener import Ear, Listener, pause_of
from ivr.speech.recognition.ports import BargeIn, SpeechBegun, SpeechEnded
from ivr.speech.recognition.settings import PauseSettings, RecognitionSettings
from tests.unit.recognition.fakes import (
    MarkerDetector,
    ScriptedRecogniser,
    hear,
    listener,
    markers,
    order,
    sound,
    words,
)

YES, NUMBER, TENS, UNIT, AHA, OPERATOR = 1, 2, 3, 4, 5, 6
RECOGNISE = words(
    {YES: "да", NUMBER: "двенадцать триста", TENS: "сорок", UNIT: "пять", AHA: "ага", OPERATOR: "оператор"}
)
DIGITS = {
    "двенадцать триста": "12300",
    "двенадцать триста сорок": "12340",
    "двенадцать триста сорок пять": "12345",
}


def test_a_short_yes_with_the_sound_before_it() -> None:
    recogniser = ScriptedRecogniser(RECOGNISE)
    events = hear(listener(order(kind="yes_no"), recogniser), sound(0, 2000), sound(YES, 200), sound(0, 1000))
    assert [type(event) for event in events] == [SpeechBegun, SpeechEnded]
    ended = events[-1]
    assert isinstance(ended, SpeechEnded)
    assert ended.recognition.text == "да"
    assert not ended.too_long
    heard = recogniser.streams[0].pcm
    assert heard.index(b"\1\0") == len(sound(0, 300)), "the pre-roll"
    assert len(heard) == len(sound(0, 300) + sound(YES, 200) + sound(0, 512)), "to the end of the pause"


def test_nothing_said_nothing_told() -> None:
    recogniser = ScriptedRecogniser(RECOGNISE)
    assert hear(listener(order(), recogniser), sound(0, 60_000)) == []
    assert recogniser.streams == [], "no recogniser works on silence"


def test_a_click_is_dropped_and_the_answer_after_it_is_heard_alone() -> None:
    recogniser = ScriptedRecogniser(RECOGNISE)
    turn = listener(order(), recogniser)
    events = hear(turn, sound(AHA, 64), sound(0, 1000), sound(YES, 300), sound(0, 1000))
    assert [type(event) for event in events] == [SpeechBegun, SpeechEnded]
    assert markers(recogniser.streams[-1].pcm) == [0, YES, 0]


def test_the_grammar_of_the_order_is_used() -> None:
    recogniser = ScriptedRecogniser(RECOGNISE)
    hear(listener(order(grammar="abc"), recogniser), sound(YES, 300))
    hear(listener(order(grammar=None), recogniser), sound(YES, 300))
    assert recogniser.phrases == [("abc",), None]


@pytest.mark.parametrize("streaming", [True, False])
def test_a_patient_prompt_goes_on_over_an_aha(streaming: bool) -> None:
    recogniser = ScriptedRecogniser(RECOGNISE, streaming=streaming)
    turn = listener(order(barge_in=BargeIn.WORDS, prompt=30_000), recogniser)
    assert hear(turn, sound(AHA, 600), sound(0, 1000), sound(AHA, 300), sound(0, 2000)) == []
    events = hear(turn, sound(OPERATOR, 700), sound(0, 1000))
    assert [type(event) for event in events] == [SpeechBegun, SpeechEnded]


def test_words_stop_a_patient_prompt_while_they_are_said() -> None:
    turn = listener(order(barge_in=BargeIn.WORDS, prompt=30_000), ScriptedRecogniser(RECOGNISE))
    assert hear(turn, sound(AHA, 300), sound(OPERATOR, 200)) == [SpeechBegun()]


def test_without_words_in_time_length_stops_a_patient_prompt() -> None:
    turn = listener(
        order(barge_in=BargeIn.WORDS, prompt=30_000), ScriptedRecogniser(RECOGNISE, streaming=False)
    )
    assert hear(turn, sound(OPERATOR, 600)) == []
    assert hear(turn, sound(OPERATOR, 400)) == [SpeechBegun()]


def test_what_is_said_during_a_prompt_of_the_law_is_dropped_and_the_end_of_it_is_not() -> None:
    recogniser = ScriptedRecogniser(RECOGNISE)
    detector = MarkerDetector()
    turn = listener(order(barge_in=BargeIn.NEVER, prompt=5000), recogniser, detector=detector)
    events = hear(turn, sound(AHA, 3000), sound(0, 1500), sound(YES, 800), sound(0, 1000))
    assert [type(event) for event in events] == [SpeechBegun, SpeechEnded]
    assert recogniser.streams[0].pcm.startswith(sound(YES, 300 + 300)), "from the pre-roll on"
    assert markers(recogniser.streams[0].pcm) == [YES, 0]
    assert detector.windows < len(sound(0, 2800)) // 512, "the detector sleeps through the prompt"


def silence_until_the_end(events: list[object]) -> float:
    ended = events[-1]
    assert isinstance(ended, SpeechEnded)
    return ended.after_milliseconds


def test_a_number_of_known_length_ends_with_its_last_digit() -> None:
    turn = listener(order(kind="digits", digits=5), ScriptedRecogniser(RECOGNISE), digits=DIGITS.get)
    events = hear(turn, sound(NUMBER, 600), sound(TENS, 300), sound(UNIT, 300), sound(0, 3000))
    assert 250 <= silence_until_the_end([*events]) <= 320


def test_a_numeral_that_may_go_on_is_waited_for() -> None:
    recogniser = ScriptedRecogniser(RECOGNISE)
    turn = listener(order(kind="digits", digits=5), recogniser, digits=DIGITS.get)
    events = hear(turn, sound(NUMBER, 600), sound(TENS, 300), sound(0, 900), sound(UNIT, 300), sound(0, 3000))
    assert isinstance(events[-1], SpeechEnded)
    assert events[-1].recognition.text == "двенадцать триста сорок пять"


def test_too_long_a_speech_is_cut() -> None:
    events = hear(listener(order(most=3000), ScriptedRecogniser(RECOGNISE)), sound(YES, 10_000))
    assert isinstance(events[-1], SpeechEnded)
    assert events[-1].too_long


def test_the_sound_of_a_speech_is_kept_where_the_order_wants_it(tmp_path: Path) -> None:
    clips = Clips(tmp_path, 60)
    for keep in (False, True):
        ear = Ear(
            recogniser=ScriptedRecogniser(RECOGNISE),
            settings=RecognitionSettings(),
            phrases=lambda _: (),
            digits=lambda _: None,
            clips=clips,
        )
        events = hear(
            Listener(order(keep_clip=keep), ear, MarkerDetector()),
            sound(0, 900),
            sound(YES, 300),
            sound(0, 900),
        )
        assert isinstance(events[-1], SpeechEnded)
        assert bool(events[-1].clip) is keep
    ended = events[-1]
    assert isinstance(ended, SpeechEnded)
    kept = clips.keep(ended.clip or "")
    assert kept is not None
    with wave.open(str(kept)) as reader:
        assert (reader.getframerate(), reader.getsampwidth(), reader.getnchannels()) == (8000, 2, 1)
        assert markers(reader.readframes(reader.getnframes())) == [0, YES, 0]


def test_a_full_disk_costs_the_clip_and_not_the_answer(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ear = Ear(
        recogniser=ScriptedRecogniser(RECOGNISE),
        settings=RecognitionSettings(),
        phrases=lambda _: (),
        digits=lambda _: None,
        clips=Clips(tmp_path / "file", 60),
    )
    events = hear(Listener(order(keep_clip=True), ear, MarkerDetector()), sound(YES, 300), sound(0, 900))
    assert isinstance(events[-1], SpeechEnded)
    assert (events[-1].recognition.text, events[-1].clip) == ("да", None)


def test_every_kind_has_its_pause() -> None:
    pauses = PauseSettings()
    assert pause_of("yes_no", pauses) == 500
    assert pause_of("reading", pauses) == pause_of("account_number", pauses) == 1200
    assert pause_of("speech", pauses) == 700


LAYOUT = st.lists(st.tuples(st.booleans(), st.integers(64, 1500)), min_size=1, max_size=8)


@given(
    LAYOUT, st.sampled_from(list(BargeIn)), st.integers(0, 3000), st.lists(st.integers(1, 3000), min_size=1)
)
@settings(deadline=None)
def test_however_the_sound_is_cut_the_same_is_heard(
    layout: list[tuple[bool, int]], barge_in: BargeIn, prompt: int, cuts: list[int]
) -> None:
    pcm = b"".join(sound(OPERATOR if voiced else 0, length) for voiced, length in layout) + sound(0, 3000)
    assert heard_in(pcm, barge_in, prompt, [len(pcm)]) == heard_in(pcm, barge_in, prompt, cuts)


def heard_in(pcm: bytes, barge_in: BargeIn, prompt: int, cuts: list[int]) -> tuple[list[object], bytes]:
    """What happened, and the sound of the speech that ended the turn."""
    recogniser = ScriptedRecogniser(RECOGNISE, streaming=False)
    turn = listener(order(barge_in=barge_in, prompt=prompt), recogniser)
    events: list[object] = []
    rest = pcm
    for size in cycle(cuts):
        events += turn.take(rest[:size])
        rest = rest[size:]
        if events and isinstance(events[-1], SpeechEnded):
            return events, recogniser.streams[-1].pcm
        if not rest:
            return events, b""
    raise AssertionError


@given(st.lists(st.tuples(st.integers(96, 1500), st.integers(0, 400)), min_size=1, max_size=6))
@settings(deadline=None)
def test_no_part_of_a_speech_is_lost_or_doubled(parts: list[tuple[int, int]]) -> None:
    said = b"".join(sound(YES, voiced) + sound(0, pause) for voiced, pause in parts)
    recogniser = ScriptedRecogniser(RECOGNISE)
    events = hear(
        listener(replace(order(), prompt_milliseconds=0), recogniser), sound(0, 700), said, sound(0, 700)
    )
    assert isinstance(events[-1], SpeechEnded)
    assert said[: said.rindex(YES) + 1] in recogniser.streams[0].pcm


def test_a_brief_greeting_is_told_without_being_recognised() -> None:
    recogniser = ScriptedRecogniser(RECOGNISE)
    events = hear(listener(order(kind="greeting"), recogniser), sound(0, 500), sound(YES, 700), sound(0, 700))
    assert [type(event) for event in events] == [SpeechBegun, SpeechEnded]
    assert isinstance(events[-1], SpeechEnded)
    assert events[-1].recognition.text == ""
    assert events[-1].after_milliseconds <= 640, "he waits for an answer"


def test_a_long_greeting_is_recognised_from_its_first_word_on() -> None:
    recogniser = ScriptedRecogniser(RECOGNISE)
    spoken = (sound(YES, 1000), sound(0, 300), sound(OPERATOR, 1000), sound(0, 900))
    events = hear(listener(order(kind="greeting"), recogniser), sound(0, 500), *spoken)
    assert isinstance(events[-1], SpeechEnded)
    assert events[-1].recognition.text == "да оператор"
