"""How kinds and states of requests are called, in speech and on screens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ivr.errors import Fault
from ivr.requests.model import AnswerChannel, RequestKind, RequestStatus
from ivr.requests.terms import Ground

_OWN = Path(__file__).with_name("titles.yaml")
_FIX = f"Take {_OWN.name} of the program for a model."


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kinds: dict[RequestKind, str]
    statuses: dict[RequestStatus, str]
    channels: dict[AnswerChannel, str] = {}
    grounds: tuple[Ground, ...] = ()


@dataclass(frozen=True, slots=True)
class Titles:
    """A title for each kind and each state, each channel of the answer; grounds of refusal by law."""

    kinds: Mapping[RequestKind, str]
    statuses: Mapping[RequestStatus, str]
    channels: Mapping[AnswerChannel, str]
    grounds: tuple[Ground, ...]

    @classmethod
    def load(cls, path: Path | None = None) -> Self:
        """Read them from a file, or the program's own.

        Raises:
            Fault: The file cannot be read, or a title is missing.
        """
        file = path or _OWN
        found, own = _read(file), _read(_OWN)
        missing = [each.value for each in RequestKind if not found.kinds.get(each, "").strip()]
        missing += [each.value for each in RequestStatus if not found.statuses.get(each, "").strip()]
        if missing:
            raise Fault(f"Titles are missing: {', '.join(missing)}.", str(file), _FIX)
        channels = {**own.channels, **found.channels}
        return cls(found.kinds, found.statuses, channels, found.grounds or own.grounds)

    def texts(self) -> list[str]:
        """All titles that callers hear, each once; built ahead, so that no call waits for them."""
        return sorted({*self.kinds.values(), *self.statuses.values()})


def _read(file: Path) -> _File:
    try:
        tree = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
        return _File.model_validate(tree)
    except (OSError, UnicodeDecodeError, YAMLError, ValidationError) as error:
        raise Fault(f"The titles cannot be read: {type(error).__name__}.", str(file), _FIX) from error
