"""Sound files: the moment of silence, and how long they last."""

from __future__ import annotations

from pathlib import Path

from ivr.asterisk.agi import silence
from ivr.asterisk.agi.sounds import length_seconds


def test_a_moment_of_silence_is_made_once(tmp_path: Path) -> None:
    path = silence(tmp_path / "prompts")
    file = Path(f"{path}.alaw")
    assert file.read_bytes() == b"\xd5" * 160
    before = file.stat().st_mtime_ns
    assert silence(tmp_path / "prompts") == path
    assert file.stat().st_mtime_ns == before


def test_the_length_of_sounds(tmp_path: Path) -> None:
    (tmp_path / "a.alaw").write_bytes(bytes(12_000))
    assert length_seconds([str(tmp_path / "a"), str(tmp_path / "missing")]) == 1.5
    assert length_seconds([]) == 0
