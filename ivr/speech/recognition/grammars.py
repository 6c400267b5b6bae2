"""Closed grammars by their content: the engine's process puts them, the recogniser's process reads them."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from pathlib import Path

from ivr.speech.cache import write_whole

_ID = re.compile(r"[0-9a-f]{20}")
_KNOWN = 1024


class UnknownGrammar(LookupError):
    """There is no grammar of this id, or its file is damaged."""


class GrammarStore:
    """A folder with a file per grammar, one phrase a line; a grammar's id is the hash of its phrases.

    Putting a known grammar and getting one costs microseconds. Any number of processes may use the folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder.absolute()
        self._content = lru_cache(maxsize=_KNOWN)(_content)
        self._read = lru_cache(maxsize=_KNOWN)(self._read_file)

    def put(self, phrases: tuple[str, ...]) -> str:
        """The id of the grammar; it is on disk from now on.

        Raises:
            OSError: The disk refuses.
        """
        text, grammar = self._content(phrases)
        file = self._file(grammar)
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(file, text.encode())
        return grammar

    def get(self, grammar: str) -> tuple[str, ...]:
        """The phrases of a grammar.

        Raises:
            UnknownGrammar: It was never put, or is damaged.
        """
        return self._read(grammar)

    def _read_file(self, grammar: str) -> tuple[str, ...]:
        if not _ID.fullmatch(grammar):
            raise UnknownGrammar("no id of a grammar")
        try:
            phrases = tuple(self._file(grammar).read_text(encoding="utf-8").splitlines())
        except (OSError, UnicodeDecodeError) as error:
            raise UnknownGrammar(grammar) from error
        if _content(phrases)[1] != grammar:
            raise UnknownGrammar(f"{grammar} is damaged")
        return phrases

    def _file(self, grammar: str) -> Path:
        return self._folder / f"{grammar}.txt"


def _content(phrases: tuple[str, ...]) -> tuple[str, str]:
    """Text of the file, and id."""
    text = "\n".join(phrases)
    return text, hashlib.sha256(text.encode()).hexdigest()[:20]
