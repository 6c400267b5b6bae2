"""A plain understanding of words, for conversations in text: yes, no, the words of a choice, digits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ivr.dialogue.interpreter.answers import NO, YES

YES_WORDS = frozenset(
    {"да", "верно", "правильно", "согласен", "согласна", "подтверждаю", "хорошо", "передавайте"}
)
NO_WORDS = frozenset({"нет", "не", "неверно", "неправильно", "ошибка"})
SEPARATORS = re.compile(r"[\s-]+")


def normalised(text: str) -> str:
    """Words alone: small letters, `е` for `ё`, no punctuation."""
    return " ".join(re.findall(r"\w+", text.lower().replace("ё", "е")))


@dataclass(frozen=True, slots=True)
class PlainUnderstanding:
    """Looks for words; anything else is not understood."""

    yes: frozenset[str] = YES_WORDS
    no: frozenset[str] = NO_WORDS

    def keys(self, kind: str, words: Mapping[str, Sequence[str]], text: str) -> str | None:
        """The keys that mean the same, or None."""
        digits = SEPARATORS.sub("", text)
        if digits.isdecimal():
            return digits
        if kind == "yes_no":
            return self._yes_or_no(frozenset(normalised(text).split()))
        return _chosen(words, f" {normalised(text)} ")

    def _yes_or_no(self, said: frozenset[str]) -> str | None:
        if said & self.no:
            return NO
        return YES if said & self.yes else None


def _chosen(words: Mapping[str, Sequence[str]], text: str) -> str | None:
    """The key whose longest phrase was said."""
    said = [
        (len(phrase), key)
        for key, phrases in words.items()
        for phrase in phrases
        if f" {normalised(phrase)} " in text
    ]
    return max(said)[1] if said else None
