"""Turns in which the caller may speak: which commands they become, and what the recogniser's words mean."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.asterisk.agi import AgiSession, AgiSettings
from ivr.dialogue.ports import (
    CallerGone,
    Deaf,
    Heard,
    Keys,
    QueueRequest,
    Said,
    Silence,
    Speech,
)
from ivr.speech.recognition.ports import BargeIn, Slot, TurnOrder
from tests.contract.agi.fake_asterisk import FakeAsterisk
from tests.contract.agi.harness import serving, until
from tests.contract.agi.speaking import (
    BACKGROUND,
    HELLO,
    KEYS_ONLY,
    LAW,
    NOTHING,
    ORDER,
    PROMPT_SECONDS,
    TURN,
    Channel,
    Line,
    begun,
    end,
)

# --- what is said and pressed --------------------------------------------------------------------------


async def test_words_at_the_prompt(line: Line) -> None:
    line.channel.backgrounds = [(1.2, begun(1)), (1.5, end(1, "да", others="два|дай|"))]
    assert await line.asks(TURN) == [Said("да", 0.87, ("два", "дай"))]
    hello, nothing = line.folder / "hello", line.folder / "silence"
    assert line.channel.named(BACKGROUND) == [
        f"{BACKGROUND} {hello},5.000",
        f"{BACKGROUND} {nothing},3.000",
    ]
    assert line.orders == [
        TurnOrder(number=1, slot=Slot.CLOSED, prompt_milliseconds=int(PROMPT_SECONDS * 1000))
    ]


async def test_one_connection_serves_all_turns_of_a_call(line: Line) -> None:
    line.channel.backgrounds = [(1, begun(1)), (1, end(1)), (1, end(2, "нет"))]
    assert await line.asks(TURN, TURN) == [Said("да", 0.87), Said("нет", 0.87)]
    assert len(line.channel.named("EXEC SpeechCreate ivr-hearing")) == 1
    assert line.channel.named("SET VARIABLE SPEECH_ENGINE(call) c-1")
    assert [order.number for order in line.orders] == [1, 2]
    assert len(line.channel.named("EXEC MSet")) == 1


async def test_the_whole_turn_is_five_commands_once_connected(line: Line) -> None:
    line.channel.backgrounds = [(1, end(1)), (1, begun(2)), (1, end(2))]
    await line.asks(TURN, TURN)
    second = line.channel.commands[line.channel.commands.index(line.channel.named(ORDER)[1]) :]
    assert [command.partition(" $")[0].split(",")[0].split(" /")[0] for command in second[1:]] == [
        BACKGROUND,
        "GET FULL VARIABLE",
        BACKGROUND,
        "GET FULL VARIABLE",
    ]


async def test_silence(line: Line) -> None:
    line.channel.backgrounds, line.channel.states = [(7.01, NOTHING)], ["1:waiting"]
    assert await line.asks(TURN) == [Silence()]


async def test_keys_win(line: Line) -> None:
    line.channel.backgrounds = [(1, begun(1)), (2, "1|dtmf|1000|320145678||")]
    assert await line.asks(TURN) == [Keys("320145678")]
    assert line.channel.named("EXEC MSet") == [
        "EXEC MSet SPEECH_DTMF_MAXLEN=9,SPEECH_DTMF_TERMINATOR=#,TIMEOUT(digit)=3.000"
    ]


@pytest.mark.parametrize("backgrounds", [[(1.0, NOTHING)], [(1.0, begun(1)), (0.5, NOTHING)]])
async def test_a_hash_alone_ends_the_command_early(line: Line, backgrounds: list[tuple[float, str]]) -> None:
    line.channel.backgrounds, line.channel.states = list(backgrounds), ["1:speaking"]
    assert await line.asks(TURN) == [Keys("")]


async def test_too_long_a_speech_has_no_words(line: Line) -> None:
    line.channel.backgrounds = [(1, begun(1)), (6, end(1, "много слов", ":long:clip=5f"))]
    assert await line.asks(TURN) == [Said("", 0.0, (), "5f")]


async def test_a_noise_has_no_words_and_may_have_a_clip(line: Line) -> None:
    line.channel.backgrounds = [(1, end(1, "", ":clip=7a"))]
    assert await line.asks(TURN) == [Said("", 0.87, (), "7a")]


async def test_speech_that_began_as_the_time_was_over_is_heard_to_its_end(line: Line) -> None:
    line.channel.backgrounds = [(7.01, NOTHING), (1, end(1))]
    line.channel.states = ["1:speaking"]
    assert await line.asks(TURN) == [Said("да", 0.87)]


async def test_a_long_speech_is_looked_after(line: Line) -> None:
    line.channel.backgrounds = [(1, begun(1)), (3.01, NOTHING), (3.01, NOTHING), (1, end(1))]
    line.channel.states = ["1:speaking", "1:speaking"]
    assert await line.asks(TURN) == [Said("да", 0.87)]


@pytest.mark.parametrize("backgrounds", [[(7.01, NOTHING)], [(1, begun(1)), (3.01, NOTHING)]])
async def test_a_result_that_got_lost_on_its_way_is_asked_for(
    line: Line, backgrounds: list[tuple[float, str]]
) -> None:
    line.channel.backgrounds, line.channel.states = list(backgrounds), ["1:ended"]
    line.channel.kept = end(1)
    assert await line.asks(TURN) == [Said("да", 0.87)]


async def test_a_result_of_an_earlier_turn_is_not_heard(line: Line) -> None:
    line.channel.backgrounds = [(1, end(1)), (7.01, end(1, "поздно"))]
    line.channel.states = ["2:waiting"]
    assert await line.asks(TURN, TURN) == [Said("да", 0.87), Silence()]


@pytest.mark.parametrize(
    ("speech", "barge_in"),
    [
        (HELLO, BargeIn.SPEECH),
        (replace(HELLO, by_voice=False), BargeIn.NEVER),
        (replace(HELLO, patient=True), BargeIn.WORDS),
        (replace(HELLO, patient=True, by_voice=False), BargeIn.NEVER),
    ],
)
async def test_what_stops_the_prompt(line: Line, speech: Speech, barge_in: BargeIn) -> None:
    line.channel.backgrounds = [(1, end(1))]
    await line.asks(replace(TURN, speech=speech))
    assert line.orders[0].barge_in is barge_in


async def test_what_the_law_requires_is_played_before_anybody_listens(line: Line) -> None:
    line.channel.backgrounds = [(1, end(1))]
    await line.asks(replace(TURN, speech=LAW))
    commands = line.channel.commands
    assert commands[0] == f"STREAM FILE {line.folder / 'law'} "
    assert line.channel.named(BACKGROUND) == [f"{BACKGROUND} {line.folder / 'silence'},5.000"]
    assert line.orders[0].prompt_milliseconds == 0


# --- nobody listens ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "heard"), [("12", Keys("12")), (" (timeout)", Deaf("away", keys_awaited=True)), ("", Keys(""))]
)
async def test_without_a_recogniser_the_question_is_asked_for_keys(
    line: Line, data: str, heard: Heard
) -> None:
    line.channel.connects, line.channel.data = [False], [data]
    assert await line.asks(replace(TURN, next_key_seconds=5)) == [heard]
    assert line.channel.named("GET DATA") == [f"GET DATA {line.folder / 'hello'} 5000 9"]


async def test_the_next_question_after_a_pause_tries_again(line: Line) -> None:
    line.channel.connects, line.channel.data = [False, True], ["1", "2"]
    line.channel.backgrounds = [(1, end(3))]
    one_pause = replace(TURN, next_key_seconds=5)

    original = line.channel.reply

    def reply(command: str) -> str:
        if command.startswith("GET DATA") and len(line.channel.data) == 1:
            line.channel.now += line.settings.listen_retry_seconds
        return original(command)

    line.channel.reply = reply  # type: ignore[method-assign]
    assert await line.asks(one_pause, one_pause, one_pause) == [Keys("1"), Keys("2"), Said("да", 0.87)]
    assert len(line.channel.named("EXEC SpeechCreate")) == 2


async def test_an_asterisk_without_the_speech_api_leaves_keys(line: Line) -> None:
    line.channel.data = ["1"]
    original = line.channel.reply

    def reply(command: str) -> str:
        if command.startswith("EXEC SpeechCreate"):
            return "200 result=-2"
        return original(command)

    line.channel.reply = reply  # type: ignore[method-assign]
    assert await line.asks(replace(TURN, next_key_seconds=5)) == [Keys("1")]


async def test_an_overloaded_recogniser_leaves_the_whole_question_to_keys(line: Line) -> None:
    line.channel.backgrounds = [(0.06, "1|1:failed=overloaded|0||||")]
    line.channel.data = [" (timeout)"]
    assert await line.asks(replace(TURN, next_key_seconds=5)) == [Deaf("overloaded", keys_awaited=True)]
    assert line.channel.named("GET DATA") == [f"GET DATA {line.folder / 'hello'} 5000 9"]


async def test_a_recogniser_that_fails_in_the_turn(line: Line) -> None:
    line.channel.backgrounds = [(1, begun(1)), (1, "1|1:failed=failed|0||||"), (1, end(2))]
    assert await line.asks(TURN, TURN) == [Deaf("failed"), Said("да", 0.87)]
    assert len(line.channel.named("EXEC SpeechCreate")) == 1


@pytest.mark.parametrize(
    "backgrounds",
    [[(7.01, NOTHING)], [(2.0, NOTHING)], [(1, begun(1)), (1.5, NOTHING)]],
    ids=["unnoticed", "in the prompt", "in a word"],
)
async def test_a_connection_that_is_lost_in_the_turn(
    line: Line, backgrounds: list[tuple[float, str]]
) -> None:
    line.channel.backgrounds, line.channel.states = list(backgrounds), [""]
    line.channel.data = ["5"]
    assert await line.asks(TURN, replace(TURN, next_key_seconds=5)) == [Deaf("away"), Keys("5")]
    assert line.channel.named("EXEC SpeechDestroy")


async def test_a_recogniser_that_knows_nothing_of_the_turn_is_another_one(line: Line) -> None:
    line.channel.backgrounds, line.channel.states = [(7.01, NOTHING)], ["none"]
    assert await line.asks(TURN) == [Deaf("away")]


async def test_an_order_that_nobody_takes_in_time_goes_over_a_new_connection(line: Line) -> None:
    line.channel.backgrounds = [(1, end(1)), (1, end(2))]
    line.channel.orders_take = [0.001, 1.0, 0.001]
    assert await line.asks(TURN, TURN) == [Said("да", 0.87)] * 2
    assert len(line.channel.named("EXEC SpeechCreate")) == 2
    assert len(line.channel.named("EXEC SpeechDestroy")) == 1


async def test_a_recogniser_that_takes_no_orders_is_away(line: Line) -> None:
    line.channel.orders_take, line.channel.data = [1.0], ["7"]
    assert await line.asks(replace(TURN, next_key_seconds=5)) == [Keys("7")]
    assert line.channel.named(BACKGROUND) == []


async def test_speech_without_end_ends(line: Line) -> None:
    line.channel.backgrounds = [(1, begun(1)), *[(3.01, NOTHING)] * 9]
    line.channel.states = ["1:speaking"] * 9
    assert await line.asks(TURN) == [Deaf("failed")]


async def test_no_session_stays_open_while_people_talk(line: Line) -> None:
    line.channel.backgrounds = [(1, end(1))]
    await line.asks(TURN, end=True)
    assert line.channel.commands[-2].startswith("EXEC SpeechDestroy")
    assert line.channel.commands[-1].startswith("EXEC MSet IVR_QUEUE=clients")


async def test_a_connection_that_does_not_end_is_helped_on(settings: AgiSettings, tmp_path: Path) -> None:
    settings = settings.model_copy(update={"listen_end_seconds": 0.05})
    line = Line(Channel([(1, end(1))]), tmp_path, settings)

    async def handler(session: AgiSession) -> None:
        caller = line.caller(session)
        await caller.ask(TURN)
        await caller.enqueue(QueueRequest("clients"))

    async with serving(settings, handler) as server, await FakeAsterisk.call(server.address) as fake:
        while words := await fake.command():
            command = " ".join(words)
            if command.startswith("EXEC SpeechDestroy"):
                await until(lambda: len(line.helped_on) == 2)
            await fake.reply(line.channel.reply(command))
        helped_on = list(line.helped_on)
        await asyncio.sleep(0.12)
    assert line.helped_on == helped_on
    assert len(set(helped_on)) == 1


async def test_a_call_that_was_never_listened_to_has_nothing_to_close(line: Line) -> None:
    line.channel.data = ["1"]
    await line.asks(replace(KEYS_ONLY, next_key_seconds=5), end=True)
    assert not line.channel.named("EXEC Speech")


# --- the caller leaves -----------------------------------------------------------------------------------


@pytest.mark.parametrize("after", range(8))
async def test_a_caller_who_hangs_up_anywhere(settings: AgiSettings, tmp_path: Path, after: int) -> None:
    line = Line(Channel([(1, begun(1)), (1, end(1))]), tmp_path, settings)
    heard: list[object] = []

    async def handler(session: AgiSession) -> None:
        try:
            await line.caller(session).ask(TURN)
        except CallerGone as error:
            heard.append(type(error))

    async with serving(settings, handler) as server, await FakeAsterisk.call(server.address) as fake:
        for _ in range(after):
            await fake.reply(line.channel.reply(" ".join(await fake.command())))
        await fake.command()
        await fake.hang_up()
        assert await fake.ended()
    assert heard == [CallerGone]
