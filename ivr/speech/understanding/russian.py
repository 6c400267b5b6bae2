"""The understanding of Russian answers, as the dialogue asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ivr.dialogue.ports import AnswerKind, Command, Listen, Said, Understood
from ivr.speech.understanding.choices import chosen, named, numbered
from ivr.speech.understanding.commands import Commanded, command
from ivr.speech.understanding.confirmation import NO, YES, yes_no
from ivr.speech.understanding.dates import date_of
from ivr.speech.understanding.lexicon import lexicon
from ivr.speech.understanding.numerals import digits
from ivr.speech.understanding.quantities import KOPECKS, amount
from ivr.speech.understanding.settings import UnderstandingSettings
from ivr.speech.understanding.tokens import Sort

YES_KEY, NO_KEY = "1", "2"
_KEYS = {YES: YES_KEY, NO: NO_KEY}
_OWN_WORDS = frozenset({AnswerKind.CHOICE, AnswerKind.NAME})
"""Questions whose own words may be those of a command: a menu with the option «оператор»."""

_BEFORE_ANSWERS = frozenset({Command.OPERATOR, Command.REFUSE})
"""«Нет, не звоните мне больше» is more than a «нет»."""

Words = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class RussianUnderstanding:
    """Implements `ivr.dialogue.ports.Understanding`.

    Danger to life and the wishes for a person and for no more calls come first, then the answer, then others.
    Other readings of the speech count where the first one makes no answer, or none of the awaited length.

    Attributes:
        settings: How sure it must be.
        today: The day on which dates are understood.
    """

    settings: UnderstandingSettings
    today: Callable[[], date]

    def understand(self, listen: Listen, words: Words, said: Said) -> Understood | None:
        """What was meant, or None when it means nothing as an answer to this question."""
        heard = command(said.text, refusable=listen.refusable)
        if heard is not None and heard.command is Command.DANGER:
            return _commanded(heard, said.confidence >= self.settings.sure_confidence)
        if said.confidence < self.settings.unsure_confidence:
            return None
        sure = said.confidence >= self._sure_from(listen)
        answer = self._answer(listen, words, said)
        before = heard is not None and heard.command in _BEFORE_ANSWERS
        if answer is not None and not (before and listen.kind not in _OWN_WORDS):
            return replace(answer, sure=answer.sure and sure)
        return _commanded(heard or self._other_reading(said), sure)

    def _sure_from(self, listen: Listen) -> float:
        """Yes and no are short and are awaited: they sound less sure to recognisers than they are."""
        if listen.kind is AnswerKind.YES_NO:
            return self.settings.sure_yes_no_confidence
        return self.settings.sure_confidence

    def _answer(self, listen: Listen, words: Words, said: Said) -> Understood | None:
        """The answer of the first reading that makes one; unsure when it is not the likeliest."""
        match listen.kind:
            case AnswerKind.DIGITS | AnswerKind.ACCOUNT_NUMBER | AnswerKind.READING | AnswerKind.NUMBER:
                return self._digits(listen, said)
            case AnswerKind.AMOUNT:
                return _first(_amount_keys, said)
            case AnswerKind.DATE:
                return _first(self._date_keys, said)
            case AnswerKind.YES_NO:
                return _first(_yes_no_keys, said)
            case AnswerKind.NAME:
                return _first(lambda text: self._named(listen.phrases, text), said)
        tight = listen.free or listen.kind is AnswerKind.SPEECH
        return _first(lambda text: self._chosen(words, text, tight), said) if words else None

    def _digits(self, listen: Listen, said: Said) -> Understood | None:
        """Digits of the awaited length from any reading, else those of the likeliest one."""
        readings = [(text, found) for text in _readings(said) if (found := digits(text)) is not None]
        fitting = [reading for reading in readings if listen.digits in {None, len(reading[1])}]
        if not readings:
            return None
        text, found = (fitting or readings)[0]
        sure = bool(fitting) and text == said.text and _foreign(text) <= self.settings.foreign_words
        return Understood(keys=found, sure=sure)

    def _date_keys(self, text: str) -> Understood | None:
        day = date_of(text, self.today())
        return None if day is None else Understood(keys=f"{day:%d%m%Y}")

    def _named(self, names: Sequence[str], text: str) -> Understood | None:
        found = named(names, text, self.settings)
        return None if found is None else Understood(name=found.item, sure=found.sure)

    def _chosen(self, words: Words, text: str, tight: bool) -> Understood | None:
        found = chosen(words, text, self.settings, tight=tight)
        return None if found is None else Understood(keys=found.item, sure=found.sure)

    def _other_reading(self, said: Said) -> Commanded | None:
        found = next((found for text in said.alternatives if (found := command(text)) is not None), None)
        return None if found is None else replace(found, sure=False)


def _readings(said: Said) -> tuple[str, ...]:
    return (said.text, *said.alternatives)


def _first(meaning: Callable[[str], Understood | None], said: Said) -> Understood | None:
    answer = meaning(said.text)
    if answer is not None:
        return answer
    other = next((other for text in said.alternatives if (other := meaning(text)) is not None), None)
    return None if other is None else replace(other, sure=False)


def _commanded(heard: Commanded | None, sure: bool) -> Understood | None:
    return None if heard is None else Understood(command=heard.command, sure=heard.sure and sure)


def _amount_keys(text: str) -> Understood | None:
    """`1200*50`; the star and the kopecks only where there are any."""
    roubles = amount(text)
    if roubles is None:
        return None
    kopecks = int(roubles % 1 * KOPECKS)
    return Understood(keys=f"{int(roubles)}*{kopecks:02d}" if kopecks else str(int(roubles)))


def _yes_no_keys(text: str) -> Understood | None:
    """The keys of yes and no, also by their numbers: «один»."""
    label = yes_no(text)
    if label in _KEYS:
        return Understood(keys=_KEYS[label])
    key = numbered(tuple(_KEYS.values()), text)
    return None if key is None else Understood(keys=key)


def _foreign(text: str) -> int:
    """How many words do not belong to a number."""
    return sum(token.sort is Sort.OTHER for token in lexicon().tokens(text))
