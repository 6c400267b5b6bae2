"""How much sound a thread is woken for: more where less could not matter, and nothing is told later."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.speech.recognition.listener import Listener
from ivr.speech.recognition.ports import BargeIn, SpeechEnded, TurnEvent
from ivr.speech.recognition.segmenter import Rules, Segmenter, Signal
from ivr.speech.recognition.vad import WINDOW_BYTES, WINDOW_MILLISECONDS
from tests.unit.recognition.fakes import ScriptedRecogniser, listener, order, sound, words

WINDOW = WINDOW_MILLISECONDS
LEAST = 60 * 16
DECIDING = {Signal.BEGUN, Signal.ENDED, Signal.TOO_LONG}
YES, NUMBER = 1, 2
RECOGNISE = words({YES: "да", NUMBER: "двенадцать триста пять"})

RULES = st.builds(
    Rules,
    threshold=st.just(0.5),
    release=st.just(0.35),
    barge_in=st.sampled_from(BargeIn),
    prompt=st.integers(0, 3000),
    during_prompt=st.integers(60, 900),
    after_prompt=st.integers(30, 300),
    pause=st.integers(100, 1200),
    most=st.integers(1000, 4000),
)
PROBABILITIES = st.lists(
    st.tuples(st.sampled_from([0.0, 0.4, 0.9]), st.integers(1, 30)), min_size=1, max_size=12
).map(lambda spans: [probability for probability, count in spans for _ in range(count)])


@given(RULES, PROBABILITIES)
@settings(max_examples=300, deadline=None)
def test_nothing_is_decided_before_the_patience_is_over(rules: Rules, heard: list[float]) -> None:
    segmenter = Segmenter(rules)
    decided_from = 0.0
    for probability in heard:
        decided_from = max(decided_from, segmenter.now + segmenter.patience)
        signals = segmenter.hear(probability, WINDOW)
        if DECIDING.intersection(signals):
            assert segmenter.now >= decided_from
            return
        if signals:
            decided_from = 0.0


def told(turn: Listener, pcm: bytes, *, patient: bool) -> tuple[list[tuple[TurnEvent, int]], int]:
    """What was told after how much sound, and how often a thread was woken."""
    events: list[tuple[TurnEvent, int]] = []
    place = wakings = 0
    while place < len(pcm):
        place += turn.wanted_bytes if patient else LEAST
        size = turn.wanted_bytes if patient else LEAST
        found = turn.take(pcm[place - size : place])
        wakings += 1
        events += [(event, place) for event in found]
        if any(isinstance(event, SpeechEnded) for event in found):
            break
    return events, wakings


LAYOUT = st.lists(st.tuples(st.integers(64, 1500), st.integers(0, 400)), min_size=1, max_size=5)


@given(LAYOUT, st.integers(0, 3000), st.sampled_from([BargeIn.NEVER, BargeIn.SPEECH]))
@settings(deadline=None)
def test_nothing_is_told_later_than_in_the_least_batches(
    layout: list[tuple[int, int]], prompt: int, barge_in: BargeIn
) -> None:
    said = b"".join(sound(YES, voice) + sound(0, pause) for voice, pause in layout)
    pcm = sound(0, 700) + said + sound(0, 3000)
    of = order(prompt=prompt, barge_in=barge_in)
    patient, few = told(listener(of, ScriptedRecogniser(RECOGNISE)), pcm, patient=True)
    least, many = told(listener(of, ScriptedRecogniser(RECOGNISE)), pcm, patient=False)
    assert [type(event) for event, _ in patient] == [type(event) for event, _ in least]
    assert all(place <= earliest + LEAST for (_, place), (_, earliest) in zip(patient, least, strict=True))
    assert few <= many


def test_a_thread_sleeps_while_a_prompt_is_played_to_a_silent_caller() -> None:
    turn = listener(order(prompt=30_000), ScriptedRecogniser(RECOGNISE))
    _, wakings = told(turn, sound(0, 10_000), patient=True)
    assert wakings * WINDOW_BYTES * 5 >= len(sound(0, 10_000)) - WINDOW_BYTES * 5
    assert wakings <= 10_000 / 150


def test_the_pause_after_a_number_is_watched_closely() -> None:
    """The text may shorten it at any moment."""
    number = replace(order(kind="digits", digits=5), prompt_milliseconds=0)
    turn = listener(number, ScriptedRecogniser(RECOGNISE), digits={"двенадцать триста пять": "12305"}.get)
    turn.take(sound(NUMBER, 600) + sound(0, 64))
    assert turn.wanted_bytes == LEAST
    choice = listener(order(), ScriptedRecogniser(RECOGNISE))
    choice.take(sound(YES, 600) + sound(0, 64))
    assert choice.wanted_bytes > 3 * LEAST
