"""Moving a finished recording into the archive so that a crash at any step loses nothing.

The source stays until the index knows the recording. Until then every step may be repeated: mending the
header, placing the file (a hard link, or a copy where the disks differ), making it durable.
"""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from ivr.archive.wav import Wav, examine, mend

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_NO_LINK = frozenset({errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.EACCES})


class Conflict(Exception):
    """The archive holds another recording under that name."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A recording that lies in the archive.

    Attributes:
        path: Relative to the archive's folder.
        size: Bytes of the file.
        seconds: Length of the sound.
        sha256: Of the file, hexadecimal.
        started_at: When the recording began: the last write less the length, aware.
        repaired: Whether the header had to be mended.
    """

    path: str
    size: int
    seconds: float
    sha256: str
    started_at: datetime
    repaired: bool


def seal(source: Path, folder: Path, name: str, wav: Wav, zone: tzinfo) -> Sealed:
    """Bring the file to its place in the archive, durably; the source stays.

    Args:
        source: A finished recording.
        folder: The archive.
        name: File name in the archive; the day's folder is added.
        wav: The header of the source.
        zone: Time zone of the company, which decides the day's folder.

    Raises:
        Conflict: Another recording has the name.
        OSError: The disk is full, or the file can't be read.
    """
    repaired = not wav.consistent
    if repaired:
        mend(source, wav)
        wav = examine(source)
    started_at = datetime.fromtimestamp(source.stat().st_mtime, zone) - timedelta(seconds=wav.seconds)
    path = f"{started_at:%Y/%m/%d}/{name}"
    digest = digest_of(source)
    _place(source, folder / path, digest)
    return Sealed(path, wav.size, wav.seconds, digest, started_at, repaired)


def digest_of(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_full(error: OSError) -> bool:
    """Whether the disk is to blame, not the file."""
    return error.errno in _FULL


def _place(source: Path, target: Path, digest: str) -> None:
    _make_folder(target.parent)
    try:
        os.link(source, target)
    except FileExistsError:
        if not target.samefile(source) and digest_of(target) != digest:
            raise Conflict(target.name) from None
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        _copy(source, target)
    with suppress(PermissionError):
        target.chmod(0o440)
    _sync(target)
    _sync(target.parent)


def _copy(source: Path, target: Path) -> None:
    partial = target.with_name(f".{target.name}.partial")
    try:
        shutil.copyfile(source, partial)
        _sync(partial)
        partial.rename(target)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


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
