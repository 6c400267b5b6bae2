"""Names of people and companies as they are written and said, made comparable."""

from __future__ import annotations

import re

LEAST_LETTERS = 3
"""Of a surname by which an account may be looked for."""

FORMS = frozenset({"ооо", "ао", "пао", "зао", "ип", "снт", "тсж", "гск", "мку", "мбоу", "фгуп"})
"""Legal forms of companies: part of the name on a bill, but not what tells one from another."""

_BETWEEN = re.compile(r"[^\w-]+")


def words_of(name: str) -> list[str]:
    """Words of a name; case and ё do not count."""
    return [word for word in _BETWEEN.split(name.lower().replace("ё", "е")) if word]


def name_key(name: str) -> str:
    """Words parted by a space, without a company's form: equal for the spellings of one name."""
    words = words_of(name)
    return " ".join([word for word in words if word not in FORMS] or words)


def is_enough(name: str) -> bool:
    """Whether accounts may be looked for by so much of a name: three letters of the surname at least."""
    first = name_key(name).partition(" ")[0]
    return sum(letter.isalpha() for letter in first) >= LEAST_LETTERS


def begins(wanted: str, name: str) -> bool:
    """Whether a name begins so: its first word as the first one wanted, some later word as each other one."""
    first, *others = name_key(wanted).split() or [""]
    surname, *later = name_key(name).split() or [""]
    return surname.startswith(first) and all(
        any(word.startswith(other) for word in later) for other in others
    )
