"""Keys pressed before the question: they answer it, and those left over answer the next one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.asterisk.agi.news import KeyNews
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
    MARK,
    NOTHING,
    TURN,
    Line,
    begun,
    end,
)


async def test_keys_pressed_ahead_are_the_answer_and_nothing_is_played(line: Line) -> None:
    line.presses("12345#7")
    one_key = replace(TURN, max_keys=1)
    assert await line.asks(TURN, one_key) == [Keys("12345"), Keys("7")]
    assert line.channel.commands == []


@pytest.mark.parametrize("turn", [TURN, KEYS_ONLY])
async def test_the_rest_of_an_answer_is_gathered_in_silence(line: Line, turn: Turn) -> None:
    line.presses("320")
    line.channel.data = ["145678"]
    assert await line.asks(turn) == [Keys("320145678")]
    assert line.channel.commands == ["GET DATA  3000 6"]


async def test_part_of_an_answer_may_be_all_of_it(line: Line) -> None:
    line.presses("5")
    line.channel.data = [" (timeout)"]
    assert await line.asks(TURN) == [Keys("5")]


async def test_after_a_misunderstanding_keys_pressed_ahead_are_forgotten(line: Line) -> None:
    line.presses("5")
    line.channel.backgrounds = [(1, end(1))]
    assert await line.asks(replace(TURN, forget_ahead=True)) == [Said("да", 0.87)]


async def test_a_forgotten_key_reaches_no_command_either(line: Line) -> None:
    """It is on its way for a moment after it was told of."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        assert line.channel.commands == []
        slept.append(seconds)

    line.news = KeyNews(clock=lambda: sum(slept), sleep=sleep)
    line.news.ended("5", 0.1)
    line.channel.backgrounds = [(1, end(1))]
    assert await line.asks(replace(TURN, forget_ahead=True)) == [Said("да", 0.87)]
    assert sum(slept) >= 0.1


async def test_a_key_that_fell_between_two_commands_of_a_turn_wins_over_words(line: Line) -> None:
    line.channel.backgrounds = [(1, begun(1)), (1, end(1))]
    line.channel.data = ["2 (timeout)"]
    original = line.channel.reply

    def reply(command: str) -> str:
        if command.startswith(BACKGROUND) and len(line.channel.backgrounds) == 1:
            line.presses("1")
        return original(command)

    line.channel.reply = reply  # type: ignore[method-assign]
    assert await line.asks(TURN) == [Keys("12")]


async def test_keys_beyond_the_answer_wait_for_the_next_question(line: Line) -> None:
    original = line.channel.reply

    def reply(command: str) -> str:
        if command.startswith("GET DATA"):
            line.presses("9")  # just before the command, and told of during it
        return original(command)

    line.channel.reply = reply  # type: ignore[method-assign]
    line.channel.data = ["1"]
    one_key = replace(KEYS_ONLY, max_keys=1)
    assert await line.asks(one_key, one_key) == [Keys("9"), Keys("1")]


# --- the news of keys are late: they come behind the reply of the command ------------------------------


def late(line: Line, *news: str) -> None:
    """Before each mark the keys that were pressed until then are told of; a mark of nothing is lost."""
    line.news = KeyNews(watched=True)
    to_come = list(news)
    original = line.channel.reply

    def reply(command: str) -> str:
        if command.startswith(MARK):
            mark = command.rpartition(" ")[2].strip('"')
            told = to_come.pop(0)
            line.presses(told)
            if told:
                line.news.marked(mark)
        return original(command)

    line.channel.reply = reply  # type: ignore[method-assign]


async def test_news_of_gathered_keys_is_no_answer_to_the_next_question(line: Line) -> None:
    late(line, "12#", "3#")
    line.channel.data = ["12", "3"]
    turn = replace(KEYS_ONLY, next_key_seconds=5)
    assert await line.asks(turn, turn) == [Keys("12"), Keys("3")]


async def test_the_rest_of_an_answer_that_no_command_gathered_belongs_to_it(line: Line) -> None:
    """The fault: the tail of an account number answered the next two questions."""
    late(line, "145705#", "1", "80657#")
    line.presses("320")
    line.channel.data = ["", "1", "80657"]
    number = replace(KEYS_ONLY, next_key_seconds=5)
    yes = replace(KEYS_ONLY, max_keys=1)
    assert await line.asks(number, yes, number) == [Keys("320145705"), Keys("1"), Keys("80657")]


async def test_the_rest_is_thrown_away_whole_and_the_answer_is_whole(line: Line) -> None:
    late(line, "145705#")
    line.presses("320")
    line.channel.data = [" (timeout)"]
    assert await line.asks(KEYS_ONLY) == [Keys("320145705")]


async def test_keys_of_news_that_never_come_are_asked_for_once_more_and_answer_nothing(line: Line) -> None:
    line.settings = line.settings.model_copy(update={"key_news_seconds": 0.01})
    late(line, "")
    line.channel.data = ["12", "3"]
    turn = replace(KEYS_ONLY, next_key_seconds=5)
    assert await line.asks(turn, turn) == [Keys("12"), Keys("3")]
    assert len(line.channel.named(MARK)) == 1


async def test_a_hang_up_behind_an_answer_does_not_undo_it(line: Line) -> None:
    line.news = KeyNews(watched=True)
    line.channel.data = ["1"]
    line.channel.marks = "511 Command Not Permitted on a dead channel or intercept routine"
    assert await line.asks(replace(KEYS_ONLY, next_key_seconds=5)) == [Keys("1")]


# --- the end of an answer ------------------------------------------------------------------------------


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
