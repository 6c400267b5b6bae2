"""What pacing is told: how things stand now, and what became of calls and talks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Observed:
    """How a campaign stands at a moment. Moments are seconds of a clock that never goes back.

    Attributes:
        ready: Operators who wait for a call.
        talking: Since when each talking operator talks; without those who will pause afterwards.
        wrapping: Since when each operator in wrap-up is in it; likewise.
        ringing: When each call was dialled of which nobody knows yet whether a person answers; a
            greeting that is still heard belongs to it.
        waiting: Persons whose greeting has ended and who are not connected yet.
        lines: Lines of the campaign that are free.
        chosen: Calls that operators have chosen in preview and that are not dialled yet.
        stopped: The campaign is paused or stopped: nothing more is dialled.
    """

    ready: int = 0
    talking: tuple[float, ...] = ()
    wrapping: tuple[float, ...] = ()
    ringing: tuple[float, ...] = ()
    waiting: int = 0
    lines: int = 0
    chosen: int = 0
    stopped: bool = False

    @property
    def uncovered(self) -> int:
        """Ready operators for whom nothing is dialled; below zero: calls ahead of operators."""
        return self.ready - self.waiting - len(self.ringing)


@dataclass(frozen=True, slots=True)
class Reached:
    """A person answered and has ended his greeting.

    Attributes:
        dialled: When the call was dialled (orders calls; outcomes come in another order).
        after: Seconds from dialling to the end of the greeting.
    """

    dialled: float
    after: float


@dataclass(frozen=True, slots=True)
class Missed:
    """No person: busy, no answer, a machine, an announcement, a failure. Attributes as in `Reached`."""

    dialled: float
    after: float


@dataclass(frozen=True, slots=True)
class Connected:
    """A person who was reached is connected with an operator in time."""


@dataclass(frozen=True, slots=True)
class Abandoned:
    """A person who was reached was not connected in time, or hung up before."""


@dataclass(frozen=True, slots=True)
class TalkEnded:
    """A talk took so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class WrapUpEnded:
    """A wrap-up took so many seconds."""

    seconds: float


News = Reached | Missed | Connected | Abandoned | TalkEnded | WrapUpEnded


class Pace(Protocol):
    """How fast a campaign dials."""

    def decide(self, now: float, observed: Observed) -> int:
        """How many calls to dial now: never below zero, above the free lines, or any when stopped."""

    def note(self, news: News) -> None:
        """Learn from what happened."""
