"""What processes cost, read from /proc; and the machine they ran on."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pids: Iterable[int]) -> float:
    """CPU time used so far, user and system, all threads; children that have ended are not in it."""
    return sum(sum(_cpu_ticks(pid)) for pid in pids) / _TICKS_PER_SECOND


def memory_mb(pids: Iterable[int]) -> float:
    """Resident memory, megabytes (10^6 bytes)."""
    return sum(int(_status(pid)["VmRSS"].split()[0]) * 1024 / 1e6 for pid in pids)


def with_children(pid: int) -> list[int]:
    """A process and all that it has started, as far as they live."""
    found = [pid]
    for parent in found:
        for task in Path(f"/proc/{parent}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    return found


def parent_of(pid: int) -> int:
    """The process that has started this one."""
    return int(_status(pid)["PPid"])


def machine() -> dict[str, object]:
    """What a reader needs to judge the figures by."""
    cpu = _fields(Path("/proc/cpuinfo").read_text()).get("model name", platform.processor())
    memory = _fields(Path("/proc/meminfo").read_text())["MemTotal"].split()[0]
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "memory_mb": round(int(memory) * 1024 / 1e6),
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


def _cpu_ticks(pid: int) -> tuple[int, int]:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(after_name[11]), int(after_name[12])


def _status(pid: int) -> dict[str, str]:
    return _fields(Path(f"/proc/{pid}/status").read_text())


def _fields(text: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in text.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}
