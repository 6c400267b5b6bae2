"""Texts → sparse vectors of words, neighbours, concepts and sounds.

Each kind of feature is weighted by TF-IDF and scaled to its own length before the kinds are put together, so
that a long word with many letter groups does not outweigh a telling concept. One more feature tells how many
of the words are strange to the domain: «запишите меня» is about appointments until «к стоматологу» follows.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Self

from ivr.knowledge.words import Normaliser, sound

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ids = NDArray[np.int32]
    Values = NDArray[np.float32]

SHORTEST, LONGEST = 3, 5
_RARE = 2
_STRANGE = 0.3


class Kind(StrEnum):
    """Kinds of features."""

    WORD = "word"
    PAIR = "pair"
    CONCEPT = "concept"
    SOUND = "sound"


SHARES: Mapping[Kind, float] = {Kind.WORD: 1.0, Kind.PAIR: 0.5, Kind.CONCEPT: 0.7, Kind.SOUND: 1.25}
"""Lengths of the kinds in a vector, before it is scaled to 1."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing noticed in a text.

    Attributes:
        key: The word, the pair, the concept or the group of sounds.
        words: Places of the words that it comes from.
    """

    kind: Kind
    key: str
    words: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Vector:
    """A text in feature space; its length is 1, or 0 where nothing of it is known.

    Attributes:
        ids: Indices of the features, ascending, shape (k,).
        values: Their weights, shape (k,).
        words: The words of the text, fillers left out, as they were said.
        origins: For each feature the places of the words that it comes from.
    """

    ids: Ids
    values: Values
    words: tuple[str, ...] = ()
    origins: tuple[tuple[int, ...], ...] = ()

    def bare(self) -> Vector:
        """The same without what it was made of."""
        return Vector(self.ids, self.values)


@dataclass(frozen=True, slots=True)
class Noticed:
    """A text taken apart."""

    words: tuple[str, ...]
    features: tuple[Feature, ...]


def notice(text: str, normaliser: Normaliser) -> Noticed:
    """Take a text apart."""
    said = normaliser.lemmas(text)
    lemmas = [lemma for _, lemma in said]
    features = [
        *(Feature(Kind.WORD, lemma, (place,)) for place, lemma in enumerate(lemmas)),
        *(
            Feature(Kind.PAIR, f"{one} {two}", (place, place + 1))
            for place, (one, two) in enumerate(pairwise(lemmas))
        ),
        *(Feature(Kind.CONCEPT, name, (place,)) for place, name in normaliser.concepts(lemmas)),
        *(
            Feature(Kind.SOUND, group, (place,))
            for place, (word, _) in enumerate(said)
            for group in groups(word)
        ),
    ]
    return Noticed(tuple(word for word, _ in said), tuple(features))


def groups(word: str) -> Iterable[str]:
    """Groups of three to five letters of how a word sounds, its borders marked."""
    marked = f"_{sound(word)}_"
    for length in range(SHORTEST, LONGEST + 1):
        for start in range(len(marked) - length + 1):
            yield marked[start : start + length]


class FeatureSpace:
    """The features of a set of texts, with how telling each is.

    Pairs and sounds that only one text has are left out: nothing can be learned from them.
    """

    def __init__(
        self, kept: Sequence[tuple[Kind, str]], telling: Sequence[float], domain: Mapping[str, int]
    ) -> None:
        """Take what was gathered.

        Args:
            kept: The features, in the order of their numbers.
            telling: How telling each of them is.
            domain: Words of the domain, with the number of its texts that have them.
        """
        self.kept = tuple(kept)
        self.telling = tuple(telling)
        self.domain = Counter(domain)
        self._ids = {each: number for number, each in enumerate(self.kept)}

    @classmethod
    def of(cls, texts: Iterable[tuple[Noticed, bool]]) -> Self:
        """Gather the features; with each text, whether its words are those of the domain."""
        frequency: Counter[tuple[Kind, str]] = Counter()
        domain: Counter[str] = Counter()
        count = 0
        for text, of_domain in texts:
            count += 1
            distinct = {(one.kind, one.key) for one in text.features}
            frequency.update(distinct)
            if of_domain:
                domain.update(key for kind, key in distinct if kind is Kind.WORD)
        always = (Kind.WORD, Kind.CONCEPT)
        kept = [each for each, times in frequency.items() if times >= _RARE or each[0] in always]
        return cls(kept, [1.0 + math.log((count + 1) / (frequency[each] + 1)) for each in kept], domain)

    def __len__(self) -> int:
        return len(self._ids) + 1

    def vector(self, text: Noticed, *, own: bool = False) -> Vector:
        """Where a text is; `own` for a text of the domain that the space was made of."""
        import numpy as np

        counts: Counter[int] = Counter()
        kinds: dict[int, Kind] = {}
        origins: defaultdict[int, list[int]] = defaultdict(list)
        for one in text.features:
            number = self._ids.get((one.kind, one.key))
            if number is not None:
                counts[number] += 1
                kinds[number] = one.kind
                origins[number].extend(one.words)
        weights = self._weights(counts, kinds)
        if strange := self._strange(text, at_least=2 if own else 1):
            last = len(self._ids)
            weights[last], origins[last] = _STRANGE * len(strange) / len(text.words), strange
        ids = sorted(weights)
        return Vector(
            np.array(ids, dtype=np.int32),
            np.array([weights[number] for number in ids], dtype=np.float32),
            text.words,
            tuple(tuple(origins[number]) for number in ids),
        )

    def _weights(self, counts: Mapping[int, int], kinds: Mapping[int, Kind]) -> dict[int, float]:
        raw = {number: (1.0 + math.log(n)) * self.telling[number] for number, n in counts.items()}
        squares: defaultdict[Kind, float] = defaultdict(float)
        for number, weight in raw.items():
            squares[kinds[number]] += weight * weight
        whole = math.sqrt(sum(SHARES[kind] ** 2 for kind in squares))
        scales = {kind: SHARES[kind] / math.sqrt(square) / whole for kind, square in squares.items()}
        return {number: scales[kinds[number]] * weight for number, weight in raw.items()}

    def _strange(self, text: Noticed, at_least: int) -> list[int]:
        """Places of the words that so few texts of the domain have."""
        return [
            one.words[0] for one in text.features if one.kind is Kind.WORD and self.domain[one.key] < at_least
        ]
