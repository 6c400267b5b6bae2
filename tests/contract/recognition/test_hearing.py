from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from ivr.speech.recognition.grammars import GrammarStore
from ivr.speech.recognition.hearing import RecognitionService
from ivr.speech.recognition.ports import (
    HearingFailed,
    OpenTurn,
    Overloaded,
    RecogniserFailed,
    Slot,
    SpeechBegun,
    SpeechEnded,
    TurnEvent,
    TurnOrder,
)
from ivr.speech.recognition.settings import RecognitionSettings, SlotSettings
from tests.contract.recognition.fakes import DOOM, HANG, Moody
from tests.unit.recognition.fakes import MarkerModel, sound

FRAME = 320
Opened = Callable[..., RecognitionService]


@pytest_asyncio.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Opened]:
    services: list[RecognitionService] = []

    def open_one(
        recogniser: Moody, *, threads: int = 2, most: int = 200, seconds: float = 5.0
    ) -> RecognitionService:
        slot = SlotSettings(threads=threads, most_turns=most)
        settings = RecognitionSettings(
            closed=slot, free=slot, work_seconds=seconds, grammars_folder=tmp_path / "grammars"
        )
        service = RecognitionService(
            {Slot.CLOSED: recogniser, Slot.FREE: recogniser}, MarkerModel(), settings, lambda text: None
        )
        services.append(service)
        return service

    yield open_one
    for service in services:
        await service.close()


def an_order(slot: Slot = Slot.CLOSED, grammar: str | None = None) -> TurnOrder:
    return TurnOrder(number=1, slot=slot, kind="choice", grammar=grammar)


def speech(*said: int) -> bytes:
    return sound(0, 320) + b"".join(sound(one, 320) for one in said) + sound(0, 900)


async def speak(turn: OpenTurn, pcm: bytes) -> None:
    """Feed it in frames, letting others run between them."""
    for place in range(0, len(pcm), FRAME):
        turn.feed(pcm[place : place + FRAME])
        await asyncio.sleep(0)


async def all_of(turn: OpenTurn) -> list[TurnEvent]:
    async with asyncio.timeout(20):
        return [event async for event in turn.events()]


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110  # a count has no event
            await asyncio.sleep(0.005)


async def test_a_turn_from_beginning_to_end(opened: Opened) -> None:
    service = opened(Moody())
    turn = service.open(an_order(), "call")
    assert service.turns == 1
    await speak(turn, speech(12))
    begun, ended = await all_of(turn)
    assert begun == SpeechBegun()
    assert isinstance(ended, SpeechEnded)
    assert (ended.recognition.text, ended.too_long, ended.clip) == ("12", False, None)
    assert ended.after_milliseconds >= 500
    assert service.turns == 0
    turn.feed(speech(13))
    turn.close()
    assert await all_of(turn) == []


async def test_a_hundred_turns_at_once_each_hear_their_own(opened: Opened) -> None:
    """Cut at random, closed out of order; never more than the slot's threads in the recogniser."""
    mood = Moody()
    service = opened(mood, threads=2)
    draw = random.Random(3)

    async def one(number: int) -> None:
        turn = service.open(an_order(), f"call-{number}")
        pcm = speech(number, 1000 + number)
        while pcm:
            size = draw.randrange(1, 2000)
            turn.feed(pcm[:size])
            pcm = pcm[size:]
            await asyncio.sleep(0)
        if number % 5:
            ended = (await all_of(turn))[-1]
            assert isinstance(ended, SpeechEnded)
            assert ended.recognition.text == f"{number} {1000 + number}"
        turn.close()

    await asyncio.gather(*(one(number) for number in range(1, 101)))
    assert service.turns == 0
    assert 1 <= mood.most_inside <= 2


@pytest.mark.parametrize("fail_at", ["accept", "finish"])
@pytest.mark.parametrize(
    "error", [lambda: RecogniserFailed("no"), lambda: MemoryError(), lambda: ValueError("x")]
)
async def test_a_recogniser_that_raises_fails_its_turn_only(
    opened: Opened, fail_at: str, error: Callable[[], Exception]
) -> None:
    service = opened(Moody(fail_at, error))
    doomed, lucky = service.open(an_order(), "a"), service.open(an_order(), "b")
    await asyncio.gather(speak(doomed, speech(DOOM)), speak(lucky, speech(1)))
    assert (await all_of(doomed))[-1] == HearingFailed("failed")
    assert isinstance((await all_of(lucky))[-1], SpeechEnded)
    assert (service.turns, service.lost_threads) == (0, 0)


