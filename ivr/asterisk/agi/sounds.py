"""Sound files as Asterisk plays them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

_ALAW_BYTES_PER_SECOND: Final = 8000
_ALAW_SILENCE: Final = b"\xd5"
_SILENT_SECONDS: Final = 0.02
_SILENCE_FILE: Final = "silence"


def joined(sounds: Sequence[str]) -> str:
    """The list of files for an application that plays several.

    Raises:
        ValueError: A path holds an ampersand.
    """
    if any("&" in sound for sound in sounds):
        raise ValueError("The path of a sound must not hold an ampersand.")
    return "&".join(sounds)


def length_seconds(sounds: Sequence[str]) -> float:
    """Length of sounds, by the size of their A-law files; one without such a file counts as nothing.

    Args:
        sounds: Paths without extension.
    """
    size = 0
    for sound in sounds:
        with suppress(FileNotFoundError):
            size += Path(f"{sound}.alaw").stat().st_size
    return size / _ALAW_BYTES_PER_SECOND


def silence(folder: Path) -> str:
    """A moment of silence in the prompts folder, made if need be: where nothing is to be played.

    `SpeechBackground` without a file would wait for ever (`speech_background` of app_speech_utils.c).

    Raises:
        OSError: The disk refuses.
    """
    path = folder / _SILENCE_FILE
    file = path.with_suffix(".alaw")
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_ALAW_SILENCE * int(_SILENT_SECONDS * _ALAW_BYTES_PER_SECOND))
    return str(path)
