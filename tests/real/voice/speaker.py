"""One caller's voice: phrases by Festival, numbers by the human voice of Asterisk's Russian sounds."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from num2words import num2words

from ivr.speech.settings import FestivalSettings
from ivr.speech.voices.festival import FestivalVoice
from tests.real.instances import ROOT
from tests.real.voice import sounds
from tests.real.voice.sounds import Samples

DIGITS = ROOT / "usr/share/asterisk/sounds/ru/digits"
ACCOUNT_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Manner:
    """How a caller sounds on the line."""

    speed: float
    dbfs: float
    snr_db: float
    surroundings: str
    seed: int

    @classmethod
    def drawn(cls, dice: random.Random) -> Manner:
        """Anybody: a bit slower or faster, softer or louder, from a quiet room to a street."""
        return cls(
            speed=dice.uniform(0.92, 1.08),
            dbfs=dice.uniform(-27, -15),
            snr_db=dice.uniform(18, 35),
            surroundings=dice.choice(("white", "pink", "pink")),
            seed=dice.randrange(10**6),
        )


@dataclass
class Speaker:
    """Says things into WAV files (8 kHz, mono, 16 bit).

    Attributes:
        folder: Where the files go.
        dice: Draws the pauses and the way in which a number is said.
        manner: How it sounds.
    """

    folder: Path
    voice: FestivalVoice
    dice: random.Random
    manner: Manner
    _count: int = field(default=0, init=False)

    async def phrase(self, text: str) -> Path:
        """Words, by Festival."""
        spoken = sounds.load(await self.voice.synthesise(text))
        return self._on_the_line(sounds.faster(spoken, self.manner.speed))

    async def number(self, digits: str) -> tuple[Path, str]:
        """Digits in one of the ways in which people say them, and the same in words.

        Digit by digit or in twos by the human voice; in groups, or a reading as one numeral, by Festival.
        """
        ways = ["digits", "pairs", "groups"]
        if len(digits) < ACCOUNT_DIGITS and digits[0] != "0":
            ways.append("whole")
        way = self.dice.choice(ways)
        if way in {"digits", "pairs"}:
            parts = list(digits) if way == "digits" else pairs(digits)
            return self._human([human(part) for part in parts]), " ".join(map(in_words, parts))
        text = ", ".join(map(in_words, [digits] if way == "whole" else grouped(digits)))
        return await self.phrase(text), text

    def _human(self, groups: list[list[str]]) -> Path:
        parts: list[Samples] = []
        for group in groups:
            parts += [sounds.trimmed(sounds.load(DIGITS / f"{name}.wav"), 0.02) for name in group]
            parts.append(sounds.silence(self.dice.uniform(0.12, 0.4)))
        return self._on_the_line(np.concatenate(parts))

    def _on_the_line(self, spoken: Samples) -> Path:
        """Loudness, surroundings, a breath before and after."""
        whole = np.concatenate((sounds.silence(0.1), sounds.trimmed(spoken), sounds.silence(0.15)))
        whole = sounds.levelled(whole, self.manner.dbfs)
        make = sounds.white if self.manner.surroundings == "white" else sounds.pink
        around = make(whole.size / sounds.RATE, self.manner.seed)
        self._count += 1
        return sounds.save(
            sounds.mixed(whole, around, self.manner.snr_db), self.folder / f"{self._count}.wav"
        )


def pairs(digits: str) -> list[str]:
    """Digits in twos; an odd one comes first, where no tens before it can swallow it.

    >>> pairs("12305")
    ['1', '23', '05']
    """
    odd = len(digits) % 2
    return ([digits[0]] if odd else []) + [digits[at : at + 2] for at in range(odd, len(digits), 2)]


def grouped(digits: str) -> list[str]:
    """An account number as it is printed on the bill, anything else in twos.

    >>> grouped("320145678")
    ['320', '14', '56', '78']
    """
    return [digits[:3], *pairs(digits[3:])] if len(digits) == ACCOUNT_DIGITS else pairs(digits)


def in_words(group: str) -> str:
    """Russian words of a group; leading zeros are said.

    >>> in_words("05")
    'ноль пять'
    """
    zeros = len(group) - len(group.lstrip("0"))
    rest = [num2words(int(group[zeros:]), lang="ru")] if group[zeros:] else []
    return " ".join(["ноль"] * zeros + rest)


def human(group: str) -> list[str]:
    """Sounds of a group of one or two digits.

    >>> human("46"), human("05"), human("12")
    (['40', '6'], ['0', '5'], ['12'])
    """
    if len(group) == 1 or group[0] == "0":
        return list(group)
    if group[0] == "1":
        return [group]
    return [f"{group[0]}0", *([group[1]] if group[1] != "0" else [])]


def festival() -> FestivalVoice:
    """The voice; to be closed."""
    return FestivalVoice(FestivalSettings())