async def test_a_grammar_that_is_not_there_fails_the_turn(opened: Opened, tmp_path: Path) -> None:
    service = opened(Moody())
    turn = service.open(an_order(grammar="0" * 20), "call")
    await speak(turn, speech(1))
    assert await all_of(turn) == [HearingFailed("failed")]
    turn = service.open(an_order(grammar=GrammarStore(tmp_path / "grammars").put(("да",))), "call")
    await speak(turn, speech(1))
    assert isinstance((await all_of(turn))[-1], SpeechEnded)


async def test_a_stuck_recogniser_fails_its_turn_and_the_next_caller_is_heard(opened: Opened) -> None:
    mood = Moody()
    service = opened(mood, threads=2, seconds=1.0)
    stuck = service.open(an_order(), "a")
    stuck.feed(speech(HANG))
    assert (await all_of(stuck))[-1] == HearingFailed("failed")
    assert (service.turns, service.lost_threads) == (0, 1)
    for _ in range(3):
        turn = service.open(an_order(), "b")
        turn.feed(speech(1))
        assert isinstance((await all_of(turn))[-1], SpeechEnded)
    mood.gate.set()
    await until(lambda: service.lost_threads == 0)


async def test_when_all_threads_are_stuck_callers_are_refused_until_one_comes_back(opened: Opened) -> None:
    mood = Moody()
    service = opened(mood, threads=1, seconds=1.0)
    stuck = service.open(an_order(), "a")
    stuck.feed(speech(HANG))
    await all_of(stuck)
    with pytest.raises(Overloaded):
        service.open(an_order(), "b")
    service.open(an_order(Slot.FREE), "c").close()
    mood.gate.set()
    await until(lambda: service.lost_threads == 0)
    service.open(an_order(), "d").close()


async def test_a_caller_who_leaves_a_stuck_turn_does_not_cost_its_thread(opened: Opened) -> None:
    mood = Moody()
    service = opened(mood, threads=1, seconds=1.0)
    turn = service.open(an_order(), "a")
    turn.feed(speech(HANG))
    await asyncio.to_thread(mood.hanging.acquire)
    turn.close()
    await until(lambda: service.lost_threads == 1)
    mood.gate.set()
    await until(lambda: service.lost_threads == 0)


async def test_more_turns_than_admitted_are_refused_and_a_closed_one_makes_room(opened: Opened) -> None:
    service = opened(Moody(), most=2)
    first, second = service.open(an_order(), "a"), service.open(an_order(), "b")
    with pytest.raises(Overloaded):
        service.open(an_order(), "c")
    service.open(an_order(Slot.FREE), "d")
    first.close()
    first.close()
    third = service.open(an_order(), "c")
    with pytest.raises(Overloaded):
        service.open(an_order(), "e")
    for turn in (second, third):
        turn.close()
        assert await all_of(turn) == []


async def test_free_speech_does_not_hold_up_closed_questions(opened: Opened) -> None:
    mood = Moody()
    service = opened(mood, threads=1)
    free, closed = service.open(an_order(Slot.FREE), "a"), service.open(an_order(), "b")
    await speak(free, speech(HANG))
    await asyncio.to_thread(mood.hanging.acquire)
    await speak(closed, speech(5))
    assert isinstance((await all_of(closed))[-1], SpeechEnded)
    mood.gate.set()


async def test_a_service_that_is_closed_ends_its_turns_and_threads(opened: Opened) -> None:
    service = opened(Moody())
    turns = [service.open(an_order(), "call") for _ in range(5)]
    waiting: list[Awaitable[list[TurnEvent]]] = [asyncio.create_task(all_of(turn)) for turn in turns]
    for turn in turns:
        await speak(turn, sound(3, 320))
    await service.close()
    assert all(
        not any(isinstance(event, SpeechEnded) for event in events)
        for events in await asyncio.gather(*waiting)
    )
    assert service.turns == 0
    await until(lambda: not any(thread.name.startswith("hearing-") for thread in threading.enumerate()))
