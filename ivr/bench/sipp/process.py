"""One run of SIPp: its ports, its process, and what its files tell afterwards."""

from __future__ import annotations

import asyncio
import csv
import random
import shutil
import signal
import socket
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from ivr.errors import Fault

_PORTS = range(20_000, 30_000, 2)
_STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A SIP address, UDP."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """A telephone that answers.

    Attributes:
        address: Where it is called.
        ring_seconds: Ringing before the answer.
        talk_seconds: It hangs up after so long, unless the other side does so first.
        echo: Send back what is heard; not together with `speak`.
        speak: WAV file said half a second after the answer (8 kHz, mono, 16 bit).
    """

    address: Endpoint
    ring_seconds: float = 0.2
    talk_seconds: float = 3600.0
    echo: bool = False
    speak: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What a run of SIPp came to.

    Attributes:
        successful: Calls that went as described, to the end.
        failed: Calls that did not.
        exit_code: Of SIPp: 0 all calls successful, 1 some failed, 97 and above it could not work.
        seconds: Length of the run.
        most_at_once: Highest number of calls at the same moment.
        errors: SIPp's words about what went wrong.
        messages: SIP messages, one a line with direction and time, where they were asked for.
    """

    successful: int
    failed: int
    exit_code: int
    seconds: float
    most_at_once: int
    errors: str = ""
    messages: tuple[str, ...] = ()


class SippProcess:
    """A running SIPp, in a folder that it writes its files into."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        self._process = process
        self._folder = folder

    @classmethod
    async def start(cls, arguments: list[str], folder: Path, *, messages: bool = False) -> SippProcess:
        """Start SIPp.

        Raises:
            Fault: SIPp is not installed.
        """
        program = shutil.which("sipp")
        if program is None:
            raise Fault("SIPp is not installed.", "sipp", "Install the package sip-tester.")
        files = ["-trace_stat", "-stf", str(folder / "stat.csv"), "-fd", "1"]
        files += ["-trace_err", "-error_file", str(folder / "errors.log")]
        if messages:
            files += ["-trace_shortmsg", "-shortmessage_file", str(folder / "messages.csv")]
        null = asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(
            program, *arguments, *files, "-nostdin", cwd=folder, stdin=null, stdout=null, stderr=null
        )
        return cls(process, folder)

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    async def wait(self) -> Tally:
        """Wait for the end of the run."""
        code = await self._process.wait()
        return read_tally(self._folder, code)

    async def stop(self) -> Tally:
        """Let running calls end for some seconds, then end it."""
        if self._process.returncode is None:
            self._process.send_signal(signal.SIGUSR1)
            try:
                await asyncio.wait_for(self._process.wait(), _STOP_SECONDS)
            except TimeoutError:
                self._process.kill()
        return await self.wait()


def read_tally(folder: Path, exit_code: int) -> Tally:
    """Read what SIPp has written in a folder."""
    row = _last_row(folder / "stat.csv")
    return Tally(
        successful=int(row.get("SuccessfulCall(C)", 0)),
        failed=int(row.get("FailedCall(C)", 0)),
        exit_code=exit_code,
        seconds=_seconds(row),
        most_at_once=_most_at_once(folder / "stat.csv"),
        errors=_text(folder / "errors.log"),
        messages=tuple(_text(folder / "messages.csv").splitlines()),
    )


def free_port() -> int:
    """A UDP port of the loopback that nobody uses at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_media_port(listeners: int = 0) -> tuple[int, list[socket.socket]]:
    """A free port for SIPp's media, and bound sockets for the listeners of single calls.

    SIPp takes the port and the one two above; the n-th call (from 1) is listened to at the port plus 4 n.

    Raises:
        Fault: No stretch of ports is free.
    """
    for _ in range(200):
        base = random.choice(_PORTS)  # noqa: S311
        with ExitStack() as guard:
            try:
                for port in (base, base + 2):
                    guard.enter_context(_bound(port))
                ears = [guard.enter_context(_bound(base + 4 * call)) for call in range(1, listeners + 1)]
            except OSError:
                continue
            kept = [ear.dup() for ear in ears]
            return base, kept
    raise Fault("No free UDP ports for media.", f"ports {_PORTS.start} to {_PORTS.stop}")


def _bound(port: int) -> socket.socket:
    ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ear.setblocking(False)
    try:
        ear.bind(("127.0.0.1", port))
    except OSError:
        ear.close()
        raise
    return ear


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def _last_row(path: Path) -> dict[str, str]:
    rows = _rows(path)
    return rows[-1] if rows else {}


def _most_at_once(path: Path) -> int:
    return max((int(row["CurrentCall"]) for row in _rows(path)), default=0)


def _seconds(row: dict[str, str]) -> float:
    """SIPp writes a moment as date, time and Unix time, with tabs between."""
    if not row:
        return 0.0
    start, end = (float(row[name].split("\t")[-1]) for name in ("StartTime", "CurrentTime"))
    return end - start


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
