"""Files of the spool: what they are called, whether they are finished, what is in them.

Asterisk records bare samples, both directions apart and interleaved (MixMonitor, option D): left what comes
from the channel, right what goes to it. A part whose name ends in `p` was recorded on the channel of a person
who was talking with the caller, so its sides change places. WAV files are taken as they are.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ivr.archive.wav import examine, mend

RATE: Final = 8000
_CHANNELS: Final = 2
_FRAME: Final = 2 * _CHANNELS
_NAME = re.compile(
    r"(?P<call>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    r"(?:-(?P<part>[a-z0-9]+?)(?P<person>(?<=\d)p)?)?\.(?:raw|wav)"
)


@dataclass(frozen=True, slots=True)
class Named:
    """What the name of a file tells.

    Attributes:
        call_id: Our own id of the call.
        part: Empty for the main recording.
        swapped: Left is a person of the company, right the caller.
        file: The file.
    """

    call_id: str
    part: str
    swapped: bool
    file: Path


@dataclass(frozen=True, slots=True)
class Source:
    """A file that can be taken over.

    Attributes:
        frames: Length of the sound.
        rate: Frames a second.
        channels: 1, or 2 for sides apart.
        whole: Whether the file is as it was closed: its header is true, its last frame complete.
        closed: Whether that alone tells that nobody writes to it any more.
        bare: Bare samples, without a header that could tell.
    """

    frames: int
    rate: int
    channels: int
    whole: bool
    closed: bool
    bare: bool

    @property
    def seconds(self) -> float:
        """Length of the sound, seconds."""
        return self.frames / self.rate


def named(file: Path) -> Named | None:
    """What a file's name tells; None: it is no recording."""
    match = _NAME.fullmatch(file.name)
    return Named(match["call"], match["part"] or "", bool(match["person"]), file) if match else None


def looked_at(file: Path) -> Source:
    """What is in a file.

    Raises:
        NotWav: It should be a WAV file and is none.
        OSError: It can't be read.
    """
    if file.suffix == ".raw":
        frames, rest = divmod(file.stat().st_size, _FRAME)
        return Source(frames, RATE, _CHANNELS, whole=not rest, closed=False, bare=True)
    wav = examine(file)
    frames = wav.sound_bytes // wav.frame_bytes
    closed = wav.consistent and bool(frames)
    return Source(frames, wav.rate, wav.frame_bytes // 2, whole=wav.consistent, closed=closed, bare=False)


def mended(file: Path) -> None:
    """Make the header of a WAV file true; bare samples need nothing."""
    if file.suffix == ".wav":
        mend(file, examine(file))


def being_written(file: Path) -> bool | None:
    """Whether some process of this machine has the file open for writing; None: the system does not tell.

    A read lease is granted only when nobody writes (fcntl(2), F_SETLEASE); it is given back at once.
    """
    descriptor = os.open(file, os.O_RDONLY)
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except (OSError, AttributeError):
        return None
    else:
        return False
    finally:
        os.close(descriptor)


def digest_of(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
