"""A process of its own that compresses recordings at low priority: `python -m ivr.archive.encoder`.

It is told what to do in lines of JSON on its input, answers each with one on its output, and ends with its
input. Long recordings are held in memory whole while they are compressed: here, not in the engine.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Final

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from pydub import AudioSegment
    from pydub.exceptions import PydubException

NICENESS: Final = 15
_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "wav": {},
    "opus": {"codec": "libopus", "parameters": ["-application", "voip", "-compression_level", "5"]},
    "mp3": {"codec": "libmp3lame"},
}


@dataclass(frozen=True, slots=True)
class Order:
    """One file to compress.

    Attributes:
        source: Bare samples (`.raw`, see `rate` and `channels`), or a WAV file.
        target: Where to; what is there is replaced.
        format: `opus`, `mp3` or `wav`.
        kilobits: A second.
        rate: Frames a second.
        channels: 1, or 2 for sides apart.
        swapped: The sides are to change places.
    """

    source: str
    target: str
    format: str
    kilobits: int
    rate: int
    channels: int
    swapped: bool


def encode(order: Order) -> None:
    """Compress one file.

    Raises:
        OSError: A file can't be read or written, or there is no ffmpeg.
        PydubException: ffmpeg could not do it.
    """
    target_file = Path(order.target)
    sound = _swap(_load(order)) if order.swapped and order.channels == 2 else _load(order)
    with _temporary_files_in(target_file.parent), target_file.open("wb") as target:
        sound.export(target, format=order.format, bitrate=f"{order.kilobits}k", **_OPTIONS[order.format])


@contextmanager
def _temporary_files_in(folder: Path) -> Iterator[None]:
    """Where ffmpeg's ends are kept: on the archive's disk, which has room."""
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before


def _load(order: Order) -> Any:
    if not order.source.endswith(".raw"):
        return AudioSegment.from_wav(order.source)
    samples = Path(order.source).read_bytes()
    whole = len(samples) - len(samples) % (2 * order.channels)
    return AudioSegment(samples[:whole], sample_width=2, frame_rate=order.rate, channels=order.channels)


def _swap(sound: Any) -> Any:
    left, right = sound.split_to_mono()
    return AudioSegment.from_mono_audiosegments(right, left)


def answers(lines: Iterable[str]) -> Iterator[str]:
    """The answer to each order: `{}`, or `{"error": …}`."""
    for line in lines:
        try:
            encode(Order(**json.loads(line)))
        except (OSError, PydubException) as error:
            yield json.dumps({"error": str(error).splitlines()[0], "errno": getattr(error, "errno", None)})
        else:
            yield "{}"


def written(order: Order) -> str:
    """An order as a line."""
    return json.dumps(asdict(order)) + "\n"


def main(lines: IO[str], out: IO[str]) -> None:
    """Work until the input ends."""
    os.nice(NICENESS)
    for answer in answers(lines):
        out.write(answer + "\n")
        out.flush()


if __name__ == "__main__":
    main(sys.stdin, sys.stdout)
