"""Why a list of targets is not taken: a code with what belongs to it, and words for the supervisor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from ivr.errors import Fault

_TEXTS = Path(__file__).with_name("faults.yaml")


class ListProblem(StrEnum):
    """What is wrong with a whole list; the words are in `faults.yaml`."""

    AWAY = "away"
    ENCODING = "encoding"
    OLD_BOOK = "old-book"
    NO_TABLE = "no-table"
    BROKEN_BOOK = "broken-book"
    LARGE_BOOK = "large-book"
    MANY_LINES = "many-lines"
    EMPTY = "empty"
    MISSING = "missing"
    SAME = "same"
    OVER = "over"


@dataclass
class ImportFault(Fault):
    """A list is not taken, or not to its end.

    Attributes:
        problem: Why.
        values: What the words name, such as the columns; nothing personal.
    """

    problem: ListProblem = ListProblem.AWAY
    values: Mapping[str, str] = field(default_factory=dict)


def in_russian(problem: ListProblem, values: Mapping[str, str]) -> tuple[str, str]:
    """What is wrong, and what to do about it."""
    what, fix = _texts()[problem]
    return what.format_map(values), fix


@cache
def _texts() -> Mapping[str, Sequence[str]]:
    texts: Mapping[str, Sequence[str]] = YAML(typ="safe", pure=True).load(_TEXTS.read_text(encoding="utf-8"))
    return texts
