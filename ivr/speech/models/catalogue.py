"""The models that are known, from `catalogue.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML

from ivr.errors import Fault
from ivr.speech.recognition.ports import Slot

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Md5 = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class Engine(StrEnum):
    """What runs a model."""

    VOSK = "vosk"
    WHISPER = "whisper"
    ONNX = "onnx"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Package(_Part):
    """A wheel that holds data and is never installed."""

    name: str = Field(description="Name in the package registry")
    version: str
    bytes: int = Field(gt=0, description="Size of the wheel, bytes")
    sha256: Sha256

    @property
    def file_name(self) -> str:
        """Name of the wheel (PEP 427)."""
        return f"{self.name.replace('-', '_')}-{self.version}-py3-none-any.whl"


class RemoteFile(_Part):
    """A file on the host of its publisher.

    Attributes:
        path: Where it goes in the model's folder; the archive's file name for an archive.
        bytes: Size, bytes; None where it is not published.
        sha256: None where it is not published.
        md5: The same.
    """

    url: str = Field(pattern=r"^https?://")
    path: str = Field(pattern=r"^\w[\w.-]*(/\w[\w.-]*)*$")
    bytes: int | None = Field(None, gt=0)
    sha256: Sha256 | None = None
    md5: Md5 | None = None


class Packages(_Part):
    """A model in one or more wheels."""

    kind: Literal["package"]
    packages: tuple[Package, ...] = Field(min_length=1)


class Archive(_Part):
    """A model in one zip archive."""

    kind: Literal["archive"]
    file: RemoteFile


class Files(_Part):
    """A model in single files."""

    kind: Literal["files"]
    files: tuple[RemoteFile, ...] = Field(min_length=1)


Source = Annotated[Packages | Archive | Files, Field(discriminator="kind")]


class Model(_Part):
    """A model that can be installed.

    Attributes:
        megabytes: Room on the disk, megabytes.
        grammars: Whether it can be held to a closed grammar.
        fitness: How well it serves a slot, the higher the better; for a slot that is missing it is taken only
            where the settings name it.
        join: File of the model → the parts that it is put together from.
        sums: SHA-256 of files of the model, where they are known ahead.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]*$")
    title: str
    engine: Engine
    language: str = Field(pattern=r"^([a-z]{2}|many)$")
    licence: str
    megabytes: int = Field(gt=0)
    grammars: bool = False
    fitness: Mapping[Slot, int] = Field(default_factory=dict)
    source: Source
    join: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    sums: Mapping[str, Sha256] = Field(default_factory=dict)


class Catalogue:
    """The known models by their ids, in the order of the file."""

    def __init__(self, models: Mapping[str, Model]) -> None:
        self.models = models

    def __getitem__(self, model_id: str) -> Model:
        """The model of that id.

        Raises:
            Fault: There is none.
        """
        try:
            return self.models[model_id]
        except KeyError:
            raise Fault(
                f"There is no model {model_id!r}.", "ivr models", f"Known are: {', '.join(self.models)}."
            ) from None

    @classmethod
    def parse(cls, text: str) -> Catalogue:
        """Read a catalogue of this format from YAML 1.2.

        Raises:
            ValueError: It is none, or an id stands in it twice.
        """
        yaml = YAML(typ="safe", pure=True)
        models = [Model.model_validate(entry) for entry in yaml.load(text)["models"]]
        by_id = {model.id: model for model in models}
        if len(by_id) < len(models):
            raise ValueError("an id stands twice in the catalogue")
        return cls(by_id)


@cache
def catalogue() -> Catalogue:
    """The catalogue that comes with the program."""
    return Catalogue.parse(files(__package__).joinpath("catalogue.yaml").read_text(encoding="utf-8"))
