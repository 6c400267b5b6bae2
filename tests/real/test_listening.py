"""Callers who speak, on a real Asterisk: its Speech API, our endpoint, a hearing that recognises by rules."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.asterisk.agi import AgiCaller
from ivr.asterisk.host import AsteriskHost
from ivr.asterisk.settings import AsteriskSettings
from ivr.bench.sipp import Action, ExpectHangup, Hangup, Keys, Speak, Wait
from ivr.dialogue.ports import (
    AnswerKind,
    CallerGone,
    Deaf,
    Heard,
    Listen,
    Prompt,
    QueueRequest,
    Said,
    Silence,
    Speech,
    Turn,
)
from ivr.dialogue.ports import Keys as Pressed
from tests.contract.aeap.fake_asterisk import channel
from tests.real.exchange import OPERATOR, TWENTY, YES, Exchange, exchange_settings, until, voice
from tests.real.instances import running
from tests.real.sipp import heard

pytestmark = pytest.mark.real

LISTEN = Listen(kind=AnswerKind.YES_NO, most_seconds=5)
SHORT, LONG = Speech((Prompt("short"),)), Speech((Prompt("long-prompt"),))
NOTICE = Speech((Prompt("long-notice"),), interruptible=False)
QUESTION = Turn(speech=SHORT, max_keys=4, first_key_seconds=1.5, next_key_seconds=1.0, listen=LISTEN)
END = ExpectHangup(30)


def said(text: str) -> Said:
    """What the scripted hearing makes of a sound."""
    return Said(text, 0.9, after_seconds=0.3)


@pytest.fixture(scope="module")
def asterisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[AsteriskSettings, AsteriskHost]]:
    settings = exchange_settings(tmp_path_factory.mktemp("exchange"))
    with running(settings) as host:
        yield settings, host


@pytest.fixture
async def exchange(
    asterisk: tuple[AsteriskSettings, AsteriskHost], tmp_path: Path
) -> AsyncIterator[Exchange]:
    settings, host = asterisk
    one = Exchange(settings, host, tmp_path)
    async with one.open():
        yield one
    await until(lambda: one.channels() == 0)


async def questions(exchange: Exchange, turns: list[Turn], *actions: Action) -> list[Heard]:
    """What was heard in the turns of one call."""

    async def work(caller: AgiCaller) -> list[Heard]:
        return [await caller.ask(turn) for turn in turns]

    await exchange.call(work, *actions, END)
    [result] = exchange.results
    assert isinstance(result, list), result
    return result


async def test_words_cut_the_prompt_short_and_are_heard_to_their_end(
    exchange: Exchange, tmp_path: Path
) -> None:
    async def work(caller: AgiCaller) -> Heard:
        return await caller.ask(replace(QUESTION, speech=LONG))

    placed = await exchange.call(work, Wait(1.5), Speak(voice(tmp_path, TWENTY, 1.0)), END)
    assert exchange.results == [said("двадцать")]
    prompt = exchange.prompts.recording("long-prompt")
    assert heard(prompt, placed.recordings[0], first_seconds=0.6) is not None
    assert placed.recordings[0].seconds_of_sound < 3
    [turn] = exchange.hearing.turns
    assert turn.order.prompt_milliseconds == 4000
    assert turn.call_id == "c-1"


async def test_several_turns_of_a_call_by_voice(exchange: Exchange, tmp_path: Path) -> None:
    pause = Wait(2.4)
    words = [Speak(voice(tmp_path, level)) for level in (YES, OPERATOR)]
    answers = await questions(exchange, [QUESTION, QUESTION], pause, words[0], pause, words[1])
    assert answers == [said("да"), said("оператор")]


async def test_keys_in_mid_sentence_win(exchange: Exchange, tmp_path: Path) -> None:
    speech = Speak(voice(tmp_path, TWENTY, 0.6))
    answers = await questions(exchange, [QUESTION], Wait(1.2), speech, Keys("12#"))
    assert answers == [Pressed("12")]
    assert exchange.hearing.turns[0].closed


async def test_nothing_is_said_then_a_hash_then_all_keys_at_the_prompt(exchange: Exchange) -> None:
    turns = [replace(QUESTION, first_key_seconds=0.5), QUESTION, QUESTION]
    answers = await questions(exchange, turns, Wait(3.2), Keys("#"), Wait(0.6), Keys("4321"))
    assert answers == [Silence(), Pressed(""), Pressed("4321")]


async def test_words_during_a_prompt_that_no_voice_stops_count_from_its_end(
    exchange: Exchange, tmp_path: Path
) -> None:
    deaf_prompt = replace(QUESTION, speech=replace(SHORT, by_voice=False))
    early, late = Speak(voice(tmp_path, TWENTY, 0.3)), Speak(voice(tmp_path, YES))
    answers = await questions(exchange, [deaf_prompt], Wait(0.8), early, Wait(1.2), late)
    assert answers == [said("да")]


# --- type-ahead ------------------------------------------------------------------------------------------


async def test_keys_pressed_during_the_notice_answer_the_questions(exchange: Exchange) -> None:
    async def work(caller: AgiCaller) -> list[Heard]:
        await caller.say(NOTICE)
        return [await caller.ask(turn) for turn in (replace(QUESTION, max_keys=1), QUESTION, QUESTION)]

    placed = await exchange.call(work, Wait(1), Keys("120#34"), Wait(2.7), Keys("5#"), END)
    assert exchange.results == [[Pressed("1"), Pressed("20"), Pressed("345")]]
    assert exchange.hearing.turns == []
    assert heard(exchange.prompts.recording("long-notice"), placed.recordings[0]) is not None


async def test_a_fast_string_over_the_border_of_two_turns_loses_no_key(exchange: Exchange) -> None:
    """One key a question: most of the keys fall between commands."""
    one_key = replace(QUESTION, max_keys=1)
    answers = await questions(exchange, [one_key] * 8, Wait(1), Keys("13572468"))
    assert answers == [Pressed(key) for key in "13572468"]


# --- what goes wrong ---------------------------------------------------------------------------------------


async def test_without_a_recogniser_keys_serve_and_when_it_is_back_words_do(
    exchange: Exchange, tmp_path: Path
) -> None:
    await exchange.recogniser.stop()

    async def work(caller: AgiCaller) -> list[Heard]:
        heard = [await caller.ask(QUESTION), await caller.ask(replace(QUESTION, first_key_seconds=0.5))]
        await exchange.restart_recogniser()
        return [*heard, await caller.ask(QUESTION)]

    words = Speak(voice(tmp_path, YES))
    await exchange.call(work, Wait(1.2), Keys("7#"), Wait(3.8), words, END)
    assert exchange.results == [[Pressed("7"), Deaf("away", keys_awaited=True), said("да")]]


@pytest.mark.parametrize("moment", ["prompt", "word"])
async def test_a_recogniser_that_dies_in_a_turn_and_comes_back(
    exchange: Exchange, tmp_path: Path, moment: str
) -> None:
    async def dies() -> None:
        await until(lambda: len(exchange.hearing.turns) == 1 and exchange.hearing.turns[0].frames > 10)
        if moment == "word":
            await until(lambda: exchange.hearing.turns[0].speaking)
        await exchange.recogniser.stop()
        await exchange.restart_recogniser()

    async def work(caller: AgiCaller) -> list[Heard]:
        death = asyncio.create_task(dies())
        first = await caller.ask(QUESTION)
        await death
        return [first, await caller.ask(replace(QUESTION, first_key_seconds=4))]

    speech = () if moment == "prompt" else (Speak(voice(tmp_path, TWENTY, 1.5)),)
    pause = Wait(4.5)
    await exchange.call(work, Wait(0.6), *speech, pause, Speak(voice(tmp_path, YES)), END)
    assert exchange.results == [[Deaf("away"), said("да")]]


async def test_an_overloaded_recogniser_leaves_the_question_to_keys(exchange: Exchange) -> None:
    exchange.hearing.full = True
    answers = await questions(exchange, [QUESTION], Wait(1.2), Keys("5#"))
    assert answers == [Pressed("5")]


async def test_a_recogniser_that_fails_in_a_word(exchange: Exchange, tmp_path: Path) -> None:
    async def fails() -> None:
        await until(lambda: bool(exchange.hearing.turns) and exchange.hearing.turns[0].speaking)
        exchange.hearing.fail()

    async def work(caller: AgiCaller) -> Heard:
        failing = asyncio.create_task(fails())
        heard = await caller.ask(QUESTION)
        await failing
        return heard

    await exchange.call(work, Wait(0.6), Speak(voice(tmp_path, TWENTY, 2)), END)
    assert exchange.results == [Deaf("failed")]


async def test_strangers_at_the_endpoint_disturb_no_call(exchange: Exchange, tmp_path: Path) -> None:
    async def disturb() -> None:
        port = exchange.recogniser.port
        for message in (
            "{",
            '{"request":"setup","id":"1","codecs":[{"name":"slin"}],"params":{}}',
            "[" * 9000,
        ):
            async with channel(port) as stranger:
                await stranger.socket.send_str(message)
                assert await stranger.ended() == 1008

    async def work(caller: AgiCaller) -> Heard:
        disturbing = asyncio.create_task(disturb())
        heard = await caller.ask(replace(QUESTION, speech=LONG))
        await disturbing
        return heard

    await exchange.call(work, Wait(1.2), Speak(voice(tmp_path, TWENTY)), END)
    assert exchange.results == [said("двадцать")]


async def test_a_caller_who_hangs_up_in_mid_word_leaves_nothing(exchange: Exchange, tmp_path: Path) -> None:
    async def work(caller: AgiCaller) -> Heard:
        return await caller.ask(QUESTION)

    await exchange.call(work, Wait(0.6), Speak(voice(tmp_path, TWENTY)), Hangup())
    await until(lambda: bool(exchange.results) and exchange.recogniser.sessions == 0)
    assert isinstance(exchange.results[0], CallerGone)
    assert exchange.hearing.turns[0].closed


async def test_nobody_listens_while_people_talk_and_the_call_is_noted(
    exchange: Exchange, tmp_path: Path
) -> None:
    """asterisk#2038: a channel that opened a WebSocket can't write files any more, calls.csv was one."""
    records = exchange.settings.log_folder / "calls.csv"
    before = records.read_text().count("\n") if records.exists() else 0
    open_sessions: list[int] = []

    async def work(caller: AgiCaller) -> Heard:
        heard = await caller.ask(QUESTION)
        open_sessions.append(exchange.recogniser.sessions)
        await caller.enqueue(QueueRequest("clients"))
        await until(lambda: exchange.recogniser.sessions == 0)
        return heard

    await exchange.call(work, Wait(1.2), Speak(voice(tmp_path, OPERATOR)), END)
    assert exchange.results == [said("оператор")]
    assert open_sessions == [1]
    await until(lambda: records.exists() and records.read_text().count("\n") == before + 1)
