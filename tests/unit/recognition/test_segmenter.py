from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.speech.recognition.ports import BargeIn
from ivr.speech.recognition.segmenter import Rules, Segmenter, Signal

WINDOW = 32
RULES = Rules(
    threshold=0.5,
    release=0.35,
    barge_in=BargeIn.SPEECH,
    prompt=0,
    during_prompt=200,
    after_prompt=90,
    pause=500,
    most=20_000,
)
BARGE_INS = st.sampled_from(list(BargeIn))
SPANS = st.lists(st.tuples(st.booleans(), st.integers(1, 40)), max_size=12)
"""Voice or not, and for how many windows."""


def voice(windows: int) -> list[float]:
    return [0.9] * windows


def quiet(windows: int) -> list[float]:
    return [0.05] * windows


def of(spans: list[tuple[bool, int]]) -> list[float]:
    return [one for voiced, windows in spans for one in (voice(windows) if voiced else quiet(windows))]


def run(rules: Rules, probabilities: list[float]) -> list[tuple[float, Signal]]:
    """When each signal came, to the end of the first speech."""
    segmenter = Segmenter(rules)
    told: list[tuple[float, Signal]] = []
    for probability in probabilities:
        for signal in segmenter.hear(probability, WINDOW):
            told.append((segmenter.now, signal))
            if signal in {Signal.ENDED, Signal.TOO_LONG}:
                return told
    return told


def signals(rules: Rules, probabilities: list[float]) -> list[Signal]:
    return [signal for _, signal in run(rules, probabilities)]


def test_a_word_after_the_prompt() -> None:
    told = run(RULES, quiet(20) + voice(10) + quiet(40))
    assert told == [
        (21 * WINDOW, Signal.ONSET),
        (23 * WINDOW, Signal.BEGUN),
        (46 * WINDOW, Signal.ENDED),
    ]


def test_a_short_yes_after_the_prompt_is_heard_and_a_click_is_not() -> None:
    assert Signal.ENDED in signals(RULES, voice(3) + quiet(30))
    assert signals(RULES, voice(2) + quiet(30)) == [Signal.ONSET, Signal.NOISE]


def test_during_the_prompt_it_takes_longer() -> None:
    rules = replace(RULES, prompt=10_000)
    assert signals(rules, voice(6) + quiet(30)) == [Signal.ONSET, Signal.NOISE]
    assert signals(rules, voice(7) + quiet(30)) == [Signal.ONSET, Signal.BEGUN, Signal.ENDED]


def test_a_short_yes_over_the_end_of_the_prompt_is_heard() -> None:
    rules = replace(RULES, prompt=6 * WINDOW)
    assert signals(rules, quiet(1) + voice(4) + quiet(30)) == [Signal.ONSET, Signal.BEGUN, Signal.ENDED]


def test_a_dip_in_the_voice_does_not_end_it_and_a_faint_sound_does_not_revive_it() -> None:
    segmenter = Segmenter(RULES)
    for probability in (0.9, 0.4, 0.4):
        segmenter.hear(probability, WINDOW)
    assert (segmenter.voiced, segmenter.silent) == (3 * WINDOW, 0)
    for probability in (0.1, 0.4):
        segmenter.hear(probability, WINDOW)
    assert (segmenter.voiced, segmenter.silent) == (3 * WINDOW, 2 * WINDOW)


def test_the_pause_may_be_shortened_in_mid_speech() -> None:
    segmenter = Segmenter(replace(RULES, pause=1200))
    for probability in voice(10) + quiet(6):
        assert Signal.ENDED not in segmenter.hear(probability, WINDOW)
    segmenter.pause = 200
    assert segmenter.hear(0.0, WINDOW) == [Signal.ENDED]


def test_after_a_speech_that_does_not_count_another_one_is_found() -> None:
    segmenter = Segmenter(RULES)
    for probability in voice(10):
        segmenter.hear(probability, WINDOW)
    segmenter.forget()
    told = [signal for probability in voice(3) + quiet(16) for signal in segmenter.hear(probability, WINDOW)]
    assert told == [Signal.ONSET, Signal.BEGUN, Signal.ENDED]


