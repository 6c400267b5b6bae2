"""Keys of a caller → values: one class for each kind of answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from ivr.dialogue.expressions import EvaluationError, Evaluator, Surroundings, compiled
from ivr.dialogue.expressions.functions import is_number
from ivr.dialogue.interpreter.misfits import NoMatch
from ivr.dialogue.interpreter.names import Anything, NameOf
from ivr.dialogue.ports import AnswerKind, Listen, Value
from ivr.dialogue.schema import turns
from ivr.dialogue.schema.values import Expression
from ivr.dialogue.settings import DialogueSettings

YES, NO = "1", "2"
"""The keys of yes and no."""

DAY_AND_MONTH, SHORT_YEAR, LONG_YEAR = 4, 6, 8
AMOUNT_KEYS = 11
Words = Mapping[str, tuple[str, ...]]
"""Key → how it may be said."""


class Answer(Protocol):
    """What a question expects."""

    @property
    def kind(self) -> str:
        """Name of the kind."""

    @property
    def personal(self) -> bool:
        """Whether an answer is personal data by its nature."""

    @property
    def words(self) -> Words:
        """Key → how it may be said, where the answers are few."""

    def most_keys(self, around: Surroundings) -> int:
        """After so many keys the answer is complete."""

    def claims(self, key: str) -> bool:
        """Whether that key alone is an answer, so that it cannot be a global key."""

    def listen(self, around: Surroundings) -> Listen:
        """How an answer by voice is listened to."""

    def value(self, keys: str, around: Surroundings) -> Value:
        """What the keys mean.

        Raises:
            NoMatch: They mean nothing here.
        """


@dataclass(frozen=True, slots=True)
class DigitString:
    """Digits as text, of a length within bounds."""

    kind: str
    least: int
    most: int
    personal: bool = True
    words: Words = field(default_factory=dict)

    def most_keys(self, _around: Surroundings) -> int:
        """The longest answer."""
        return self.most

    def listen(self, _around: Surroundings) -> Listen:
        """Digits; their number is known when there is but one."""
        return Listen(kind=AnswerKind(self.kind), digits=self.most if self.least == self.most else None)

    def claims(self, key: str) -> bool:
        """Whether one digit is enough."""
        return key.isdigit() and self.least == 1

    def value(self, keys: str, _around: Surroundings) -> Value:
        """The digits themselves."""
        if not keys.isdecimal() or not self.least <= len(keys) <= self.most:
            raise NoMatch
        return keys


@dataclass(frozen=True, slots=True)
class WholeNumber:
    """A whole number within bounds."""

    least: int
    most: int
    kind: str = "number"
    personal: bool = True
    words: Words = field(default_factory=dict)

    def most_keys(self, _around: Surroundings) -> int:
        """The digits of the greatest number."""
        return len(str(self.most))

    def listen(self, _around: Surroundings) -> Listen:
        """A numeral."""
        return Listen(kind=AnswerKind(self.kind))

    def claims(self, key: str) -> bool:
        """Whether the number of that key is within the bounds."""
        return key.isdigit() and self.least <= int(key) <= self.most

    def value(self, keys: str, _around: Surroundings) -> Value:
        """The number."""
        number = _whole(keys)
        if not self.least <= number <= self.most:
            raise NoMatch
        return number


@dataclass(frozen=True, slots=True)
class Roubles:
    """An amount; `*` stands before the kopecks."""

    most: int
    kind: str = "amount"
    personal: bool = True
    words: Words = field(default_factory=dict)

    def most_keys(self, _around: Surroundings) -> int:
        """The digits of the greatest amount, the star and two kopecks."""
        return min(len(str(self.most)) + 3, AMOUNT_KEYS)

    def listen(self, _around: Surroundings) -> Listen:
        """Roubles and kopecks."""
        return Listen(kind=AnswerKind(self.kind))

    def claims(self, _key: str) -> bool:
        """One key alone is a global key before it is an amount."""
        return False

    def value(self, keys: str, _around: Surroundings) -> Value:
        """Roubles with two places."""
        roubles, star, kopecks = keys.partition("*")
        if star and len(kopecks) not in {1, 2}:
            raise NoMatch
        amount = _whole(roubles) + Decimal(_whole(kopecks.ljust(2, "0")) if star else 0) / 100
        if amount > self.most:
            raise NoMatch
        return amount.quantize(Decimal("0.01"))


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A date: DDMM of the nearest year, DDMMYY or DDMMYYYY."""

    kind: str = "date"
    personal: bool = True
    words: Words = field(default_factory=dict)

    def most_keys(self, _around: Surroundings) -> int:
        """Day, month and the whole year."""
        return LONG_YEAR

    def listen(self, _around: Surroundings) -> Listen:
        """A day."""
        return Listen(kind=AnswerKind(self.kind))

    def claims(self, _key: str) -> bool:
        """One key is no date."""
        return False

    def value(self, keys: str, around: Surroundings) -> Value:
        """The date."""
        if not keys.isdecimal() or len(keys) not in {DAY_AND_MONTH, SHORT_YEAR, LONG_YEAR}:
            raise NoMatch
        day, month, year = int(keys[:2]), int(keys[2:4]), keys[4:]
        today = around.now().date()
        if year:
            return _date(int(year) if len(year) == 4 else 2000 + int(year), month, day)
        near = [found for offset in (0, -1, 1) if (found := _possible(today.year + offset, month, day))]
        if not near:
            raise NoMatch
        return min(near, key=lambda found: abs(found - today))


