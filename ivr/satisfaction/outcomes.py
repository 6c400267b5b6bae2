"""What a control call came to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Satisfied(StrEnum):
    """What a client said of how his complaint was dealt with."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlResult:
    """What a control call came to.

    Attributes:
        reached: Whether the client was.
        satisfied: None where he was not reached.
        score: 1–5, or None.
        words: What he said to it; personal.
        follows: Number of the complaint that he has made of it already; empty: he wants none; None: one is
            registered where he is not satisfied.
    """

    reached: bool
    satisfied: Satisfied | None = None
    score: int | None = None
    words: str = field(default="", repr=False)
    follows: str | None = None
