"""The watchdog outside our processes: kills one that freezes, starts one again that ends.

A frozen engine never ends its FastAGI connections, so its callers would hear silence for ever
(docs/operations.md, "When the engine dies"). Killing it makes Asterisk's AGI() return, and the dialplan
takes each caller to the queue. The recogniser lives and dies by itself; when the engine ends it is told, so
that it ends the turns that nobody waits for any more.
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
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

from pydantic import BaseModel, ConfigDict, Field

HEARTBEAT_VARIABLE = "IVR_HEARTBEAT_FD"
_EXIT_SECONDS = 20.0  # one that was told to stop beats no more while its interpreter ends
_LONG_LIFE_SECONDS = 30.0
_MOST_RESTART_SECONDS = 5.0
_UNUSABLE = 2
"""Exit status of a process that can't serve as things are: a wrong setting, an occupied port."""


class WatchdogSettings(BaseModel):
    """How our processes are watched; all times in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    beat_seconds: float = Field(0.5, gt=0, description="How often a process shows that it lives.")
    frozen_seconds: float = Field(2.5, gt=0, description="Without a beat for so long it is killed.")
    start_seconds: float = Field(60.0, gt=0, description="Limit for the first beat.")
    restart_seconds: float = Field(0.2, gt=0, description="First pause before a restart; doubles up to 5 s.")
    drain_seconds: float = Field(600.0, ge=0, description="Time for running calls to end after a stop.")


class Child(BaseModel):
    """A process that is kept running."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(description="Name for the log.")
    command: tuple[str, ...] = Field(
        description="Command line; it finds the heartbeat's descriptor in its environment."
    )
    pid_file: Path | None = Field(None, description="Holds the id of the process that serves now.")
    essential: bool = Field(True, description="Whether all end when this one can't be started.")
    signal_when_other_ends: int | None = Field(None, description="Number of the signal, once it serves.")


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


