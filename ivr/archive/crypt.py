"""Encryption of one file: AES-256-GCM in chunks, so that any part can be read and every change is seen.

The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár: Online authenticated-encryption and its
nonce-reuse misuse-resistance, CRYPTO 2015; laid out as in the age format): the nonce of a chunk is its number
in 11 bytes and a byte that is 1 in the last chunk only. Chunks can't be left out, moved or cut off. The
key is new for each file: nonces never repeat.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CHUNK: Final = 64 * 1024
"""Bytes of sound in a chunk."""
TAG: Final = 16
"""Bytes that each chunk is longer when it is encrypted."""

Ranges = Callable[[int, int], bytes]
"""Reads from a file: start and length, bytes; fewer at its end."""


class Tampered(Exception):
    """What is stored is not what was encrypted, or the key is another one."""


def new_key() -> bytes:
    """A key for one file, 32 bytes."""
    return os.urandom(32)


def sealed_size(size: int) -> int:
    """Length of a file when it is encrypted, bytes."""
    chunks = max(1, -(-size // CHUNK))
    return size + chunks * TAG


def plain_size(size: int) -> int:
    """Length of what is in an encrypted file, bytes.

    Raises:
        Tampered: No file is encrypted to that length.
    """
    chunks = max(1, -(-size // (CHUNK + TAG)))
    plain = size - chunks * TAG
    if plain < 0 or sealed_size(plain) != size:
        raise Tampered("cut")
    return plain


def encrypt(key: bytes, source: Path, target: Path, about: bytes) -> None:
    """Encrypt a file into a new one, durably.

    Args:
        key: 32 bytes, for this file alone.
        source: What is to be encrypted.
        target: Where to.
        about: Bound to the content: it can't be read under another name.

    Raises:
        OSError: The disk is full, or the source can't be read.
    """
    cipher = AESGCM(key)
    with source.open("rb") as plain, target.open("wb") as sealed:
        for number, (chunk, last) in enumerate(_chunks(plain)):
            sealed.write(cipher.encrypt(_nonce(number, last), chunk, about))
        sealed.flush()
        os.fsync(sealed.fileno())


class Sealed:
    """An encrypted file that is read in parts."""

    def __init__(self, key: bytes, read: Ranges, size: int, about: bytes) -> None:
        """Open it.

        Args:
            key: As it was encrypted.
            read: Reads from the encrypted file.
            size: Length of the encrypted file, bytes.
            about: As it was encrypted.

        Raises:
            Tampered: The file has been cut.
        """
        self.size = plain_size(size)
        self._cipher = AESGCM(key)
        self._read = read
        self._about = about
        self._last = max(0, -(-self.size // CHUNK) - 1)

    def read(self, start: int, length: int) -> bytes:
        """What was encrypted, from `start` on; fewer bytes at the end.

        Raises:
            Tampered: It is not what was encrypted.
        """
        end = min(start + length, self.size)
        if start >= end:
            return b""
        first, last = start // CHUNK, (end - 1) // CHUNK
        plain = b"".join(self._chunk(number) for number in range(first, last + 1))
        return plain[start - first * CHUNK : end - first * CHUNK]

    def parts(self) -> Iterator[bytes]:
        """All of it, a chunk at a time. Raises Tampered."""
        for number in range(self._last + 1):
            yield self._chunk(number)

    def _chunk(self, number: int) -> bytes:
        sealed = self._read(number * (CHUNK + TAG), CHUNK + TAG)
        try:
            return self._cipher.decrypt(_nonce(number, number == self._last), sealed, self._about)
        except (InvalidTag, ValueError) as error:
            raise Tampered(f"chunk {number}") from error


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    chunk = file.read(CHUNK)
    while following := file.read(CHUNK):
        yield chunk, False
        chunk = following
    yield chunk, True


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
