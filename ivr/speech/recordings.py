"""Recorded prompts: a file of the studio wins over the synthetic voice.

`<folder>/<prompt id>.wav` is a prompt of the catalogue, `<folder>/pieces/<slug>.wav` any other text: a
piece of a number, a sentence of a scenario. `ivr prompts list` names the file of each.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

PIECES = "pieces"

_LETTERS = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh",
    "з": "z", "и": "i", "й": "y", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o",
    "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "h", "ц": "ts",
    "ч": "ch", "ш": "sh", "щ": "sch", "ы": "y", "э": "e", "ю": "yu", "я": "ya",
}  # fmt: skip
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Recording:
    """A recorded file, and what tells it from another take of the same name."""

    path: Path
    take: str


class Recordings:
    """What was recorded, as it lay on disk when this was made."""

    def __init__(self, folder: Path) -> None:
        self._prompts = _listed(folder)
        self._pieces = _listed(folder / PIECES)

    def of_prompt(self, prompt_id: str) -> Recording | None:
        """The recording of a prompt of the catalogue."""
        return self._prompts.get(prompt_id)

    def of_text(self, text: str) -> Recording | None:
        """The recording of any other text."""
        return self._pieces.get(slug(text)) if self._pieces else None


def slug(text: str) -> str:
    """Name of a text's recording without extension: readable, ASCII, unique."""
    plain = " ".join(text.lower().split())
    words = ("".join(_LETTERS.get(letter, "") for letter in word) for word in plain.split())
    readable = "-".join(word for word in words if word)[:_LONGEST]
    return f"{readable}-{hashlib.sha256(plain.encode()).hexdigest()[:8]}".lstrip("-")


def _listed(folder: Path) -> dict[str, Recording]:
    return {path.stem: Recording(path, _take(path)) for path in folder.glob("*.wav")}


def _take(path: Path) -> str:
    status = path.stat()
    return f"{status.st_size}-{status.st_mtime_ns}"
