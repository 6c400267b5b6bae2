"""Is the archive whole: every file there and unchanged, no file that nobody knows, the log unbroken."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from ivr.archive import chain, index
from ivr.archive.chain import Checked
from ivr.archive.crypt import Tampered
from ivr.archive.index import Absence, Recording, Selection
from ivr.archive.keyring import KeyMissing
from ivr.archive.storage import NotStored
from ivr.archive.vault import Vault
from ivr.store import Database

_PAGE = 200
_SECRET = frozenset({"wrapped_key"})


@dataclass(slots=True)
class Verified:
    """What a check of the archive found.

    Attributes:
        recordings: All that were checked.
        missing: Ids of recordings whose file is not there.
        changed: Ids of recordings whose content is not what was taken over.
        locked: Ids of recordings whose master key the ring does not have.
        orphaned: Files of the storage that the index does not know, by path.
        absences: Conversations without a recording, and why.
        log: The chain of the log.
    """

    recordings: list[Recording] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    locked: list[str] = field(default_factory=list)
    orphaned: list[str] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    log: Checked = field(default_factory=Checked)

    @property
    def ok(self) -> bool:
        """Whether everything is in order; an absence that has its reason is."""
        return not any(self.problems().values())

    def problems(self) -> dict[str, list[Any]]:
        """Everything that is not in order, by kind."""
        return {
            "missing": self.missing,
            "changed": self.changed,
            "locked": self.locked,
            "orphaned": self.orphaned,
            "log-broken": self.log.broken,
            "vanished": self.log.vanished,
            "differing": self.log.differing,
        }


async def select(database: Database, selection: Selection) -> AsyncIterator[list[Recording]]:
    """The recordings meant, a page at a time, by id.

    Raises:
        StoreUnavailable: The database can't be read.
    """
    after = ""
    while page := await database.read(partial(selection.page, after=after, limit=_PAGE)):
        yield page
        after = page[-1].id


async def verify(database: Database, vault: Vault, selection: Selection) -> Verified:
    """Read every recording, compare it with the index, and compute the log anew.

    Raises:
        StoreUnavailable: The database can't be read.
        StorageAway: The storage can't be read.
        Fault: The ring of keys can't be read.
    """
    result = Verified()
    async for page in select(database, selection):
        for recording, state in await asyncio.to_thread(_examine, vault, page):
            result.recordings.append(recording)
            if state:
                getattr(result, state).append(recording.id)
    pages = vault.storage.paths()
    while (paths := await asyncio.to_thread(next, pages, None)) is not None:
        known = await database.read(partial(index.known_paths, paths=paths))
        result.orphaned += [path for path in paths if path not in known]
    late = await database.read(partial(index.known_paths, paths=result.orphaned))
    result.orphaned = [path for path in result.orphaned if path not in late]
    result.absences = await database.read(index.absences)
    result.log = await database.read(chain.check)
    return result


def _examine(vault: Vault, page: list[Recording]) -> list[tuple[Recording, str]]:
    return [(recording, _state(vault, recording)) for recording in page]


def _state(vault: Vault, recording: Recording) -> str:
    try:
        content = vault.open(recording)
        digest = hashlib.sha256()
        for part in content.parts():
            digest.update(part)
    except NotStored:
        return "" if recording.purge_begun_at else "missing"
    except KeyMissing:
        return "locked"
    except Tampered:
        return "changed"
    same = content.size == recording.bytes and digest.hexdigest() == recording.sha256
    return "" if same else "changed"


def described(recording: Recording) -> dict[str, Any]:
    """A recording for programs; instants as ISO 8601 text, its key left out."""
    row = {key: value for key, value in asdict(recording).items() if key not in _SECRET}
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in row.items()}
