"""How much of a list of phrases is understood as it was meant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ivr.speech.understanding.commands import command
from ivr.speech.understanding.confirmation import yes_no
from ivr.speech.understanding.numerals import digits

Meaning = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that is scored: the columns of its list, and what understands it."""

    phrase: str
    expected: str
    meaning: Meaning


@dataclass(frozen=True, slots=True)
class Miss:
    """A phrase that was not understood as it was meant; None stands for nothing."""

    phrase: str
    expected: str | None
    understood: str | None


@dataclass(frozen=True, slots=True)
class Score:
    """The result of one list."""

    total: int
    misses: tuple[Miss, ...]

    @property
    def share(self) -> float:
        """Share of the phrases that are right, 0 to 1; 1 of an empty list."""
        return 1 - len(self.misses) / self.total if self.total else 1.0


def score(rows: Iterable[Mapping[str, str]], subject: Subject) -> Score:
    """Understand every phrase and compare; an empty cell expects nothing to be understood."""
    misses: list[Miss] = []
    total = 0
    for row in rows:
        total += 1
        phrase, expected = row[subject.phrase], row[subject.expected] or None
        understood = subject.meaning(phrase)
        if understood != expected:
            misses.append(Miss(phrase, expected, understood))
    return Score(total, tuple(misses))


def _command_name(text: str) -> str | None:
    found = command(text)
    return None if found is None else found.command.value


SUBJECTS: Mapping[str, Subject] = {
    "numerals": Subject("spoken", "digits", digits),
    "yesno": Subject("utterance", "label", yes_no),
    "commands": Subject("utterance", "command", _command_name),
}
