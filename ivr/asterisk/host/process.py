"""The process of one Asterisk instance: remembered by a pid file, recognised by its command line."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ivr.asterisk.settings import HostKind

_POLL_SECONDS = 0.05


class InstanceProcess:
    """A process that outlives the program that started it.

    Args:
        pid_file: Where its process id is kept.
        mark: A text in its command line, so that a reused process id is not taken for it.
    """

    def __init__(self, pid_file: Path, mark: str) -> None:
        self._pid_file = pid_file
        self._mark = mark.encode()
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, command: Sequence[str], log: Path, kind: HostKind) -> None:
        """Start it in a session of its own, with its output in `log`; `kind` is remembered beside its id."""
        with log.open("wb") as output:
            self._child = subprocess.Popen(  # noqa: S603 - the words come from the settings
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                cwd="/",
            )
        self._pid_file.write_text(f"{self._child.pid} {kind}\n")

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        if self._child is not None and self._child.poll() is None:
            return self._child.pid
        with suppress(OSError, ValueError):
            pid = int(self._words()[0])
            if self._mark in Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
        return None

    @property
    def kind(self) -> HostKind:
        """The kind that was given at the start; FileNotFoundError once somebody has seen its end."""
        return HostKind(self._words()[1])

    def wait(self, seconds: float) -> bool:
        """Wait for its end; False when it still runs after so many seconds."""
        limit = time.monotonic() + seconds
        while self.pid is not None:
            if time.monotonic() >= limit:
                return False
            time.sleep(_POLL_SECONDS)
        self._pid_file.unlink(missing_ok=True)
        return True

    def kill(self) -> None:
        """End it at once."""
        if (pid := self.pid) is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _words(self) -> list[str]:
        return self._pid_file.read_text().split()
