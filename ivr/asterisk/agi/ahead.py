"""Type-ahead: keys that were pressed while no command gathered keys.

Asterisk tells the manager of every key, also of those that AGI throws away between two commands. Keys that a
command has gathered are told of as well, before or after its reply; matched off, what is left was pressed
between commands. Pure: no I/O, no clock. Keys are personal data: nothing here is ever logged.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

END: Final = "#"
"""Ends an answer, and is no part of it."""

CALL_AWAY: Final = "D"
"""A key that telephones do not have: pressed in the caller's place to end what plays. It answers nothing."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The beginning of an answer.

    Attributes:
        digits: Keys without the closing `#`.
        complete: Whether it is the whole answer.
    """

    digits: str = field(default="", repr=False)
    complete: bool = False


class TypedAhead:
    """The keys of one call that wait for a question.

    Neither a key that was gathered nor one that was taken is ever given again, and none is lost, in whatever
    order the news of keys and the replies of commands arrive.
    """

    def __init__(self) -> None:
        self._waiting: deque[str] = deque()
        self._owed: deque[str] = deque()

    def pressed(self, key: str) -> None:
        """Asterisk tells of a key."""
        if key == CALL_AWAY:
            return
        if self._owed and self._owed[0] == key:
            self._owed.popleft()
        else:
            self._waiting.append(key)

    def gathered(self, digits: str) -> str:
        """A command has gathered keys.

        Args:
            digits: Without the closing `#`.

        Returns:
            The same, behind those that were pressed just before the command began, and of which it is known
            only now.
        """
        digits = digits.replace(CALL_AWAY, "")
        told = list(self._waiting)
        matched = _matches(told, digits or END)
        self._owed.extend(digits[len(matched) :])
        first = matched[0] if matched else len(told)
        before = "".join(told[:first]).replace(END, "")
        self._waiting = deque(
            key for place, key in enumerate(told) if place >= first and place not in matched
        )
        self._drop_ends()
        return before + digits

    @property
    def empty(self) -> bool:
        """Whether no key waits."""
        return not self._waiting

    def take(self, most: int) -> Typed:
        """The keys that wait, up to the end of one answer of at most so many keys."""
        self._drop_ends()
        digits = ""
        while self._waiting and len(digits) < most:
            key = self._waiting.popleft()
            if key == END:
                return Typed(digits, complete=True)
            digits += key
        self._drop_ends()
        return Typed(digits, complete=len(digits) >= most)

    def put_back(self, digits: str) -> None:
        """Keys beyond the end of an answer wait for the next question, before all others."""
        self._waiting.extendleft(reversed(digits))

    def forget(self) -> None:
        """Keys pressed until now answered something else."""
        self._waiting.clear()

    def reset(self) -> None:
        """News of keys were missed: nothing can be matched any more."""
        self._waiting.clear()
        self._owed.clear()

    def _drop_ends(self) -> None:
        """A `#` behind an answer that was complete without it ends nothing."""
        while self._waiting and self._waiting[0] == END:
            self._waiting.popleft()


def _matches(told: list[str], digits: str) -> list[int]:
    """Places in `told` of the first keys of `digits`, in order, as many as are there."""
    places: list[int] = []
    start = 0
    for digit in digits:
        try:
            place = told.index(digit, start)
        except ValueError:
            break
        places.append(place)
        start = place + 1
    return places
