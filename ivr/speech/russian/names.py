"""Names of people in the instrumental: «(говорю) с Иваном Петровичем»."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pymorphy3 import MorphAnalyzer
    from pymorphy3.analyzer import Parse

SUBSCRIBER = "абонентом"
"""Goes before a name that is not put into the instrumental: «с абонентом Гюльнара Ахмед кызы»."""

_GENDERS = ("masc", "femn")
_PARTS = frozenset({"Name", "Patr"})


@lru_cache(maxsize=1_024)
def whom(name: str) -> str:
    """A name and patronymic in the instrumental.

    A name that is not known for certain, word by word and as one person's, stays as it is behind a word that
    bears the case.
    """
    words = name.split()
    for gender in _GENDERS:
        inflected = [_inflected(word, gender) for word in words]
        if words and all(inflected):
            return " ".join(word for word in inflected if word)
    return f"{SUBSCRIBER} {name}"


def _inflected(word: str, gender: str) -> str | None:
    for parse in _analyzer().parse(word):
        if _is_name(parse, gender):
            form = parse.inflect({"ablt"})
            return None if form is None else str(form.word).capitalize()
    return None


def _is_name(parse: Parse, gender: str) -> bool:
    tag = parse.tag
    known = parse.is_known and {"nomn", gender, "sing"} <= tag.grammemes
    return known and bool(_PARTS & tag.grammemes)


@cache
def _analyzer() -> MorphAnalyzer:
    from pymorphy3 import MorphAnalyzer

    return MorphAnalyzer()