@dataclass(frozen=True, slots=True)
class MeterReading:
    """Whole kilowatt-hours, no longer than the meter's dial."""

    meter: Evaluator
    kind: str = "reading"
    personal: bool = True
    words: Words = field(default_factory=dict)

    def most_keys(self, around: Surroundings) -> int:
        """The digits of the dial."""
        meter = self.meter(around)
        digits = meter.get("digits") if isinstance(meter, Mapping) else None
        if not isinstance(digits, int) or not is_number(digits) or not 1 <= digits <= 12:
            raise EvaluationError("the meter has no field 'digits' with a number from 1 to 12")
        return digits

    def listen(self, _around: Surroundings) -> Listen:
        """A numeral, or digits one by one."""
        return Listen(kind=AnswerKind(self.kind))

    def claims(self, _key: str) -> bool:
        """One key alone is a global key before it is a reading; `00` is the reading nought."""
        return False

    def value(self, keys: str, around: Surroundings) -> Value:
        """The reading."""
        if len(keys) > self.most_keys(around):
            raise NoMatch
        return _whole(keys)


@dataclass(frozen=True, slots=True)
class Keyed:
    """One key out of several: a choice, or yes and no."""

    kind: str
    values: Mapping[str, Evaluator]
    words: Words
    personal: bool = False
    free: bool = False

    def most_keys(self, _around: Surroundings) -> int:
        """One."""
        return 1

    def listen(self, _around: Surroundings) -> Listen:
        """The words of all options."""
        phrases = tuple(phrase for words in self.words.values() for phrase in words)
        return Listen(kind=AnswerKind(self.kind), phrases=phrases, free=self.free)

    def claims(self, key: str) -> bool:
        """Whether the key is one of them."""
        return key in self.values

    def value(self, keys: str, around: Surroundings) -> Value:
        """What the key stands for."""
        if keys not in self.values:
            raise NoMatch
        return self.values[keys](around)


def answer_of(expectation: object, settings: DialogueSettings) -> Answer:
    """The kind of answer that a flow expects."""
    return MAKERS[type(expectation)](expectation, settings)


def keys_alone(kind: str, words: Words, *, free: bool = False) -> Keyed:
    """A choice whose value is the key itself; `free` when anything may be said besides."""
    return Keyed(kind, {key: _constant(key) for key in words}, words, free=free)


def _digits(expected: turns.Digits, _settings: DialogueSettings) -> Answer:
    least, most = (expected.length, expected.length) if expected.length else (expected.least, expected.most)
    return DigitString(expected.kind, least, most)


def _account_number(expected: turns.AccountNumber, settings: DialogueSettings) -> Answer:
    least = expected.length or settings.account_digits_least
    return DigitString(expected.kind, least, expected.length or settings.account_digits_most)


def _choice(expected: turns.Choice, _settings: DialogueSettings) -> Answer:
    values = {key: _option_value(option) for key, option in expected.options.items()}
    return Keyed(expected.kind, values, {key: option.words for key, option in expected.options.items()})


def _yes_no(expected: turns.YesNo, _settings: DialogueSettings) -> Answer:
    return Keyed(expected.kind, {YES: _constant(True), NO: _constant(False)}, {YES: (), NO: ()})


MAKERS: Mapping[type, Callable[[Any, DialogueSettings], Answer]] = {
    turns.Digits: _digits,
    turns.AccountNumber: _account_number,
    turns.Number: lambda expected, _: WholeNumber(expected.least, expected.most),
    turns.Amount: lambda expected, _: Roubles(expected.most),
    turns.Day: lambda _expected, _: CalendarDay(),
    turns.Reading: lambda expected, _: MeterReading(compiled(expected.meter.node)),
    turns.YesNo: _yes_no,
    turns.Choice: _choice,
    turns.Name: lambda expected, _: NameOf(compiled(expected.among.node), expected.called),
    turns.FreeSpeech: lambda _expected, _: Anything(),
}


def _option_value(option: turns.OptionWords) -> Evaluator:
    value: Expression | None = option.value
    return _constant(option.words[0]) if value is None else compiled(value.node)


def _constant(value: Value) -> Evaluator:
    return lambda _around: value


def _whole(keys: str) -> int:
    if not keys.isdecimal():
        raise NoMatch
    return int(keys)


def _date(year: int, month: int, day: int) -> date:
    found = _possible(year, month, day)
    if found is None:
        raise NoMatch
    return found


def _possible(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
