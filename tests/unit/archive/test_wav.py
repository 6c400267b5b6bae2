from __future__ import annotations

import os
import struct
import wave
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.archive.wav import NotWav, examine, mend


def make(path: Path, frames: int, channels: int = 1) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\x01\x02" * frames * channels)
    return path


def test_a_finished_file(tmp_path: Path) -> None:
    wav = examine(make(tmp_path / "a.wav", 12000))
    assert wav.consistent
    assert wav.seconds == 1.5
    assert wav.sound_bytes == 24000


def test_a_finished_file_of_two_channels(tmp_path: Path) -> None:
    assert examine(make(tmp_path / "a.wav", 12000, channels=2)).seconds == 1.5


def test_chunks_before_and_after_the_sound_are_passed_over(tmp_path: Path) -> None:
    path = make(tmp_path / "a.wav", 8000)
    data = path.read_bytes()
    note = b"LIST" + struct.pack("<I", 3) + b"abc\0"
    body = b"WAVE" + data[12:36] + note + data[36:] + note
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    wav = examine(path)
    assert wav.consistent
    assert wav.seconds == 1.0


@pytest.mark.parametrize("written", [0, 1, 2, 799, 16000])
def test_lengths_that_a_crash_left_at_zero_are_mended(tmp_path: Path, written: int) -> None:
    path = make(tmp_path / "a.wav", 0)
    with path.open("ab") as file:
        file.write(b"\x07" * written)
    os.utime(path, (1000, 2000))
    wav = examine(path)
    assert wav.consistent == (written == 0)
    mend(path, wav)
    assert examine(path).consistent
    assert path.stat().st_mtime == 2000
    with wave.open(str(path)) as file:
        assert file.getnframes() == written // 2


def test_a_cut_file_whose_header_tells_more_is_mended(tmp_path: Path) -> None:
    path = make(tmp_path / "a.wav", 8000)
    os.truncate(path, 44 + 7001)
    wav = examine(path)
    assert not wav.consistent
    mend(path, wav)
    assert examine(path).seconds == 3500 / 8000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF",
        b"RIFF\0\0\0\0WAVX",
        b"\0" * 100,
        b"RIFF\0\0\0\0WAVEdata\0\0\0\0",
        b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x06\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\0\0\0\0",
    ],
)
def test_what_is_no_pcm_wav(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(data)
    with pytest.raises(NotWav):
        examine(path)


@given(st.binary(max_size=200))
def test_no_content_breaks_it(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.wav"
    path.write_bytes(b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0" + data)
    try:
        wav = examine(path)
    except NotWav:
        return
    assert 0 <= wav.sound_bytes <= max(0, wav.size - wav.data_at)
