"""Spoken numerals → strings of digits, as people mean them when they dictate.

One rule for the ambiguous: the longest well-formed number first, and numbers are joined as they are spoken.
«двадцать пять» is 25, «двенадцать триста пять» 12305. What stands before a word of correction is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby

from ivr.speech.understanding.corrections import corrected, meant
from ivr.speech.understanding.lexicon import lexicon
from ivr.speech.understanding.tokens import Sort, Token

THOUSAND = 1000
TAIL = 3
"""Digits after the thousands."""
NOTHING, HALF = Decimal(0), Decimal("0.5")
_ROOM_AFTER = {Sort.HUNDRED: 100, Sort.TEN: 10}
_ROOM_FOR = {Sort.UNIT: 10, Sort.TEEN: 100, Sort.TEN: 100, Sort.HUNDRED: 1000}


def digits(text: str) -> str | None:
    """The digits that a text says, or None when it says none.

    Decimals are left out: «двенадцать целых пять десятых» is `12`. Leading noughts stay.
    """
    return joined(meant(lexicon().tokens(text)))


def number(text: str) -> int | None:
    """The one quantity that a text says, or None."""
    said = digits(text)
    return None if said is None else int(said)


def spoken(text: str) -> list[str | int]:
    """The words of a text in small letters, numbers as numbers, without what was taken back."""
    found: list[str | int] = []
    for is_numeral, run in groupby(corrected(lexicon().tokens(text)), key=lambda token: token.numeral):
        if is_numeral:
            found.extend(int(said) for said in numbers(run))
        else:
            found.extend(word for token in run for word in token.text.split())
    return found


def joined(tokens: Iterable[Token]) -> str | None:
    """The digits of tokens that are meant, or None when there is no numeral among them."""
    return "".join(numbers(tokens)) or None


def numbers(tokens: Iterable[Token]) -> list[str]:
    """The well-formed numbers of tokens that are meant, in digits, one after another."""
    reader = _Reader()
    for token in tokens:
        reader.take(token)
    return _with_tails(reader.close())


@dataclass(frozen=True, slots=True)
class _Number:
    """A well-formed number; `open` when its last word is a thousand."""

    text: str
    open: bool = False


@dataclass(slots=True)
class _Reader:
    """Reads tokens one by one into well-formed numbers.

    Attributes:
        total: What was said with a scale: «двенадцать тысяч».
        scale: The last scale; the next one must be smaller. None before the first.
        group: What was said after it; None before its first word.
        room: The next word of the group must be smaller than this.
        written: Whether the group's last word was digits.
        part: Fraction of the next scale that is added: «полторы тысячи», `1,5 тысячи`.
    """

    numbers: list[_Number] = field(default_factory=list)
    total: int = 0
    scale: int | None = None
    group: int | None = None
    room: int = THOUSAND
    written: bool = False
    part: Decimal = NOTHING

    def take(self, token: Token) -> None:
        """Take the next token; those that are no part of a number pass."""
        match token.sort:
            case Sort.ZERO:
                self._alone("0")
            case Sort.UNIT | Sort.TEEN | Sort.TEN | Sort.HUNDRED:
                self._word(token)
            case Sort.SCALE:
                self._scaled(token.value)
            case Sort.WRITTEN:
                self._digits(token)
            case Sort.SESQUI:
                self._begin(1, room=1)
                self.part = HALF
            case Sort.AND_HALF:
                self.part = HALF if self.group is not None else NOTHING
            case Sort.SEPARATOR if self.group is not None:
                self.close()

    def close(self) -> list[_Number]:
        """End the number that is being read; all that were read."""
        if self.scale is not None or self.group is not None:
            is_open = self.scale == THOUSAND and self.group is None
            self.numbers.append(_Number(str(self.total + (self.group or 0)), is_open))
        self.total, self.scale = 0, None
        self._fresh_group()
        return self.numbers

    def _fresh_group(self) -> None:
        self.group, self.room, self.written, self.part = None, THOUSAND, False, NOTHING

    def _alone(self, text: str) -> None:
        self.close()
        self.numbers.append(_Number(text))

    def _begin(self, value: int, room: int) -> None:
        """Begin a group: after a scale it goes on with the number, else a new number begins."""
        if self.group is not None:
            self.close()
        self.group, self.room = value, room

    def _word(self, token: Token) -> None:
        room = 1 if token.ordinal else _ROOM_AFTER.get(token.sort, 1)
        if self.group is not None and _ROOM_FOR[token.sort] <= self.room:
            self.group, self.room = self.group + token.value, room
        else:
            self._begin(token.value, room)
        self.written = False

    def _digits(self, token: Token) -> None:
        """Digits go on with a number that was begun in words («сто 5») or has a scale («12 тысяч 345»)."""
        if token.text[0] == "0":
            self._alone(token.text)
            return
        mixed = self.group is not None and (not self.written or self.scale is not None)
        if mixed and token.value < self.room:
            self.group = (self.group or 0) + token.value
        elif self.group is None and self.scale is not None and token.value >= THOUSAND:
            self.close()
            self.group = token.value
        else:
            self._begin(token.value, 1)
        self.room = 1 if token.fraction or token.ordinal else _room_after(token.value)
        self.part = Decimal(f"0.{token.fraction or 0}")
        self.written = True

    def _scaled(self, scale: int) -> None:
        """A scale counts the group before it; one that is not smaller than the last begins a new number."""
        if self.scale is not None and scale >= self.scale:
            group, part = self.group, self.part
            self.group = None
            self.close()
            self.group, self.part = group, part
        count = 1 if self.group is None else self.group
        self.total += int((count + self.part) * scale)
        self.scale = scale
        self._fresh_group()


def _room_after(value: int) -> int:
    if value < THOUSAND and value % 100 == 0:
        return 100
    return 10 if value < 100 and value % 10 == 0 and value > 10 else 1


def _with_tails(numbers: Sequence[_Number]) -> list[str]:
    """«двенадцать тысяч ноль сорок пять» is 12045: digits that begin with nought fill up the thousands."""
    texts: list[str] = []
    place = 0
    while place < len(numbers):
        number, place = numbers[place], place + 1
        length = _tail_length(numbers[place:]) if number.open else 0
        tail = "".join(following.text for following in numbers[place : place + length])
        texts.append(str(int(number.text) + int(tail)) if tail else number.text)
        place += length
    return texts


def _tail_length(following: Sequence[_Number]) -> int:
    """How many numbers fill up the thousands: they begin with nought and have at most three digits."""
    if not following or following[0].text[0] != "0":
        return 0
    text, length = "", 0
    for number in following:
        if len(text) >= TAIL:
            break
        text, length = text + number.text, length + 1
    return length if len(text) <= TAIL and (len(text) == TAIL or int(text)) else 0
