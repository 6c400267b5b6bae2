"""An archive that kills itself at a step; it runs in a process of its own."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from ivr.archive import intake, purging, storage, vault
from ivr.archive.archive import Archive
from ivr.archive.encoder import Order, encode
from ivr.archive.settings import ArchiveSettings, SoundFormat
from ivr.store import Database, StoreSettings
from tests.contract.archive.conftest import MOSCOW, NOW, Here, Seen, TestClock

_LATER = NOW + timedelta(days=62)


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dying_after(owner: Any, name: str) -> None:
    """The process dies when this has been done."""
    work: Callable[..., Any] = getattr(owner, name)

    def last(*arguments: Any, **named: Any) -> None:
        work(*arguments, **named)
        die()

    setattr(owner, name, last)


class HalfWay(Here):
    """Dies when half of the compressed file is there."""

    def compress(self, order: Order) -> None:
        encode(order)
        whole = Path(order.target).read_bytes()
        Path(order.target).write_bytes(whole[: len(whole) // 2])
        die()


def prepare(step: str) -> Here:
    """Arm the step."""
    armed: dict[str, Callable[[], None]] = {
        "compressed": lambda: setattr(vault.Vault, "keep", die),
        "encrypted": lambda: dying_after(vault, "encrypt"),
        "half-stored": lambda: dying_after(shutil, "copyfile"),
        "stored": lambda: dying_after(storage.LocalStorage, "put"),
        "noted": lambda: setattr(intake.Intake, "remove", die),
        "removed": lambda: dying_after(intake.Intake, "remove"),
        "marked": lambda: setattr(purging, "_delete", die),
        "deleted": lambda: dying_after(storage.LocalStorage, "delete"),
        "forgotten": lambda: setattr(purging, "_record", die),
        "ended": lambda: setattr(purging.log, "info", die),
    }
    if step == "compressing":
        return HalfWay()
    armed[step]()
    return Here()


def run(step: str, database_file: str, spool: str, folder: str, keys: str) -> None:
    """Take over what is in the spool, and purge, until the step."""
    asyncio.run(_run(prepare(step), database_file, spool, folder, keys))


async def _run(compressor: Here, database_file: str, spool: str, folder: str, keys: str) -> None:
    settings = ArchiveSettings(folder=Path(folder), keys=Path(keys), format=SoundFormat.OPUS)
    database = await Database.open(StoreSettings(url=f"sqlite:///{database_file}"))
    one = Archive(
        database,
        settings,
        TestClock(),
        Seen(),
        spool=Path(spool),
        zone=MOSCOW,
        retention_days={},
        compressor=compressor,
    )
    await one._make_ready()
    await one.sweep()
    while batch := one._due():
        await one._take_batch(batch)
    await purging.purge(database, one.vault.storage, _LATER, dry_run=False)
