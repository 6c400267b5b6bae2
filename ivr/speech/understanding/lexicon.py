"""The vocabulary of numerals: text → tokens, tolerant of recognition errors."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from typing import Any

from ivr.speech.understanding.likeness import long_words, nearest
from ivr.speech.understanding.tokens import NUMERALS, Sort, Token, numeral, written
from ivr.speech.understanding.words import Phrases, data, folded

PART_LETTERS = 3
"""The shortest word that may be run together with another one."""

_PIECE = re.compile(
    r"(?P<written>\d+(?:[.,'/:-]\d+)*)"
    r"(?P<ending>-?(?:ый|ой|ий|го|ого|му|ому|ая|ое|ую|ым|ом|ых|й|я|е|х|м)(?![а-я]))?"
    r"|(?P<word>[^\W\d_рк]\d+|[^\W\d_]+)"
)
_TIMES = {Sort.HUNDREDFOLD: 100, Sort.TENFOLD: 10}


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """The one lexicon, read when it is first asked for."""
    return Lexicon(data("numerals.yaml"))


class Lexicon:
    """Looks words up."""

    def __init__(self, lists: Mapping[str, Any]) -> None:
        """Take the word lists of `numerals.yaml`."""
        timid = frozenset(lists["only_beside"].split())
        self._phrases: Phrases[Token] = Phrases.of(
            (phrase, replace(token, timid=phrase in timid))
            for phrase, token in chain(_marks(lists), _nouns(lists), _numerals(lists))
        )
        self._words = {
            words[0]: token for words, token in self._phrases.labels.items() if _stands_alone(words, token)
        }
        self._long = long_words({word: token for word, token in self._words.items() if not token.ordinal})
        self._alone: Mapping[str, int] = lists["alone"]
        self._ordinary = frozenset(lists["ordinary"].split())

    def tokens(self, text: str) -> list[Token]:
        """The text in tokens; words that mean nothing within a number are `OTHER`."""
        pieces = list(_PIECE.finditer(folded(text)))
        said = [match["word"] or match["written"] for match in pieces]
        found: list[Token] = []
        place = 0
        while place < len(pieces):
            if pieces[place]["written"]:
                length, tokens = 1, [written(said[place], ordinal=bool(pieces[place]["ending"]))]
            else:
                length, tokens = self._read(said, place)
            found.extend(tokens)
            place += length
        return _without_timid(self._folded(found))

    def _read(self, said: Sequence[str], place: int) -> tuple[int, list[Token]]:
        """How many words the next tokens take, and the tokens."""
        known = self._phrases.at(said, place)
        if known is not None:
            length, token = known
            return length, [
                token if token.text else replace(token, text=" ".join(said[place : place + length]))
            ]
        word = said[place]
        return 1, self._run_together(word) or [self._misheard(word)]

    def _run_together(self, word: str) -> list[Token] | None:
        """The numerals of «стодвадцать»."""
        for end in range(len(word) - PART_LETTERS, PART_LETTERS - 1, -1):
            first = self._words.get(word[:end])
            rest = self._words.get(word[end:])
            others = [rest] if rest is not None else self._run_together(word[end:]) if first else None
            if first is not None and others:
                return [first, *others]
        return None

    def _misheard(self, word: str) -> Token:
        near = None if word in self._ordinary else nearest(word, self._long)
        return near or Token(Sort.OTHER, text=word)

    def _folded(self, tokens: Sequence[Token]) -> list[Token]:
        """«пять сот» becomes 500, «два нуля» two noughts."""
        found: list[Token] = []
        for token in tokens:
            unit = found[-1] if found and _counts(found[-1]) else None
            if token.sort in _TIMES and unit:
                found[-1] = numeral(unit.value * _TIMES[token.sort])
            elif token.sort is Sort.PLURAL and unit and unit.value > 1:
                found[-1] = written(str(token.value) * unit.value)
            else:
                found.append(self._by_itself(token))
        return found

    def _by_itself(self, token: Token) -> Token:
        if token.sort in _TIMES:
            value = self._alone.get(token.text)
            return Token(Sort.OTHER, text=token.text) if value is None else numeral(value, timid=token.timid)
        return written(str(token.value)) if token.sort is Sort.PLURAL else token


def _counts(token: Token) -> bool:
    """Whether it may say how many noughts, threes or hundreds follow."""
    return token.sort in {Sort.UNIT, Sort.PAIR} or (token.sort is Sort.WRITTEN and len(token.text) == 1)


def _stands_alone(words: tuple[str, ...], token: Token) -> bool:
    return len(words) == 1 and len(words[0]) >= PART_LETTERS and token.sort in NUMERALS and not token.timid


def _without_timid(tokens: Sequence[Token]) -> list[Token]:
    """Words that are numerals only beside another one become ordinary where there is none."""
    bold = [token.numeral and not token.timid for token in tokens]
    return [
        Token(Sort.OTHER, text=token.text)
        if token.timid and not any(bold[max(0, place - 1) : place + 2])
        else token
        for place, token in enumerate(tokens)
    ]


def _marks(lists: Mapping[str, Any]) -> Iterator[tuple[str, Token]]:
    for sort, phrases in lists["marks"].items():
        yield from ((phrase, Token(Sort(sort))) for phrase in phrases)


def _nouns(lists: Mapping[str, Any]) -> Iterator[tuple[str, Token]]:
    for name in (Sort.HUNDREDFOLD, Sort.TENFOLD, Sort.SESQUI):
        yield from ((form, Token(name, 1)) for form in lists[name].split())
    yield from ((form, Token(Sort.PAIR, 2)) for form in lists["pair"].split())
    for value, forms in lists["digit_plurals"].items():
        yield from ((form, Token(Sort.PLURAL, value)) for form in forms.split())
    for value, forms in lists["digit_nouns"].items():
        yield from ((form, written(str(value))) for form in forms.split())


def _numerals(lists: Mapping[str, Any]) -> Iterator[tuple[str, Token]]:
    for value, forms in lists["cardinals"].items():
        yield from ((form, numeral(value)) for form in forms.split())
    for value, forms in lists["scales"].items():
        yield from ((form, Token(Sort.SCALE, value)) for form in forms.split())
    endings = lists["ordinal_endings"].split()
    for value, stem in lists["ordinals"].items():
        yield from ((stem + ending, numeral(value, ordinal=True)) for ending in endings)
    for value, forms in lists["irregular_ordinals"].items():
        yield from ((form, numeral(value, ordinal=True)) for form in forms.split())
