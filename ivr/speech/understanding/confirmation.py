"""Yes, no, or neither: what an answer to a question of confirmation means."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from ivr.speech.understanding.lexicon import lexicon
from ivr.speech.understanding.likeness import long_words, nearest
from ivr.speech.understanding.words import Phrases, data, folded, words

YES, NO, UNCLEAR = "yes", "no", "unclear"
MOST_FOREIGN_AFTER_YES = 2
MOST_FOREIGN = 4
MOST_FOREIGN_AFTER_PAUSE = 10
_OPENING = re.compile(
    r"^\W*(?:(?:ну|э|ой|так|вот|а)\W+)?(?:да|нет|верно|правильно|неверно|неправильно|ага|угу|неа)\s*[,.!;]",
    re.I,
)
_DOUBLED = re.compile(r"(.)\1")
_DOUBLE_NO = re.compile(r"\bне[\s,.!-]+(?=не)")
_PAUSE = re.compile(r"[,.;:!…]+")
_SENTENCE = re.compile(r"[^.!?…]*[.!?…]*")


class Mark(StrEnum):
    """What a phrase does in an answer."""

    YES_PARTICLE = "yes_particles"
    NO_PARTICLE = "no_particles"
    YES = "yes"
    NO = "no"
    WEAK_YES = "weak_yes"
    WEAK_NO = "weak_no"
    EMPHASIS = "emphasis"
    HEDGE = "hedges"
    ELSEWHERE = "elsewhere"
    NEGATION = "negation"
    CORRECTION = "corrections"
    FILLER = "fillers"
    FOREIGN = "foreign"


_STATEMENTS = {Mark.YES: YES, Mark.NO: NO}
_PARTICLES = {Mark.YES_PARTICLE: YES, Mark.NO_PARTICLE: NO}
_DENIED = {Mark.YES: Mark.NO, Mark.EMPHASIS: Mark.NO, Mark.YES_PARTICLE: Mark.NO, Mark.NO: Mark.YES}
_OPEN = frozenset({Mark.HEDGE, Mark.ELSEWHERE})
_TELLING = frozenset({*_STATEMENTS, *_PARTICLES, *_OPEN, Mark.EMPHASIS})
_MOST_FOREIGN_BEFORE = {mark: 1 if mark in _STATEMENTS else 0 for mark in _TELLING}


def yes_no(text: str) -> str:
    """`yes`, `no` or `unclear`.

    A statement («верно», «ошибка») outweighs a short «да» or «нет» beside it; doubt, a question or other
    talk make the answer unclear.
    """
    statement = _DOUBLE_NO.sub("нет ", _without_questions(folded(text)))
    marks = _corrected(_marks(statement))
    if _OPEN.intersection(marks) or _is_other_talk(marks, statement):
        return UNCLEAR
    return _decided(marks)


@lru_cache(maxsize=1)
def _vocabulary() -> Vocabulary:
    return Vocabulary.of(data("confirmation.yaml"))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The phrases of `confirmation.yaml`."""

    phrases: Phrases[Mark]
    long: Mapping[str, Mark]

    @classmethod
    def of(cls, lists: Mapping[str, Sequence[str]]) -> Vocabulary:
        """Take the lists; the first one that has a phrase counts."""
        order = (Mark.ELSEWHERE, Mark.HEDGE, Mark.NO, Mark.WEAK_NO, Mark.YES, Mark.WEAK_YES, Mark.EMPHASIS)
        later = (Mark.NO_PARTICLE, Mark.YES_PARTICLE, Mark.NEGATION, Mark.CORRECTION, Mark.FILLER)
        phrases = Phrases.of((phrase, mark) for mark in (*order, *later) for phrase in lists[mark])
        single = {words[0]: mark for words, mark in phrases.labels.items() if len(words) == 1}
        return cls(phrases, long_words(single))

    def marks(self, said: Sequence[str]) -> list[Mark]:
        """The marks of an answer, phrase by phrase; numbers are fillers."""
        found: list[Mark] = []
        place = 0
        while place < len(said):
            length, mark = self.phrases.at(said, place) or (1, self._single(said[place]))
            found.append(mark)
            place += length
        return found

    def _single(self, word: str) -> Mark:
        if any(token.numeral for token in lexicon().tokens(word)):
            return Mark.FILLER
        short = self.phrases.at([_DOUBLED.sub(r"\1", word)], 0)
        return short[1] if short else nearest(word, self.long) or Mark.FOREIGN


