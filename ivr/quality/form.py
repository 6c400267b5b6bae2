"""The form by which talks are evaluated: criteria as data, and what their points make together. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ivr.errors import Fault

Scores = Mapping[str, int | None]
"""Id of a criterion → points; None: it does not apply."""

_WHOLE = 100.0


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Criterion(_Part):
    """What a talk is judged by."""

    id: str = Field(pattern="^[a-z][a-z0-9-]*$")
    title: str = Field(min_length=1, description="For people.")
    asks: str = Field(description="What is expected, for people.")
    weight: float = Field(gt=0, description="Against the others.")
    levels: tuple[str, ...] = Field(min_length=2, description="Names of 0, 1, … points.")
    critical: bool = Field(False, description="With 0 points the talk gets 0 %.")
    clauses: Mapping[str, str] = Field(default_factory=dict, description="Profile → clause of its standard.")

    @property
    def most(self) -> int:
        """Highest points."""
        return len(self.levels) - 1


class Form(_Part):
    """All criteria; `metrics/evaluation.yaml`."""

    version: int = Field(ge=1, description="Raised with each change.")
    criteria: tuple[Criterion, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        names = [each.id for each in self.criteria]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"named twice: {', '.join(twice)}")
        return self

    def wrong(self, scores: Scores) -> str | None:
        """The criterion whose points can't be so, or that is unknown or left out; None: all is well."""
        known = {each.id: each for each in self.criteria}
        for name in {**dict.fromkeys(known), **scores}:
            if name not in known or name not in scores:
                return name
            points = scores[name]
            if points is not None and not 0 <= points <= known[name].most:
                return name
        return None

    def percent(self, scores: Scores) -> float | None:
        """What all points make, 0 to 100; None where no criterion applies.

        Each criterion counts by its weight and by its points against the highest ones.
        """
        given = [(each, scores.get(each.id)) for each in self.criteria]
        applied = [(each, points) for each, points in given if points is not None]
        if not applied:
            return None
        if any(each.critical and not points for each, points in applied):
            return 0.0
        reached = sum(each.weight * points / each.most for each, points in applied)
        return round(_WHOLE * reached / sum(each.weight for each, _ in applied), 2)


def load_form(path: Path) -> Form:
    """Read the form.

    Raises:
        Fault: It can't be read, or is none.
    """
    try:
        return Form.model_validate(YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise Fault(
            f"The form of evaluations can't be read: {error}.", str(path), "Mend the file."
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        fix = "See the fields in ivr/quality/form.py."
        raise Fault(f"The form of evaluations is wrong: {place}: {first['msg']}.", str(path), fix) from error
