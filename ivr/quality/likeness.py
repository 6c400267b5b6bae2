"""Whether something was said that may have been heard badly: words are compared by how they sound. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz

from ivr.knowledge.words import sound, tokens

_ALIKE = 78
_SHORTEST = 4
_LONG = 6
_NEARLY_SAME = 82
_MOST_OF_A_NAME = 0.5


def says_one_of(said: str, phrases: Iterable[str]) -> bool:
    """Whether one of the phrases is in what was said."""
    heard = _sounds(said)
    return any(fuzz.partial_ratio(_sounds(phrase), heard) >= _ALIKE for phrase in phrases) if heard else False


def names_company(said: str, names: Iterable[str]) -> bool:
    """Whether half of the long words of one of the names are in what was said."""
    heard = tokens(said)
    run_together = sound("".join(heard))
    for name in names:
        words = [word for word in tokens(name) if len(word) >= _SHORTEST]
        found = sum(_is_among(word, heard) or _is_within(word, run_together) for word in words)
        if words and found / len(words) >= _MOST_OF_A_NAME:
            return True
    return False


def names_person(said: str, name: str) -> bool:
    """Whether a part of a person's name is in what was said."""
    heard = tokens(said)
    return any(_is_among(word, heard) for word in tokens(name))


def _is_among(word: str, heard: Iterable[str]) -> bool:
    if len(word) < _SHORTEST:
        return word in heard
    return any(fuzz.ratio(sound(word), sound(other)) >= _ALIKE for other in heard)


def _is_within(word: str, run_together: str) -> bool:
    """Words may have been cut elsewhere: «госпрома нергозбы тбрянск»."""
    return len(word) >= _LONG and fuzz.partial_ratio(sound(word), run_together) >= _NEARLY_SAME


def _sounds(text: str) -> str:
    return " ".join(map(sound, tokens(text)))
