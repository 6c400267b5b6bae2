"""Text as Whisper writes it, and what is believed of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field
from rapidfuzz.fuzz import ratio
from rapidfuzz.process import extractOne
from ruamel.yaml import YAML

from ivr.speech.russian.numerals import cardinal

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*|\d+(?:[,.\-]\d+)*")
_NUMBER = re.compile(r"\d+")
_NO_LETTER = re.compile(r"[\W_]+")
_GROUP = 3
_RUNAWAY = 3
"""Words that are repeated so often at the end of a text that was cut were not said."""

_NEARLY = 80
"""How much of a hundred a misspelt word shares with the one that was meant."""

_ANY_REST = "*"


class Manner(BaseModel):
    """What `whisper.yaml` holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hints: tuple[str, ...]
    free_hint: str
    heard_in_silence: tuple[str, ...] = Field(min_length=1)

    def hint_for(self, grammar: frozenset[str]) -> str | None:
        """The hint whose words are all in the grammar, or None."""
        return next((hint for hint in self.hints if set(plain(hint).split()) <= grammar), None)

    def invented(self, text: str) -> bool:
        """Whether a text is one that Whisper makes of silence."""
        spoken = _folded(text)
        return any(_matches(spoken, _folded(entry)) for entry in self.heard_in_silence)


@cache
def manner() -> Manner:
    """The manner of Russian on the telephone."""
    text = files(__package__).joinpath("whisper.yaml").read_text(encoding="utf-8")
    return Manner.model_validate(YAML(typ="safe", pure=True).load(text))


def plain(text: str) -> str:
    """Lower case and without punctuation, but for that within numbers: `12,345`, `1-2-3`."""
    return " ".join(_WORD.findall(text.lower()))


def agreement(one: str, other: str, *, begun: bool = False) -> float:
    """How alike two readings of the same speech sound, from 0 to 1; a number is taken as its words.

    Args:
        one: The one.
        other: The other.
        begun: Whether the other did not end by itself: only as much of it counts as the one is long.
    """
    sound, compared = _sounded(one), _sounded(other)
    return ratio(sound, compared[: len(sound)] if begun else compared) / 100


def in_grammar(text: str, grammar: frozenset[str]) -> str | None:
    """A plain text in words of the grammar, misspelt ones mended; None where others are in it."""
    words = [word if word in grammar else _nearest(word, grammar) for word in text.split()]
    return " ".join(word for word in words if word) if all(words) else None


def said_once(text: str, least: int = 1) -> str:
    """What is said once, where the whole text is that over and over; it has at least so many words."""
    words = text.split()
    for length in range(least, len(words) // 2 + 1):
        if words == words[:length] * (len(words) // length):
            return " ".join(words[:length])
    return text


def without_tail(text: str) -> str:
    """The text up to the words that a model repeats until it is stopped, and these once."""
    words = text.split()
    for length in range(1, len(words) // _RUNAWAY + 1):
        begin = len(words) - length
        while begin and words[begin - 1] == words[begin - 1 + length]:
            begin -= 1
        if len(words) - begin >= _RUNAWAY * length:
            return " ".join(words[: begin + length])
    return text


def _nearest(word: str, grammar: frozenset[str]) -> str | None:
    found = extractOne(word, sorted(grammar), scorer=ratio, score_cutoff=_NEARLY)
    return found[0] if found else None


def _sounded(text: str) -> str:
    spoken = _NUMBER.sub(lambda number: "".join(_numerals(number[0])), text)
    return _NO_LETTER.sub("", spoken).replace("ё", "е")


def _numerals(digits: str) -> Iterator[str]:
    """A number in words: leading zeros one by one, a long one in groups of three."""
    for start in range(0, len(digits), _GROUP):
        group = digits[start : start + _GROUP]
        significant = group.lstrip("0")
        yield from (cardinal(0) for _ in range(len(group) - len(significant)))
        if significant:
            yield cardinal(int(significant))


def _folded(text: str) -> str:
    rest = _ANY_REST if text.endswith(_ANY_REST) else ""
    return plain(text).replace("ё", "е") + rest


def _matches(spoken: str, entry: str) -> bool:
    return spoken.startswith(entry[:-1]) if entry.endswith(_ANY_REST) else spoken == entry
