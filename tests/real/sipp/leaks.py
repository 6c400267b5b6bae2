"""What calls leave over: channels, descriptors, queued tasks of Asterisk; after Asterisk's own test suite."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

Cli = Callable[[str], str]
"""Runs a command of Asterisk's command line and gives its output."""

_POLL_SECONDS = 0.2
_TASKPROCESSOR = re.compile(r"^(\S+)\s+\d+\s+(\d+)\s+\d+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What is held at one moment.

    Attributes:
        channels: Names of live channels.
        descriptors: Open files and sockets by process id.
        queued: Tasks that wait in Asterisk's task processors, by their names.
    """

    channels: frozenset[str]
    descriptors: dict[int, frozenset[str]]
    queued: dict[str, int]


def snapshot(cli: Cli, processes: Iterable[int] = ()) -> Snapshot:
    """Take stock of Asterisk and of some processes (its own, the engine's)."""
    channels = [line.split("!")[0] for line in cli("core show channels concise").splitlines() if "!" in line]
    queued = {name: int(n) for name, n in _TASKPROCESSOR.findall(cli("core show taskprocessors"))}
    return Snapshot(
        channels=frozenset(channels),
        descriptors={pid: _descriptors(pid) for pid in processes},
        queued={name: n for name, n in queued.items() if n},
    )


async def assert_no_leaks(before: Snapshot, cli: Cli, *, within: float = 5.0, spare: int = 0) -> None:
    """Fail unless everything is as before within some seconds.

    Args:
        before: Taken when nothing was going on, best after a first call that filled caches.
        cli: As for `snapshot`.
        within: Time for what is still being put away, seconds.
        spare: Descriptors per process that may be new (pools that grow once).

    Raises:
        AssertionError: Names what is left over.
    """
    deadline = asyncio.get_running_loop().time() + within
    while left := _left_over(before, await asyncio.to_thread(snapshot, cli, before.descriptors), spare):
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError("left over: " + "; ".join(left))
        await asyncio.sleep(_POLL_SECONDS)


def _left_over(before: Snapshot, after: Snapshot, spare: int) -> list[str]:
    left = [f"channel {name}" for name in sorted(after.channels - before.channels)]
    left += [f"{n} tasks in {name}" for name, n in after.queued.items() if n > before.queued.get(name, 0)]
    for pid, descriptors in after.descriptors.items():
        known = before.descriptors[pid]
        if len(descriptors) > len(known) + spare:
            left.append(f"process {pid}: {', '.join(sorted(descriptors - known))}")
    return left


def _descriptors(pid: int) -> frozenset[str]:
    """`number -> target` of each descriptor; one that closes while it is looked at is left out."""
    found = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.add(f"{entry.name} -> {entry.readlink()}")
        except FileNotFoundError:
            continue
    return frozenset(found)
