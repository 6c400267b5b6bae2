"""The call in dialplan alone, on an Asterisk of its own (asterisk-conf/bench/)."""

from __future__ import annotations

import asyncio
import sqlite3
import wave
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from ivr.asterisk.host import AsteriskHost
from ivr.asterisk.settings import AsteriskSettings
from ivr.bench.flow import Account
from ivr.bench.prompts import NativePrompts, Voice, street_file
from ivr.bench.sipp import Endpoint
from ivr.bench.sipp.process import free_port
from ivr.bench.templates import overlay

MODULES = (
    "app_read.so",
    "res_cdrel_custom.so",
    "cdr_sqlite3_custom.so",
    "func_cdr.so",
    "func_logic.so",
    "func_realtime.so",
    "res_config_sqlite3.so",
    "res_mutestream.so",
)
NUMBER = "74832000000"
MOST_CALLS = 3000
RTP_PORTS = (31_000, 45_000)
_QUEUE = "clients"
TRUNK = {"name": "bench", "mode": "address", "addresses": ["127.0.0.0/8"], "max_channels": MOST_CALLS}


class NativeFlow:
    """Runs the native flow."""

    name = "native"
    number = NUMBER
    metrics_url = None

    def __init__(
        self, asterisk: AsteriskSettings, accounts: Sequence[Account], voice: Voice, folder: Path
    ) -> None:
        """Describe it; nothing runs yet.

        Args:
            asterisk: The product's settings: which Asterisk, which templates.
            accounts: What the native database is filled with.
            voice: Makes the sound files.
            folder: Its own folder, empty or from an earlier run.
        """
        self.accounts = accounts
        self._voice = voice
        self._folder = folder
        self._conf = asterisk.templates_folder / "bench"
        self._settings = bench_asterisk(
            asterisk,
            folder,
            templates_folder=overlay(asterisk.templates_folder, self._conf, folder / "templates"),
            prompts_folder=folder / "prompts",
            extra_modules=MODULES,
            lines={"reading": {"numbers": [NUMBER], "last_resort": _QUEUE}},
            queues={_QUEUE: {}},
        )
        self._host = AsteriskHost(self._settings)
        self._pid = 0

    @property
    def target(self) -> Endpoint:
        """SIP address of its Asterisk."""
        return Endpoint(str(self._settings.sip.host), self._settings.sip.port)

    @property
    def notice_seconds(self) -> float:
        """Length of the greeting and the notice about recording."""
        prompts = self._settings.prompts_folder
        return wav_seconds(prompts / "hello.wav") + wav_seconds(prompts / "notice.wav")

    async def start(self) -> None:
        """Make prompts and databases anew, start Asterisk."""
        prompts = NativePrompts.load(self._conf / "prompts.yaml")
        await prompts.make(self.accounts, self._voice, self._settings.prompts_folder)
        self._make_databases()
        self._pid = (await asyncio.to_thread(self._host.up)).pid

    async def stop(self) -> None:
        """Stop Asterisk."""
        await asyncio.to_thread(self._host.down)

    def processes(self) -> dict[str, list[int]]:
        """Asterisk, and no engine."""
        return {"asterisk": [self._pid]}

    async def readings(self) -> int:
        """How many readings are in the database."""
        with closing(sqlite3.connect(self._readings)) as database:
            return int(database.execute("SELECT count(*) FROM readings").fetchone()[0])

    async def clear(self) -> None:
        """Throw the recordings away."""
        clear_folder(self._settings.recordings_spool)

    @property
    def _readings(self) -> Path:
        return self._settings.data_folder / "native.sqlite3"

    def _make_databases(self) -> None:
        self._settings.data_folder.mkdir(parents=True, exist_ok=True)
        _make_database(self._settings.data_folder / "calls.db", self._conf / "calls.sql")
        _make_database(self._readings, self._conf / "schema.sql")
        rows = [
            (account.number, street_file(account), account.last, account.usual) for account in self.accounts
        ]
        with closing(sqlite3.connect(self._readings)) as database, database:
            database.executemany("INSERT INTO accounts VALUES (?, ?, ?, ?)", rows)


def bench_asterisk(base: AsteriskSettings, folder: Path, **changes: object) -> AsteriskSettings:
    """The product's settings for an instance that takes the calls of a measurement on the loopback.

    Args:
        base: The product's settings.
        folder: Where the instance lives.
        changes: Further settings.
    """
    manager = base.manager.model_dump(exclude_unset=True) | {"port": free_port()}
    return AsteriskSettings.model_validate(
        base.model_dump(exclude_unset=True)
        | {
            "data_folder": folder / "asterisk",
            "recordings_spool": folder / "recordings",
            "max_calls": MOST_CALLS,
            "sip": {"host": "127.0.0.1", "port": free_port()},
            "rtp": {"first_port": RTP_PORTS[0], "last_port": RTP_PORTS[1]},
            "manager": manager,
            "workplaces": {"count": 0},
            "trunks": [TRUNK],
        }
        | changes
    )


def wav_seconds(path: Path) -> float:
    """Length of a WAV file."""
    with wave.open(str(path)) as file:
        return float(file.getnframes() / file.getframerate())


def clear_folder(folder: Path) -> None:
    """Delete the files of a folder."""
    for file in folder.glob("*.wav"):
        file.unlink()


def _make_database(path: Path, script: Path) -> None:
    for old in path.parent.glob(f"{path.name}*"):
        old.unlink()
    with closing(sqlite3.connect(path)) as database:
        database.executescript(script.read_text(encoding="utf-8"))
