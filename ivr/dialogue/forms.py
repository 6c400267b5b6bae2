"""A form taken apart: ask, check, confirm, correct become plain states.

The interpreter, lint and the drawing then know no forms. In a form `f` each slot `s` is asked in `f.s`,
checked in `f.s.check` and read back in `f.s.read_back`; `f.next` goes to the first slot without a value,
`f.confirm` asks whether all is right, `f.correct` which slot is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ivr.dialogue.documents import Place
from ivr.dialogue.schema.states import (
    Ask,
    Check,
    Choose,
    Confirm,
    Do,
    Form,
    FormEntry,
    FormProgress,
    Slot,
    State,
    Visits,
)
from ivr.dialogue.schema.turns import Offer, Option, Question, Turn
from ivr.dialogue.schema.values import Exit

ACCEPT = "accept"
AGAIN = "again"
RESERVED_SLOTS = frozenset({"next", "confirm", "correct"})
"""Names that the states of a form itself have."""


class Piece(NamedTuple):
    """A state made of a written one.

    Attributes:
        name: Its full name.
        path: Where it is written, from the state's key on.
    """

    name: str
    path: Place
    state: State


def expanded(name: str, state: State) -> Iterator[Piece]:
    """The states that a written state stands for: itself, or those of a form."""
    if isinstance(state, Form):
        yield from _Expansion(name, state).pieces()
    else:
        yield Piece(name, (), state)


class _Expansion:
    def __init__(self, name: str, form: Form) -> None:
        self._name = name
        self._form = form
        self._slots = form.form.slots
        self._after_slots = Exit(then=f"{name}.confirm") if form.form.confirm is not None else form.onward

    def pieces(self) -> Iterator[Piece]:
        """All states, the entry first."""
        name, form = self._name, self._form
        first = next(iter(self._slots))
        common = {key: getattr(form, key) for key in ("title", "visits", "reached", "error")}
        yield Piece(name, (), FormEntry(**common, slots=tuple(self._slots), first=self._state(first)))
        for slot_name, slot in self._slots.items():
            yield from self._slot(slot_name, slot)
        if len(self._slots) > 1:
            slots = {slot: self._state(slot) for slot in self._slots}
            yield Piece(
                f"{name}.next", (), FormProgress(error=form.error, slots=slots, done=self._after_slots)
            )
        yield from self._confirmation()

    def _state(self, slot: str) -> str:
        return f"{self._name}.{slot}"

    @property
    def _filled(self) -> Exit | None:
        """Where a filled slot leads."""
        return Exit(then=f"{self._name}.next") if len(self._slots) > 1 else self._after_slots

    def _slot(self, slot_name: str, slot: Slot) -> Iterator[Piece]:
        asked, path = self._state(slot_name), ("form", "slots", slot_name)
        read_back = Exit(then=f"{asked}.read_back") if slot.read_back is not None else self._filled
        check = Exit(then=f"{asked}.check") if slot.check is not None else read_back
        yield Piece(asked, path, self._question(slot_name, slot, check))
        if slot.check is not None:
            yield Piece(f"{asked}.check", (*path, "check"), self._check(slot.check, asked, read_back))
        if slot.read_back is not None:
            confirm = self._confirm(slot.read_back, yes=self._filled, no=Exit(then=asked))
            yield Piece(f"{asked}.read_back", (*path, "read_back"), confirm)

    def _question(self, slot_name: str, slot: Slot, then: Exit | None) -> Ask:
        form = self._form
        question = Question.model_construct(**{key: getattr(slot, key) for key in Question.model_fields})
        visits = Visits(most=slot.rounds, then=form.otherwise) if form.otherwise is not None else None
        return Ask(
            ask=question, save=slot_name, then=then, otherwise=form.otherwise, visits=visits, error=form.error
        )

    def _check(self, check: Check, asked: str, accepted: Exit | None) -> Do:
        places = {ACCEPT: accepted, AGAIN: Exit(then=asked)}
        ways = {outcome: _led(way, places) for outcome, way in check.on.items()}
        fields = {key: getattr(check, key) for key in Check.model_fields if key != "on"}
        return Do.model_construct(**fields, on={name: way for name, way in ways.items() if way is not None})

    def _confirm(self, turn: Turn, yes: Exit | None, no: Exit | None) -> Confirm:
        form = self._form
        return Confirm(confirm=turn, yes=yes, no=no, otherwise=form.otherwise, error=form.error)

    def _confirmation(self) -> Iterator[Piece]:
        name, form, body = self._name, self._form, self._form.form
        if body.confirm is None:
            return
        wrong = f"{name}.correct" if body.correct is not None else self._state(next(iter(self._slots)))
        confirm = self._confirm(body.confirm, yes=form.onward, no=Exit(then=wrong))
        yield Piece(f"{name}.confirm", ("form", "confirm"), confirm)
        if body.correct is not None:
            turn = {key: getattr(body.correct, key) for key in Turn.model_fields}
            options = {
                str(key): Option(then=self._state(slot)) for key, slot in enumerate(self._slots, start=1)
            }
            offer = Offer.model_construct(**turn, options=options, among=None, each=())
            choose = Choose(choose=offer, otherwise=form.otherwise, error=form.error)
            yield Piece(f"{name}.correct", ("form", "correct"), choose)


def _led(way: Exit, places: dict[str, Exit | None]) -> Exit | None:
    """The way with `accept` and `again` replaced by the states they stand for."""
    if way.then not in places:
        return way
    target = places[way.then]
    return (
        None
        if target is None
        else target.model_copy(update={"say": (*way.say, *target.say), "set": {**way.set, **target.set}})
    )
