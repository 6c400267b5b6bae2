"""Type-ahead: keys that were pressed while no command gathered keys.

Asterisk tells the manager of every key, in the order of their presses, also of those that AGI throws away
between two commands. The keys of a command are a run of these; those before the run were pressed just before
the command, those behind it wait for the next question. Pure: no I/O, no clock. Keys are personal data:
nothing here is ever logged.
"""

from __future__ import annotations

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
    """The keys of one call that wait for a question; each is told of once, in order: `KeyNews` sees to it."""

    def __init__(self) -> None:
        self._told: list[str] = []

    def pressed(self, key: str) -> None:
        """Asterisk tells of a key."""
        if key != CALL_AWAY:
            self._told.append(key)

    def knows(self, digits: str) -> bool:
        """Whether the keys that a command has gathered are among those told of; without the closing `#`."""
        return bool(self._runs(digits) if digits else END in self._told)

    def gathered(self, digits: str, most: int) -> str:
        """A command has gathered keys; the answer that they end.

        It begins with the keys pressed just before the command, and ends where the caller has ended it; the
        others wait for the next question.

        Args:
            digits: Without the closing `#`.
            most: Keys that the command would have gathered at most.
        """
        digits = digits.replace(CALL_AWAY, "")
        if not digits:
            return self._ended(most)
        full = len(digits) >= most
        end = self._end_of(digits, full)
        if not full and self._told[end : end + 1] != [END]:
            self._told.insert(end, END)
        return self.take(most).digits

    @property
    def empty(self) -> bool:
        """Whether no key waits that answers something."""
        return all(key == END for key in self._told)

    def take(self, most: int) -> Typed:
        """The keys that wait, up to the end of one answer of at most so many keys."""
        self._drop_ends()
        keys = self._told[:most]
        complete = END in keys
        digits = "".join(keys[: keys.index(END)] if complete else keys)
        del self._told[: len(digits)]
        if complete:
            del self._told[0]
        elif len(digits) == most:
            self._drop_ends()
        return Typed(digits, complete=complete or len(digits) >= most)

    def forget(self) -> None:
        """Keys pressed until now answered something else, or are no longer known for certain."""
        self._told.clear()

    def _ended(self, most: int) -> str:
        """`#` alone was gathered."""
        if END not in self._told:
            self._told.append(END)
        if self._told[0] == END:
            del self._told[0]
            return ""
        return self.take(most).digits

    def _end_of(self, digits: str, full: bool) -> int:
        """Where the keys of a command end among those told of, which are made complete.

        A command that did not stop for the number of keys stopped at `#`, if one is there.
        """
        runs = self._runs(digits)
        if runs:
            ended = [end for end in runs if self._told[end : end + 1] == [END]]
            return (runs if full else ended or runs)[0]
        known = _overlap("".join(self._told), digits)
        self._told += digits[known:]
        return len(self._told)

    def _runs(self, digits: str) -> list[int]:
        """Where the keys told of have these one after another: the place behind each time."""
        told = "".join(self._told)
        size = len(digits)
        return [end for end in range(size, len(told) + 1) if told[end - size : end] == digits]

    def _drop_ends(self) -> None:
        """A `#` behind an answer that was complete without it ends nothing."""
        while self._told and self._told[0] == END:
            del self._told[0]


def _overlap(told: str, digits: str) -> int:
    """How many of the first keys are the last ones told of."""
    return next(size for size in range(len(digits), -1, -1) if told.endswith(digits[:size]))
