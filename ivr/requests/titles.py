"""How kinds and states of requests are called in speech."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ivr.errors import Fault
from ivr.requests.model import RequestKind, RequestStatus

_OWN = Path(__file__).with_name("titles.yaml")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kinds: dict[RequestKind, str]
    statuses: dict[RequestStatus, str]


@dataclass(frozen=True, slots=True)
class Titles:
    """A title for each kind and each state."""

    kinds: Mapping[RequestKind, str]
    statuses: Mapping[RequestStatus, str]

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Read them from a file, or the program's own.

        Raises:
            Fault: The file cannot be read, or a title is missing.
        """
        file = path or _OWN
        fix = f"Take {_OWN.name} of the program for a model."
        try:
            yaml = YAML(typ="safe", pure=True)
            found = TypeAdapter(_File).validate_python(yaml.load(file.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, YAMLError, ValidationError) as error:
            raise Fault(f"The titles cannot be read: {type(error).__name__}.", str(file), fix) from error
        missing = [each.value for each in RequestKind if not found.kinds.get(each, "").strip()]
        missing += [each.value for each in RequestStatus if not found.statuses.get(each, "").strip()]
        if missing:
            raise Fault(f"Titles are missing: {', '.join(missing)}.", str(file), fix)
        return cls(found.kinds, found.statuses)

    def texts(self) -> list[str]:
        """All titles, each once; built ahead, so that no call waits for them."""
        return sorted({*self.kinds.values(), *self.statuses.values()})
