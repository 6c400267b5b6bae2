"""KPIs as data: `metrics/definitions.yaml` read, checked, and their formulas."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ivr.errors import Fault
from ivr.kpi.measures import CALL_MEASURES, TALK_MEASURES

Sums = Mapping[str, int]
"""Sums and maxima of a selection of calls, by measure; what is missing is 0."""

_MEASURES = frozenset((*CALL_MEASURES, *TALK_MEASURES))
_MICRO = "_us"
_SECOND = 1_000_000


class Unit(StrEnum):
    """Unit of a KPI."""

    COUNT = "count"
    SHARE = "share"
    SECONDS = "seconds"
    SCORE = "score"
    DAYS = "days"


class Better(StrEnum):
    """Which direction is the good one."""

    LOW = "low"
    HIGH = "high"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Value:
    """A figure, or None without data, and how many calls stand behind it."""

    value: float | None
    calls: int = 0


NO_DATA = Value(None)

Measure = str
Measures = Measure | tuple[Measure, ...]
"""One, or several to be added."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Formula(_Part):
    """How a figure comes about; exactly one of the ways."""

    count: Measures | None = Field(None, description="The sum itself.")
    share: tuple[Measures, Measures] | None = Field(None, description="A part, and what it is part of.")
    mean: tuple[Measures, Measures] | None = Field(None, description="A sum, and of how many.")
    max: Measure | None = Field(None, description="The greatest value.")
    named: str | None = Field(None, description="Counted elsewhere, under this name.")

    @model_validator(mode="after")
    def _one_known_way(self) -> Self:
        if sum(each is not None for each in (self.count, self.share, self.mean, self.max, self.named)) != 1:
            raise ValueError("give exactly one of count, share, mean, max, named")
        unknown = [name for name in self.measures() if name not in _MEASURES]
        if unknown:
            raise ValueError(f"there is no measure {unknown[0]!r}")
        return self

    def measures(self) -> list[Measure]:
        """All measures that it takes."""
        parts = [self.count, *(self.share or ()), *(self.mean or ()), self.max]
        return [name for part in parts if part is not None for name in _names(part)]

    @property
    def base(self) -> Measures | None:
        """How many calls stand behind the figure; None where the formula does not tell."""
        of = self.share or self.mean
        return of[1] if of else self.count


class Definition(_Part):
    """One KPI."""

    id: str = Field(pattern="^[a-z][a-z0-9-]*$", description="Stable name.")
    title: str = Field(min_length=1, description="For people, in Russian.")
    group: str = Field("", description="Id of the group under which it stands on pages.")
    explanation: str = Field(min_length=1, description="How it is counted, in Russian.")
    unit: Unit
    better: Better
    formula: Formula
    base: Measure | None = Field(None, description="Measure that counts the calls behind the figure.")
    calls: Measure | None = Field(None, description="Measure whose calls are shown behind the figure.")
    target: str | None = Field(None, description="Id of the standard's target, where it is not the KPI's.")

    @model_validator(mode="after")
    def _with_base(self) -> Self:
        if self.formula.max is not None and self.base is None:
            raise ValueError("a maximum needs a base")
        return self

    @property
    def target_id(self) -> str:
        """Id of the standard's target."""
        return self.target or self.id

    @property
    def told_by_calls(self) -> bool:
        """Whether the measures of calls alone tell it: no talks, nothing that is counted elsewhere."""
        measures = self.formula.measures()
        return bool(measures) and all(name in CALL_MEASURES for name in measures)

    @property
    def shown(self) -> tuple[Measure, ...]:
        """Measures of which at least one is not 0 in each call behind the figure."""
        measure = self.calls or self.base or self.formula.base
        return () if measure is None else _names(measure)

    def value(self, sums: Sums) -> Value:
        """The figure for these sums. Raises ValueError for one that is counted elsewhere."""
        formula = self.formula
        base = self.base or formula.base
        if base is None:
            raise ValueError(f"{self.id} is counted elsewhere")
        calls = _total(sums, base)
        if formula.count is not None:
            return Value(calls, calls)
        if calls == 0:
            return NO_DATA
        if formula.max is not None:
            return Value(scaled(sums.get(formula.max, 0), formula.max), calls)
        part, whole = formula.share or formula.mean or ((), ())
        return Value(_ratio(sums, part, whole), calls)


def _names(measures: Measures) -> tuple[Measure, ...]:
    return (measures,) if isinstance(measures, str) else measures


def _total(sums: Sums, measures: Measures) -> int:
    return sum(sums.get(name, 0) for name in _names(measures))


def scaled(value: float, measure: Measure) -> float:
    """A measure's value in the unit of reports: seconds for those kept in microseconds."""
    return value / _SECOND if measure.endswith(_MICRO) else value


def _ratio(sums: Sums, part: Measures, whole: Measures) -> float:
    return scaled(_total(sums, part) / _total(sums, whole), _names(part)[0])


class Group(_Part):
    """KPIs that stand together on pages."""

    id: str = Field(pattern="^[a-z][a-z0-9-]*$", description="Stable name.")
    title: str = Field(min_length=1, description="For people, in Russian.")


class Definitions(_Part):
    """All KPIs, in the order of reports."""

    groups: tuple[Group, ...] = Field((), description="In the order of pages.")
    kpis: tuple[Definition, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [each.id for each in self.kpis]
        if twice := {one for one in ids if ids.count(one) > 1}:
            raise ValueError(f"defined twice: {', '.join(sorted(twice))}")
        return self

    @model_validator(mode="after")
    def _known_groups(self) -> Self:
        known = {"", *(group.id for group in self.groups)}
        if unknown := [each.group for each in self.kpis if each.group not in known]:
            raise ValueError(f"there is no group {unknown[0]!r}")
        return self

    def find(self, id: str) -> Definition | None:
        """The KPI of an id."""
        return next((each for each in self.kpis if each.id == id), None)


Named = Mapping[str, Callable[[], Value]]
"""What is counted elsewhere, by name."""


def load_definitions(path: Path, named: Sequence[str] = ()) -> Definitions:
    """Read the definitions.

    Args:
        path: The file.
        named: Names of what is counted elsewhere.

    Raises:
        Fault: The file can't be read, or a definition is wrong.
    """
    fix = "See the head of the file and docs/kpi.md."
    try:
        tree = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        found = Definitions.model_validate(tree)
    except (OSError, UnicodeDecodeError, YAMLError) as error:
        raise Fault(f"The definitions can't be read: {type(error).__name__}.", str(path), fix) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        raise Fault(f"{place}: {first['msg']}.", str(path), fix) from error
    for each in found.kpis:
        if each.formula.named is not None and named and each.formula.named not in named:
            raise Fault(f"{each.id}: nothing is counted as {each.formula.named}.", str(path), fix)
    return found
