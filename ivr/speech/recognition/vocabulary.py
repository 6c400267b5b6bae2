"""The phrases of closed grammars: what may be said in answer to a question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

from ivr.dialogue.ports import Listen
from ivr.speech.russian.numerals import cardinal, ordinal_genitive

Phrases = tuple[str, ...]

_KNOWN_QUESTIONS = 1024
_LARGEST_NUMBER = 9999  # of a house, of a date in the name of a street
_ENDING = re.compile(r"(?<=\d)-[а-яё]{1,3}\b")
_WORD = re.compile(r"[^\W\d_]+|\d+")


@lru_cache(maxsize=_KNOWN_QUESTIONS)
def phrases_of(listen: Listen) -> Phrases:
    """Everything that is listened for at a question, without doubles.

    The phrases of the question itself, the words of its kind, what counts everywhere, and the fillers.
    """
    lists = _lists()
    own = (form for phrase in listen.phrases for form in spoken_forms(phrase))
    kind = (phrase for name in lists["kinds"][listen.kind] for phrase in _flat(lists[name]))
    return tuple(dict.fromkeys((*own, *kind, *_flat(lists["everywhere"]), *lists["fillers"])))


@lru_cache(maxsize=1)
def backchannels() -> frozenset[str]:
    """Words by which a listener shows that he listens."""
    lists = _lists()
    return frozenset((*lists["backchannels"], *lists["fillers"]))


def spoken_forms(phrase: str) -> Iterator[str]:
    """The phrase in small letters without punctuation; its numbers in words, as cardinals and as ordinals.

    «8 Марта» → «восемь марта», «восьмого марта».
    """
    words = _WORD.findall(_ENDING.sub("", phrase.lower()))
    if not any(word.isdecimal() for word in words):
        if words:
            yield " ".join(words)
        return
    for in_words in (cardinal, ordinal_genitive):
        yield " ".join(_number(word, in_words) if word.isdecimal() else word for word in words)


def _number(digits: str, in_words: Any) -> str:
    value = int(digits)
    return str(in_words(value)) if value <= _LARGEST_NUMBER else " ".join(map(cardinal, map(int, digits)))


def _flat(entries: Iterable[str | list[str]]) -> Iterator[str]:
    for entry in entries:
        if isinstance(entry, str):
            yield entry
        else:
            yield from entry


@lru_cache(maxsize=1)
def _lists() -> dict[str, Any]:
    text = files(__package__).joinpath("vocabulary.yaml").read_text(encoding="utf-8")
    lists: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return lists
