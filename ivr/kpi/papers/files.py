"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

_MODE = 0o640


def put_in_place(file: Path, content: bytes) -> None:
    """Write a file durably beside its place and rename it; an older one is replaced.

    Raises:
        OSError: It can't be written; nothing is left behind.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as made:
        beside = Path(made.name)
        try:
            made.write(content)
            made.flush()
            os.fchmod(made.fileno(), _MODE)
            os.fsync(made.fileno())
            beside.replace(file)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    _sync(file.parent)


def _sync(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
