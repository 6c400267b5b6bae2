"""The recogniser's process: hears what Asterisk sends it of the callers, and says what they said."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any, Protocol

import structlog

from ivr.app.listening_metrics import ListeningMetrics
from ivr.asterisk.aeap.server import AeapServer
from ivr.asterisk.config import hearing_secret
from ivr.settings import Settings
from ivr.speech.recognition.ports import Hearing
from ivr.watchdog import beat
from ivr.web.health import Health
from ivr.web.server import WebServer

log = structlog.get_logger(__name__)


class ClosableHearing(Hearing, Protocol):
    """A hearing that owns threads and models."""

    async def close(self) -> None:
        """End all turns and free what it holds."""


OpenHearing = Callable[[Settings], Awaitable[ClosableHearing]]
"""Loads the models; raises Fault when there are none."""


async def _installed_models(settings: Settings) -> ClosableHearing:
    from ivr.app.hearing import open_hearing

    return await open_hearing(settings)


class ListeningServer:
    """Hears callers from `start` to `stop`."""

    def __init__(self, settings: Settings, open_hearing: OpenHearing = _installed_models) -> None:
        """Build nothing yet. Args: open_hearing, loads what listens."""
        self._settings = settings
        self._open_hearing = open_hearing
        self._metrics = ListeningMetrics()
        self._open = AsyncExitStack()
        self._stop_asked = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Hear until SIGTERM or SIGINT, then let the calls that are connected end."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop_asked.set)
        for number in (signal.SIGHUP, signal.SIGUSR1):
            loop.add_signal_handler(number, lambda: None)
        try:
            await self.start()
            loop.add_signal_handler(signal.SIGUSR1, self.engine_died)
            self._spawn(beat(self._settings.watchdog.beat_seconds))
            await self._stop_asked.wait()
            await self._server.drain(self._settings.watchdog.drain_seconds)
        finally:
            await self.stop()

    async def start(self) -> None:
        """Load the models, then listen for Asterisk.

        Raises:
            Fault: No model, a broken one, or a port is taken; what had been opened is closed by `stop`.
        """
        settings = self._settings
        hearing = await self._open_hearing(settings)
        self._open.push_async_callback(hearing.close)
        secret = hearing_secret(settings.asterisk)
        self._server = AeapServer(settings.aeap, hearing, secret, observer=self._metrics)
        await self._server.start()
        self._open.push_async_callback(self._server.stop)
        await self._open_web()
        log.info("recogniser.started", port=self._server.port)

    async def stop(self) -> None:
        """Close every connection and free the models."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._open.aclose()
        log.info("recogniser.stopped")

    def engine_died(self) -> None:
        """End every turn: nobody waits for it any more, and its caller is to get to people at once."""
        log.warning("recogniser.engine-died", sessions=self._server.sessions)
        self._spawn(self._server.give_up_turns())

    async def _open_web(self) -> None:
        async def hears() -> Health:
            return Health(ok=True)

        web = WebServer(
            self._settings.web.model_copy(update={"port": self._settings.aeap.web_port}),
            exposition=self._metrics.exposition,
            checks={"hearing": hears},
        )
        await web.start()
        self._open.push_async_callback(web.stop)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
