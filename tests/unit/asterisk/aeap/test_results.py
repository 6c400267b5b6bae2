"""What happens in a turn survives its way through Asterisk's results."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.asterisk.aeap.results import (
    ALTERNATIVES,
    EXPRESSION,
    TEXT_CHARS,
    Gone,
    Heard,
    Nothing,
    Pressed,
    line,
    outcome,
    results,
)
from ivr.speech.recognition.ports import Alternative, HearingFailed, Recognition, SpeechBegun, SpeechEnded


def channel(pushed: list[dict[str, Any]]) -> str:
    """The value of EXPRESSION on a channel that took these results: the last one is number 0."""
    found = list(reversed(pushed))

    def one(kind: str, number: int) -> str:
        return str(found[number][kind]) if number < len(found) else ""

    values = EXPRESSION.replace("${SPEECH(results)}", str(len(found)))
    for number in range(ALTERNATIVES + 1):
        for kind in ("grammar", "score", "text"):
            values = values.replace(f"${{SPEECH_{kind.upper()}({number})}}", one(kind, number))
    return values


def ended(
    text: str, *others: str, clip: str | None = None, too_long: bool = False, after: float = 0.0
) -> SpeechEnded:
    alternatives = tuple(Alternative(other, 0.1) for other in others)
    return SpeechEnded(Recognition(text, 0.87, alternatives), too_long, clip, after)


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (SpeechBegun(), SpeechBegun()),
        (HearingFailed("overloaded"), HearingFailed("overloaded")),
        (Gone(), Gone()),
        (ended("да"), Heard("да", 0.87)),
        (ended(""), Heard("", 0.87)),
        (ended("да", "два", "дай"), Heard("да", 0.87, ("два", "дай"))),
        (ended("да", "", "дай"), Heard("да", 0.87, ("дай",))),
        (ended("да", clip="5f-0a", too_long=True), Heard("да", 0.87, (), True, "5f-0a")),
        (ended("да", after=411.6), Heard("да", 0.87, after_seconds=0.412)),
    ],
)
def test_an_event_arrives(event: Any, expected: Any) -> None:
    assert outcome(channel(results(7, event)), 7) == expected
    assert line(results(7, event)) == channel(results(7, event))


def test_results_of_another_turn_are_none() -> None:
    assert outcome(channel(results(6, ended("да"))), 7) == Nothing()


def test_an_end_behind_a_barge_in_that_nobody_has_read() -> None:
    assert outcome(channel([*results(7, SpeechBegun()), *results(7, ended("да"))]), 7) == Heard("да", 0.87)


def test_keys_come_with_asterisks_own_grammar() -> None:
    assert outcome("1|dtmf|1000|320145678||", 7) == Pressed("320145678")


@pytest.mark.parametrize("values", ["", "0||||||", "|", "0", "1|7|9|x", "1|:end|9|x", "1|7:sung|1|x", "1"])
def test_what_is_no_result_is_none(values: str) -> None:
    assert outcome(values, 7) == Nothing()


def test_a_reason_or_a_clip_that_is_no_word_does_not_break_the_grammar() -> None:
    assert outcome(channel(results(7, HearingFailed("a:b|c"))), 7) == HearingFailed("unknown")
    heard = outcome(channel(results(7, ended("да", clip="../x y"))), 7)
    assert heard == Heard("да", 0.87, clip="unknown")


texts = st.text(max_size=40)


@given(text=texts, others=st.lists(texts, max_size=5), confidence=st.floats(-1, 2))
def test_any_text_arrives_as_one_line_of_the_same_words(
    text: str, others: list[str], confidence: float
) -> None:
    recognition = Recognition(text, confidence, tuple(Alternative(other, 0.2) for other in others))
    heard = outcome(channel(results(3, SpeechEnded(recognition))), 3)
    assert isinstance(heard, Heard)
    assert not set(heard.text) & set("\r\n\0|")
    assert 0 <= heard.confidence <= 1
    assert len(heard.alternatives) <= ALTERNATIVES
    if text.isalpha():
        assert heard.text == text


def test_a_text_without_end_is_cut_to_what_asterisk_takes() -> None:
    heard = outcome(channel(results(3, ended("ж" * 9000))), 3)
    assert isinstance(heard, Heard)
    assert len(heard.text) == TEXT_CHARS
    assert len(heard.text.encode()) < 4096
