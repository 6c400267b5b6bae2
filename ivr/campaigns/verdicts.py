"""What the rules say of a call that somebody wants to make now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Allowed:
    """It may be made."""


@dataclass(frozen=True, slots=True)
class NotBefore:
    """Not now; `at` (aware) is the first moment at which it may be tried again."""

    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Never:
    """Not in this campaign."""

    why: str


Verdict = Allowed | NotBefore | Never
