"""Where the files of the archive lie: a folder, or any other place that can do these five things."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_DAYS = "[0-9][0-9][0-9][0-9]/[0-9][0-9]/[0-9][0-9]"
_HALF = ".partial"


class StorageAway(Exception):
    """The storage can't do it now: it is full, refuses or does not answer; the same may succeed later.

    Attributes:
        reason: `disk-full` or `storage`.
    """

    def __init__(self, message: str, reason: str = "storage") -> None:
        super().__init__(message)
        self.reason = reason


class NotStored(Exception):
    """There is no such file."""


class Storage(Protocol):
    """Files by path, `YYYY/MM/DD/<name>`; all calls block: they are for a thread."""

    def put(self, path: str, source: Path) -> None:
        """Keep a copy of the file durably under that path, in place of what was there.

        Raises:
            StorageAway: It could not be kept.
            OSError: The source can't be read.
        """

    def size(self, path: str) -> int:
        """Length of a file, bytes. Raises NotStored, StorageAway."""

    def read(self, path: str, start: int, length: int) -> bytes:
        """Bytes of a file from `start` on, fewer than `length` at its end. Raises NotStored, StorageAway."""

    def delete(self, path: str) -> None:
        """Delete a file; that there is none is no fault. Raises StorageAway."""

    def paths(self) -> Iterator[list[str]]:
        """All files, in pages, by path. Raises StorageAway."""

    def free_bytes(self) -> int | None:
        """Room that is left; None where nobody knows. Raises StorageAway."""


class LocalStorage:
    """A folder of this machine, or one that is mounted."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, path: str, source: Path) -> None:
        """As `Storage.put`: a copy beside, made durable, then named."""
        target = self._folder / path
        half = target.with_name(f".{target.name}{_HALF}")
        try:
            _make_folder(target.parent)
            shutil.copyfile(source, half)
            half.chmod(0o440)
            _sync(half)
            half.replace(target)
            _sync(target.parent)
        except OSError as error:
            with suppress(OSError):
                half.unlink(missing_ok=True)
            raise _refused(error) from error

    def size(self, path: str) -> int:
        """As `Storage.size`."""
        try:
            return (self._folder / path).stat().st_size
        except OSError as error:
            raise _away(error) from error

    def read(self, path: str, start: int, length: int) -> bytes:
        """As `Storage.read`."""
        try:
            with (self._folder / path).open("rb") as file:
                file.seek(start)
                return file.read(length)
        except OSError as error:
            raise _away(error) from error

    def delete(self, path: str) -> None:
        """As `Storage.delete`; the deletion is durable."""
        target = self._folder / path
        try:
            target.unlink(missing_ok=True)
            if target.parent.is_dir():
                _sync(target.parent)
        except OSError as error:
            raise _refused(error) from error

    def paths(self) -> Iterator[list[str]]:
        """As `Storage.paths`, a day at a time; halves of an interrupted `put` are cleared away."""
        for day in sorted(self._folder.glob(_DAYS)):
            found = []
            for file in sorted(day.iterdir()):
                if file.name.startswith(".") and file.name.endswith(_HALF):
                    with suppress(OSError):
                        file.unlink()
                else:
                    found.append(str(file.relative_to(self._folder)))
            yield found

    def free_bytes(self) -> int | None:
        """As `Storage.free_bytes`."""
        existing = next(path for path in (self._folder, *self._folder.parents) if path.exists())
        try:
            return shutil.disk_usage(existing).free
        except OSError as error:
            raise _away(error) from error


def is_full(error: OSError) -> bool:
    """Whether the disk is to blame, not the file."""
    return error.errno in _FULL


def _away(error: OSError) -> StorageAway | NotStored:
    if isinstance(error, FileNotFoundError):
        return NotStored(str(error.filename or ""))
    return _refused(error)


def _refused(error: OSError) -> StorageAway:
    return StorageAway(error.strerror or str(error), "disk-full" if is_full(error) else "storage")


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        for parent in list(folder.parents)[:3]:
            _sync(parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
