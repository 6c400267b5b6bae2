from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ivr.speech.russian.numerals import Case, Gender
from ivr.speech.russian.numerals import cardinal as written_out
from ivr.speech.understanding.numerals import digits, number
from tests.unit.understanding import speaker

FILLERS = [
    "э",
    "ну",
    "так",
    "значит",
    "вот",
    "запишите",
    "показания",
    "это самое",
    "сейчас скажу",
    "смотрите",
]
NUMBERS = st.integers(0, 99_999_999)
DIGITS = st.text("0123456789", min_size=1, max_size=12)


@given(NUMBERS)
def test_a_cardinal_is_its_digits(value: int) -> None:
    assert digits(" ".join(speaker.cardinal(value))) == str(value)


@given(DIGITS)
def test_digits_one_by_one_are_kept_with_their_noughts(said: str) -> None:
    assert digits(" ".join(speaker.UNITS[int(digit)] for digit in said)) == said


@given(DIGITS, st.lists(st.integers(1, 3), max_size=8))
def test_groups_are_joined_as_they_are_spoken(said: str, lengths: list[int]) -> None:
    cut = speaker.groups(said, lengths)
    assume(not any(speaker.merges(before, after) for before, after in pairwise(cut)))
    assert digits(" ".join(word for piece in cut for word in speaker.group(piece))) == said


@given(NUMBERS, st.data())
def test_fillers_and_colloquial_forms_change_nothing(value: int, data: st.DataObject) -> None:
    words = speaker.disguised(speaker.cardinal(value), lambda _place: data.draw(st.booleans()))
    said: list[str] = []
    for word in words:
        said += data.draw(st.lists(st.sampled_from(FILLERS), max_size=1))
        said.append(word)
    assert digits(" ".join(said)) == str(value)


@given(NUMBERS)
def test_digits_as_whisper_writes_them(value: int) -> None:
    assert digits(f"{value:,}.") == str(value)
    assert digits(f"{value:,}".replace(",", " ")) == str(value)
    assert digits("-".join(str(value))) == str(value)
    assert digits(f"Показания: {value},6 кВт·ч") == str(value)


@given(NUMBERS, NUMBERS, st.sampled_from(["ой нет", "нет", "точнее", "вернее", "ошиблась", "то есть"]))
def test_what_came_before_a_correction_is_dropped(first: int, second: int, correction: str) -> None:
    said = [*speaker.cardinal(first), correction, *speaker.cardinal(second)]
    assert digits(" ".join(said)) == str(second)


@given(NUMBERS)
def test_decimals_are_left_out(value: int) -> None:
    said = " ".join(speaker.cardinal(value))
    assert digits(f"{said} целых шесть десятых") == str(value)
    assert digits(f"{said} и семь десятых") == str(value)


@given(
    st.sampled_from([*range(100), *range(100, 1000, 100), 2345]),
    st.sampled_from(Gender),
    st.sampled_from(Case),
)
def test_every_form_that_the_robot_can_say_is_understood(value: int, gender: Gender, case: Case) -> None:
    said = f"{written_out(value, gender, case)} ноль"
    assert digits(said) == f"{value}0"


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    found = digits(text)
    assert found is None or found.isdecimal()


@pytest.mark.parametrize(
    "text",
    [
        "что",
        "опять",
        "у меня семья",
        "смотри",
        "есть",
        "честь",
        "вести",
        "туриста",
        "одну минуту",
        "ещё раз",
        "срок",
    ],
)
def test_words_near_numerals_are_none(text: str) -> None:
    assert digits(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("сорок один", 41),
        ("нас четверо", 4),
        ("12,345", 12345),
        ("две с половиной тысячи", 2500),
        ("никого", None),
    ],
)
def test_one_quantity(text: str, expected: int | None) -> None:
    assert number(text) == expected
