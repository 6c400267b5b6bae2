"""What is wrong with a scenario, and where: one list for the loader, the type check and lint."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import NamedTuple

from ivr.errors import Fault


class Mark(NamedTuple):
    """A place in a file; line and column count from 1."""

    line: int
    column: int


class Severity(StrEnum):
    """Whether a problem keeps a flow from running."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to mend.

    Attributes:
        file: Path of the file as it was given.
        line: From 1.
        column: From 1.
        code: Stable short name, `unknown-state`.
        message: What is wrong and what would be right, in words.
    """

    file: str
    line: int
    column: int
    code: str
    message: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message} [{self.code}]"

    def document(self) -> dict[str, str | int]:
        """The problem as the command line prints it in JSON."""
        document = asdict(self)
        del document["severity"]
        return document


class ScenarioFault(Fault):
    """Scenarios that cannot run.

    Attributes:
        problems: All of them, in the order of files and lines.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        first = self.problems[0]
        more = f" (and {len(self.problems) - 1} more)" if len(self.problems) > 1 else ""
        super().__init__(
            what=f"{first.message}{more}.",
            where=f"{first.file}:{first.line}:{first.column}",
            fix="Run 'ivr scenario lint' for the whole list.",
        )


def closest(word: str, known: Iterable[str]) -> str:
    """` (did you mean 'x'?)` when a known word is near, else an empty string."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f" (did you mean {near[0]!r}?)" if near else ""
