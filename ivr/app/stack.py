"""Asterisk, engine and recogniser, started as a company runs them: for demonstration, tests, benchmarks."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import aiohttp

from ivr.asterisk.host import AsteriskHost
from ivr.errors import Fault
from ivr.settings import Settings, load

_READY_SECONDS = 60.0
_STOP_SECONDS = 20.0


class Stack:
    """One Asterisk, engine and recogniser under their watchdog, one settings tree."""

    def __init__(
        self,
        file: Path | None,
        overrides: Sequence[str],
        announce: Callable[[str], None] = lambda _: None,
        *,
        role: str = "all",
    ) -> None:
        """Args: file and overrides, as of `ivr --settings FILE --set …`; role, as of `ivr serve --role …`."""
        self.settings: Settings = load(file, overrides)
        self.asterisk = AsteriskHost(self.settings.asterisk, announce)
        self.arguments = ["--settings", str(file)] if file else []
        for override in overrides:
            self.arguments += ["--set", override]
        self._role = role
        self._watchdog: subprocess.Popen[bytes] | None = None

    @property
    def log_file(self) -> Path:
        """The engine's log."""
        return self.settings.data_folder / "engine.log"

    @property
    def engine_pid(self) -> int:
        """Process id of the engine that runs now."""
        return int(self._pid_file.read_text())

    @property
    def recogniser_pid(self) -> int:
        """Process id of the recogniser that runs now."""
        return int(self._recogniser_file.read_text())

    @property
    def hearing_url(self) -> str:
        """Where the recogniser's metrics and health are served."""
        return f"http://{self.settings.web.host}:{self.settings.aeap.web_port}"

    @property
    def _pid_file(self) -> Path:
        return self.settings.data_folder / "engine.pid"

    @property
    def _recogniser_file(self) -> Path:
        return self.settings.data_folder / "recogniser.pid"

    @property
    def url(self) -> str:
        """Where pages, metrics and health are served."""
        web = self.settings.web
        return f"{'https' if web.tls else 'http'}://{web.host}:{web.port}"

    async def up(self) -> None:
        """Start both and wait until calls are taken.

        Raises:
            Fault: One of them did not start; says why.
        """
        await asyncio.to_thread(self.asterisk.up)
        await self.start_engine()

    async def start_engine(self) -> None:
        """Start engine and recogniser under their watchdog, without Asterisk."""
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        for file in (self._pid_file, self._recogniser_file):
            file.unlink(missing_ok=True)
        with self.log_file.open("ab") as log:
            self._watchdog = await asyncio.to_thread(
                lambda: subprocess.Popen(  # noqa: S603
                    self.serve_command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
                )
            )
        await self.ready()

    def serve_command(self) -> list[str]:
        """The command line of the watchdog."""
        return [sys.executable, "-m", "ivr", *self.arguments, "serve", "--role", self._role]

    async def ready(self) -> None:
        """Wait until the engine takes calls."""
        await self._until_ready("engine", self.url, self._pid_file.exists)

    async def hears(self) -> None:
        """Wait until the recogniser hears, which may be later: its models are loaded first."""
        await self._until_ready("recogniser", self.hearing_url, self._recogniser_file.exists)

    async def knows(self) -> None:
        """Wait until the engine has read its knowledge base, which it does while it takes calls."""
        async with asyncio.timeout(_READY_SECONDS):
            while "ivr_knowledge_articles 0.0" in await self.metrics():  # noqa: ASYNC110  # of another process
                await asyncio.sleep(0.1)

    async def stop_engine(self) -> int | None:
        """Stop the engine and its watchdog; calls that run are cut after the drain.

        Returns:
            Exit status; None when no engine was running.
        """
        if self._watchdog is None:
            return None
        self._watchdog.send_signal(signal.SIGTERM)
        try:
            await asyncio.to_thread(self._watchdog.wait, _STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._watchdog.kill()
            await asyncio.to_thread(self._watchdog.wait)
        status, self._watchdog = self._watchdog.returncode, None
        return status

    async def down(self) -> None:
        """Stop both."""
        await self.stop_engine()
        await asyncio.to_thread(self.asterisk.down)

    async def metrics(self) -> str:
        """What `/metrics` shows."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.url}/metrics", ssl=False) as answer,
        ):
            return await answer.text()

    async def _until_ready(self, name: str, url: str, serves: Callable[[], bool]) -> None:
        state = "no answer"
        try:
            async with asyncio.timeout(_READY_SECONDS), aiohttp.ClientSession() as session:
                while (state := await _state(session, url, serves)) != "ready":
                    self._require_alive()
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise Fault(
                f"The {name} is not ready: {state}.", str(self.log_file), "Read the end of its log."
            ) from None

    def _require_alive(self) -> None:
        if self._watchdog is not None and self._watchdog.poll() is not None:
            last = self.log_file.read_text(errors="replace").strip().splitlines()[-1:]
            raise Fault("The engine ended at once.", str(self.log_file), " ".join(last))


async def _state(session: aiohttp.ClientSession, url: str, serves: Callable[[], bool]) -> str:
    try:
        async with session.get(f"{url}/readyz", ssl=False) as answer:
            ready = answer.status == 200 and serves()
            return "ready" if ready else await answer.text()
    except aiohttp.ClientError as error:
        return type(error).__name__
