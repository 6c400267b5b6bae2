"""Which engine this is, among those that dial from one database: its host, and its folder of data."""

from __future__ import annotations

import fcntl
import os
import re
import secrets
import socket
from contextlib import suppress
from pathlib import Path
from typing import IO

from ivr.errors import Fault

FILE = "dialer.id"
_ID = re.compile(r"[0-9a-f]{12}")
_HOST_LETTERS = 48


class Dialer:
    """The name under which this engine claims targets, the same after each start.

    Two engines of one name would take up each other's calls. So the name has an id that stands in the folder
    of data, and of engines with one folder only one dials.

    Attributes:
        name: At most 64 letters.
    """

    def __init__(self, folder: Path, given: str) -> None:
        """Args: folder, of data, made if need be; given, by the settings, or empty."""
        self._file = folder / FILE
        self._held: IO[str] | None = None
        self.name = given or f"{socket.gethostname()[:_HOST_LETTERS]}-{_id_in(self._file)}"

    def hold(self) -> None:
        """Be the only one until `release`, or the end of the process.

        Raises:
            Fault: Another engine of this folder dials.
        """
        held = self._file.with_suffix(".lock").open("w")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            held.close()
            raise Fault(
                "Another engine that runs dials with this folder of data.",
                str(self._file.parent),
                "Stop it, or give each engine its own data_folder.",
            ) from None
        self._held = held

    def release(self) -> None:
        """Let another one be it."""
        if self._held is not None:
            self._held.close()
            self._held = None


def _id_in(file: Path) -> str:
    """The folder's id; made when there is none that can be read."""
    with suppress(FileNotFoundError):
        found = file.read_text(encoding="ascii", errors="replace").strip()
        if _ID.fullmatch(found):
            return found
    made = secrets.token_hex(6)
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_suffix(".new")
    with new.open("w", encoding="ascii") as stream:
        stream.write(made + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(file)
    return made
