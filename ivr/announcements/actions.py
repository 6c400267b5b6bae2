"""What scenarios may ask of the board."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.announcements.board import Board
from ivr.announcements.model import Effect
from ivr.dialogue.ports import Action, CallFacts, Kind, Result, Shape

_TOLD = Shape(Kind.RECORD, {"id": Shape(Kind.NUMBER), "text": Shape(Kind.TEXT)})


def actions(board: Board) -> list[Action]:
    """The action `announcements.next`: what the caller's line is told after the announcement of that id."""
    return [
        Action(
            name="announcements.next",
            inputs={"after": Shape(Kind.NUMBER)},
            outcomes={Effect.TELL.value: _TOLD, Effect.CLOSE.value: _TOLD, "none": None},
            run=_Actions(board).next,
        )
    ]


@dataclass(frozen=True, slots=True)
class _Actions:
    board: Board

    async def next(self, facts: CallFacts, after: int) -> Result:
        one = self.board.next(facts.line, int(after))
        if one is None:
            return Result("none")
        return Result(one.effect.value, {"id": one.id, "text": one.text})
