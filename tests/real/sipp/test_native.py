"""The native flow of `ivr bench calls`, on a real Asterisk: it must do all that it is the baseline for."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
import pytest_asyncio

from ivr.asterisk.settings import AsteriskSettings, HostKind
from ivr.bench.calls import CallsBench
from ivr.bench.flow import Account
from ivr.bench.native import NativeFlow
from tests.real.sipp import Caller, ExpectHangup, Keys, Load, Recording, Wait, heard, place
from tests.real.sipp.sounds import sweeps

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(os.geteuid() != 0, reason="a private root and raw sockets need root"),
    pytest.mark.skipif(shutil.which("sipp") is None, reason="SIPp is not installed"),
    pytest.mark.asyncio(loop_scope="module"),
]

REPOSITORY = Path(__file__).parents[3]
ROOT = Path(os.environ.get("IVR_ASTERISK_ROOT", REPOSITORY / ".cache/asterisk-root"))
ACCOUNT = Account(number="320145678", street="улица Пушкина", last=300, usual=20_000)
CAREFUL = Account(number="320005070", street="улица Садовая", last=11_950, usual=200)
LISTENING = 6.0


TURNS = {
    "teens": (ACCOUNT, "1", "512#", "1"),
    "one feminine": (ACCOUNT, "1", "51002#", "1"),
    "no units": (ACCOUNT, "1", "40300#", "1"),
    "teens of thousands": (ACCOUNT, "1", "13065#", "1"),
    "groups": (CAREFUL, "1", "12000#", "1"),
    "below": (CAREFUL, "1", "11949#", "12001#", "1"),
    "too high": (CAREFUL, "1", "15000#", "1"),
    "refused": (ACCOUNT, "1", "700#", "2", "701#", "1"),
    "not his account": (ACCOUNT, "2", CAREFUL, "1", "12002#", "1"),
    "unknown thrice": ("111111111#", "222222222#", "333333333#"),
    "neither yes nor no": (ACCOUNT, "5", "5"),
    "silent": (),
}
"""What each caller presses, a turn every few seconds."""

PLACES = {name: place for place, name in enumerate(TURNS)}
"""By the caller's number a call is known."""


@dataclass(frozen=True)
class Call:
    """A call that has ended: what was heard, the call record's outcome, the reading that was written."""

    recording: Recording
    outcome: str
    reading: tuple[str, int] | None
    prompts: Path

    def offsets(self, *names: str) -> list[float]:
        """Seconds at which these prompts are heard; fails when one is not."""
        found = [heard(self.prompts / f"{name}.wav", self.recording) for name in names]
        assert None not in found, dict(zip(names, found, strict=True))
        return [offset for offset in found if offset is not None]

    def says(self, name: str) -> None:
        """Fails when the prompt is not heard."""
        self.offsets(name)

    def hears(self, name: str) -> bool:
        return heard(self.prompts / f"{name}.wav", self.recording) is not None


class Native:
    """The running flow, and the calls that were placed on it, all at once."""

    def __init__(self, flow: NativeFlow, folder: Path) -> None:
        self.flow = flow
        self._folder = folder
        self._data = folder / "native" / "asterisk"
        self.calls: dict[str, Call] = {}

    async def judged(self, name: str, judge: Callable[[Call], None]) -> Call:
        """The call, which is placed again, alone, where the sound of it had slipped on a busy machine."""
        try:
            judge(self.calls[name])
        except AssertionError:
            await self.place(name)
            judge(self.calls[name])
        return self.calls[name]

    async def place(self, *names: str) -> None:
        callers = [self._caller(PLACES[name], TURNS[name]) for name in names]
        load = Load(calls=len(callers), per_second=5, give_up_seconds=180)
        folder = Path(mkdtemp(dir=self._folder))
        placed = await place(callers, self.flow.target, folder, load=load, listen=True)
        assert placed.tally.successful == len(callers), placed.tally.errors
        records = dict(self._rows("calls.db", "SELECT source, call_id || ' ' || outcome FROM calls"))
        readings = {
            call_id: (account, value)
            for call_id, account, value in self._rows(
                "native.sqlite3", "SELECT call_id, account, value FROM readings"
            )
        }
        prompts = self._folder / "native" / "prompts"
        for name, recording in zip(names, placed.recordings, strict=True):
            call_id, outcome = records[caller_id(PLACES[name])].split(" ")
            self.calls[name] = Call(recording, outcome, readings.get(call_id), prompts)

    def _caller(self, place: int, turns: Sequence[str | Account]) -> Caller:
        actions: list[Wait | Keys | ExpectHangup] = [Wait(self.flow.notice_seconds + 1)]
        for turn in turns:
            keys = f"{turn.number}#" if isinstance(turn, Account) else turn
            actions += [Keys(keys), Wait(LISTENING)]
        if turns:
            actions.pop()
        actions.append(ExpectHangup(90))
        return Caller(number=self.flow.number, caller_id=caller_id(place), actions=tuple(actions))

    def _rows(self, database: str, query: str) -> list[Any]:
        with closing(sqlite3.connect(self._data / database)) as connection:
            return connection.execute(query).fetchall()


