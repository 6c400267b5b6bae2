"""Words that a recogniser got a letter wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

FUZZY_LETTERS = 6
"""Shorter words are taken only as they stand in a list: «пять» and «опять» are one letter apart."""
FAR_LETTERS = 10
"""Words of so many letters may be two letters away."""

Label = TypeVar("Label")


def long_words(labels: Mapping[str, Label]) -> dict[str, Label]:
    """The words that tolerate an error."""
    return {word: label for word, label in labels.items() if len(word) >= FUZZY_LETTERS}


def nearest(word: str, known: Mapping[str, Label]) -> Label | None:
    """The label of the known words that a long word is a letter or two away from; None when they differ."""
    if len(word) < FUZZY_LETTERS:
        return None
    most = 2 if len(word) >= FAR_LETTERS else 1
    near = process.extract(word, known.keys(), scorer=Levenshtein.distance, score_cutoff=most, limit=None)
    least = min((distance for _, distance, _ in near), default=0)
    labels = {known[name] for name, distance, _ in near if distance == least}
    return labels.pop() if len(labels) == 1 else None
