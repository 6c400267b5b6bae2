"""The call through the engine: Asterisk and the engine as a company runs them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from sqlalchemy import func, select

from ivr.asterisk.host import AsteriskHost
from ivr.bench.flow import Account
from ivr.bench.native import MOST_CALLS, RTP_PORTS, TRUNK, clear_folder, wav_seconds
from ivr.bench.processes import parent_of, with_children
from ivr.bench.sipp import Endpoint
from ivr.bench.sipp.process import free_port
from ivr.readings.tables import readings
from ivr.settings import Settings
from ivr.store import Database


class Served(Protocol):
    """Asterisk and the engine, ready to be started."""

    @property
    def settings(self) -> Settings:
        """Their settings."""

    @property
    def asterisk(self) -> AsteriskHost:
        """Asterisk."""

    @property
    def engine_pid(self) -> int:
        """Process of the engine while it runs."""

    @property
    def url(self) -> str:
        """Where metrics and health are served."""

    async def up(self) -> None:
        """Start both and wait until calls are taken."""

    async def down(self) -> None:
        """Stop both."""


class ServedFlow:
    """Runs the flow through the engine."""

    name = "engine"

    def __init__(self, served: Served, accounts: Sequence[Account], line: str) -> None:
        """Describe it; nothing runs yet.

        Args:
            served: Asterisk and the engine; the accounts are in its database, its prompts are built.
            accounts: Who hands readings in.
            line: Name of the line whose scenario is the dedicated one for readings.
        """
        self.accounts = accounts
        self._served = served
        self._line = line
        self._asterisk_pid = 0

    @property
    def number(self) -> str:
        """Number of the line."""
        return next(line.numbers[0] for line in self._served.settings.lines if line.name == self._line)

    @property
    def target(self) -> Endpoint:
        """SIP address of its Asterisk."""
        sip = self._served.settings.asterisk.sip
        return Endpoint(str(sip.host), sip.port)

    @property
    def notice_seconds(self) -> float:
        """Length of the greeting and the notice about recording."""
        settings = self._served.settings
        fixed = settings.prompts_folder / "fixed"
        notice = wav_seconds(fixed / f"{settings.scenarios.notice_prompt}.wav")
        return wav_seconds(fixed / "hello.wav") + notice

    @property
    def metrics_url(self) -> str:
        """Where the engine's figures are."""
        return f"{self._served.url}/metrics"

    async def start(self) -> None:
        """Start both."""
        await self._served.up()
        self._asterisk_pid = self._served.asterisk.up().pid
        self._database = await Database.open(self._served.settings.store)

    async def stop(self) -> None:
        """Stop both."""
        await self._database.close()
        await self._served.down()

    def processes(self) -> dict[str, list[int]]:
        """Asterisk, the engine, its watchdog, and its voice where it has been needed."""
        engine = self._served.engine_pid
        return {
            "asterisk": [self._asterisk_pid],
            "engine": [engine],
            "watchdog": [parent_of(engine)],
            "voice": with_children(engine)[1:],
        }

    async def readings(self) -> int:
        """How many readings are in the database; a corrected one stays there."""
        counted = select(func.count()).select_from(readings)
        return await self._database.read(lambda connection: int(connection.execute(counted).scalar_one()))

    async def clear(self) -> None:
        """Throw the archived recordings away."""
        for folder in _folders(self._served.settings.archive.folder):
            clear_folder(folder)


def overrides(settings: Settings, folder: Path) -> list[str]:
    """Settings of the measurement, as of `--set`: the company's own, by keys, with folders and ports apart.

    Args:
        settings: The company's; its prompts are used.
        folder: Where the data go.
    """
    changes = {
        "data_folder": folder,
        "archive.folder": folder / "archive",
        "asterisk.prompts_folder": settings.prompts_folder,
        "asterisk.max_calls": MOST_CALLS,
        "asterisk.sip.host": "127.0.0.1",
        "asterisk.sip.port": free_port(),
        "asterisk.rtp.first_port": RTP_PORTS[0],
        "asterisk.rtp.last_port": RTP_PORTS[1],
        "asterisk.manager.port": free_port(),
        "asterisk.websocket.port": free_port(),
        "asterisk.trunks": [TRUNK],
        "agi.port": free_port(),
        "agi.max_connections": MOST_CALLS,
        "web.port": free_port(),
        "aeap.port": free_port(),
        "aeap.web_port": free_port(),
        "dialogue.voice": False,
        "readings.profiles": {line.profile: {"from_day": 1, "to_day": 31} for line in settings.lines},
    }
    return [f"{name}={value}" for name, value in changes.items()]


def _folders(folder: Path) -> list[Path]:
    return [folder, *(path for path in folder.rglob("*") if path.is_dir())]
