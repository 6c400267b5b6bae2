"""A plain understanding of words, for conversations in text: yes, no, the words of a choice, digits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ivr.dialogue.interpreter.answers import NO, YES
from ivr.dialogue.ports import AnswerKind, Listen, Said, Understood

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

    def understand(self, listen: Listen, words: Mapping[str, Sequence[str]], said: Said) -> Understood | None:
        """What was meant; words that work everywhere are not known here."""
        if listen.kind is AnswerKind.NAME:
            return _named(listen.phrases, said.text)
        keys = self._keys(listen.kind, words, said.text)
        return None if keys is None else Understood(keys=keys)

    def _keys(self, kind: AnswerKind, words: Mapping[str, Sequence[str]], text: str) -> str | None:
        digits = SEPARATORS.sub("", text)
        if digits.isdecimal():
            return digits
        if kind is AnswerKind.YES_NO:
            return self._yes_or_no(frozenset(normalised(text).split()))
        return _chosen(words, f" {normalised(text)} ")

    def _yes_or_no(self, said: frozenset[str]) -> str | None:
        if said & self.no:
            return NO
        return YES if said & self.yes else None


def _named(names: Sequence[str], text: str) -> Understood | None:
    said = f" {normalised(text)} "
    found = next((name for name in names if f" {normalised(name)} " in said), None)
    return None if found is None else Understood(name=found)


def _chosen(words: Mapping[str, Sequence[str]], text: str) -> str | None:
    """The key whose longest phrase was said."""
    said = [
        (len(phrase), key)
        for key, phrases in words.items()
        for phrase in phrases
        if f" {normalised(phrase)} " in text
    ]
    return max(said)[1] if said else None
