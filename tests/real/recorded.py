"""What was recorded of a call, from the spool and from the archive: the client and everybody else apart."""

from __future__ import annotations

import asyncio
import audioop
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ivr.archive.decoding import samples
from ivr.archive.search import parts_of
from ivr.archive.vault import Vault
from ivr.settings import Settings
from ivr.store import Database

_WIDTH = 2
_FRAME = 4
_WAV_HEADER = 44


@dataclass(frozen=True)
class Part:
    """One recording of a call.

    Attributes:
        client: What the client said.
        others: What he heard: the robot, operators.
    """

    name: str
    client: array[int]
    others: array[int]

    @property
    def mixed(self) -> array[int]:
        """Both."""
        return _array(audioop.add(self.client.tobytes(), self.others.tobytes(), _WIDTH))


def spooled(folder: Path, call_id: str) -> Iterator[Part]:
    """What lies in the spool, also while it is being written."""
    for file in sorted(folder.glob(f"{call_id}*")):
        try:
            sound = file.read_bytes()
        except FileNotFoundError:
            continue
        if file.suffix == ".wav":  # of somebody who joined: his own words alone
            words = _array(sound[_WAV_HEADER:])
            yield Part(file.name, array("h", bytes(2 * len(words))), words)
            continue
        left, right = _sides(sound)
        on_persons_channel = re.search(r"\dp$", file.stem)
        client, others = (right, left) if on_persons_channel else (left, right)
        yield Part(file.name, client, others)


def archived(settings: Settings, call_id: str) -> list[Part]:
    """What lies in the archive, decrypted and decoded; for a thread."""
    return asyncio.run(_archived(settings, call_id))


async def _archived(settings: Settings, call_id: str) -> list[Part]:
    database = await Database.open(settings.store)
    try:
        rows = await database.read(partial(parts_of, call_id=call_id))
    finally:
        await database.close()
    vault = Vault(settings.archive)
    return [Part(row.id, *_sides(b"".join(samples(vault.open(row).parts(), 2)))) for row in rows]


async def parts(settings: Settings, call_id: str) -> list[Part]:
    """All of a call, in the archive and still in the spool; a recording between the two may be told twice."""
    waiting = list(spooled(settings.recordings_spool, call_id))
    return [*waiting, *await asyncio.to_thread(archived, settings, call_id)]


def _sides(sound: bytes) -> tuple[array[int], array[int]]:
    whole = sound[: len(sound) // _FRAME * _FRAME]
    return _array(audioop.tomono(whole, _WIDTH, 1, 0)), _array(audioop.tomono(whole, _WIDTH, 0, 1))


def _array(sound: bytes) -> array[int]:
    found = array("h")
    found.frombytes(sound[: len(sound) // _WIDTH * _WIDTH])
    return found
