"""Words that work at every question: a person, once more, slower, back, no more calls; and danger to life."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

from rapidfuzz.distance import Levenshtein

from ivr.dialogue.ports import Command
from ivr.speech.understanding.likeness import FUZZY_LETTERS
from ivr.speech.understanding.words import data, words

WITHIN = 7
"""Words of one sign of danger are no farther from each other than this."""
SURE = "sure"
_GAP = r"(?:\S+ ){0,3}"
_ORDER = (
    Command.DANGER,
    Command.REFUSE,
    Command.OPERATOR,
    Command.SLOWER,
    Command.REPEAT,
    Command.BACK,
)


@dataclass(frozen=True, slots=True)
class Commanded:
    """A command that was said.

    Attributes:
        sure: Whether the words can hardly mean anything else.
    """

    command: Command
    sure: bool


def command(text: str, *, refusable: bool = False) -> Commanded | None:
    """The command that a text is, or None. Danger comes before all others.

    Args:
        text: What was said.
        refusable: Whether «не звоните» is one: it is none where a call back is offered.
    """
    return _commands().of(text, without=frozenset() if refusable else frozenset({Command.REFUSE}))


class Commands:
    """The rules of `commands.yaml`."""

    def __init__(self, lists: Mapping[str, Any]) -> None:
        """Compile the rules."""
        self._rules = tuple((name, _Rule.of(rule)) for name in _ORDER for rule in lists[name])
        self._fillers = frozenset(lists["fillers"])
        self._misheard = tuple(lists["misheard"])

    def of(self, text: str, *, without: frozenset[Command] = frozenset()) -> Commanded | None:
        """The first command whose rule holds, but for some."""
        said = _Text.of([self._mended(word) for word in words(text)], self._fillers)
        rules = ((name, rule) for name, rule in self._rules if name not in without)
        return next((Commanded(name, rule.sure) for name, rule in rules if rule.holds(said)), None)

    def _mended(self, word: str) -> str:
        """A word that begins with a known one but for one letter, written as it is known."""
        if len(word) < FUZZY_LETTERS or word.startswith(self._misheard):
            return word
        near = (stem for stem in self._misheard if _one_letter(word[: len(stem)], stem))
        return next((stem + word[len(stem) :] for stem in near), word)


@lru_cache(maxsize=1)
def _commands() -> Commands:
    return Commands(data("commands.yaml"))


@dataclass(frozen=True, slots=True)
class _Text:
    """What was said, as words and as one line with a space at both ends; `count` leaves fillers out."""

    words: tuple[str, ...]
    line: str
    count: int

    @classmethod
    def of(cls, said: Sequence[str], fillers: frozenset[str]) -> _Text:
        count = sum(word not in fillers for word in said)
        return cls(tuple(said), f" {' '.join(said)} ", count)


@dataclass(frozen=True, slots=True)
class _Rule:
    sure: bool
    most_words: int | None
    phrases: re.Pattern[str] | None
    together: tuple[tuple[_Line, ...], ...]
    unless: re.Pattern[str] | None

    @classmethod
    def of(cls, rule: Mapping[str, Any]) -> _Rule:
        together = tuple(tuple(_Line.of(line) for line in lines) for lines in rule.get("together", ()))
        phrases, unless = _either(rule.get("phrases", ())), _either(rule.get("unless", ()))
        return cls(rule["level"] == SURE, rule.get("most_words"), phrases, together, unless)

    def holds(self, said: _Text) -> bool:
        if self.most_words is not None and said.count > self.most_words:
            return False
        if not (self._phrase(said) or any(_near(said.words, lines) for lines in self.together)):
            return False
        return self.unless is None or self.unless.search(said.line) is None

    def _phrase(self, said: _Text) -> bool:
        if self.phrases is None:
            return False
        return any(
            not said.line[: match.start()].endswith(" не ") for match in self.phrases.finditer(said.line)
        )


def _one_letter(word: str, stem: str) -> bool:
    return Levenshtein.distance(word, stem, score_cutoff=1) <= 1


@dataclass(frozen=True, slots=True)
class _Line:
    """The words of one line of `together`."""

    exact: frozenset[str]
    stems: tuple[str, ...]

    @classmethod
    def of(cls, line: str) -> _Line:
        given = [word.strip() for word in line.split("|")]
        stems = tuple(word.rstrip("*") for word in given if word.endswith("*"))
        return cls(frozenset(word for word in given if not word.endswith("*")), stems)

    def has(self, word: str) -> bool:
        return word in self.exact or word.startswith(self.stems)


def _near(said: Sequence[str], lines: Sequence[_Line]) -> bool:
    """Whether a word of every line stands within a few words, none of them denied."""
    places: list[list[int]] = []
    for line in lines:
        found = [place for place, word in enumerate(said) if line.has(word) and not _denied(said, place)]
        if not found:
            return False
        places.append(found)
    return any(max(at) - min(at) <= WITHIN and len(set(at)) == len(at) for at in product(*places))


def _denied(said: Sequence[str], place: int) -> bool:
    return place > 0 and said[place - 1] == "не"


def _either(phrases: Sequence[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(_phrase(phrase) for phrase in phrases)) if phrases else None


def _phrase(phrase: str) -> str:
    """`горит .. щит*` as an expression over a line of words."""
    parts = [_GAP if part == ".." else f"(?:{_word(part)}) " for part in phrase.split()]
    return f"(?<= ){''.join(parts)}"


def _word(alternatives: str) -> str:
    return "|".join(_stem(word.strip()) for word in alternatives.split("|"))


def _stem(word: str) -> str:
    stem = re.escape(word.rstrip("*"))
    return rf"{stem}\w*" if word.endswith("*") else stem