def caller_id(place: int) -> str:
    return f"+7495000{place:04}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def native(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Native]:
    folder = tmp_path_factory.mktemp("n")
    settings = AsteriskSettings(
        host=HostKind.CHROOT, root_folder=ROOT, templates_folder=REPOSITORY / "asterisk-conf"
    )

    async def voice(prompt_id: str | None, text: str) -> bytes:
        return sweeps(prompt_id or text).wav

    flow = NativeFlow(settings, [ACCOUNT, CAREFUL], voice, folder / "native")
    await flow.start()
    try:
        native = Native(flow, folder)
        await native.place(*TURNS)
        yield native
    finally:
        await flow.stop()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("teens", ["500", "12"]),
        ("one feminine", ["50", "1f", "thousand-1", "2"]),
        ("no units", ["40", "thousand-0", "300"]),
        ("teens of thousands", ["13", "thousand-5", "60", "5"]),
    ],
)
async def test_the_reading_is_read_back_in_russian_and_committed(
    native: Native, name: str, words: list[str]
) -> None:

    def judge(call: Call) -> None:
        offsets = call.offsets(*(f"words/{word}" for word in words))
        assert all(0.55 <= later - earlier <= 0.7 for earlier, later in pairwise(offsets)), (
            offsets,
            "each word lasts 0.6 s",
        )
        thanks, goodbye = call.offsets("thanks", "goodbye")
        assert offsets[-1] < thanks < goodbye

    call = await native.judged(name, judge)
    assert call.outcome == "reading-accepted"
    assert call.reading == (ACCOUNT.number, int(str(TURNS[name][2]).rstrip("#")))


async def test_the_account_is_read_back_in_groups_with_its_street(native: Native) -> None:
    groups = ["words/300", "words/20", "words/50", "words/70"]  # 320 00 50 70

    def judge(call: Call) -> None:
        offsets = call.offsets("account", *groups, "streets/320005070", "right")
        assert offsets == sorted(offsets)
        assert offsets[3] - offsets[2] == pytest.approx(3 * 0.6, abs=0.1)  # two noughts between

    await native.judged("groups", judge)


@pytest.mark.parametrize(
    ("name", "prompt", "reading"),
    [("below", "below-last", 12_001), ("too high", "too-high", 15_000), ("not his account", "right", 12_002)],
)
async def test_a_doubtful_answer_is_told_and_a_better_one_taken(
    native: Native, name: str, prompt: str, reading: int
) -> None:
    call = await native.judged(name, lambda call: call.says(prompt))
    assert call.reading == (CAREFUL.number, reading)


async def test_a_refused_read_back_leads_to_another_value(native: Native) -> None:
    assert native.calls["refused"].reading == (ACCOUNT.number, 701)


@pytest.mark.parametrize("name", ["unknown thrice", "neither yes nor no", "silent"])
async def test_what_can_not_be_used_leads_to_people(native: Native, name: str) -> None:
    call = await native.judged(name, lambda call: call.says("to-people"))
    assert (call.outcome, call.reading) == ("to-people", None)
    assert not call.hears("ask-reading")


async def test_a_round_of_the_bench_loses_no_call(native: Native, tmp_path: Path) -> None:
    told: list[str] = []
    measured = await CallsBench(tmp_path, told.append).round(native.flow, Load(calls=12, per_second=6))
    assert (measured.calls, measured.failed) == (12, 0)
    assert set(measured.cpu_ms_per_call) == {"asterisk"}
    assert 1 < measured.cpu_ms_per_call["asterisk"] < 1000
    assert measured.most_at_once == 12
