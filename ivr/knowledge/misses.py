"""Questions that the base had no answer to, or none that helped: candidates for new articles."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256

from sqlalchemy import Connection, insert, select

from ivr.dialogue.ports import CallFacts
from ivr.knowledge.tables import misses
from ivr.knowledge.words import Morphology, tokens
from ivr.store import Database

MASK = "…"
_LONGEST = 500
_DIGITS = re.compile(r"\d(?:\W*\d){4,}")
_NUMERALS_IN_A_ROW = 3
_NAMES = frozenset({"Name", "Surn", "Patr"})


@dataclass(frozen=True, slots=True)
class Miss:
    """One question without an answer, as it is kept."""

    text: str
    topic: str | None
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """Misses that ask the same.

    Attributes:
        text: The way it was asked most often.
        topic: The topic whose answer did not help, or None where none was found.
        count: How often it was asked.
        last: When it was asked last.
        variants: Other ways it was asked.
    """

    text: str
    topic: str | None
    count: int
    last: datetime
    variants: tuple[str, ...]


class Misses:
    """Keeps misses without personal data, and groups them."""

    def __init__(self, database: Database, morphology: Morphology, similar_percent: float) -> None:
        self._database = database
        self._morphology = morphology
        self._similar = similar_percent

    async def note(self, facts: CallFacts, text: str, topic: str | None, asked_at: datetime) -> bool:
        """Keep a miss; the same one of the same call only once.

        Returns:
            Whether it was new.

        Raises:
            StoreUnavailable: Nothing was written.
        """
        kept = without_personal_data(text, self._morphology)[:_LONGEST]
        key = sha256("\0".join((facts.call_id, topic or "", kept)).encode()).hexdigest()
        values = {
            "key": key,
            "call_id": facts.call_id,
            "asked_at": asked_at,
            "text": kept,
            "topic": topic,
            "segment": facts.segment,
            "profile": facts.profile,
        }
        return bool(kept) and await self._database.write(partial(_insert_new, values))

    async def questions(self) -> list[Question]:
        """All misses grouped, the most frequent question first."""
        rows = await self._database.read(_all)
        return grouped(rows, self._morphology, self._similar)


def without_personal_data(text: str, morphology: Morphology) -> str:
    """The text with names, five digits or more, and three numerals or more in a row masked."""
    pieces = _DIGITS.sub(MASK, text.lower()).split()
    masked = [MASK if _is_name(piece, morphology) else piece for piece in pieces]
    return " ".join(_without_repeats(_without_numerals(masked, morphology)))


def grouped(rows: Iterable[Miss], morphology: Morphology, similar_percent: float) -> list[Question]:
    """Put the misses that ask nearly the same together, whatever the endings and the order of words."""
    from rapidfuzz import fuzz

    groups: list[tuple[str, list[Miss]]] = []
    for row in rows:
        key = " ".join(sorted({morphology.lemma(word) for word in tokens(row.text)}))
        same = (
            of_group
            for other, of_group in groups
            if of_group[0].topic == row.topic and fuzz.token_set_ratio(key, other) >= similar_percent
        )
        group = next(same, None)
        if group is None:
            groups.append((key, [row]))
        else:
            group.append(row)
    questions = [_question(of_group) for _, of_group in groups]
    return sorted(questions, key=lambda question: (-question.count, question.text))


def _question(group: Sequence[Miss]) -> Question:
    ways = [text for text, _ in Counter(miss.text for miss in group).most_common()]
    last = max(miss.asked_at for miss in group)
    return Question(ways[0], group[0].topic, len(group), last, tuple(ways[1:]))


def _is_name(piece: str, morphology: Morphology) -> bool:
    return any(_NAMES & morphology.grammemes(word) for word in tokens(piece))


def _without_numerals(pieces: Sequence[str], morphology: Morphology) -> list[str]:
    """Numerals in a row, from three on, are one number that may be an account's or a telephone's."""
    result: list[str] = []
    run: list[str] = []
    for piece in (*pieces, ""):
        if piece and _is_numeral(piece, morphology):
            run.append(piece)
            continue
        result += [MASK] if len(run) >= _NUMERALS_IN_A_ROW else run
        run = []
        result += [piece] if piece else []
    return result


def _is_numeral(piece: str, morphology: Morphology) -> bool:
    words = tokens(piece)
    return bool(words) and all(word.isdecimal() or "NUMR" in morphology.grammemes(word) for word in words)


def _without_repeats(pieces: Sequence[str]) -> list[str]:
    return [
        piece for number, piece in enumerate(pieces) if piece != MASK or pieces[number - 1 : number] != [MASK]
    ]


def _insert_new(values: dict[str, object], connection: Connection) -> bool:
    known = connection.execute(select(misses.c.id).where(misses.c.key == values["key"])).first()
    if known is not None:
        return False
    connection.execute(insert(misses).values(values))
    return True


def _all(connection: Connection) -> list[Miss]:
    rows = connection.execute(select(misses.c.text, misses.c.topic, misses.c.asked_at).order_by(misses.c.id))
    return [Miss(row.text, row.topic, row.asked_at) for row in rows]
