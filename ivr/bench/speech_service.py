"""The recogniser as a company runs it, in a process of its own, with a model of the measurement's choice."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from ivr.bench.sipp.process import free_port
from ivr.errors import Fault

SECRET = "measurement"  # noqa: S105  # of a process that lives for seconds, on the loopback
_READY_SECONDS = 90.0
_STOP_SECONDS = 15.0
_MOST_TURNS = 1000


class Service:
    """A recogniser to measure."""

    def __init__(self, model: Path, folder: Path, cores: set[int]) -> None:
        """Describe it; nothing runs yet.

        Args:
            model: Listens in both slots.
            folder: Where its data go.
            cores: It runs on these only.
        """
        self._process: asyncio.subprocess.Process | None = None
        self.grammars = folder / "grammars"
        self.port = free_port()
        self._cores = cores
        self._log_file = folder / "recogniser.log"
        self._changes = {
            "data_folder": folder,
            "aeap.port": self.port,
            "aeap.web_port": free_port(),
            "aeap.max_sessions": _MOST_TURNS,
            "asterisk.hearing.secret": SECRET,
            "speech.recognition.grammars_folder": self.grammars,
            **{
                f"speech.recognition.{slot}.{name}": value
                for slot in ("closed", "free")
                for name, value in (("model", model), ("engine", "auto"), ("most_turns", _MOST_TURNS))
            },
        }

    @property
    def pid(self) -> int:
        """Its process while it runs; 0 before."""
        return self._process.pid if self._process else 0

    async def start(self) -> None:
        """Start it and wait until it hears.

        Raises:
            Fault: It does not start.
        """
        self._log_file.parent.mkdir(parents=True, exist_ok=True)
        arguments = [part for name, value in self._changes.items() for part in ("--set", f"{name}={value}")]
        own = os.sched_getaffinity(0)
        os.sched_setaffinity(0, self._cores)  # a child inherits it
        try:
            with self._log_file.open("wb") as log:
                self._process = process = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "ivr", *arguments, "listen", stdout=log, stderr=log
                )
        finally:
            os.sched_setaffinity(0, own)
        await self._until_it_listens(process)

    async def stop(self) -> None:
        """End it, if it runs."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        with suppress(TimeoutError):
            async with asyncio.timeout(_STOP_SECONDS):
                await self._process.wait()
                return
        self._process.kill()
        await self._process.wait()

    async def _until_it_listens(self, process: asyncio.subprocess.Process) -> None:
        try:
            async with asyncio.timeout(_READY_SECONDS):
                while not await _answers(self.port):
                    if process.returncode is not None:
                        break
                    await asyncio.sleep(0.1)
                else:
                    return
        except TimeoutError:
            await self.stop()
        last = self._log_file.read_text(errors="replace").strip().splitlines()[-1:]
        raise Fault("The recogniser did not start.", str(self._log_file), " ".join(last))


def split_cores() -> tuple[set[int], set[int]]:
    """A core for what is measured and the others for who measures it; the same where there is only one."""
    first, *others = sorted(os.sched_getaffinity(0))
    return {first}, set(others) or {first}


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True
