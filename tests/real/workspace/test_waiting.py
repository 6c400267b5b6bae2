"""Callers who wait: whom the topic of a call rings, and what the robot asks them meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from ivr.access.model import Role, User
from tests.real.company import MAIN
from tests.real.instances import PROJECT
from tests.real.scripted_recogniser import ScriptedStack
from tests.real.softphone import TelephoneCall
from tests.real.workspace.desk_worker import DeskWorker, desk_worker
from tests.real.workspace.office import CLIENT, STEP_SECONDS, Office, told, until
from tests.real.workspace.staff import employ

pytestmark = [pytest.mark.real, pytest.mark.asyncio(loop_scope="module")]

SILENT, ANNA, BORIS = 0, 740, 1130
WIDEN_SECONDS = 6
DEBT, PERSON = "2", "0"
QUEUES = (
    "{clients: {title: Операторы, members: [], groups: {billing: {topics: [balance.debt]}}},"
    " dispatcher: {members: []}}"
)


class ListeningOffice(Office):
    """One with a recogniser of rules beside the engine."""

    def __init__(self, folder: Path, *changes: str) -> None:
        super().__init__(folder, *changes)
        given = self.stack.arguments
        self.stack = ScriptedStack(
            PROJECT / "ivr.yaml", [each for flag, each in pairwise(given) if flag == "--set"]
        )

    def asks(self, question: str) -> bool:
        """Whether a caller is asked this now, and may answer by voice."""
        said = (file.read_text(encoding="utf-8") for file in self.folder.glob("transcripts/*.jsonl"))
        asked = any(question in text.splitlines()[-1] for text in said)
        return asked and "!SpeechBackground!" in self.stack.asterisk.cli("core show channels concise")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ListeningOffice]:
    """Anna serves everybody's questions, Boris those about money alone."""
    office = ListeningOffice(
        tmp_path_factory.mktemp("groups"),
        f"asterisk.queues={QUEUES}",
        f"desk.routing.widen_seconds={WIDEN_SECONDS}",
        "desk.waiting.offer_seconds=3600",
    )
    office.prepare()
    skills = {"anna": ("201", "clients"), "boris": ("202", "clients.billing")}
    people = [
        User(login=login, name=login, role=Role.OPERATOR, extension=extension, skills=(skill,))
        for login, (extension, skill) in skills.items()
    ]
    asyncio.run(employ(office.stack.settings, people))
    try:
        asyncio.run(office.stack.up())
        yield office
    finally:
        asyncio.run(office.stack.down())


@asynccontextmanager
async def calling(place: Office, number: str, *keys: str, hertz: int) -> AsyncIterator[TelephoneCall]:
    """Somebody who presses these keys, one at a question."""
    async with place.telephone(f"caller{number[-1]}", hertz) as telephone:
        call = await telephone.call(MAIN, number)
        await asyncio.wait_for(call.answered.wait(), 10)
        await asyncio.sleep(place.notice_seconds + STEP_SECONDS)
        for key in keys:
            call.press(key)
            await asyncio.sleep(STEP_SECONDS)
        try:
            yield call
        finally:
            if not call.ended.is_set():
                call.hang_up()


async def until_talking(worker: DeskWorker, caller: TelephoneCall, hertz: int) -> str:
    """Wait until he has answered and is heard; the call's id."""
    got, call_id = await worker.taken(40)
    await until(lambda: caller.hears(hertz) and got.hears(CLIENT))
    return call_id


async def waited(place: Office, call_id: str) -> tuple[float, list[tuple[str, str, str]]]:
    """Seconds from the robot to the first ring, and who was rung."""
    call, legs = await place.ended(call_id)
    assert (call["topic"], call["queue"]) == ("balance.debt", "clients.billing")
    handed, rang = (datetime.fromisoformat(at) for at in (call["handed_at"], legs[0]["rang_at"]))
    return (rang - handed).total_seconds(), [told(leg) for leg in legs]


async def test_a_topic_rings_its_operators_then_those_of_the_queue_and_these_at_once_in_their_absence(
    place: Office,
) -> None:
    async with (
        desk_worker(place, "anna", "201", ANNA) as anna,
        desk_worker(place, "boris", "202", BORIS) as boris,
    ):
        await anna.ready()
        async with calling(place, "+74832000001", DEBT, PERSON, hertz=CLIENT) as first:
            absent = await until_talking(anna, first, ANNA)
        await anna.wrap_up(absent)
        await boris.ready()
        await anna.ready()
        async with calling(place, "+74832000002", DEBT, PERSON, hertz=CLIENT) as second:
            skilled = await until_talking(boris, second, BORIS)
            assert len(anna.phone.calls) == 1
            async with calling(place, "+74832000003", DEBT, PERSON, hertz=CLIENT) as third:
                widened = await until_talking(anna, third, ANNA)
        await boris.wrap_up(skilled)
        await anna.wrap_up(widened)
    seconds, legs = await waited(place, absent)
    assert seconds < WIDEN_SECONDS
    assert legs == [("anna", "queue", "caller")]
    _, legs = await waited(place, skilled)
    assert legs == [("boris", "queue", "caller")]
    seconds, legs = await waited(place, widened)
    assert seconds >= WIDEN_SECONDS
    assert legs == [("anna", "queue", "caller")]


async def test_a_question_by_voice_ends_when_an_operator_gets_ready(place: ListeningOffice) -> None:
    async with desk_worker(place, "anna", "201", ANNA) as anna:
        async with calling(place, "+74832000004", PERSON, hertz=SILENT) as caller:
            await until(lambda: place.asks("Перезвонить?"), 20)
            await anna.ready()
            _, call_id = await anna.taken()
            await until(lambda: caller.hears(ANNA))
        await anna.wrap_up(call_id)
    await place.ended(call_id)
    asked = "SELECT state, outcome FROM call_steps WHERE call_id = ? AND flow LIKE 'waiting@%' ORDER BY seq"
    assert [tuple(row.values()) for row in place.select(asked, call_id)][-1] == ("offer", "taken")
