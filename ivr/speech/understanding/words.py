"""Recognised text → words: one way of writing for what people, vosk and Whisper write differently."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Generic, TypeVar

from ruamel.yaml import YAML

_LETTERS = str.maketrans({"ё": "е", "\u00a0": " ", "\u202f": " ", "–": "-", "—": "-", "−": "-", "‑": "-"})
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
_WORD = re.compile(r"[^\W\d_]+|\d+")

Label = TypeVar("Label")


def folded(text: str) -> str:
    """Small letters, `е` for `ё`, one kind of hyphen and space, no drawn-out letters («дааа»)."""
    return _DRAWN_OUT.sub(r"\1", text.lower().translate(_LETTERS))


def words(text: str) -> list[str]:
    """Words and runs of digits, without punctuation."""
    return _WORD.findall(folded(text))


def data(name: str) -> Any:
    """The content of a word list that lies beside this module.

    Args:
        name: File name, `numerals.yaml`.
    """
    source = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return YAML(typ="safe", pure=True).load(source)


@dataclass(frozen=True, slots=True)
class Phrases(Generic[Label]):
    """Phrases with a label each; the longest one wins at every place of a text."""

    labels: Mapping[tuple[str, ...], Label]
    longest: int

    @classmethod
    def of(cls, labelled: Iterable[tuple[str, Label]]) -> Phrases[Label]:
        """Phrases as they are written in a word list; the first label of a phrase counts."""
        labels: dict[tuple[str, ...], Label] = {}
        for phrase, label in labelled:
            labels.setdefault(tuple(words(phrase)), label)
        return cls(labels, max(map(len, labels), default=0))

    def at(self, said: Sequence[str], place: int) -> tuple[int, Label] | None:
        """Length and label of the longest phrase that begins at that word."""
        for length in range(min(self.longest, len(said) - place), 0, -1):
            label = self.labels.get(tuple(said[place : place + length]))
            if label is not None:
                return length, label
        return None
