"""Headers of WAV files: what they tell, whether it is true, and how to mend them.

Asterisk writes the lengths into the header when it closes the file; a crash leaves them wrong.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

_CHUNK = struct.Struct("<4sI")
_FORMAT = struct.Struct("<HHIIHH")
_PCM = 1
_MOST_CHUNKS = 16


class NotWav(ValueError):
    """The file is no PCM WAV file."""


@dataclass(frozen=True, slots=True)
class Wav:
    """A header and the size of the file.

    Attributes:
        rate: Frames a second.
        frame_bytes: Bytes of one frame over all channels.
        data_at: Offset of the sound, bytes.
        declared: Length of the sound that the header tells, bytes.
        riff: Length of all that follows the first eight bytes, as the header tells, bytes.
        size: Length of the file, bytes.
    """

    rate: int
    frame_bytes: int
    data_at: int
    declared: int
    riff: int
    size: int

    @property
    def sound_bytes(self) -> int:
        """Length of the sound in whole frames: as declared, or up to the file's end when that is wrong."""
        there = self.size - self.data_at
        length = self.declared if self.consistent else there
        return length - length % self.frame_bytes

    @property
    def consistent(self) -> bool:
        """Whether the lengths in the header fit the file."""
        there = self.size - self.data_at
        fits = self.declared <= there and self.declared % self.frame_bytes == 0
        return fits and self.riff + 8 == self.size and bool(self.declared) == bool(there)

    @property
    def seconds(self) -> float:
        """Length of the sound, seconds."""
        return self.sound_bytes / (self.rate * self.frame_bytes)


def examine(path: Path) -> Wav:
    """Read the header.

    Raises:
        NotWav: It is none.
        OSError: The file can't be read.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        tag, riff = _chunk(file)
        if tag != b"RIFF" or file.read(4) != b"WAVE":
            raise NotWav("no RIFF header")
        return _examine_chunks(file, riff, size)


def _examine_chunks(file: BinaryIO, riff: int, size: int) -> Wav:
    form: tuple[int, int] | None = None
    for _ in range(_MOST_CHUNKS):
        tag, length = _chunk(file)
        if tag == b"data":
            if form is None:
                raise NotWav("no format")
            return Wav(*form, data_at=file.tell(), declared=length, riff=riff, size=size)
        if tag == b"fmt ":
            form = _format(file.read(_FORMAT.size))
            length -= _FORMAT.size
        file.seek(length + length % 2, os.SEEK_CUR)
    raise NotWav("no sound")


def _chunk(file: BinaryIO) -> tuple[bytes, int]:
    head = file.read(_CHUNK.size)
    if len(head) < _CHUNK.size:
        raise NotWav("the header is cut")
    tag, length = _CHUNK.unpack(head)
    return tag, length


def _format(head: bytes) -> tuple[int, int]:
    if len(head) < _FORMAT.size:
        raise NotWav("the header is cut")
    kind, _channels, rate, _, frame_bytes, _ = _FORMAT.unpack(head)
    if kind != _PCM or not rate or not frame_bytes:
        raise NotWav("not PCM")
    return rate, frame_bytes


def mend(path: Path, wav: Wav) -> None:
    """Write the true lengths into the header, drop a cut last frame; the file's time stays as it was."""
    times = path.stat()
    with path.open("r+b") as file:
        file.truncate(wav.data_at + wav.sound_bytes)
        file.seek(4)
        file.write(struct.pack("<I", wav.data_at + wav.sound_bytes - 8))
        file.seek(wav.data_at - 4)
        file.write(struct.pack("<I", wav.sound_bytes))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
