from __future__ import annotations

import os
from pathlib import Path

import pytest

from ivr.speech.recognition.clips import Clips

PCM = b"\1\0" * 800


def test_a_speech_is_kept_only_when_somebody_says_so(tmp_path: Path) -> None:
    clips = Clips(tmp_path, 60)
    understood, missed = clips.add(PCM), clips.add(PCM)
    assert clips.file(missed) is None
    clips.drop(understood)
    kept = clips.keep(missed)
    assert kept == clips.file(missed) == clips.keep(missed)
    assert [file.name for file in tmp_path.rglob("*.wav")] == [f"{missed}.wav"]
    assert clips.keep(understood) is None


def test_what_nobody_wants_is_dropped_in_time(tmp_path: Path) -> None:
    now = 1000.0
    clips = Clips(tmp_path, 60, lambda: now)
    old, young = clips.add(PCM), clips.add(PCM)
    os.utime(tmp_path / "pending" / f"{old}.wav", (now - 61, now - 61))
    os.utime(tmp_path / "pending" / f"{young}.wav", (now - 59, now - 59))
    clips.add(PCM)
    assert clips.keep(old) is None
    assert clips.keep(young) is not None


@pytest.mark.parametrize("wrong", ["", "../secret", "x" * 32])
def test_only_ids_name_files(tmp_path: Path, wrong: str) -> None:
    for use in (Clips(tmp_path, 60).keep, Clips(tmp_path, 60).drop, Clips(tmp_path, 60).file):
        with pytest.raises(ValueError, match="no id"):
            use(wrong)
