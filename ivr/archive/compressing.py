"""The engine's end of the process that compresses recordings."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import suppress
from typing import IO, Protocol, cast

from ivr.archive.encoder import Order, written


class NotCompressed(Exception):
    """It could not be done now: no ffmpeg, no room, or the process has died; the source is unharmed."""


class Compressor(Protocol):
    """Compresses files, one at a time; it blocks: for a thread."""

    def compress(self, order: Order) -> None:
        """Raises NotCompressed."""

    def close(self) -> None:
        """End; a file in work is left undone."""


class CompressorProcess:
    """Starts the process when it is needed, and anew when it has died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self._closed = False

    def compress(self, order: Order) -> None:
        """As `Compressor.compress`."""
        with self._lock:
            answer = self._asked(written(order))
        if "error" in answer:
            raise NotCompressed(str(answer["error"]))

    def close(self) -> None:
        """As `Compressor.close`; what is asked later fails."""
        self._closed = True
        self._end()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(BrokenPipeError):  # of an order that it has not taken any more
                    cast("IO[str]", pipe).close()

    def _asked(self, line: str) -> dict[str, object]:
        process = self._running()
        orders, answers = cast("IO[str]", process.stdin), cast("IO[str]", process.stdout)
        try:
            orders.write(line)
            orders.flush()
            reply = answers.readline()
        except (OSError, ValueError) as error:
            self._end()
            raise NotCompressed("the process has died") from error
        if not reply:
            self._end()
            raise NotCompressed("the process has died")
        answer: dict[str, object] = json.loads(reply)
        return answer

    def _running(self) -> subprocess.Popen[str]:
        if self._closed:
            raise NotCompressed("the engine ends")
        if self._process is None:
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-W", "ignore", "-m", "ivr.archive.encoder"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    start_new_session=True,
                )
            except OSError as error:
                raise NotCompressed(str(error)) from error
        return self._process