def test_where_words_count_length_does_not() -> None:
    rules = replace(RULES, barge_in=BargeIn.WORDS, prompt=60_000, during_prompt=3_600_000)
    assert signals(rules, voice(60) + quiet(30)) == [Signal.ONSET, Signal.ENDED]


@pytest.mark.parametrize("barge_in", [BargeIn.SPEECH, BargeIn.WORDS])
def test_a_radio_that_never_pauses_ends_nothing_before_it_has_begun(barge_in: BargeIn) -> None:
    rules = replace(RULES, barge_in=barge_in, prompt=60_000, during_prompt=3_600_000, most=3000)
    assert signals(rules, voice(100)) == [Signal.ONSET, Signal.NOISE, Signal.ONSET]


@settings(deadline=None)
@given(SPANS, BARGE_INS, st.integers(0, 4000))
def test_signals_come_in_order(spans: list[tuple[bool, int]], barge_in: BargeIn, prompt: int) -> None:
    rules = replace(RULES, barge_in=barge_in, prompt=prompt)
    follow = {
        None: {Signal.ONSET},
        Signal.NOISE: {Signal.ONSET},
        Signal.ONSET: {Signal.BEGUN, Signal.NOISE, Signal.ENDED},
        Signal.BEGUN: {Signal.ENDED, Signal.TOO_LONG},
    }
    before: Signal | None = None
    for signal in signals(rules, of(spans)):
        assert signal in follow[before]
        assert signal is not Signal.ENDED or before is Signal.BEGUN or barge_in is BargeIn.WORDS
        before = signal


@settings(deadline=None)
@given(SPANS, BARGE_INS, st.integers(0, 4000), st.integers(3, 50))
def test_speech_after_the_prompt_is_never_lost(
    before: list[tuple[bool, int]], barge_in: BargeIn, prompt: int, windows: int
) -> None:
    rules = replace(RULES, barge_in=barge_in, prompt=prompt)
    lead = of(before)
    lead += quiet(max(0, prompt // WINDOW + 1 - len(lead)) + 20)
    told = run(rules, lead + voice(windows) + quiet(20))
    assert told[-1][1] is Signal.ENDED


@settings(deadline=None)
@given(SPANS, st.integers(1, 4000))
def test_a_prompt_of_the_law_is_not_interrupted(spans: list[tuple[bool, int]], prompt: int) -> None:
    rules = replace(RULES, barge_in=BargeIn.NEVER, prompt=prompt)
    assert all(at >= prompt for at, _ in run(rules, of(spans)))


@settings(deadline=None)
@given(st.integers(1, 4000), st.integers(0, 40), st.integers(3, 40))
def test_who_talks_over_the_end_of_a_prompt_of_the_law_is_heard(prompt: int, over: int, after: int) -> None:
    rules = replace(RULES, barge_in=BargeIn.NEVER, prompt=prompt)
    lead = -(-prompt // WINDOW)
    told = run(rules, quiet(max(0, lead - over)) + voice(min(lead, over) + after) + quiet(20))
    assert [signal for _, signal in told] == [Signal.ONSET, Signal.BEGUN, Signal.ENDED]
    assert told[0][0] <= prompt + 2 * WINDOW


@settings(deadline=None)
@given(st.lists(st.integers(1, 6), max_size=8))
def test_short_sounds_far_from_the_end_never_stop_a_prompt(lengths: list[int]) -> None:
    rules = replace(RULES, prompt=60_000)
    told = signals(rules, [one for length in lengths for one in voice(length) + quiet(17)])
    assert told == [Signal.ONSET, Signal.NOISE] * len(lengths)


@settings(deadline=None)
@given(SPANS, st.integers(1000, 5000))
def test_no_speech_is_longer_than_the_longest(spans: list[tuple[bool, int]], most: int) -> None:
    told = run(replace(RULES, most=most), of(spans) + voice(200))
    onset = [at for at, signal in told if signal is Signal.ONSET][-1]
    assert told[-1][1] in {Signal.ENDED, Signal.TOO_LONG}
    assert told[-1][0] - onset <= most
