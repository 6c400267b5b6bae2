"""The machine: Python, disks, clock."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from subprocess import TimeoutExpired, run

import ivr
from ivr.app.doctor.finding import Result
from ivr.archive.settings import SoundFormat
from ivr.settings import Settings

LEAST_PYTHON = (3, 11)
LEAST_FREE_BYTES = 1 << 30
"""Less than this on a disk that is written to is not in order."""

_WAV_KILOBITS = 256
_GIGABYTE = 1 << 30
_NTP_SECONDS = 5.0
_REQUIREMENT = re.compile(r"[A-Za-z0-9._-]+")

DiskUsage = Callable[[Path], int]
"""Free bytes for an unprivileged user on the disk of a folder."""


def python() -> Result:
    """The interpreter, and whether every library is installed."""
    name = f"Python {platform.python_version()}, ivr {version('ivr')}"
    if sys.version_info < LEAST_PYTHON:
        return Result(f"{name} is too old.", "Install Python 3.11 or later and make the environment anew.")
    missing = sorted(library for library in _libraries() if not _installed(library))
    if missing:
        return Result(
            f"{name}; missing libraries: {', '.join(missing)}.",
            "Install them: pip install --require-hashes -r requirements.lock.",
        )
    return Result(f"{name}, all libraries installed.")


def _libraries() -> Iterable[str]:
    for requirement in requires("ivr") or ():
        if found := _REQUIREMENT.match(requirement):
            yield found[0]


def _installed(library: str) -> bool:
    try:
        version(library)
    except PackageNotFoundError:
        return False
    return True


def free_bytes(folder: Path) -> int:
    """Free space as the system tells it."""
    return shutil.disk_usage(folder).free


def disk(settings: Settings, free: DiskUsage = free_bytes) -> Result:
    """Free space and right to write where data, prompts and recordings go."""
    folders = {
        "data": settings.data_folder,
        "prompts": settings.prompts_folder,
        "spool": settings.recordings_spool,
        "archive": settings.archive.folder.absolute(),
    }
    existing = {name: nearest(folder) for name, folder in folders.items()}
    closed = [f"{name} ({folder})" for name, folder in existing.items() if not takes_files(folder)]
    if closed:
        return Result(
            f"Nothing can be written to {', '.join(closed)}.",
            "Give these folders to the user that runs the engine.",
        )
    space = {name: free(folder) for name, folder in existing.items()}
    full = [name for name, room in space.items() if room < LEAST_FREE_BYTES]
    told = ", ".join(f"{name} {room / _GIGABYTE:.1f} GB" for name, room in space.items())
    kept = settings.archive
    kilobits = _WAV_KILOBITS if kept.format is SoundFormat.WAV else kept.kilobits
    hours = space["archive"] // (kilobits * 125 * 3600)
    detail = f"Free: {told}; room for {hours} hours of recordings."
    if full:
        return Result(detail, f"Free space for {', '.join(full)}, at least 1 GB, or name a larger disk.")
    return Result(detail)


def takes_files(folder: Path) -> bool:
    """Whether this user can make files there."""
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def nearest(folder: Path) -> Path:
    """The path itself, or the nearest one above it that exists."""
    return next(path for path in (folder, *folder.parents) if path.exists())


def clock(settings: Settings, now: datetime, synchronised: bool | None) -> Result:
    """The clock against the newest file of the program, its zone, and whether a time server sets it.

    Args:
        settings: The company's zone.
        now: The moment, aware.
        synchronised: What the system says of NTP; None when it says nothing.
    """
    local = now.astimezone(settings.company.zone)
    detail = f"{local:%Y-%m-%d %H:%M:%S %z} in {settings.company.time_zone}"
    newest = newest_file()
    if now < newest - timedelta(minutes=1):
        return Result(
            f"{detail}, but files of the program are of {newest:%Y-%m-%d %H:%M} UTC.",
            "Set the clock: readings are taken or refused by it.",
        )
    if synchronised is False:
        return Result(f"{detail}; no time server sets the clock.", "Turn NTP on: timedatectl set-ntp true.")
    return Result(f"{detail}; {'set by NTP' if synchronised else 'whether NTP sets it is not known here'}.")


def newest_file() -> datetime:
    """When the newest file of the program was written."""
    folder = Path(ivr.__file__).parent
    newest = max(file.stat().st_mtime for file in folder.rglob("*.py"))
    return datetime.fromtimestamp(newest, UTC)


def ntp_synchronised() -> bool | None:
    """Whether a time server sets the clock; None where systemd does not tell."""
    command = ["timedatectl", "show", "--property=NTPSynchronized", "--value"]
    try:
        done = run(command, capture_output=True, text=True, timeout=_NTP_SECONDS)  # noqa: S603
    except (OSError, TimeoutExpired):
        return None
    return {"yes": True, "no": False}.get(done.stdout.strip())
