"""What became of a call of somebody with a wish, and what was to blame."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz

from ivr.speech.understanding.numerals import digits
from tests.real.voice.company import Spoken
from tests.real.voice.conversation import Exchange
from tests.real.voice.people import Person, articles_told, plain

_ALIKE = 80.0
"""Likeness of two texts, percent, from which the recogniser is not to blame."""
_AGAIN = re.compile("нажмите|Пока не поняла|Скажите по-другому|не разобрала", re.IGNORECASE)
"""What the robot says after an answer that it has not understood."""
_OUTCOME = {"reading": "reading-accepted", "balance": "balance-told", "question": "answered"}


class End(StrEnum):
    """Who completed a call."""

    ROBOT = "robot"
    PERSON = "person"
    NOBODY = "nobody"


class Blame(StrEnum):
    """Which part did not do its work."""

    ENDPOINTING = "end-pointing"
    RECOGNISER = "recogniser"
    UNDERSTANDING = "understanding"
    TOPICS = "topics"


@dataclass(frozen=True, slots=True)
class Misheard:
    """An answer that was not taken for what it was."""

    exchange: Exchange
    heard: str
    blame: Blame


def end(person: Person, spoken: Spoken) -> End:
    """Who did what was wished; a caller who asks for people is served by reaching them."""
    if person.task == "operator":
        return End.ROBOT if spoken.by_person else End.NOBODY
    if _done(person, spoken):
        return End.ROBOT
    return End.PERSON if spoken.by_person else End.NOBODY


def _done(person: Person, spoken: Spoken) -> bool:
    """Whether the robot reached the outcome, with the right figure or article."""
    if _OUTCOME[person.task] not in spoken.outcomes:
        return False
    if person.task == "reading":
        return person.value in spoken.readings
    told = [text for who, text in spoken.lines if who == "robot"]
    return person.task != "question" or any(articles_told(person.topic, told))


def misheard(person: Person, spoken: Spoken) -> list[Misheard]:
    """Answers that failed, in their order, each with the part that is the likeliest to blame."""
    found = []
    for exchange in spoken.exchanges:
        after = spoken.lines[exchange.line :]
        heard = next((text for who, text in after if who == "caller"), "…")
        then = next((text for who, text in after if who == "robot"), "")
        blame = _blame(person, exchange, heard, then)
        if blame is not None:
            found.append(Misheard(exchange, heard, blame))
    return found


def _blame(person: Person, exchange: Exchange, heard: str, then: str) -> Blame | None:
    if exchange.answer.startswith("["):
        return None
    if heard in {"…", ""}:
        return Blame.ENDPOINTING
    if exchange.kind in {"account", "reading"}:
        return _blame_for_number(person, exchange, heard)
    if not _AGAIN.search(then):
        return None
    if fuzz.ratio(plain(exchange.answer), plain(heard)) < _ALIKE:
        return Blame.RECOGNISER
    return Blame.TOPICS if exchange.kind == "wish" else Blame.UNDERSTANDING


def _blame_for_number(person: Person, exchange: Exchange, heard: str) -> Blame | None:
    """Of a number every word counts."""
    wanted = person.customer.account if exchange.kind == "account" else str(person.value)
    if digits(heard) == wanted:
        return None
    said, words = (plain(text).replace("нуль", "ноль") for text in (exchange.answer, heard))
    return Blame.UNDERSTANDING if said == words else Blame.RECOGNISER
