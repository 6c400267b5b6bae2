from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.speech.recognition.whisper_words import (
    agreement,
    in_grammar,
    manner,
    plain,
    said_once,
    without_tail,
)

NUMERALS = frozenset(
    ("ноль", "один", "два", "три", "пять", "двенадцать", "двадцать", "тридцать", "триста", "сорок", "тысяч")
)
WORDS = st.lists(st.sampled_from(sorted(NUMERALS)), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("Да!", "да"),
        ("Хочу передать, пожалуйста...", "хочу передать пожалуйста"),
        ("12,345.", "12,345"),
        ("1-2-3, да", "1-2-3 да"),
        ("320-145-678", "320-145-678"),
        ("что-то", "что-то"),
        ("«Ёлка» — Ёж", "ёлка ёж"),
        (" ... ", ""),
    ],
)
def test_case_and_punctuation_go_but_not_within_numbers(written: str, text: str) -> None:
    assert plain(written) == text


@pytest.mark.parametrize(
    "text",
    [
        "Продолжение следует...",
        "Субтитры сделал DimaTorzok",
        "Редактор субтитров А.Семкин Корректор А.Егорова",
        "Спасибо за просмотр!",
        "ТРЕВОЖНАЯ МУЗЫКА",
        "Веселая музыка",
    ],
)
def test_what_whisper_makes_of_silence_is_known(text: str) -> None:
    assert manner().invented(plain(text))


@pytest.mark.parametrize("text", ["да", "спасибо", "музыка играет громко", "12 305", "нет света"])
def test_what_callers_say_is_not_taken_for_silence(text: str) -> None:
    assert not manner().invented(text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("сорок один", "41"),
        ("двенадцать триста пять", "12 305"),
        ("двенадцать триста пять", "12,305"),
        ("ноль ноль пять", "005"),
        ("да верно", "даверно"),
        ("триста двадцать сто сорок пять шестьсот семьдесят восемь", "320145678"),
    ],
)
def test_the_same_sounds_the_same(one: str, other: str) -> None:
    assert agreement(one, other) == 1.0


def test_a_text_without_an_end_is_compared_by_its_beginning() -> None:
    assert agreement("девять пять семь семь", "9 5 7 7 9 9 9 9 9", begun=True) == 1.0
    assert agreement("девять пять семь семь", "9 5 7 7 9 9 9 9 9") < 0.8


def test_something_else_does_not() -> None:
    assert agreement("да нет нет", "какие документы нужны для договора") < 0.5
    assert agreement("верно", "320456178") < 0.5


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("двенадцать триста", "двенадцать триста"),
        ("трицать пять", "тридцать пять"),
        ("двенадцать музыка", None),
        ("", ""),
    ],
)
def test_misspelt_words_are_mended_and_others_refused(text: str, mended: str | None) -> None:
    assert in_grammar(text, NUMERALS) == mended


@given(WORDS)
def test_words_of_the_grammar_stay(words: list[str]) -> None:
    text = " ".join(words)
    assert in_grammar(text, NUMERALS) == text


@given(WORDS, st.integers(2, 6))
def test_what_is_all_repeated_counts_once(words: list[str], times: int) -> None:
    once = said_once(" ".join(words * times))
    assert " ".join(words * times).startswith(once)
    assert len(once.split()) <= len(words)


def test_a_short_answer_given_twice_stays() -> None:
    assert said_once("пять пять", 3) == "пять пять"
    assert said_once("почему нет света почему нет света", 3) == "почему нет света"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("9 5 7 7 9 9 9 9 9", "9 5 7 7 9"),
        ("7 8 9 0 7 8 9 0 7 8 9 0 7 8", "7 8 9 0"),
        ("с с с с с с", "с"),
        ("5 5", "5 5"),
        ("да нет да нет", "да нет да нет"),
        ("", ""),
    ],
)
def test_an_endless_tail_is_cut(written: str, said: str) -> None:
    assert without_tail(written) == said


@given(WORDS)
def test_a_cut_text_is_the_beginning_of_what_was_written(words: list[str]) -> None:
    assert " ".join(words).startswith(without_tail(" ".join(words)))


def test_a_hint_is_only_given_where_its_words_may_be_said() -> None:
    hint = manner().hints[0]
    words = frozenset(plain(hint).split())
    assert manner().hint_for(words | {"да"}) == hint
    assert manner().hint_for(words - {"сорок"}) is None
