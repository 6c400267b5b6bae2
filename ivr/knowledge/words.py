"""Russian words for comparison: tokens, dictionary forms, and how a word sounds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from pymorphy3 import MorphAnalyzer

_WORD = re.compile(r"[а-яa-z]+|[0-9]+")
_CACHED_WORDS = 50_000
_SHORTEST_MENDED = 4
_LEAST_LIKENESS = 78

_CLUSTERS = (
    (re.compile(r"[сзжш]ч"), "щ"),
    (re.compile(r"т?ч+"), "ч"),
    (re.compile(r"[тд]ь?с"), "ц"),
    (re.compile(r"([сз])[тд](?=[нл])"), r"\1"),
    (re.compile(r"[ьъ]"), ""),
    (re.compile(r"(?<=[ое])г(?=о$)"), "в"),
    (re.compile(r"[йи]{2,}"), "и"),
    (re.compile(r"(.)\1+"), r"\1"),
)
"""Spellings that sound alike, in this order."""

_VOWELS = str.maketrans("оеэяыю", "аииаиу")
_VOICELESS = str.maketrans("бвгдз", "пфктс")
_BEFORE_VOICELESS = re.compile(r"[бвгдз]+(?=[кпстфхцчшщ]|$)")


def tokens(text: str) -> list[str]:
    """Words and numbers in small letters, `е` for `ё`."""
    return _WORD.findall(text.lower().replace("ё", "е"))


@lru_cache(maxsize=_CACHED_WORDS)
def sound(word: str) -> str:
    """A rough key of how a word sounds: words that a recogniser mixes up share it or nearly so.

    Unstressed vowels, voiced consonants before voiceless ones and clusters fall together: «лицевой» and
    «лецевой», «счётчик» and «щётчик», «квитанция» and «квитанцыя».
    """
    for cluster, heard in _CLUSTERS:
        word = cluster.sub(heard, word)
    word = _BEFORE_VOICELESS.sub(lambda match: match[0].translate(_VOICELESS), word)
    return word.translate(_VOWELS)


class Morphology(Protocol):
    """Dictionary forms of words."""

    def lemma(self, word: str) -> str:
        """The dictionary form of a token."""

    def grammemes(self, word: str) -> frozenset[str]:
        """Grammatical tags of the likeliest reading, as OpenCorpora names them."""

    def knows(self, word: str) -> bool:
        """Whether it is a word of the language."""


class Dictionary:
    """pymorphy3 with a memory; it is loaded with the first word (30 MB, a sixth of a second)."""

    def __init__(self) -> None:
        self._analyzer: MorphAnalyzer | None = None
        self.lemma = lru_cache(maxsize=_CACHED_WORDS)(self._lemma)

    def grammemes(self, word: str) -> frozenset[str]:
        """Grammatical tags of the likeliest reading, as OpenCorpora names them."""
        return frozenset(map(str, self._morph().parse(word)[0].tag.grammemes))

    def knows(self, word: str) -> bool:
        """Whether it is a word of the language."""
        return bool(self._morph().word_is_known(word))

    def _lemma(self, word: str) -> str:
        return str(self._morph().parse(word)[0].normal_form).replace("ё", "е")

    def _morph(self) -> MorphAnalyzer:
        if self._analyzer is None:
            from pymorphy3 import MorphAnalyzer

            self._analyzer = MorphAnalyzer()
        return self._analyzer


class Speller:
    """Mends words that do not exist: the nearest word of a vocabulary by how it sounds."""

    def __init__(self, morphology: Morphology, words: Mapping[str, str]) -> None:
        """Args: words, of the vocabulary, by how they sound."""
        self._morphology = morphology
        self._words = words
        self._sounds = list(words)
        self.mended = lru_cache(maxsize=_CACHED_WORDS)(self._mended)

    def _mended(self, word: str) -> str:
        from rapidfuzz import fuzz, process

        if len(word) < _SHORTEST_MENDED or self._morphology.knows(word):
            return word
        found = process.extractOne(sound(word), self._sounds, scorer=fuzz.ratio, score_cutoff=_LEAST_LIKENESS)
        return word if found is None else self._words[found[0]]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a knowledge base says of words.

    Attributes:
        words: Those that exist, by how they sound.
        fillers: Dictionary forms of words that say nothing.
        concepts: Dictionary forms of an expression → names of what it means.
    """

    words: Mapping[str, str]
    fillers: frozenset[str]
    concepts: Mapping[tuple[str, ...], Sequence[str]]

    @classmethod
    def of(
        cls,
        morphology: Morphology,
        concepts: Mapping[str, Sequence[str]],
        fillers: Iterable[str],
        texts: Iterable[str],
    ) -> Self:
        """Look the words up.

        Args:
            morphology: Dictionary forms.
            concepts: Name → words and expressions that mean it.
            fillers: Words that say nothing.
            texts: Their words are known here, besides those of the concepts.
        """

        def plain(text: str) -> list[str]:
            return [morphology.lemma(word) for word in tokens(text)]

        expressions = [expression for several in concepts.values() for expression in several]
        words: dict[str, str] = {}
        for word in sorted({word for text in (*expressions, *texts) for word in tokens(text)}):
            if morphology.knows(word):
                words.setdefault(sound(word), word)
        named: dict[tuple[str, ...], list[str]] = {}
        for name, several in concepts.items():
            for expression in several:
                named.setdefault(tuple(plain(expression)), []).append(name)
        return cls(words, frozenset(lemma for filler in fillers for lemma in plain(filler)), named)


class Normaliser:
    """Texts → dictionary forms without fillers, misspellings mended, and the concepts that they mention."""

    def __init__(self, morphology: Morphology, vocabulary: Vocabulary) -> None:
        self._morphology = morphology
        self._speller = Speller(morphology, vocabulary.words)
        self._fillers = vocabulary.fillers
        self._concepts = vocabulary.concepts
        self._longest = max(map(len, self._concepts), default=0)

    def lemmas(self, text: str) -> list[tuple[str, str]]:
        """Each word, mended, with its dictionary form; fillers are left out."""
        mended = map(self._speller.mended, tokens(text))
        said = ((word, self._morphology.lemma(word)) for word in mended)
        return [(word, lemma) for word, lemma in said if lemma not in self._fillers]

    def concepts(self, lemmas: Sequence[str]) -> list[tuple[int, str]]:
        """The concepts that dictionary forms mention, with the place of their first word."""
        return [
            (start, name)
            for start in range(len(lemmas))
            for length in range(1, min(self._longest, len(lemmas) - start) + 1)
            for name in self._concepts.get(tuple(lemmas[start : start + length]), ())
        ]
