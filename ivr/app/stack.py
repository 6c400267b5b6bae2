"""Asterisk and the engine, started as a company runs them: for the demonstration, tests and benchmarks."""

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

_READY_SECONDS = 30.0
_STOP_SECONDS = 20.0


class Stack:
    """One Asterisk, one engine under its watchdog, one settings tree."""

    def __init__(
        self,
        file: Path | None,
        overrides: Sequence[str],
        announce: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Args: file and overrides, as of `ivr --settings FILE --set …`."""
        self.settings: Settings = load(file, overrides)
        self.asterisk = AsteriskHost(self.settings.asterisk, announce)
        self.arguments = ["--settings", str(file)] if file else []
        for override in overrides:
            self.arguments += ["--set", override]
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
    def _pid_file(self) -> Path:
        return self.settings.data_folder / "engine.pid"

    @property
    def url(self) -> str:
        """Where metrics and health are served."""
        return f"http://{self.settings.web.host}:{self.settings.web.port}"

    async def up(self) -> None:
        """Start both and wait until calls are taken.

        Raises:
            Fault: One of them did not start; says why.
        """
        await asyncio.to_thread(self.asterisk.up)
        await self.start_engine()

    async def start_engine(self) -> None:
        """Start the engine alone."""
        self.log_file.parent.mkdir(parents=True, exist_ok=True)
        self._pid_file.unlink(missing_ok=True)
        command = [sys.executable, "-m", "ivr", *self.arguments, "serve"]
        with self.log_file.open("ab") as log:
            self._watchdog = await asyncio.to_thread(
                lambda: subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)  # noqa: S603
            )
        await self.ready()

    async def ready(self) -> None:
        """Wait until the engine takes calls."""
        state = "no answer"
        try:
            async with asyncio.timeout(_READY_SECONDS), aiohttp.ClientSession() as session:
                while (state := await self._state(session)) != "ready":
                    self._require_alive()
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise Fault(
                f"The engine is not ready: {state}.", str(self.log_file), "Read the end of its log."
            ) from None

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
        async with aiohttp.ClientSession() as session, session.get(f"{self.url}/metrics") as answer:
            return await answer.text()

    async def _state(self, session: aiohttp.ClientSession) -> str:
        try:
            async with session.get(f"{self.url}/readyz") as answer:
                ready = answer.status == 200 and self._pid_file.exists()
                return "ready" if ready else await answer.text()
        except aiohttp.ClientError as error:
            return type(error).__name__

    def _require_alive(self) -> None:
        if self._watchdog is not None and self._watchdog.poll() is not None:
            last = self.log_file.read_text(errors="replace").strip().splitlines()[-1:]
            raise Fault("The engine ended at once.", str(self.log_file), " ".join(last))