class _Kept:
    """One child and its present process.

    Attributes:
        child: What is run.
        status: Exit status of the last process.
        over: Whether it is not started any more.
        reader: Descriptor of the heartbeat; None between two processes.
    """

    def __init__(self, child: Child, settings: WatchdogSettings) -> None:
        self.child = child
        self.status = 0
        self.over = False
        self.reader: int | None = None
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = False
        self._pause = settings.restart_seconds
        self._start_at = self._started_at = self._last_beat = 0.0
        self._has_beaten = self._has_served = False
        self._noted = self._unnoted = 0

    @property
    def wakes_at(self) -> float:
        """When it has to be looked at, though it did nothing."""
        if self.reader is None:
            return 0.0 if self._stopping else self._start_at
        return self._last_beat + self._patience

    @property
    def _patience(self) -> float:
        if not self._has_beaten:
            return self._settings.start_seconds
        return _EXIT_SECONDS if self._stopping else self._settings.frozen_seconds

    def send(self, number: int) -> None:
        """Hand a signal on to the process, if there is one."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def stop(self) -> None:
        """Tell it to end; it is not started again."""
        if not self._stopping:
            self._stopping = True
            self.send(signal.SIGTERM)

    def other_ended(self) -> None:
        """Another child has ended."""
        if self._has_beaten and self.child.signal_when_other_ends is not None:
            self.send(self.child.signal_when_other_ends)

    def look(self, now: float, *, readable: bool) -> bool:
        """Do what is due; True when its process has just ended."""
        if self.reader is None:
            self._start_if_due(now)
            return False
        if readable and not self._take_beat(now):
            self._note_end(now)
            return True
        if now >= self.wakes_at:
            _log(f"{self.child.name} is frozen, killing it", pid=self._pid)
            self.send(signal.SIGKILL)
            self._last_beat = now
        return False

    def _start_if_due(self, now: float) -> None:
        if self._stopping:
            self.over = True
        elif now >= self._start_at:
            self._start(now)

    def _start(self, now: float) -> None:
        self.reader, writer = os.pipe()
        os.set_blocking(writer, False)
        environment = os.environ | {HEARTBEAT_VARIABLE: str(writer)}
        try:
            self._process = subprocess.Popen(  # noqa: S603
                list(self.child.command), env=environment, pass_fds=(writer,)
            )
        finally:
            os.close(writer)
        self._started_at = self._last_beat = now
        self._has_beaten = False

    def _take_beat(self, now: float) -> bool:
        """Read the heartbeat; False at its end."""
        if self.reader is None or not os.read(self.reader, 4096):
            return False
        self._last_beat = now
        self._has_beaten = self._has_served = True
        if self._noted != self._pid:
            self._note_pid()
        return True

    def _note_end(self, now: float) -> None:
        if self.reader is not None:
            os.close(self.reader)
            self.reader = None
        self.status = self._process.wait() if self._process is not None else 0
        self._has_beaten = False
        if self._stopping or (self.status == _UNUSABLE and not self._has_served):
            self.over = True
            return
        if now - self._started_at > _LONG_LIFE_SECONDS:
            self._pause = self._settings.restart_seconds
        _log(f"{self.child.name} ended, starting again", status=self.status, pause_seconds=self._pause)
        self._start_at = now + self._pause
        self._pause = min(self._pause * 2, _MOST_RESTART_SECONDS)

    @property
    def _pid(self) -> int:
        return self._process.pid if self._process is not None else 0

    def _note_pid(self) -> None:
        """Put the file in its place whole; where that fails (a full disk), the next beat tries again."""
        file = self.child.pid_file
        if file is None:
            return
        fresh = file.with_suffix(".new")
        try:
            fresh.write_text(str(self._pid))
            fresh.replace(file)
        except OSError as error:
            self._leave_unnoted(file, error)
        else:
            self._noted = self._pid

    def _leave_unnoted(self, file: Path, error: OSError) -> None:
        """Told once; the id of the process before is taken away: none is better than a wrong one."""
        if self._unnoted == self._pid:
            return
        self._unnoted = self._pid
        _log("a process id can't be noted", pid=self._pid, file=file, reason=error.strerror)
        with contextlib.suppress(OSError):
            file.unlink()


class Watchdog:
    """Runs children and keeps them running, each for itself."""

    def __init__(self, children: Sequence[Child], settings: WatchdogSettings) -> None:
        """Args: children, in the order in which they are stopped: each when the one before has ended."""
        self._kept = [_Kept(child, settings) for child in children]
        self._stopping = False

    def run(self) -> int:
        """Watch until SIGTERM or SIGINT; returns the last exit status of the first child.

        A child that ends with status 2 (a wrong setting, an occupied port) is not started again, unless
        one has served before: then the cause may pass (a full disk, a locked database). Where it was an
        essential one, all end.
        """
        with _wakeups() as wakeup:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, self._signalled)
            while not all(kept.over for kept in self._kept):
                self._look(wakeup)
        return self._kept[0].status

    def _signalled(self, number: int, _frame: FrameType | None) -> None:
        if number != signal.SIGHUP:
            self._stopping = True
            return
        for kept in self._kept:
            kept.send(number)

    def _look(self, wakeup: int) -> None:
        self._stop_next()
        running = [kept for kept in self._kept if not kept.over]
        if not running:
            return
        until = min(kept.wakes_at for kept in running)
        readers = [kept.reader for kept in running if kept.reader is not None]
        ready, _, _ = select.select([wakeup, *readers], [], [], max(until - time.monotonic(), 0))
        if wakeup in ready:
            os.read(wakeup, 4096)
        for kept in running:
            if kept.look(time.monotonic(), readable=kept.reader in ready):
                self._note_end(kept)

    def _stop_next(self) -> None:
        """At a stop, tell the first child that has not ended yet."""
        if self._stopping:
            for kept in self._kept:
                if not kept.over:
                    kept.stop()
                    return

    def _note_end(self, ended: _Kept) -> None:
        for kept in self._kept:
            if kept is not ended:
                kept.other_ended()
        if ended.over and not self._stopping:
            _log(f"{ended.child.name} can't be started", status=ended.status)
            self._stopping = ended.child.essential


@contextlib.contextmanager
def _wakeups() -> Iterator[int]:
    """A descriptor that becomes readable at every signal."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    before = signal.set_wakeup_fd(writer)
    try:
        yield reader
    finally:
        signal.set_wakeup_fd(before)
        os.close(reader)
        os.close(writer)


def main(settings: str, *children: str) -> int:
    """The process of the watchdog, which `ivr serve` becomes; it loads nothing of what it watches.

    Args:
        settings: `WatchdogSettings` as JSON.
        children: Each a `Child` as JSON.
    """
    return Watchdog(
        [Child.model_validate_json(child) for child in children],
        WatchdogSettings.model_validate_json(settings),
    ).run()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
