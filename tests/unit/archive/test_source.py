from __future__ import annotations

import subprocess
import sys
import wave
from pathlib import Path

import pytest

from ivr.archive.source import Named, being_written, looked_at, named

CALL = "94361b63-3832-4a48-ac70-ce826c6973d3"


@pytest.mark.parametrize(
    ("name", "part", "swapped"),
    [
        (f"{CALL}.raw", "", False),
        (f"{CALL}-1.raw", "1", False),
        (f"{CALL}-12p.raw", "12", True),
        (f"{CALL}-queue.raw", "queue", False),
        (f"{CALL}-p.raw", "p", False),
        (f"{CALL}.wav", "", False),
    ],
)
def test_a_name_tells_call_part_and_sides(name: str, part: str, swapped: bool) -> None:
    assert named(Path(name)) == Named(CALL, part, swapped, Path(name))


@pytest.mark.parametrize(
    "name", ["notes.wav", f"{CALL}.raw.unreadable", f"{CALL}-A.raw", f"{CALL}.opus", ".work"]
)
def test_other_names_are_left_alone(name: str) -> None:
    assert named(Path(name)) is None


@pytest.mark.parametrize(("size", "frames", "whole"), [(0, 0, True), (8, 2, True), (10, 2, False)])
def test_bare_samples_are_counted_by_whole_frames(
    tmp_path: Path, size: int, frames: int, whole: bool
) -> None:
    file = tmp_path / f"{CALL}.raw"
    file.write_bytes(b"\0" * size)
    found = looked_at(file)
    assert (found.frames, found.whole, found.channels, found.closed) == (frames, whole, 2, False)


def test_a_wav_file_tells_by_itself(tmp_path: Path) -> None:
    file = tmp_path / f"{CALL}.wav"
    with wave.open(str(file), "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        out.writeframes(b"\0" * 16_000)
    found = looked_at(file)
    assert (found.frames, found.seconds, found.channels, found.closed) == (8000, 1.0, 1, True)


def test_a_file_that_another_process_writes_to(tmp_path: Path) -> None:
    file = tmp_path / "one"
    program = f"f = open({str(file)!r}, 'wb'); f.write(b'x'); f.flush(); print('open', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        if being_written(file) is None:
            pytest.skip("this file system grants no leases")
        assert being_written(file) is True
        other.communicate(b"\n")
    assert being_written(file) is False
