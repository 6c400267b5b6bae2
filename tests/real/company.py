"""The demo company running for real in a folder of its own: Asterisk, the engine, an operator's telephone."""

from __future__ import annotations

import asyncio
import atexit
import csv
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Self

from sqlalchemy import select

from ivr.app.stack import Stack
from ivr.bench.sipp import Action, Caller, Endpoint, ExpectHangup, Hangup, Keys, Load, Phone, Wait
from ivr.calls import queries
from ivr.calls.story import Story
from ivr.dialogue.ports import Step
from ivr.readings.tables import readings
from ivr.store import Database
from tests.real.instances import PROJECT, ROOT, free_port
from tests.real.scripted_recogniser import ScriptedStack
from tests.real.sipp import Placed, Recording, place
from tests.real.sipp.leaks import Snapshot, assert_no_leaks, snapshot

PROMPTS = PROJECT / ".cache" / "test-prompts"
LEARNED = PROJECT / ".cache" / "test-knowledge"
STRANGER = "+74950000009"
MAIN, READINGS = "100", "200"
TURN = 0.8
"""Pause before each answer, seconds: the next question has begun by then, and is cut short."""


@dataclass(frozen=True)
class Zone:
    """A line of the meters' file."""

    account: str
    last: int
    digits: int

    @property
    def reading(self) -> int:
        """A plausible next reading."""
        return self.last + 150


