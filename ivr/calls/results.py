"""The results that a wrap-up chooses from."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ivr.errors import Fault

_OWN = Path(__file__).with_name("results.yaml")


class TalkResult(BaseModel):
    """How a talk ended."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=32, description="Short name, for reports.")
    title: str = Field(min_length=1, description="For operators, in Russian.")
    alone: bool = Field(description="Whether the operator can have answered without anybody's help.")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    results: tuple[TalkResult, ...] = Field(min_length=1)


def load_results(path: Path | None = None) -> tuple[TalkResult, ...]:
    """Read a company's own list, or the program's.

    Raises:
        Fault: The file can't be read, or two results have the same id.
    """
    file = path or _OWN
    fix = f"Take {_OWN.name} of the program for a model."
    try:
        tree = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
        results = _File.model_validate(tree).results
    except (OSError, UnicodeDecodeError, YAMLError, ValidationError) as error:
        raise Fault(f"The results can't be read: {type(error).__name__}.", str(file), fix) from error
    if len({result.id for result in results}) < len(results):
        raise Fault("Two results have the same id.", str(file), "Give each an id of its own.")
    return results
