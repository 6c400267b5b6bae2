"""Keys pressed before the question: they answer it, and those left over answer the next one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.dialogue.ports import (
    Keys,
    Listen,
    Said,
    Turn,
)
from tests.contract.agi.speaking import (
    BACKGROUND,
    KEYS_ONLY,
    LISTEN,
    NOTHING,
    TURN,
    Line,
    begun,
    end,
)


async def test_keys_pressed_ahead_are_the_answer_and_nothing_is_played(line: Line) -> None:
    for key in "12345#7":
        line.ahead.pressed(key)
    one_key = replace(TURN, max_keys=1)
    assert await line.asks(TURN, one_key) == [Keys("12345"), Keys("7")]
    assert line.channel.commands == []


@pytest.mark.parametrize("turn", [TURN, KEYS_ONLY])
async def test_the_rest_of_an_answer_is_gathered_in_silence(line: Line, turn: Turn) -> None:
    for key in "320":
        line.ahead.pressed(key)
    line.channel.data = ["145678"]
    assert await line.asks(turn) == [Keys("320145678")]
    assert line.channel.commands == ["GET DATA  3000 6"]


async def test_part_of_an_answer_may_be_all_of_it(line: Line) -> None:
    line.ahead.pressed("5")
    line.channel.data = [" (timeout)"]
    assert await line.asks(TURN) == [Keys("5")]


async def test_after_a_misunderstanding_keys_pressed_ahead_are_forgotten(line: Line) -> None:
    line.ahead.pressed("5")
    line.channel.backgrounds = [(1, end(1))]
    assert await line.asks(replace(TURN, forget_ahead=True)) == [Said("да", 0.87)]


async def test_a_key_that_fell_between_two_commands_of_a_turn_wins_over_words(line: Line) -> None:
    line.channel.backgrounds = [(1, begun(1)), (1, end(1))]
    line.channel.data = ["2 (timeout)"]
    original = line.channel.reply

    def reply(command: str) -> str:
        if command.startswith(BACKGROUND) and len(line.channel.backgrounds) == 1:
            line.ahead.pressed("1")
        return original(command)

    line.channel.reply = reply  # type: ignore[method-assign]
    assert await line.asks(TURN) == [Keys("12")]


async def test_keys_beyond_the_answer_wait_for_the_next_question(line: Line) -> None:
    original = line.channel.reply

    def reply(command: str) -> str:
        if command.startswith("GET DATA"):
            line.ahead.pressed("9")  # just before the command, and told of during it
        return original(command)

    line.channel.reply = reply  # type: ignore[method-assign]
    line.channel.data = ["1"]
    one_key = replace(KEYS_ONLY, max_keys=1)
    assert await line.asks(one_key, one_key) == [Keys("9"), Keys("1")]


async def test_news_of_gathered_keys_is_no_answer_to_the_next_question(line: Line) -> None:
    line.channel.data = ["12", "3"]
    original = line.channel.reply
    calls = 0

    def reply(command: str) -> str:
        nonlocal calls
        if command.startswith("GET DATA"):
            calls += 1
            for key in ("", "12#")[calls - 1]:
                line.ahead.pressed(key)  # the news of the first answer come with the second question
        return original(command)

    line.channel.reply = reply  # type: ignore[method-assign]
    turn = replace(KEYS_ONLY, next_key_seconds=5)
    assert await line.asks(turn, turn) == [Keys("12"), Keys("3")]


@pytest.mark.parametrize("listen", [LISTEN, None], ids=["voice", "keys"])
async def test_a_hash_behind_a_full_answer_is_no_answer_to_the_next_question(
    line: Line, listen: Listen | None
) -> None:
    turn = replace(TURN, max_keys=3, next_key_seconds=5, listen=listen)
    line.channel.backgrounds = [(1, "1|dtmf|1000|123||"), (0.2, NOTHING), (1, "1|dtmf|1000|45||")]
    line.channel.states = ["2:waiting"]
    line.channel.data = ["123", "", "45"]
    assert await line.asks(turn, turn) == [Keys("123"), Keys("45")]


async def test_a_second_hash_is_an_answer(line: Line) -> None:
    turn = replace(KEYS_ONLY, max_keys=3, next_key_seconds=5)
    line.channel.data = ["123", "", "", ""]
    assert await line.asks(turn, turn, turn) == [Keys("123"), Keys(""), Keys("")]