def _ivr(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ivr", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROJECT)


@cache
def _prepared() -> Path:
    """Build all prompts, and make a folder with the invented customers: a database, and billing's files."""
    folder = Path(mkdtemp(prefix="ivr-customers-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    where = ("--set", f"data_folder={folder}", "--set", f"asterisk.prompts_folder={PROMPTS}")
    for command in (("customers", "demo", "--output", str(folder / "billing")), ("prompts", "build")):
        done = _ivr(*where, *command)
        assert done.returncode == 0, done.stderr
    return folder


class Company:
    """Started once for many tests; each looks only at what came after it had begun."""

    def __init__(self, folder: Path, *changes: str, hears: bool = False, operators: int = 1) -> None:
        """Args: changes, of the settings; hears, whether a recogniser of rules runs beside the engine.

        Of several operators each has a line of his own to the one telephone that SIPp plays.
        """
        self.folder = folder
        self.phone = Endpoint("127.0.0.1", free_port(socket.SOCK_DGRAM))
        members = [f"sip:operator{number or ''}@{self.phone}" for number in range(operators)]
        overrides = [
            f"data_folder={folder}",
            f"archive.folder={folder / 'recordings'}",
            f"scenarios.transcripts={folder / 'transcripts'}",
            "scenarios.always_open=[operators]",
            "archive.sweep_seconds=1",
            "quality.transcripts.when=off",
            f"asterisk.root_folder={ROOT}",
            f"asterisk.prompts_folder={PROMPTS}",
            f"knowledge.memory_folder={LEARNED}",
            f"asterisk.sip.port={free_port(socket.SOCK_DGRAM)}",
            "asterisk.rtp.first_port=12000",
            "asterisk.rtp.last_port=16000",
            "asterisk.stop_seconds=0",
            f"asterisk.manager.port={free_port(socket.SOCK_STREAM)}",
            f"asterisk.websocket.port={free_port(socket.SOCK_STREAM)}",
            f"asterisk.queues={{clients: {{members: {json.dumps(members)}}}}}",
            f"agi.port={free_port(socket.SOCK_STREAM)}",
            f"aeap.port={free_port(socket.SOCK_STREAM)}",
            f"aeap.web_port={free_port(socket.SOCK_STREAM)}",
            f"speech.recognition.grammars_folder={folder / 'grammars'}",
            f"web.port={free_port(socket.SOCK_STREAM)}",
            "watchdog.drain_seconds=3",
            "dialogue.first_key_seconds=1.5",
            "dialogue.next_key_seconds=1.5",
            *changes,
        ]
        file = PROJECT / "ivr.yaml"
        self.stack = ScriptedStack(file, overrides) if hears else Stack(file, overrides, role="agi")
        self._runs = 0

    # --- life ------------------------------------------------------------------------------------------

    def ivr(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command `ivr` with this company's settings."""
        return _ivr(*self.stack.arguments, *arguments)

    def prepare(self) -> None:
        """Customers and prompts, made once for all companies of a process."""
        made = _prepared()
        shutil.copytree(made / "billing", self.folder / "billing")
        shutil.copy(made / "ivr.db", self.stack.settings.data_folder)

    @contextmanager
    def running(self) -> Iterator[Self]:
        """It runs while the block does; what a start that failed has left behind is stopped, too."""
        try:
            asyncio.run(self.stack.up())
            yield self
        finally:
            asyncio.run(self.stack.down())

    @property
    def zones(self) -> list[Zone]:
        """Every zone of every meter, in the order in which they are asked for."""
        with (self.folder / "billing" / "meters.csv").open(encoding="utf-8") as file:
            rows = list(csv.DictReader(file, delimiter=";"))
        return [Zone(row["account"], int(row["last_value"]), int(row["digits"])) for row in rows]

    def zones_of(self, account: str) -> list[Zone]:
        """The zones of one account's meters."""
        return [zone for zone in self.zones if zone.account == account]

    @property
    def single_zones(self) -> list[Zone]:
        """Those of accounts that have one meter of one zone."""
        zones = self.zones
        accounts = [zone.account for zone in zones]
        return [zone for zone in zones if accounts.count(zone.account) == 1]

    # --- calling ---------------------------------------------------------------------------------------

    @property
    def sip(self) -> Endpoint:
        """Where calls are placed."""
        sip = self.stack.settings.asterisk.sip
        return Endpoint(str(sip.host), sip.port)

    def prompt(self, name: str) -> Path:
        """A prompt of the catalogue."""
        return PROMPTS / "fixed" / f"{name}.wav"

    @property
    def notice_seconds(self) -> float:
        """Length of the greeting and of the notice, which can't be cut short."""
        return sum(Recording.load(self.prompt(name)).seconds for name in ("hello", "recording-notice"))

    def caller(
        self,
        number: str,
        *keys: str,
        end: Action | None = None,
        caller_id: str = STRANGER,
        turn: float = TURN,
    ) -> Caller:
        """Someone who answers each question with keys, and then waits for the end.

        Args:
            turn: Pause before each answer, seconds; a busy machine needs a longer one to have asked by then.
        """
        actions: list[Action] = [Wait(self.notice_seconds + turn)]
        for each in keys:
            actions += [Wait(turn), Keys(each)]
        ending = end or ExpectHangup(60)
        if isinstance(ending, Hangup):
            actions.append(Wait(TURN))
        return Caller(number=number, actions=(*actions, ending), caller_id=caller_id)

    async def place(self, *callers: Caller, load: Load | None = None, listen: bool = False) -> Placed:
        """Place the calls and wait for their end."""
        self._runs += 1
        return await place(
            callers, self.sip, self.folder / "sipp" / str(self._runs), load=load, listen=listen
        )

    def operator(self, talk_seconds: float = 1.5) -> Phone:
        """The operator's telephone; its folder is `operator_folder`."""
        return Phone(address=self.phone, talk_seconds=talk_seconds, echo=True)

    def operator_folder(self) -> Path:
        """An empty folder for a telephone's run."""
        self._runs += 1
        return self.folder / "sipp" / f"operator-{self._runs}"

    # --- what came of it -------------------------------------------------------------------------------

    async def stories(self, count: int, *, ended: bool = True) -> list[tuple[Story, list[Step]]]:
        """The last so many calls, oldest first, once they have ended."""
        database = await Database.open(self.stack.settings.store)
        try:
            async with asyncio.timeout(20):
                while True:
                    latest = await database.read(partial(queries.latest, limit=count))
                    if len(latest) == count and all(story.ended_at or not ended for story in latest):
                        break
                    await asyncio.sleep(0.1)
            found = [
                await database.read(partial(queries.one, call_id=story.call_id)) for story in reversed(latest)
            ]
            return [story for story in found if story is not None]
        finally:
            await database.close()

    async def readings(self, account: str | None = None) -> list[dict[str, object]]:
        """Rows of confirmed readings, of one account or all."""
        database = await Database.open(self.stack.settings.store)
        try:
            rows = await database.read(
                lambda connection: [dict(row) for row in connection.execute(select(readings)).mappings()]
            )
        finally:
            await database.close()
        return [row for row in rows if account in (None, row["account_number"])]

    def transcripts(self) -> dict[str, list[tuple[str, str]]]:
        """What was said, by call id: pairs of who and text."""
        folder = self.stack.settings.scenarios.transcripts
        assert folder is not None
        return {
            file.stem: [
                (line["who"], line["text"]) for line in map(json.loads, file.read_text().splitlines())
            ]
            for file in folder.glob("*.jsonl")
        }

    async def until(self, condition: Callable[[], bool], seconds: float = 30) -> None:
        """Wait for something to come true."""
        async with asyncio.timeout(seconds):
            while not condition():  # noqa: ASYNC110  # files and processes raise no event
                await asyncio.sleep(0.05)

    # --- leaks -----------------------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """What Asterisk and the engine hold now."""
        asterisk = int((self.stack.settings.asterisk.data_folder / "asterisk.pid").read_text().split()[0])
        return snapshot(self.stack.asterisk.cli, [asterisk, self.stack.engine_pid])

    async def assert_no_leaks(self, before: Snapshot, tasks: float) -> None:
        """Fail unless channels, descriptors and tasks are as before."""
        await assert_no_leaks(before, self.stack.asterisk.cli, within=10, spare=4)
        await self.until_tasks(tasks)

    async def until_tasks(self, most: float) -> None:
        """Wait until the engine has no more tasks than that."""
        async with asyncio.timeout(10):
            while await self.metric("ivr_running_tasks") > most:  # noqa: ASYNC110  # a figure of another process
                await asyncio.sleep(0.2)

    async def metric(self, name: str) -> float:
        """A value of `/metrics`, labels included in the name."""
        for line in (await self.stack.metrics()).splitlines():
            if line.startswith(f"{name} "):
                return float(line.rpartition(" ")[2])
        raise AssertionError(f"/metrics shows no {name}")

    def signal_engine(self, number: signal.Signals) -> None:
        """Send a signal to the engine, not to its watchdog."""
        os.kill(self.stack.engine_pid, number)
