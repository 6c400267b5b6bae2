"""Phrases that the standard of service forbids, wherever they would be said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from ivr.dialogue.lint.scope import Scope
from ivr.dialogue.lint.spoken import phrases
from ivr.dialogue.problems import Problem
from ivr.dialogue.schema.files import ForbiddenPhrase

FORBIDDEN = "forbidden-phrase"
BETWEEN_WORDS = r"[\s,]+"
OPENING = r"(?:^|(?<=[.!?…]))\s*"
CLOSING = r"(?=\s*(?:$|[.!?…,;]))"


def check(scope: Scope) -> Iterator[Problem]:
    """Forbidden phrases in flows and in the catalogue."""
    for said in phrases(scope):
        for phrase in forbidden_in(said.text, scope.loaded.forbidden):
            yield said.document.problem(said.place, FORBIDDEN, _message(phrase))


def forbidden_in(text: str, forbidden: Iterable[ForbiddenPhrase]) -> Iterator[ForbiddenPhrase]:
    """Those of the forbidden phrases that a text holds."""
    plain = _plain(text)
    return (phrase for phrase in forbidden if pattern_of(phrase).search(plain))


@lru_cache(maxsize=1024)
def pattern_of(phrase: ForbiddenPhrase) -> re.Pattern[str]:
    """What to look for in a plain text."""
    words = [re.escape(word.rstrip("*")) + (r"\w*" if word.endswith("*") else "") for word in _words(phrase)]
    core = BETWEEN_WORDS.join(words)
    return re.compile(OPENING + core + CLOSING if phrase.alone else rf"(?<!\w){core}(?!\w)")


def _words(phrase: ForbiddenPhrase) -> list[str]:
    return _plain(phrase.phrase).replace(",", " ").split()


def _plain(text: str) -> str:
    return text.lower().replace("ё", "е")


def _message(phrase: ForbiddenPhrase) -> str:
    clause = f" ({phrase.clause})" if phrase.clause else ""
    instead = f": say {phrase.instead}" if phrase.instead else ": say what can be done"
    return f"the standard forbids «{phrase.phrase}»{clause}{instead}"
