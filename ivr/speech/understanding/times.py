"""Spoken times of day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from functools import lru_cache

from ivr.speech.understanding.numerals import spoken
from ivr.speech.understanding.words import data, folded

NOON = 12
LAST_HOUR, LAST_MINUTE = 23, 59
FIRST_WORKING_HOUR = 8
"""Earlier hours without a part of the day are meant after noon: «в три часа»."""
HALF, QUARTER = 30, 15
_CLOCK = re.compile(r"(?<![\d.:])([01]?\d|2[0-3])[:.-]([0-5]\d)(?![\d.:])")


def time_of(text: str) -> time | None:
    """The time of day that was said, or None; «после обеда» is none.

    Without a part of the day, hours before eight are meant after noon.
    """
    written = _CLOCK.search(folded(text))
    if written is not None:
        return time(int(written[1]), int(written[2]))
    said = spoken(_split_half(folded(text)))
    hour_and_minute = _parts(said)
    if hour_and_minute is None:
        return None
    hour, minute = hour_and_minute
    return time(hour % 24, minute) if hour <= LAST_HOUR + 1 and minute <= LAST_MINUTE else None


@dataclass(frozen=True, slots=True)
class _Names:
    morning: frozenset[str]
    afternoon: frozenset[str]
    evening: frozenset[str]
    night: frozenset[str]
    noon: frozenset[str]
    midnight: frozenset[str]
    half: frozenset[str]
    quarter: frozenset[str]
    half_prefix: str
    to: str
    one: str


@lru_cache(maxsize=1)
def _names() -> _Names:
    lists = data("calendar.yaml")
    parts = {name: frozenset(forms) for name, forms in lists["parts_of_day"].items()}
    single = {name: frozenset(lists[name]) for name in ("noon", "midnight", "half", "quarter")}
    return _Names(**parts, **single, half_prefix=lists["half_prefix"], to=lists["to"], one=lists["one"])


Words = Sequence[str | int]


def _split_half(text: str) -> str:
    """«полдесятого» is «пол десятого»."""
    prefix = _names().half_prefix
    return re.sub(rf"\b{prefix}(?=[^\W\d]+(?:ого|его|ьего)\b)", f"{prefix} ", text)


def _parts(said: Words) -> tuple[int, int] | None:
    names = _names()
    spoken = frozenset(word for word in said if isinstance(word, str))
    given = [word for word in said if isinstance(word, int)]
    if not given:
        return _named(spoken)
    if spoken & names.half or spoken & names.quarter:
        minute = HALF if spoken & names.half else QUARTER
        if names.to in spoken:
            return _to_the_hour(given[-1], QUARTER, spoken)
        return _of_day(given[-1] - 1 or NOON, spoken), minute
    if names.to in spoken and len(given) > 1:
        return _to_the_hour(given[1], given[0], spoken)
    minutes = [number for number in given[1:] if number <= LAST_MINUTE]
    return _of_day(given[0], spoken), max(minutes, default=0)


def _named(spoken: frozenset[str]) -> tuple[int, int] | None:
    """«полдень», «полночь», «в час»."""
    names = _names()
    if spoken & names.noon:
        return NOON, 0
    if spoken & names.midnight:
        return 0, 0
    return (_of_day(1, spoken), 0) if names.one in spoken else None


def _to_the_hour(hour: int, minutes: int, spoken: frozenset[str]) -> tuple[int, int]:
    return _of_day(hour - 1 or NOON, spoken), 60 - minutes


def _of_day(hour: int, spoken: frozenset[str]) -> int:
    """The hour of 24 that is meant."""
    names = _names()
    if spoken & names.morning:
        return hour
    if spoken & names.night:
        return hour % NOON if hour < FIRST_WORKING_HOUR or hour == NOON else hour + NOON
    after_noon = spoken & (names.afternoon | names.evening) or hour < FIRST_WORKING_HOUR
    return hour + NOON if after_noon and 0 < hour < NOON else hour
