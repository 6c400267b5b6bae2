"""Copies for others: recordings decrypted and checked, with a manifest; who and why is on record."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from ivr.archive.chain import Entry, What, append
from ivr.archive.crypt import Tampered
from ivr.archive.index import Recording
from ivr.archive.keeping import described
from ivr.archive.keyring import KeyMissing
from ivr.archive.storage import NotStored, StorageAway
from ivr.archive.vault import Vault
from ivr.errors import Fault
from ivr.store import Database

_UNREADABLE: dict[type[Exception], str] = {
    NotStored: "Its file is not there.",
    Tampered: "It is not what was taken over.",
    KeyMissing: "Its master key is not in the ring.",
    StorageAway: "The storage does not answer.",
}


async def export(
    database: Database,
    vault: Vault,
    pages: AsyncIterator[Sequence[Recording]],
    target: Path,
    *,
    who: str,
    why: str,
    now: datetime,
) -> list[Recording]:
    """Copy recordings, with `manifest.json`, into a new or empty folder.

    Each page is noted in the log before it is copied.

    Args:
        database: Holds the log.
        vault: Holds the recordings.
        pages: What is meant (`keeping.select`).
        target: The folder.
        who: Login of who takes them.
        why: The reason given.
        now: The moment.

    Raises:
        StoreUnavailable: The database can't be read or written.
        Fault: The folder is not empty, a recording can't be read, or the disk is full.
    """
    await asyncio.to_thread(_prepare, target)
    done: list[Recording] = []
    async for page in pages:
        entries = [Entry(What.EXPORTED, row.id, who=who, why=why, sha256=row.sha256) for row in page]
        await database.write(partial(append, entries=entries, now=now))
        await asyncio.to_thread(_copy_all, vault, page, target)
        done += page
    about = {"who": who, "why": why, "at": now.isoformat()}
    await asyncio.to_thread(_write_manifest, target, about, done)
    return done


def file_name(recording: Recording) -> str:
    """What a copy is called."""
    return f"{recording.id}.{recording.format}"


def described_for_others(recording: Recording) -> dict[str, Any]:
    """What the manifest says of a copy."""
    return {**described(recording), "file": file_name(recording)}


def _prepare(target: Path) -> None:
    try:
        target.mkdir(parents=True, exist_ok=True)
        empty = not any(target.iterdir())
    except OSError as error:
        raise Fault(f"The folder can't be used: {error.strerror}.", str(target), "Name another.") from error
    if not empty:
        raise Fault("The folder is not empty.", str(target), "Name a new one.")


def _copy_all(vault: Vault, page: Sequence[Recording], target: Path) -> None:
    for recording in page:
        copy = target / file_name(recording)
        try:
            digest = _copy(vault, recording, copy)
        except OSError as error:
            raise Fault(
                f"The recording {recording.id} can't be copied: {error.strerror}.", str(copy), ""
            ) from error
        except (NotStored, Tampered, KeyMissing, StorageAway) as error:
            raise _unread(recording, _UNREADABLE[type(error)]) from error
        if digest != recording.sha256:
            raise _unread(recording, _UNREADABLE[Tampered])


def _copy(vault: Vault, recording: Recording, copy: Path) -> str:
    digest = hashlib.sha256()
    content = vault.open(recording)
    with copy.open("wb") as file:
        for part in content.parts():
            file.write(part)
            digest.update(part)
    return digest.hexdigest()


def _unread(recording: Recording, what: str) -> Fault:
    fix = "Find out more with: ivr recordings verify."
    return Fault(f"The recording {recording.id} can't be exported. {what}", recording.path, fix)


def _write_manifest(target: Path, about: dict[str, str], done: Sequence[Recording]) -> None:
    files = [described_for_others(row) for row in done]
    text = json.dumps({"exported": about, "recordings": files}, ensure_ascii=False, indent=2)
    partial_file = target / ".manifest.partial"
    partial_file.write_text(text + "\n", encoding="utf-8")
    partial_file.replace(target / "manifest.json")
