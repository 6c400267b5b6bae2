"""What is on this machine: a note beside each model tells what was installed, and its sums."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ivr.errors import Fault
from ivr.speech.models.catalogue import Engine, Model
from ivr.speech.models.fetching import digests
from ivr.speech.recognition import vosk

NOTE = "ivr-model.json"
"""Name of the note in a model's folder."""


class File(BaseModel):
    """A file as it was installed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bytes: int
    sha256: str


class Note(BaseModel):
    """What was installed in a folder.

    Attributes:
        files: Relative path → the file as it was.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    files: dict[str, File] = Field(min_length=1)

    @classmethod
    def take(cls, model: Model, folder: Path) -> Self:
        """Read all files of a folder. Blocks."""
        files = sorted(file for file in folder.rglob("*") if file.is_file() and file.name != NOTE)
        return cls(
            id=model.id,
            files={
                file.relative_to(folder).as_posix(): File(
                    bytes=file.stat().st_size, sha256=digests(file, ["sha256"])["sha256"]
                )
                for file in files
            },
        )

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """The note of a folder, or None where there is none that can be read."""
        try:
            return cls.model_validate_json((folder / NOTE).read_bytes())
        except (OSError, ValidationError):
            return None

    def write(self, folder: Path) -> None:
        """Put the note into the folder."""
        (folder / NOTE).write_text(self.model_dump_json(indent=1), encoding="utf-8")

    def changed(self, folder: Path, *, thoroughly: bool) -> list[str]:
        """Files that are missing or not as they were.

        Args:
            folder: The model's folder.
            thoroughly: Whether their sums are compared too, which reads them all: blocks.
        """
        return [name for name, file in self.files.items() if not _as_was(folder / name, file, thoroughly)]


def is_installed(model: Model, folder: Path) -> bool:
    """Whether the folder holds this model, whole as far as sizes tell.

    A folder without a note, filled by hand, counts when it looks like a model of that engine.
    """
    note = Note.read(folder)
    if note is None:
        return engine_of(folder) is model.engine
    return note.id == model.id and not note.changed(folder, thoroughly=False)


def engine_of(folder: Path) -> Engine | None:
    """Which engine's model a folder holds, by its files; None for a folder that is no model."""
    if vosk.is_model(folder):
        return Engine.VOSK
    if (folder / "model.bin").is_file() and (folder / "tokenizer.json").is_file():
        return Engine.WHISPER
    if next(folder.rglob("*.onnx"), None) is not None:
        return Engine.ONNX
    return None


def require_model(folder: Path, engine: Engine) -> None:
    """See that a folder is a model of an engine.

    Raises:
        Fault: It is none.
    """
    if engine_of(folder) is not engine:
        state = f"The folder holds no model of {engine}" if folder.is_dir() else "There is no such folder"
        raise Fault(
            f"{state}.", str(folder), "Name the folder of a model, or install one: `ivr models list`."
        )


def _as_was(place: Path, file: File, thoroughly: bool) -> bool:
    if not place.is_file() or place.stat().st_size != file.bytes:
        return False
    return not thoroughly or digests(place, ["sha256"])["sha256"] == file.sha256
