"""What goes wrong around an engine: disks that fill up, databases that are locked, ports that are taken."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sqlite3
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import aiohttp
import pytest

from ivr.bench.sipp import Action, Caller, ExpectHangup, Keys, Wait
from ivr.calls.story import Stage, Story
from tests.real.company import MAIN, READINGS, STRANGER, TURN, Company, Zone

GREETED = "наберите номер лицевого счёта"
READ_BACK = "^(?!Счёт).*Верно"
"""The reading is read back; the account is asked for in like words."""

FILLER = "Одну минуту"
THANKS = "Показания приняты"


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A file system of its own in a folder, that a few seconds of writing can fill."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    folder.mkdir(parents=True)
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=False)
    if mount.returncode:
        pytest.skip("this machine does not let us mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """No byte is free on the disk while the block runs."""
    ballast = disk / "ballast"
    try:
        with ballast.open("wb", buffering=0) as file:
            for piece in (1 << 20, 1 << 12, 1):
                with suppress(OSError):
                    while file.write(bytes(piece)):
                        pass
        yield
    finally:
        ballast.unlink(missing_ok=True)


@contextmanager
def locked(company: Company) -> Iterator[None]:
    """Another process holds the database for itself while the block runs."""
    file = company.stack.settings.store.url.removeprefix("sqlite:///")
    other = sqlite3.connect(file, isolation_level=None, timeout=10)
    try:
        other.execute("BEGIN EXCLUSIVE")
        yield
    finally:
        other.rollback()
        other.close()


@contextmanager
def taken_port(kind: socket.SocketKind) -> Iterator[int]:
    """A port of the loopback that another program has."""
    with socket.socket(socket.AF_INET, kind) as holder:
        holder.bind(("127.0.0.1", 0))
        if kind is socket.SOCK_STREAM:
            holder.listen()
        yield int(holder.getsockname()[1])


def reading_caller(company: Company, zone: Zone, *, thinking: float = TURN, before: int = -1) -> Caller:
    """Hands a reading in; thinks for some seconds before one of his answers (0 is the first)."""
    keys = (f"{zone.account}#", "1", f"{zone.reading}#", "1")
    pauses = [TURN] * len(keys)
    pauses[before] = thinking
    turns: list[Action] = [Wait(company.notice_seconds + 0.7)]
    for pause, each in zip(pauses, keys, strict=True):
        turns += [Wait(pause), Keys(each)]
    return Caller(number=READINGS, actions=(*turns, ExpectHangup(60)), caller_id=STRANGER)


def patient_caller() -> Caller:
    """Presses no key and stays until the other side ends the call."""
    return Caller(number=MAIN, actions=(Wait(0.1), ExpectHangup(60)), caller_id=STRANGER)


def operator_seeker(company: Company, *, thinking: float) -> Caller:
    """Asks for a person some seconds after the greeting of the readings' line."""
    actions = (Wait(company.notice_seconds + 0.7), Wait(thinking), Keys("0"), ExpectHangup(60))
    return Caller(number=READINGS, actions=actions, caller_id=STRANGER)


def line_of(text: str, word: str) -> int:
    """Number of the first line that holds the word."""
    return text[: text.index(word)].count("\n") + 1


async def run_all(company: Company, calls: Iterable[Sequence[str]]) -> list[subprocess.CompletedProcess[str]]:
    """Run the command `ivr` several times at once."""
    return await asyncio.gather(*(asyncio.to_thread(company.ivr, *call) for call in calls))


def assert_refused_at(place: str, done: subprocess.CompletedProcess[str]) -> None:
    """The command ended at once, with status 2 and a message that names the place."""
    assert done.returncode == 2, done.stderr
    assert place in done.stderr
    assert "Traceback" not in done.stderr
    assert "starting again" not in done.stderr


def forget_transcripts(company: Company) -> None:
    """Begin with none, so that `until_said` looks at the calls of one test only."""
    for file in _transcripts_folder(company).glob("*.jsonl"):
        file.unlink()


async def until_said(company: Company, words: str, *, calls: int = 1) -> None:
    """Wait until the robot has said so (a regular expression) in that many calls."""

    def said() -> bool:
        talks = company.transcripts().values()
        return sum(any(re.search(words, text) for _, text in talk) for talk in talks) >= calls

    await company.until(said)


def _transcripts_folder(company: Company) -> Path:
    folder = company.stack.settings.scenarios.transcripts
    assert folder is not None
    return folder


async def unready(company: Company) -> dict[str, str]:
    """What `/readyz` finds wanting, with the details; empty when all is in order."""
    async with aiohttp.ClientSession() as session, session.get(f"{company.stack.url}/readyz") as answer:
        document = await answer.json()
    assert answer.status == (503 if document["not_ready"] else 200)
    return {one["name"]: one["detail"] for one in document["not_ready"]}


async def until_unready(company: Company, check: str) -> str:
    """Wait until a check of `/readyz` fails; its detail."""
    async with asyncio.timeout(20):
        while check not in (found := await unready(company)):  # noqa: ASYNC110  # a state of another process
            await asyncio.sleep(0.1)
    return found[check]


async def newest_story(company: Company, stage: Stage) -> Story:
    """Wait until the newest call is in that stage."""
    async with asyncio.timeout(20):
        while True:
            [(story, _)] = await company.stories(1, ended=False)
            if story.stage is stage:
                return story
            await asyncio.sleep(0.1)


def log_of(company: Company) -> str:
    """The engine's log."""
    return company.stack.log_file.read_text(errors="replace")


def kill_asterisk(company: Company) -> None:
    """End Asterisk as a crash would."""
    pid = (company.stack.settings.asterisk.data_folder / "asterisk.pid").read_text().split()[0]
    os.kill(int(pid), signal.SIGKILL)
