"""The engine killed or frozen in every state of a call: nobody is lost, no confirmed reading is."""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import Iterator

import pytest

from ivr.bench.sipp import Caller, ExpectHangup, Wait
from ivr.calls.story import Disposition
from tests.real.company import MAIN, READINGS, Company
from tests.real.sipp import Placed, heard, operator

pytestmark = pytest.mark.real

STATES = {
    "ask": "Чем могу помочь",
    "number": "номер лицевого счёта",
    "right_account": "^Счёт .*Верно",
    "value": "показание, только целые",
    "read_back": "^(?!Счёт).*Верно",
    "thanks": "Спасибо за звонок",
    "notice": "Разговор записывается",
}
"""States of a call and what the robot says there (regular expressions); the last two end by themselves."""

SLOW_TURN = 2.0
"""Pause before each answer, seconds: seven calls begin together, and each question has begun by then."""

KEY_SECONDS = 0.16
"""One key of a caller, pause included."""


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A company of its own, whose callers stay where they are, listened to: no silence is noticed."""
    company = Company(
        tmp_path_factory.mktemp("fragile"),
        "dialogue.first_key_seconds=60",
        "dialogue.next_key_seconds=30",
        "asterisk.rtp.first_port=41000",
        "asterisk.rtp.last_port=44000",
        hears=True,
        operators=3,  # with one the last of all these callers would wait for 40 s
    )
    company.prepare()
    with company.running():
        yield company


class Rehearsal:
    """Callers who all stand in another state of the call at the same moment."""

    def __init__(self, company: Company, first_zone: int) -> None:
        self._company = company
        self._first_zone = first_zone
        zone = company.single_zones[first_zone]
        self.confirmed = zone
        answers = (f"{zone.account}#", "1", f"{zone.reading}#", "1")
        self._answers = {
            "ask": (MAIN, ()),
            "number": (READINGS, ()),
            "right_account": (READINGS, answers[:1]),
            "value": (READINGS, answers[:2]),
            "read_back": (READINGS, answers[:3]),
            "thanks": (READINGS, answers),
            "notice": (READINGS, ()),
        }

    async def call(self, state: str) -> Placed:
        """A call that reaches its state when the slowest reaches its own, and then waits for its end."""
        number, keys = self._answers[state]
        if state == "notice":
            await self._company.until(self._nearly_served, 60)
            caller = Caller(number=number, actions=(Wait(0.1), ExpectHangup(90)))
        else:
            await asyncio.sleep(_seconds(self._answers["thanks"][1]) - _seconds(keys))
            caller = self._company.caller(number, *keys, end=ExpectHangup(90), turn=SLOW_TURN)
        return await self._company.place(caller, listen=True)

    def _nearly_served(self) -> bool:
        """Whether a reading is being read back: thanks follow while a new call hears its notice."""
        texts = (text for said in self._company.transcripts().values() for _, text in said)
        return any(re.search(STATES["read_back"], text) for text in texts)

    def in_place(self) -> bool:
        """Whether somebody stands in every state."""
        last = {said[-1][1] for said in self._company.transcripts().values() if said}
        return all(any(re.search(words, text) for text in last) for words in STATES.values())


MEDIA_SLIPS = 2
"""Recordings in which a busy machine may have lost so much sound that the prompt is not found in them."""


def _seconds(keys: tuple[str, ...]) -> float:
    return sum(SLOW_TURN + len(each) * KEY_SECONDS for each in keys)


@pytest.mark.parametrize(
    ("number", "first_zone"), [(signal.SIGKILL, 20), (signal.SIGSTOP, 21)], ids=["killed", "frozen"]
)
async def test_in_every_state_the_callers_and_the_next_one_get_to_people(
    fragile: Company, number: signal.Signals, first_zone: int
) -> None:
    await fragile.stack.ready()
    for file in (fragile.folder / "transcripts").glob("*.jsonl"):
        file.unlink()
    rehearsal = Rehearsal(fragile, first_zone)
    old = fragile.stack.engine_pid
    async with operator(fragile.operator(), fragile.operator_folder()):
        async with asyncio.TaskGroup() as tasks:
            calls = {state: tasks.create_task(rehearsal.call(state)) for state in STATES}
            await fragile.until(rehearsal.in_place, 60)
            fragile.signal_engine(number)
            following = fragile.caller(MAIN, "0")
            next_call = tasks.create_task(fragile.place(following, listen=True))
        placed = {**{state: task.result() for state, task in calls.items()}, "next": next_call.result()}
    away = fragile.prompt("engine-away")
    for state, one in placed.items():
        assert one.tally.successful == 1, f"{state}: {one.tally.errors}"
    unheard = [
        state for state, one in placed.items() if heard(away, one.recordings[0], first_seconds=1.2) is None
    ]
    assert len(unheard) <= MEDIA_SLIPS, f"did not hear what happens: {unheard}"
    assert fragile.stack.engine_pid != old
    [row] = await fragile.readings(rehearsal.confirmed.account)
    assert row["value"] == rehearsal.confirmed.reading
    stories = await fragile.stories(len(placed))
    dispositions = [story.disposition for story, _ in stories]
    assert dispositions.count(Disposition.SERVED) <= 1
    assert set(dispositions) <= {Disposition.ANSWERED, Disposition.SERVED}


async def test_after_the_faults_the_engine_serves_again_and_holds_nothing(fragile: Company) -> None:
    await fragile.stack.ready()
    zone = fragile.single_zones[22]
    caller = fragile.caller(READINGS, f"{zone.account}#", "1", f"{zone.reading}#", "1")
    await fragile.place(caller)
    await fragile.stories(1)
    before, tasks = fragile.snapshot(), await fragile.metric("ivr_running_tasks")
    assert before.channels == frozenset()
    placed = await fragile.place(caller)
    assert placed.tally.successful == 1, placed.tally.errors
    await fragile.stories(1)
    await fragile.assert_no_leaks(before, tasks)
