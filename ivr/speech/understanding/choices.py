"""Which option or which name was said, whatever the endings and the letters that were misheard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from rapidfuzz import fuzz, process
from rapidfuzz.distance import JaroWinkler, Levenshtein, Prefix

from ivr.speech.understanding.lexicon import lexicon
from ivr.speech.understanding.numerals import numbers
from ivr.speech.understanding.settings import UnderstandingSettings
from ivr.speech.understanding.words import data

FEW_NAMES = 24
"""Longer lists are narrowed down to so many names first."""
MOST_EXTRA_TIGHT = 1
"""Words beside an option where anything may be said."""
STEM_LETTERS = 3
"""A stem keeps at least so many letters."""
LEAST_WORD = 0.72
"""Words less alike than this are different ones."""
KIND_WEIGHT = 0.2
"""Weight of «улица», «город» beside the name itself."""
_SMALL_WEIGHT = 0.1
_EXTRA_WORD = 0.03
_MOST_EXTRA = 0.15


@dataclass(frozen=True, slots=True)
class Chosen:
    """What was chosen.

    Attributes:
        item: A key, or a name as it stands in the list.
        sure: Whether it was said clearly, and nothing else is near.
    """

    item: str
    sure: bool


def chosen(
    options: Mapping[str, Sequence[str]], text: str, settings: UnderstandingSettings, *, tight: bool = False
) -> Chosen | None:
    """The key of the option that was said, by its words or by its number; None when none or two were said.

    Args:
        options: Key → how it may be said.
        text: What was said.
        settings: How alike it must be, and how clear of the next one.
        tight: Whether hardly anything else may have been said, for questions that take free speech as well.
    """
    phrases = [(key, phrase) for key, known in options.items() for phrase in known]
    found = _verbatim(phrases, text) or _best(phrases, text, settings, MOST_EXTRA_TIGHT if tight else None)
    if found is not None:
        return found
    key = numbered(tuple(options), text) or (None if tight else _part(phrases, text))
    return None if key is None else Chosen(key, sure=True)


def named(names: Iterable[str], text: str, settings: UnderstandingSettings) -> Chosen | None:
    """The name that was said, with or without «улица», or None when none or two were said."""
    return _best([(name, name) for name in _near(tuple(names), text)], text, settings)


def _near(names: tuple[str, ...], text: str) -> Sequence[str]:
    """The few names that come into question, of a long list."""
    if len(names) <= FEW_NAMES:
        return names
    near = process.extract(" ".join(_words(text)), _plain(names), scorer=fuzz.partial_ratio, limit=FEW_NAMES)
    return [names[place] for _, _, place in near]


@lru_cache(maxsize=16)
def _plain(names: tuple[str, ...]) -> tuple[str, ...]:
    """The names without their kinds, as they are compared."""
    kinds = _lists().kinds
    return tuple(" ".join(word for word in _words(name) if word not in kinds) for name in names)


# --- likeness ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Lists:
    kinds: Mapping[str, str]
    small: frozenset[str]
    endings: frozenset[str]
    number_words: frozenset[str]
    last: frozenset[str]


@lru_cache(maxsize=1)
def _lists() -> _Lists:
    lists = data("choices.yaml")
    single = {name: frozenset(lists[name].split()) for name in ("small", "endings", "number_words", "last")}
    return _Lists(
        kinds={form: kind for kind, forms in lists["kinds"].items() for form in forms.split()}, **single
    )


def _verbatim(phrases: Sequence[tuple[str, str]], text: str) -> Chosen | None:
    """The one item whose phrase was said word for word, however near another one is («не помогло»)."""
    said = _words(text)
    items = {item for item, phrase in phrases if said and _words(phrase) == said}
    return Chosen(items.pop(), sure=True) if len(items) == 1 else None


def _part(phrases: Sequence[tuple[str, str]], text: str) -> str | None:
    """The one item of whose phrase all that was said is a part: «на проспекте Ленина»."""
    said = [word for word in _words(text) if _weight(word) == 1]
    if not any(len(word) > STEM_LETTERS for word in said):
        return None
    items = {
        item
        for item, phrase in phrases
        if all(any(_word_likeness(word, other) == 1.0 for word in _words(phrase)) for other in said)
    }
    return items.pop() if len(items) == 1 else None


def _best(
    phrases: Sequence[tuple[str, str]],
    text: str,
    settings: UnderstandingSettings,
    most_extra: int | None = None,
) -> Chosen | None:
    """The item whose phrase is most alike."""
    said = _words(text)
    best: dict[str, float] = {}
    for item, phrase in phrases:
        if most_extra is not None and _extra(_words(phrase), said) > most_extra:
            continue
        best[item] = max(best.get(item, 0.0), _likeness(_words(phrase), said))
    ranked = sorted(best.items(), key=lambda pair: -pair[1])
    if not ranked or ranked[0][1] < settings.unsure_likeness:
        return None
    (item, likeness), following = ranked[0], ranked[1][1] if len(ranked) > 1 else 0.0
    if likeness - following < settings.least_margin:
        return None
    return Chosen(item, likeness >= settings.sure_likeness and likeness - following >= settings.clear_margin)


@lru_cache(maxsize=8192)
def _words(text: str) -> tuple[str, ...]:
    """The words of a phrase: numbers in digits, «ул» and «улице» as «улица»."""
    found: list[str] = []
    for numeral, run in groupby(lexicon().tokens(text), key=lambda token: token.numeral):
        tokens = list(run)
        found.extend(
            numbers(tokens) if numeral else (word for token in tokens for word in token.text.split())
        )
    kinds = _lists().kinds
    return tuple(kinds.get(word, word) for word in found)


def _likeness(phrase: Sequence[str], said: Sequence[str]) -> float:
    """Share of the phrase that was said, weighted, less a little for what was said besides."""
    lists = _lists()
    kinds = frozenset(lists.kinds.values())
    asked = [word for word in phrase if word not in kinds or not kinds.isdisjoint(said)]
    weights = [_weight(word) for word in asked]
    alike = [max((_word_likeness(word, other) for other in said), default=0.0) for word in asked]
    covered = sum(weight * like for weight, like in zip(weights, alike, strict=True)) / (sum(weights) or 1.0)
    return covered - min(_EXTRA_WORD * _extra(asked, said), _MOST_EXTRA)


def _extra(phrase: Sequence[str], said: Sequence[str]) -> int:
    """How many words were said that belong to no word of the phrase."""
    content = (other for other in said if _weight(other) == 1)
    return sum(all(_word_likeness(word, other) < LEAST_WORD for word in phrase) for other in content)


def _weight(word: str) -> float:
    lists = _lists()
    if word in lists.small:
        return _SMALL_WEIGHT
    return KIND_WEIGHT if word in lists.kinds else 1.0


@lru_cache(maxsize=16384)
def _word_likeness(word: str, other: str) -> float:
    """From 0 to 1; forms of one word are alike, short words must be forms of one word."""
    if word == other or _same_stem(word, other):
        return 1.0
    if min(len(word), len(other)) <= STEM_LETTERS:
        return 0.0
    edits = Levenshtein.normalized_similarity(word, other)
    likeness = (edits + JaroWinkler.similarity(word, other)) / 2
    return likeness if likeness >= LEAST_WORD else 0.0


def _same_stem(word: str, other: str) -> bool:
    """Whether they differ in their endings alone: «Муром» and «Мурома»."""
    stem = Prefix.similarity(word, other)
    endings = _lists().endings
    return stem >= STEM_LETTERS and all(not end or end in endings for end in (word[stem:], other[stem:]))


# --- numbers of options --------------------------------------------------------------------------------


def numbered(keys: Sequence[str], text: str) -> str | None:
    """The key in «первое», «второй вариант», «номер два», «последнее»: nothing but a number was said."""
    lists = _lists()
    tokens = lexicon().tokens(text)
    others = {word for token in tokens if not token.numeral for word in token.text.split()}
    if others - lists.number_words - lists.last:
        return None
    if others & lists.last:
        return max(keys, default=None)
    said = numbers(tokens)
    return said[0] if len(said) == 1 and said[0] in keys else None
