"""The key ring: master keys that lie in files outside the database and wrap the keys of the recordings.

Each file `<number>-<id>.key` holds 32 random bytes in base64; the highest is the current one. A recording's
own key is kept in its row, wrapped (AES key wrap, RFC 3394): without the ring nobody reads the archive, and a
row that is deleted takes its key along.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from pathlib import Path

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from ivr.archive.crypt import Tampered
from ivr.errors import Fault

_BYTES = 32


class KeyMissing(Exception):
    """The ring has no key of that id."""


class KeyRing:
    """The master keys of one folder, read anew when it changes."""

    def __init__(self, folder: Path) -> None:
        """Prepare; the folder need not exist yet."""
        self._folder = folder
        self._seen = -1
        self._keys: dict[str, bytes] = {}

    def ids(self) -> list[str]:
        """Ids of all keys, the current one first.

        Raises:
            Fault: A file holds no key, or can't be read.
        """
        self._read()
        return list(self._keys)

    def new(self) -> str:
        """Make a key; it is the current one from now on.

        Raises:
            Fault: The file can't be written.
        """
        key = os.urandom(_BYTES)
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = self._folder / f"{self._last() + 1:04}-{_id(key)}.key"
            _write(file, base64.b64encode(key) + b"\n")
        except OSError as error:
            raise Fault(
                f"The key can't be written: {error.strerror}.",
                str(self._folder),
                "Give the folder to the user that runs the engine, or name another in archive.keys.",
            ) from error
        self._seen = -1
        return _id(key)

    def wrap(self, key: bytes) -> tuple[str, bytes]:
        """A recording's key, wrapped by the current master key: the master key's id and 40 bytes.

        Raises:
            KeyMissing: The ring is empty.
        """
        self._read()
        for name, master in self._keys.items():
            return name, aes_key_wrap(master, key)
        raise KeyMissing("")

    def unwrap(self, name: str, wrapped: bytes) -> bytes:
        """A recording's key.

        Raises:
            KeyMissing: The ring has no master key of that id.
            Tampered: What is wrapped has been changed.
        """
        self._read()
        if name not in self._keys:
            raise KeyMissing(name)
        try:
            return aes_key_unwrap(self._keys[name], wrapped)
        except InvalidUnwrap as error:
            raise Tampered("key") from error

    def _last(self) -> int:
        numbers = (file.name.partition("-")[0] for file in self._folder.glob("*.key"))
        return max((int(number) for number in numbers if number.isdigit()), default=0)

    def _read(self) -> None:
        seen = self._folder.stat().st_mtime_ns if self._folder.is_dir() else 0
        if seen == self._seen:
            return
        files = sorted(self._folder.glob("*.key"), reverse=True)
        self._keys = {_id(key): key for key in map(_read_key, files)}
        self._seen = seen


def _id(key: bytes) -> str:
    return hashlib.sha256(b"ivr archive key" + key).hexdigest()[:16]


def _read_key(file: Path) -> bytes:
    try:
        key = base64.b64decode(file.read_bytes().strip(), validate=True)
    except (OSError, binascii.Error) as error:
        raise _broken(file) from error
    if len(key) != _BYTES or not file.stem.endswith(_id(key)):
        raise _broken(file)
    return key


def _broken(file: Path) -> Fault:
    return Fault(
        "The file does not hold the key that its name tells.",
        str(file),
        "Bring it back from the copy that is kept of the keys; until then recordings can't be read.",
    )


def _write(file: Path, content: bytes) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
