"""Who answered: by the cadence of the first sounds, then by the words that follow.

The cadence is that of Asterisk's `AMD()`: a short greeting and then silence is a person. Whatever it does not
take for a person is listened to: announcements of the network and answering machines give themselves away by
their words. Whoever can't be told for certain is a person.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from rapidfuzz.distance import Levenshtein
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from ivr.campaigns.model import Who
from ivr.errors import Fault

FEW_WORDS: Final = 8
"""A person says no more than so many words before he waits for an answer."""

_GREETED: Final = re.compile(r"HUMAN-\d+-(\d+)")
_SPOKEN_LONG: Final = ("LONGGREETING", "MAXWORDS", "MAXWORDLENGTH")
_GAP: Final = 2
_LEAST_LETTERS: Final = 5
"""Words of so many letters count with one letter wrong …"""
_LONG_LETTERS: Final = 7
"""… and longer ones with two."""


def by_cadence(status: str, cause: str) -> Who | None:
    """What `AMD()` has found; None where the words must tell.

    Args:
        status: `AMDSTATUS`: `HUMAN`, `MACHINE`, `NOTSURE`, `HANGUP`.
        cause: `AMDCAUSE`, such as `LONGGREETING-1500-1500`. Silence (`INITIALSILENCE`) is a person who waits.
    """
    spoken_long = status == "MACHINE" and cause.partition("-")[0] in _SPOKEN_LONG
    return None if spoken_long else Who.PERSON


def greeting_ended(cause: str) -> float:
    """How long ago the person's greeting had ended when `AMD()` ended with this `AMDCAUSE`, seconds."""
    found = _GREETED.fullmatch(cause)
    return int(found.group(1)) / 1000 if found else 0.0


class _File(BaseModel):
    """`scenarios/campaigns/answered.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    machine: tuple[str, ...] = Field(min_length=1)
    announcement: tuple[str, ...] = Field(min_length=1)
    person: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Phrases:
    """What gives away who speaks: words in their order, up to two others between them, `*` for any ending.

    Longer words count with a letter or two wrong.
    """

    machine: tuple[tuple[str, ...], ...] = ()
    announcement: tuple[tuple[str, ...], ...] = ()
    person: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def load(cls, path: Path) -> Phrases:
        """Read the file. Raises Fault: it can't be read, or is not as it should be."""
        try:
            file = _File.model_validate(YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")))
        except (OSError, YAMLError, ValidationError) as error:
            raise Fault(
                "The phrases by which machines are known can't be read.",
                str(path),
                f"Correct the file: {error}",
            ) from error
        return cls(*(tuple(map(_words, each)) for each in (file.machine, file.announcement, file.person)))

    def who(self, text: str) -> Who | None:
        """Who gives himself away by these words; None where they fit anybody.

        An offer to leave a message wins over what a person says, and that over what the network announces:
        «алло, перезвоните позже» is said by who is busy.
        """
        words = _words(text)
        for who, phrases in (
            (Who.MACHINE, self.machine),
            (Who.PERSON, self.person),
            (Who.ANNOUNCEMENT, self.announcement),
        ):
            if any(_said(phrase, words) for phrase in phrases):
                return who
        return None


class Judgement:
    """Listens to the words after a greeting that was too long for the cadence."""

    def __init__(self, phrases: Phrases) -> None:
        self._phrases = phrases
        self._heard = ""

    def heard(self, text: str) -> Who | None:
        """Somebody spoke and paused; who it is, or None while more is to be heard."""
        self._heard = f"{self._heard} {text}"
        who = self._phrases.who(self._heard)
        if who is None and len(_words(self._heard)) <= FEW_WORDS:
            return Who.PERSON
        return who

    def silent(self) -> Who:
        """Nothing follows: whoever it is waits for us."""
        return self._phrases.who(self._heard) or Who.PERSON

    def endless(self) -> Who:
        """He speaks on and on: nobody who has lifted a receiver does."""
        return self._phrases.who(self._heard) or Who.MACHINE


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[\w*]+", text.lower().replace("ё", "е")))


def _said(phrase: Sequence[str], words: Sequence[str]) -> bool:
    starts = [place for place, word in enumerate(words) if _alike(word, phrase[0])]
    return any(_goes_on(phrase[1:], words[place + 1 :]) for place in starts)


def _goes_on(rest: Sequence[str], words: Sequence[str]) -> bool:
    if not rest:
        return True
    near = words[: _GAP + 1]
    return any(
        _alike(word, rest[0]) and _goes_on(rest[1:], words[place + 1 :]) for place, word in enumerate(near)
    )


@lru_cache(maxsize=50_000)
def _alike(word: str, wanted: str) -> bool:
    """Whether it is this word, perhaps misheard: recognisers write «обонент» for a telephone's «абонент»."""
    if fnmatchcase(word, wanted):
        return True
    stem = wanted.rstrip("*")
    if len(stem) < _LEAST_LETTERS:
        return False
    heard = word[: len(stem)] if wanted.endswith("*") else word
    most = 2 if len(stem) >= _LONG_LETTERS else 1
    return bool(Levenshtein.distance(heard, stem, score_cutoff=most) <= most)
