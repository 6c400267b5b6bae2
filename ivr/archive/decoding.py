"""Sound out of recordings: bare samples, and the outline that a player draws. It blocks: for a thread."""

from __future__ import annotations

import audioop  # on Python 3.13: audioop-lts, which pydub needs as well
import os
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Final, cast

RATE: Final = 8000
_WIDTH: Final = 2
_BLOCK: Final = 64 * 1024
_FULL_SCALE: Final = 32768


class NotDecoded(Exception):
    """ffmpeg could not read it, or is not there."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The loudest sample of each stretch of a recording, 0 to 1.

    Attributes:
        seconds: Length of the sound.
        sides: One list per channel: the caller, then everybody else; or one list of both mixed.
    """

    seconds: float
    sides: list[list[float]]


def samples(content: Iterable[bytes], channels: int) -> Iterator[bytes]:
    """The sound as 16-bit samples, 8000 frames a second, interleaved, in blocks.

    Args:
        content: A recording's plain content, in parts, of any format.
        channels: 1 or 2.

    Raises:
        NotDecoded: It is no sound.
    """
    with _in_memory(content) as file, _decoder(file, channels) as process:
        out = cast("IO[bytes]", process.stdout)
        while block := out.read(_BLOCK):
            yield block
    if process.returncode:
        raise NotDecoded(f"ffmpeg ended with status {process.returncode}")


def outline(content: Iterable[bytes], channels: int, frames: int, stretches: int = 1000) -> Outline:
    """The outline of a recording.

    Args:
        content: Its plain content, in parts.
        channels: 1 or 2.
        frames: Its length, frames at 8000 a second, as far as is known: stretches are cut by it.
        stretches: How many there are to be, one a frame at most.

    Raises:
        NotDecoded: It is no sound.
    """
    wide = max(1, -(-frames // stretches)) * channels * _WIDTH
    sides: list[list[float]] = [[] for _ in range(channels)]
    held, length = b"", 0
    for block in samples(content, channels):
        length += len(block)
        held += block
        whole = len(held) - len(held) % wide
        for start in range(0, whole, wide):
            _add(sides, held[start : start + wide])
        held = held[whole:]
    if held:
        _add(sides, held)
    return Outline(length / (RATE * channels * _WIDTH), sides)


def _add(sides: list[list[float]], stretch: bytes) -> None:
    if len(sides) == 1:
        loudest = [audioop.max(stretch, _WIDTH)]
    else:
        loudest = [audioop.max(audioop.tomono(stretch, _WIDTH, *side), _WIDTH) for side in ((1, 0), (0, 1))]
    for side, value in zip(sides, loudest, strict=True):
        side.append(round(value / _FULL_SCALE, 3))


@contextmanager
def _in_memory(content: Iterable[bytes]) -> Iterator[IO[bytes]]:
    """An anonymous file: what is decrypted never touches a disk."""
    with os.fdopen(os.memfd_create("recording"), "w+b") as file:
        for part in content:
            file.write(part)
        file.seek(0)
        yield file


@contextmanager
def _decoder(file: IO[bytes], channels: int) -> Iterator[subprocess.Popen[bytes]]:
    form = ("-f", "s16le", "-ar", str(RATE), "-ac", str(channels))
    command = ["ffmpeg", "-nostdin", "-loglevel", "quiet", "-i", f"/dev/fd/{file.fileno()}", *form, "-"]
    try:
        process = subprocess.Popen(  # noqa: S603 (nothing of it comes from outside)
            command, stdout=subprocess.PIPE, pass_fds=[file.fileno()]
        )
    except OSError as error:
        raise NotDecoded(str(error)) from error
    try:
        yield process
    finally:
        if process.stdout is not None:
            process.stdout.close()
        process.wait()