def _without_questions(text: str) -> str:
    return "".join(sentence for sentence in _SENTENCE.findall(text) if not sentence.endswith("?"))


def _marks(text: str) -> list[Mark]:
    """The marks of an answer; no phrase and no «не» reaches over a comma."""
    clauses = [_vocabulary().marks(words(clause)) for clause in _PAUSE.split(text)]
    talk = any(Mark.FOREIGN in marks for marks in clauses)
    return [mark for marks in clauses for mark in _negated(_firm(marks, talk))]


def _firm(marks: Sequence[Mark], talk: bool) -> list[Mark]:
    """Weak marks tell something only where there is no other talk."""
    weak = {
        Mark.WEAK_YES: Mark.FOREIGN if talk else Mark.YES_PARTICLE,
        Mark.WEAK_NO: Mark.FOREIGN if talk else Mark.NO,
    }
    return [weak.get(mark, mark) for mark in marks]


def _negated(marks: Sequence[Mark]) -> list[Mark]:
    """«не» turns the next statement round, also over a few small words; alone it is a «нет»."""
    found: list[Mark] = []
    place = 0
    while place < len(marks):
        if marks[place] is Mark.NEGATION:
            place = _denied(marks, place, found)
        else:
            found.append(marks[place])
        place += 1
    return found


def _denied(marks: Sequence[Mark], place: int, found: list[Mark]) -> int:
    """Add what «не» at that place means; the last place that it took."""
    for later in range(place + 1, min(place + 3, len(marks))):
        if marks[later] in _DENIED:
            found.append(_DENIED[marks[later]])
            return later
        if marks[later] is not Mark.FILLER:
            break
    alone = all(mark is Mark.FILLER for mark in marks[place + 1 :])
    found.append(Mark.NO_PARTICLE if alone else Mark.FOREIGN)
    return place


def _corrected(marks: Sequence[Mark]) -> Sequence[Mark]:
    """What follows the last correction («ой», «ой нет»), if that is an answer by itself."""
    for place in range(len(marks) - 1, -1, -1):
        if marks[place] is Mark.CORRECTION and _meaningful(marks[place + 1 :]):
            after = marks[place + 1 :]
            return after[1:] if after[0] is Mark.NO_PARTICLE and _meaningful(after[1:]) else after
    return marks


def _meaningful(marks: Sequence[Mark]) -> bool:
    return any(mark in _TELLING for mark in marks)


def _is_other_talk(marks: Sequence[Mark], text: str) -> bool:
    """Whether the words that belong to no answer prevail, or come first."""
    foreign = marks.count(Mark.FOREIGN)
    if not foreign:
        return False
    if _OPENING.match(text):
        return foreign > MOST_FOREIGN_AFTER_PAUSE
    telling = next((place for place, mark in enumerate(marks) if mark in _TELLING), None)
    if telling is None or marks[:telling].count(Mark.FOREIGN) > _MOST_FOREIGN_BEFORE[marks[telling]]:
        return True
    return foreign > (MOST_FOREIGN_AFTER_YES if marks[telling] is Mark.YES_PARTICLE else MOST_FOREIGN)


def _decided(marks: Sequence[Mark]) -> str:
    stated = {_STATEMENTS[mark] for mark in marks if mark in _STATEMENTS}
    if stated:
        return stated.pop() if len(stated) == 1 else UNCLEAR
    short = [_PARTICLES[mark] for mark in marks if mark in _PARTICLES]
    if len(set(short)) == 1:
        return short[0]
    if not short and Mark.EMPHASIS in marks:
        return YES
    return NO if short and short == sorted(short, reverse=True) else UNCLEAR
