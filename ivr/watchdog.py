"""The watchdog outside the engine: kills it when it freezes, starts it again when it ends.

A frozen engine never ends its FastAGI connections, so its callers would hear silence for ever
(docs/operations.md, "When the engine dies"). Killing it makes Asterisk's AGI() return, and the dialplan
takes each caller to the queue.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from pydantic import BaseModel, ConfigDict, Field

HEARTBEAT_VARIABLE = "IVR_HEARTBEAT_FD"
_EXIT_SECONDS = 20.0  # an engine that was told to stop beats no more while its interpreter ends


class WatchdogSettings(BaseModel):
    """How the engine is watched; all times in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    beat_seconds: float = Field(0.5, gt=0, description="How often the engine shows that it lives.")
    frozen_seconds: float = Field(2.5, gt=0, description="Without a beat for so long it is killed.")
    start_seconds: float = Field(60.0, gt=0, description="Limit for the first beat.")
    restart_seconds: float = Field(0.2, gt=0, description="First pause before a restart; doubles up to 5 s.")
    drain_seconds: float = Field(600.0, ge=0, description="Time for running calls to end after a stop.")


async def beat(seconds: float) -> None:
    """Show the watchdog that the event loop runs, for as long as someone listens."""
    descriptor = os.environ.get(HEARTBEAT_VARIABLE)
    if descriptor is None:
        return
    with contextlib.suppress(BrokenPipeError):
        while True:
            with contextlib.suppress(BlockingIOError):
                os.write(int(descriptor), b".")
            await asyncio.sleep(seconds)


def _log(event: str, **facts: object) -> None:
    details = " ".join(f"{key}={value}" for key, value in facts.items())
    with contextlib.suppress(OSError):
        sys.stderr.write(f"watchdog: {event} {details}\n")
        sys.stderr.flush()


@dataclass
class Watchdog:
    """Runs a command and keeps it running.

    Attributes:
        command: The engine's command line; it finds the heartbeat's descriptor in its environment.
        settings: Time limits.
        serving: Called with the process id at the first beat of each engine.
    """

    command: Sequence[str]
    settings: WatchdogSettings
    serving: Callable[[int], None] = field(default=lambda _pid: None)
    _stopping: bool = False
    _engine: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        """Watch until SIGTERM or SIGINT; returns the engine's last exit status.

        An engine that ends with status 2 (a wrong setting, an occupied port) is not started again, unless
        one has served before: then the cause may pass (a full disk, a locked database).
        """
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._forward)
        pause = self.settings.restart_seconds
        status, has_served = 0, False
        while not self._stopping:
            lived_from = time.monotonic()
            status, had_beaten = self._run_once()
            has_served = has_served or had_beaten
            if self._stopping or (status == 2 and not has_served):
                break
            if time.monotonic() - lived_from > 30:
                pause = self.settings.restart_seconds
            _log("engine ended, starting again", status=status, pause_seconds=pause)
            time.sleep(pause)
            pause = min(pause * 2, 5.0)
        return status

    def _forward(self, number: int, _frame: FrameType | None) -> None:
        if number != signal.SIGHUP:
            self._stopping = True
        if self._engine is not None and self._engine.poll() is None:
            self._engine.send_signal(number)

    def _run_once(self) -> tuple[int, bool]:
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        environment = os.environ | {HEARTBEAT_VARIABLE: str(writer)}
        try:
            engine = subprocess.Popen(list(self.command), env=environment, pass_fds=(writer,))  # noqa: S603
            self._engine = engine
        finally:
            os.close(writer)
        try:
            had_beaten = self._listen(engine, reader)
        finally:
            os.close(reader)
        return engine.wait(), had_beaten

    def _listen(self, engine: subprocess.Popen[bytes], reader: int) -> bool:
        """Read beats until the engine has ended or was killed; whether there was one."""
        had_beaten = False
        last_beat = time.monotonic()
        while True:
            ready, _, _ = select.select([reader], [], [], self._limit(had_beaten))
            if not ready and self._stopping and time.monotonic() - last_beat < _EXIT_SECONDS:
                continue
            if not ready:
                _log("engine is frozen, killing it", pid=engine.pid)
                engine.kill()
                return had_beaten
            if not os.read(reader, 4096):
                return had_beaten
            if not had_beaten:
                had_beaten = True
                self.serving(engine.pid)

    def _limit(self, had_beaten: bool) -> float:
        return self.settings.frozen_seconds if had_beaten else self.settings.start_seconds


def main(settings: str, pid_file: str, *command: str) -> int:
    """The process of the watchdog, which `ivr serve` becomes; it loads nothing of the engine.

    Args:
        settings: `WatchdogSettings` as JSON.
        pid_file: Holds the process id of the engine that runs now.
        command: The engine's command line.
    """

    def started(pid: int) -> None:
        try:
            Path(pid_file).write_text(str(pid))
        except OSError as error:
            _log("the engine's process id can't be noted", pid=pid, file=pid_file, reason=error.strerror)

    return Watchdog(command, WatchdogSettings.model_validate_json(settings), started).run()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
