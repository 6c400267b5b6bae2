from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from ivr.asterisk.pace import PacedTurns
from ivr.dialogue.ports import (
    CallerGone,
    Heard,
    HeardTurn,
    Keys,
    QueueRequest,
    Said,
    Speech,
    Step,
    Text,
    Turn,
    TurnResult,
)

LINE = Speech((Text("Слушаю вас."),))
LAW = Speech((Text("Разговор записывается."),), interruptible=False)
QUESTION = Turn(speech=LINE, max_keys=1, first_key_seconds=4, next_key_seconds=4)


class World:
    """A clock that the test moves, a caller with a script, a journal: all that a conversation touches."""

    def __init__(self, answers: Sequence[Heard]) -> None:
        self.seconds = 0.0
        self.answers = list(answers)
        self.done: list[str] = []
        self.turns: list[HeardTurn] = []
        self.steps: list[Step] = []

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return datetime(2026, 11, 24, tzinfo=UTC)

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds

    async def say(self, speech: Speech) -> None:
        self.done.append("say")

    async def ask(self, turn: Turn) -> Heard:
        self.done.append("ask")
        self.seconds += 10
        if not self.answers:
            raise CallerGone
        return self.answers.pop(0)

    async def flush(self) -> None:
        self.done.append("flush")

    async def enqueue(self, request: QueueRequest) -> None:
        self.done.append("enqueue")

    async def hang_up(self) -> None:
        self.done.append("hang_up")

    def turn(self, turn: HeardTurn) -> None:
        self.turns.append(turn)

    def step(self, step: Step) -> None:
        self.steps.append(step)


def heard(*, voice: bool = True, state: str = "a") -> HeardTurn:
    return HeardTurn(flow="f@1", state=state, kind="speech", result=TurnResult.ANSWER, voice=voice)


def conversation(*answers: Heard) -> tuple[World, PacedTurns]:
    world = World(answers)
    return world, PacedTurns(world, world, world)


async def test_from_the_words_to_the_next_question() -> None:
    world, paced = conversation(Said("да"), Keys("1"))
    await paced.ask(QUESTION)
    paced.turn(heard())
    assert world.turns == []
    world.seconds += 0.4
    await paced.say(LINE)  # played with the next question
    world.seconds += 0.5
    assert await paced.ask(QUESTION) == Keys("1")
    assert [turn.latency_seconds for turn in world.turns] == [pytest.approx(0.9)]
    assert world.done == ["ask", "say", "ask"]


async def test_the_time_that_the_recogniser_took_counts() -> None:
    world, paced = conversation(Said("да", after_seconds=0.6), Keys("1"))
    await paced.ask(QUESTION)
    paced.turn(heard())
    world.seconds += 0.1
    await paced.ask(QUESTION)
    assert [turn.latency_seconds for turn in world.turns] == [pytest.approx(0.7)]


@pytest.mark.parametrize("last", ["law", "flush", "enqueue", "hang_up"])
async def test_every_way_in_which_a_prompt_begins_ends_the_wait(last: str) -> None:
    world, paced = conversation(Said("да"))
    await paced.ask(QUESTION)
    paced.turn(heard())
    world.seconds += 0.3
    ways = {
        "law": lambda: paced.say(LAW),
        "flush": paced.flush,
        "enqueue": lambda: paced.enqueue(QueueRequest("clients")),
        "hang_up": paced.hang_up,
    }
    if last != "law":
        await paced.say(LINE)
    await ways[last]()
    assert [turn.latency_seconds for turn in world.turns] == [pytest.approx(0.3)]


async def test_keys_and_silence_have_no_latency_and_are_noted_at_once() -> None:
    world, paced = conversation(Keys("1"), Said("да"), Keys("1"))
    await paced.ask(QUESTION)
    paced.turn(heard(voice=False))
    assert [turn.latency_seconds for turn in world.turns] == [None]
    await paced.ask(QUESTION)
    await paced.ask(QUESTION)
    paced.turn(heard(state="unsure, confirmed by a key"))
    paced.close()
    assert [turn.latency_seconds for turn in world.turns] == [None, None]


async def test_a_flush_without_a_prompt_is_not_heard() -> None:
    world, paced = conversation(Said("да"), Said("нет"))
    await paced.ask(QUESTION)
    paced.turn(heard())
    await paced.flush()
    assert world.turns == []
    world.seconds += 1.5
    await paced.ask(QUESTION)
    assert [turn.latency_seconds for turn in world.turns] == [pytest.approx(1.5)]


async def test_what_nobody_answered_is_noted_at_the_end() -> None:
    world, paced = conversation(Said("да"))
    await paced.ask(QUESTION)
    paced.turn(heard())
    await paced.hang_up()
    assert world.turns == []
    paced.close()
    paced.close()
    assert world.turns == [heard()]


async def test_no_turn_is_lost_when_two_come_without_a_prompt_between() -> None:
    world, paced = conversation(Said("да"))
    await paced.ask(QUESTION)
    paced.turn(heard(state="a"))
    paced.turn(heard(state="b"))
    paced.close()
    assert [turn.state for turn in world.turns] == ["a", "b"]


async def test_a_caller_who_goes_is_told_of() -> None:
    _, paced = conversation()
    with pytest.raises(CallerGone):
        await paced.ask(QUESTION)
