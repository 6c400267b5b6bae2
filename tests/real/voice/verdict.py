"""What became of a call of somebody with a wish, and what was to blame."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from rapidfuzz import fuzz

from ivr.speech.understanding.numerals import digits
from tests.real.instances import PROJECT
from tests.real.voice.company import Spoken
from tests.real.voice.conversation import Exchange
from tests.real.voice.people import Person, plain

_ALIKE = 80.0
"""Likeness of two texts, percent, from which the recogniser is not to blame."""
_SAME = 90.0
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
    SCENARIO = "scenario"


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
    return person.task != "question" or _article_was_told(person.topic, spoken)


def _article_was_told(topic: str, spoken: Spoken) -> bool:
    article = plain((PROJECT / "kb" / f"{topic}.md").read_text(encoding="utf-8"))
    robot = [text for who, text in spoken.lines if who == "robot"]
    told = [before for before, text in pairwise(robot) if text.startswith("Это помогло")]
    return any(fuzz.partial_ratio(plain(text), article) > _SAME for text in told)


def misheard(person: Person, spoken: Spoken) -> list[Misheard]:
    """Answers that failed, in their order, each with the part that is the likeliest to blame."""
    found = []
    for exchange, following in zip(spoken.exchanges, [*spoken.exchanges[1:], None], strict=True):
        heard = next((text for who, text in spoken.lines[exchange.line :] if who == "caller"), "…")
        blame = _blame(person, exchange, heard, following)
        if blame is not None:
            found.append(Misheard(exchange, heard, blame))
    return found


def _blame(person: Person, exchange: Exchange, heard: str, following: Exchange | None) -> Blame | None:
    if exchange.answer.startswith("["):
        return None
    if heard in {"…", ""}:
        return Blame.ENDPOINTING
    if exchange.kind in {"account", "reading"}:
        wanted = person.customer.account if exchange.kind == "account" else str(person.value)
        return None if digits(heard) == wanted else _by_words(exchange.answer, heard)
    if following is None or following.kind != exchange.kind or following.kind == "yes":
        return None
    return _by_words(exchange.answer, heard, Blame.TOPICS if exchange.kind == "wish" else Blame.UNDERSTANDING)


def _by_words(said: str, heard: str, otherwise: Blame = Blame.UNDERSTANDING) -> Blame:
    alike = fuzz.ratio(plain(said), plain(heard)) >= _ALIKE
    return otherwise if alike else Blame.RECOGNISER
