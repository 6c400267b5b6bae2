"""Type-ahead: no key counts twice, none is lost, and an answer ends where the caller has ended it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.asterisk.agi.ahead import END, Typed, TypedAhead


def told(*keys: str) -> TypedAhead:
    ahead = TypedAhead()
    for key in keys:
        ahead.pressed(key)
    return ahead


def test_keys_before_a_question_are_its_answer() -> None:
    assert told("1").take(1) == Typed("1", complete=True)


def test_a_hash_ends_an_answer_and_the_next_one_waits() -> None:
    ahead = told(*"320#15#")
    assert ahead.take(9) == Typed("320", complete=True)
    assert ahead.take(2) == Typed("15", complete=True)
    assert ahead.take(9) == Typed("")


def test_part_of_an_answer_is_its_beginning() -> None:
    assert told(*"320").take(9) == Typed("320", complete=False)


def test_a_hash_behind_a_full_answer_is_no_answer() -> None:
    ahead = told(*"320145678#")
    assert ahead.take(9) == Typed("320145678", complete=True)
    assert ahead.take(1) == Typed("")
    assert told("#").take(1) == Typed("")


# --- with what a command has gathered ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "digits", "most", "answer", "waiting"),
    [
        pytest.param("12#7", "12", 9, "12", "7", id="all were gathered"),
        pytest.param("512#", "12", 9, "512", "", id="a key just before the command"),
        pytest.param("1145#", "145", 9, "1145", "", id="the same key just before the command"),
        pytest.param("11#", "1", 9, "11", "", id="the command ended with the hash"),
        pytest.param("112", "1", 1, "1", "12", id="the command ended with its only key"),
        pytest.param("95", "5", 1, "9", "5", id="no room for the last one"),
        pytest.param("5#1#", "1", 9, "5", "1", id="an answer just before the command"),
        pytest.param("5#", "5", 9, "5", "", id="a hash and nothing behind it"),
        pytest.param("123#4", "123", 3, "123", "4", id="a hash behind a full answer"),
        pytest.param("#12", "12", 9, "12", "", id="a hash of the answer before"),
        pytest.param("#7", "", 9, "", "7", id="a hash alone"),
        pytest.param("5#", "", 9, "5", "", id="a hash alone, and a key just before"),
        pytest.param("51", "12", 9, "512", "", id="the last one was not told of"),
        pytest.param("7", "12", 9, "712", "", id="none of them was told of"),
        pytest.param("", "12", 9, "12", "", id="nothing was told of"),
        pytest.param("", "", 9, "", "", id="not even the hash was told of"),
        pytest.param("12", "1D2", 9, "12", "", id="and a key that nobody pressed"),
    ],
)
def test_what_a_command_has_gathered_ends_the_answer(
    keys: str, digits: str, most: int, answer: str, waiting: str
) -> None:
    ahead = told(*keys)
    assert ahead.gathered(digits, most) == answer
    assert ahead.take(99).digits == waiting


def test_it_is_known_whether_the_news_of_gathered_keys_have_come() -> None:
    assert told(*"512").knows("12")
    assert told(*"12#").knows("")
    assert not told(*"152").knows("12")
    assert not told(*"12").knows("")


def test_forgotten_keys_are_gone() -> None:
    ahead = told(*"12#3")
    ahead.forget()
    assert ahead.take(9) == Typed("")


def test_a_hash_alone_answers_nothing() -> None:
    assert told("#").empty
    assert not told("#", "1").empty


# --- whatever is gathered and whatever is thrown away --------------------------------------------------


@given(
    thrown=st.text("0123456789*", max_size=4),
    digits=st.text("0123456789*", min_size=1, max_size=8),
    most=st.integers(8, 12),
    then=st.lists(st.text("0123456789*", min_size=1, max_size=6), max_size=3),
)
def test_every_answer_is_what_was_pressed_for_it(
    thrown: str, digits: str, most: int, then: list[str]
) -> None:
    """Of the first one some keys fell before the command; all others were pressed ahead."""
    ahead = told(*thrown, *digits, END)
    for answer in then:
        for key in (*answer, END):
            ahead.pressed(key)
    expected = "".join((*thrown, *digits))
    answers = [ahead.gathered(digits, 99), *(ahead.take(most).digits for _ in then)]
    assert answers == [expected, *then]


@given(keys=st.text("0123456789*", max_size=30), most=st.integers(1, 9))
def test_without_commands_the_keys_come_in_their_order(keys: str, most: int) -> None:
    ahead = told(*keys)
    taken = ""
    while typed := ahead.take(most):
        if not typed.digits:
            break
        taken += typed.digits
    assert taken == keys
