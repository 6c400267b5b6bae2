"""A bounded memory of billing's answers."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from ivr.customers.model import Account

Question = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Remembered:
    """Accounts that billing found; when by the wall clock, and by the clock that never goes back, seconds."""

    accounts: tuple[Account, ...]
    told_at: datetime
    noted: float


class AnswerCache:
    """Keeps the answers that were used last."""

    def __init__(self, entries: int) -> None:
        self._limit = entries
        self._entries: OrderedDict[Question, Remembered] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def put(self, question: Question, answer: Remembered) -> None:
        """Note an answer; the one unused longest makes room."""
        self._entries[question] = answer
        self._entries.move_to_end(question)
        if len(self._entries) > self._limit:
            self._entries.popitem(last=False)

    def get(self, question: Question, youngest: float) -> Remembered | None:
        """The answer, unless it was noted before `youngest`."""
        found = self._entries.get(question)
        if found is None or found.noted < youngest:
            return None
        self._entries.move_to_end(question)
        return found


class Breaker:
    """Stops asking who does not answer: after failures in a row it pauses, then lets one try through."""

    def __init__(self, failures: int, pause_seconds: float) -> None:
        self._most = failures
        self._pause = pause_seconds
        self._failures = 0
        self._closed_until = 0.0

    def lets_through(self, now: float) -> bool:
        """Whether to ask; `now` in seconds of a clock that never goes back."""
        if self._failures < self._most:
            return True
        if now < self._closed_until:
            return False
        self._closed_until = now + self._pause
        return True

    def succeeded(self) -> None:
        """Note an answer."""
        self._failures = 0

    def failed(self, now: float) -> None:
        """Note that there was none."""
        self._failures += 1
        self._closed_until = now + self._pause
