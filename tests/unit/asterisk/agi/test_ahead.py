"""Type-ahead: whatever order news and replies come in, no key counts twice and none is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from ivr.asterisk.agi.ahead import Typed, TypedAhead


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


def test_news_of_gathered_keys_that_come_late_are_owed() -> None:
    ahead = TypedAhead()
    assert ahead.gathered("12") == "12"
    for key in "12#7":
        ahead.pressed(key)
    assert ahead.take(1) == Typed("7", complete=True)


def test_news_of_gathered_keys_that_came_before_the_reply() -> None:
    ahead = told(*"12#7")
    assert ahead.gathered("12") == "12"
    assert ahead.take(1) == Typed("7", complete=True)


def test_a_key_just_before_the_command_of_which_the_news_was_late() -> None:
    ahead = told(*"512#")
    assert ahead.gathered("12") == "512"
    assert ahead.take(9) == Typed("")
    assert told("5").gathered("12") == "512"


def test_the_end_alone_was_gathered() -> None:
    assert told("#").gathered("") == ""
    assert told(*"5#").gathered("") == "5"
    ahead = told(*"#7")
    assert ahead.gathered("") == ""
    assert ahead.take(1) == Typed("7", complete=True)


def test_forgotten_keys_are_gone_and_what_is_owed_stays_owed() -> None:
    ahead = told("4")
    ahead.gathered("")
    ahead.gathered("12")
    ahead.pressed("9")
    ahead.forget()
    for key in "123":
        ahead.pressed(key)
    assert ahead.take(9) == Typed("3")


def test_keys_beyond_an_answer_wait_before_all_others() -> None:
    ahead = told("9")
    ahead.put_back("78")
    assert ahead.take(3) == Typed("789", complete=True)


def test_after_missed_news_nothing_is_owed() -> None:
    ahead = told("5")
    ahead.gathered("12")
    ahead.reset()
    ahead.pressed("1")
    assert ahead.take(9) == Typed("1")


# --- any interleaving ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Press:
    """A key: gathered by the running command or thrown away by Asterisk."""

    key: str
    gathered: bool


@dataclass(frozen=True)
class Scene:
    """Keys as they were pressed, cut into commands, and how much of the news comes before each reply."""

    commands: list[list[Press]]
    late: list[int]


presses = st.builds(Press, st.sampled_from("0123456789*"), st.booleans())
scenes = st.builds(
    Scene, st.lists(st.lists(presses, max_size=5), max_size=6), st.lists(st.integers(0, 4), max_size=40)
)


def steps(scene: Scene) -> Iterator[tuple[str, str]]:
    """`news` of single keys, in order, some late, and the `reply` of each command with what it gathered."""
    queue: list[str] = []
    late = iter(scene.late)
    for command in scene.commands:
        queue += [press.key for press in command]
        for _ in range(min(next(late, 5), len(queue))):
            yield "news", queue.pop(0)
        yield "reply", "".join(press.key for press in command if press.gathered)
    while queue:
        yield "news", queue.pop(0)


@given(scene=scenes)
def test_every_key_comes_out_exactly_once(scene: Scene) -> None:
    ahead = TypedAhead()
    given_out: list[str] = []
    for kind, keys in steps(scene):
        if kind == "news":
            ahead.pressed(keys)
        else:
            given_out += ahead.gathered(keys) if keys else ahead.take(9).digits
    while typed := ahead.take(9).digits:
        given_out += typed
    assert Counter(given_out) == Counter(press.key for command in scene.commands for press in command)


@given(scene=scenes)
def test_a_key_waits_only_when_it_was_not_gathered(scene: Scene) -> None:
    """With all keys gathered nothing is ever left over, however late the news."""
    gathered = Scene(
        [[Press(press.key, True) for press in command] for command in scene.commands], scene.late
    )
    ahead = TypedAhead()
    for kind, keys in steps(gathered):
        if kind == "news":
            ahead.pressed(keys)
        elif keys:
            assert ahead.gathered(keys) == keys
    assert ahead.take(99) == Typed("")


@given(keys=st.text("0123456789*", max_size=30), most=st.integers(1, 9))
def test_without_commands_the_keys_come_in_their_order(keys: str, most: int) -> None:
    ahead = told(*keys)
    taken = ""
    while typed := ahead.take(most):
        if not typed.digits:
            break
        taken += typed.digits
    assert taken == keys
