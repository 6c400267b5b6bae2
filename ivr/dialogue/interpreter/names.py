"""Answers that are chosen from a list of the moment, and free speech."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ivr.dialogue.expressions import EvaluationError, Evaluator, Surroundings
from ivr.dialogue.interpreter.misfits import NoMatch
from ivr.dialogue.ports import AnswerKind, Listen, Value
from ivr.dialogue.schema import turns

ITEM_KEYS = tuple("123456789")


@dataclass(frozen=True, slots=True)
class OneOf:
    """An item of a list, by its number or its name; only the first nine are offered.

    Attributes:
        called: The field of an item by which it may be called.
    """

    items: Evaluator
    called: str | None = None
    kind: str = "choice"
    personal: bool = False
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def most_keys(self, _around: Surroundings) -> int:
        """One."""
        return 1

    def claims(self, key: str) -> bool:
        """Whether an item may have the key."""
        return key in ITEM_KEYS

    def listen(self, around: Surroundings) -> Listen:
        """The names of the items; their numbers go without saying."""
        names = tuple(_name(item, self.called) for item in offered(self.items(around)))
        return Listen(kind=AnswerKind.CHOICE, phrases=tuple(name for name in names if name))

    def words_for(self, around: Surroundings) -> Mapping[str, tuple[str, ...]]:
        """Key → how the item may be called."""
        items = offered(self.items(around))
        return {
            key: (name,) if (name := _name(item, self.called)) else ()
            for key, item in zip(ITEM_KEYS, items, strict=False)
        }

    def value(self, keys: str, around: Surroundings) -> Value:
        """The item."""
        items = offered(self.items(around))
        if keys not in ITEM_KEYS[: len(items)]:
            raise NoMatch
        return items[int(keys) - 1]


@dataclass(frozen=True, slots=True)
class NameOf:
    """One of many names, by voice only."""

    items: Evaluator
    called: str | None
    kind: str = "name"
    personal: bool = False
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def most_keys(self, _around: Surroundings) -> int:
        """One: it may be a global key."""
        return 1

    def claims(self, _key: str) -> bool:
        """No key is a name."""
        return False

    def listen(self, around: Surroundings) -> Listen:
        """All names."""
        names = dict.fromkeys(_name(item, self.called) for item in _list(self.items(around)))
        return Listen(kind=AnswerKind.NAME, phrases=tuple(name for name in names if name))

    def value(self, keys: str, around: Surroundings) -> Value:
        """No key is a name."""
        raise NoMatch

    def named(self, name: str, around: Surroundings) -> Value:
        """The item of that name."""
        for item in _list(self.items(around)):
            if _name(item, self.called) == name:
                return item
        raise NoMatch


@dataclass(frozen=True, slots=True)
class Anything:
    """Free speech."""

    kind: str = "speech"
    personal: bool = True
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def most_keys(self, _around: Surroundings) -> int:
        """One: it may be a global key."""
        return 1

    def claims(self, _key: str) -> bool:
        """No key is speech."""
        return False

    def listen(self, _around: Surroundings) -> Listen:
        """Anything may be said."""
        return Listen(kind=AnswerKind.SPEECH, free=True)

    def value(self, keys: str, around: Surroundings) -> Value:
        """No key is speech."""
        raise NoMatch


def offered(items: Value) -> Sequence[Value]:
    """The items of a list that are offered.

    Raises:
        EvaluationError: It is no list, or an empty one.
    """
    return _list(items)[: turns.MOST_OFFERED]


def _list(items: Value) -> Sequence[Value]:
    if isinstance(items, str) or not isinstance(items, Sequence) or not items:
        raise EvaluationError("there is nothing to choose from")
    return items


def _name(item: Value, called: str | None) -> str:
    name = item.get(called) if called is not None and isinstance(item, Mapping) else item
    return name if isinstance(name, str) else ""
