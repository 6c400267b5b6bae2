"""The prompts folder on a disk that is really full."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.dialogue.ports import Spoken, Text
from ivr.speech.library import PromptLibrary
from ivr.speech.settings import SpeechSettings
from ivr.speech.voices import SpeechUnavailable
from tests.unit.speech.fakes import HummingVoice, SetClock


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(tmp_path)], check=True)
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def parts(folder: Path) -> list[Path]:
    return list(folder.glob("**/*.part"))


def samples(path: str) -> bytes:
    return Path(path + ".alaw").read_bytes()


async def test_a_full_disk(small_disk: Path) -> None:
    settings = SpeechSettings(recorded_folder=small_disk / "recorded")
    library = PromptLibrary(HummingVoice(), settings, small_disk / "prompts", {}, SetClock())
    known = await library.sounds([Text("да")])
    ballast = small_disk / "ballast"
    with pytest.raises(OSError, match="No space left"):
        ballast.write_bytes(b"x" * 1_000_000)
    with pytest.raises(SpeechUnavailable, match="No space left"):
        await library.sounds([Text("новая улица")])
    assert await library.sounds([Text("да")]) == known
    assert parts(small_disk) == []
    ballast.unlink()
    assert await library.sounds([Text("новая улица")])
    await library.close()


async def test_on_a_full_disk_the_pieces_are_played_one_by_one(small_disk: Path) -> None:
    settings = SpeechSettings(recorded_folder=small_disk / "recorded")
    library = PromptLibrary(HummingVoice(), settings, small_disk / "prompts", {}, SetClock())
    pieces = [(await library.sounds([Text(text)]))[0] for text in ("сто", "пять")]
    ballast = small_disk / "ballast"
    with pytest.raises(OSError, match="No space left"):
        ballast.write_bytes(b"x" * 1_000_000)
    utterance = [Spoken("сто пять", ("сто", "пять"))]
    assert library.ready(utterance)
    assert await library.sounds(utterance) == pieces
    assert parts(small_disk) == []
    ballast.unlink()
    [whole] = await library.sounds(utterance)
    assert samples(whole) == b"".join(map(samples, pieces))
    await library.close()
