"""Words that the Festival voice stresses wrongly, and how to write them for it (`+` before the vowel)."""

from __future__ import annotations

import re
from collections.abc import Mapping

_MARKED = """
десят+ая дес+ятых с+отая с+отых т+ысячная т+ысячных милли+ард милли+арда милли+ардов сороков+ого
лицев+ого лицев+ому набер+ите ожид+айте перезвон+ите оцен+ите догов+ор догов+ора догов+оре за+явка з+она
з+оны опломбир+овка перепл+аты пов+ерка подск+азка полуп+иковая тар+иф тар+ифа тар+ифы тар+ифу тон+альном
физ+ических физ+ическое чт+обы
"""
_WRITTEN = {
    "киловатт-час": "киловатт час",
    "киловатт-часа": "киловатт часа",
    "киловатт-часов": "киловатт час+ов",
    "киловатт-часы": "киловатт час+ы",
}
_WORD = re.compile(r"[а-яё+]+(?:-[а-яё+]+)*", re.IGNORECASE)


def with_stress(text: str) -> str:
    """The text with known words marked; a word that is marked already stays as it is."""
    return _WORD.sub(lambda match: _SPOKEN.get(match[0].lower(), match[0]), text)


_SPOKEN: Mapping[str, str] = {**{word.replace("+", ""): word for word in _MARKED.split()}, **_WRITTEN}
