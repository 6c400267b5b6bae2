"""The vault: the storage and the key ring together; what goes in is encrypted, what comes out is plain."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ivr.archive.crypt import CHUNK, Sealed, encrypt, new_key, sealed_size
from ivr.archive.keyring import KeyMissing, KeyRing
from ivr.archive.s3 import S3Storage
from ivr.archive.settings import ArchiveSettings
from ivr.archive.storage import LocalStorage, NotStored, Storage


class Stored(Protocol):
    """What of a recording the vault needs to find and open it."""

    @property
    def id(self) -> str:
        """Its id, bound to the content."""

    @property
    def path(self) -> str:
        """Its place in the storage."""

    @property
    def bytes(self) -> int:
        """Length of the content."""

    @property
    def key_id(self) -> str | None:
        """Id of the master key; None: it is not encrypted."""

    @property
    def wrapped_key(self) -> str | None:
        """Its own key, wrapped, hexadecimal."""


class Content(Protocol):
    """A recording's plain content; it blocks: for a thread."""

    @property
    def size(self) -> int:
        """Bytes."""

    def read(self, start: int, length: int) -> bytes:
        """Some of it, fewer bytes at the end. Raises Tampered, NotStored, StorageAway."""

    def parts(self) -> Iterator[bytes]:
        """All of it, in parts. Raises as `read`."""


@dataclass(frozen=True, slots=True)
class Lock:
    """How a recording was encrypted: the master key's id, its own key, wrapped; None: not at all."""

    key_id: str | None
    wrapped_key: str | None


class Vault:
    """Keeps and opens; all calls but `ring`'s and `storage`'s own block."""

    def __init__(self, settings: ArchiveSettings, storage: Storage | None = None) -> None:
        """Args: storage, in place of the one that the settings name."""
        own = S3Storage(settings.s3) if settings.s3 else LocalStorage(settings.folder)
        self.storage = storage or own
        self.ring = KeyRing(settings.keys)
        self._encrypts = settings.encrypt

    def ready(self, used: bool) -> str:
        """Make a first key where there has never been one.

        Args:
            used: Whether the index holds an encrypted recording.

        Returns:
            The id of the key that was made, or an empty string.

        Raises:
            KeyMissing: Recordings are encrypted and the ring is empty.
            Fault: The ring can't be used.
        """
        if not self._encrypts or self.ring.ids():
            return ""
        if used:
            raise KeyMissing("")
        return self.ring.new()

    def keep(self, recording_id: str, path: str, file: Path) -> Lock:
        """Put a file into the storage, encrypted beside it first.

        Raises:
            StorageAway: The storage could not take it.
            OSError: The disk of the file is full, or it can't be read.
            KeyMissing: There is no key.
        """
        if not self._encrypts:
            self.storage.put(path, file)
            return Lock(None, None)
        key = new_key()
        name, wrapped = self.ring.wrap(key)
        sealed = file.with_name(f"{file.name}.sealed")
        try:
            encrypt(key, file, sealed, recording_id.encode())
            self.storage.put(path, sealed)
        finally:
            with suppress(OSError):
                sealed.unlink(missing_ok=True)
        return Lock(name, wrapped.hex())

    def open(self, recording: Stored) -> Content:
        """A recording's content.

        Raises:
            NotStored: Its file is not there.
            StorageAway: The storage can't be read now.
            KeyMissing: The ring has not the key.
            Tampered: It has been changed.
        """
        size = self.storage.size(recording.path)
        if recording.key_id is None or recording.wrapped_key is None:
            return _Plain(self.storage, recording.path, size)
        key = self.ring.unwrap(recording.key_id, bytes.fromhex(recording.wrapped_key))

        def read(start: int, length: int) -> bytes:
            return self.storage.read(recording.path, start, length)

        return Sealed(key, read, size, recording.id.encode())


class _Plain:
    def __init__(self, storage: Storage, path: str, size: int) -> None:
        self.size = size
        self._storage = storage
        self._path = path

    def read(self, start: int, length: int) -> bytes:
        return self._storage.read(self._path, start, min(length, max(0, self.size - start)))

    def parts(self) -> Iterator[bytes]:
        for start in range(0, self.size, CHUNK):
            part = self.read(start, CHUNK)
            if not part:
                raise NotStored(self._path)
            yield part


def stored_bytes(recording: Stored) -> int:
    """Room that a recording takes in the storage, bytes."""
    return recording.bytes if recording.key_id is None else sealed_size(recording.bytes)
