"""Verbs that talk with the caller: say, ask, choose, confirm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.dialogue.expressions import Evaluator
from ivr.dialogue.interpreter.hearing import NO_INPUT, Listening
from ivr.dialogue.interpreter.names import offered
from ivr.dialogue.interpreter.program import Finish, Left, Way
from ivr.dialogue.interpreter.session import Frame, Within
from ivr.dialogue.interpreter.utterances import Compiled, run_together
from ivr.dialogue.ports import Speech


@dataclass(frozen=True, slots=True)
class Say:
    """Says something and goes on."""

    utterance: Compiled
    onward: Way | None

    async def run(self, frame: Frame) -> Left | Finish:
        """Say it."""
        await frame.session.say(self.utterance.speeches(frame))
        return Left(way=self.onward)


@dataclass(frozen=True, slots=True)
class GivingUp:
    """Where it leads when the caller gave no answer."""

    silent: Way | None
    otherwise: Way | None

    def way(self, left: Left) -> Left:
        """The state as it is left, with its way out."""
        if left.way is not None:
            return left
        way = self.silent if left.outcome == NO_INPUT and self.silent is not None else self.otherwise
        return Left(outcome=left.outcome, way=way, heard=left.heard, personal=left.personal)


@dataclass(frozen=True, slots=True)
class Ask:
    """Asks a question and saves the answer."""

    listening: Listening
    save: str | None
    onward: Way | None
    giving_up: GivingUp

    async def run(self, frame: Frame) -> Left | Finish:
        """Ask until there is an answer or the attempts are used up."""
        heard = await self.listening.hear(frame)
        if isinstance(heard, Left):
            return self.giving_up.way(heard)
        if self.save is not None:
            frame.variables[self.save] = heard.value
        return Left(way=self.onward, heard=heard.text, personal=self.listening.personal)


@dataclass(frozen=True, slots=True)
class Choose:
    """Offers options with a way out each."""

    listening: Listening
    options: Mapping[str, Way]
    giving_up: GivingUp

    async def run(self, frame: Frame) -> Left | Finish:
        """Ask until one is chosen or the attempts are used up."""
        heard = await self.listening.hear(frame)
        if isinstance(heard, Left):
            return self.giving_up.way(heard)
        key = str(heard.value)
        return Left(outcome=key, way=self.options[key], heard=heard.text)


@dataclass(frozen=True, slots=True)
class Confirm:
    """Asks for a yes or a no."""

    listening: Listening
    yes: Way | None
    no: Way | None
    giving_up: GivingUp

    async def run(self, frame: Frame) -> Left | Finish:
        """Ask until there is an answer or the attempts are used up."""
        heard = await self.listening.hear(frame)
        if isinstance(heard, Left):
            return self.giving_up.way(heard)
        outcome, way = ("yes", self.yes) if heard.value is True else ("no", self.no)
        return Left(outcome=outcome, way=way, heard=heard.text)


@dataclass(frozen=True, slots=True)
class ItemQuestion:
    """The question of a choice among the items of a list: what is said before, then each item."""

    before: Compiled
    each: Compiled
    variable: str
    items: Evaluator

    def __call__(self, frame: Frame) -> tuple[Speech, ...]:
        """The question, with the items of the moment."""
        speeches = list(self.before.speeches(frame))
        for number, item in enumerate(offered(self.items(frame)), start=1):
            item_in_sight = Within(frame, {self.variable: item, "key": str(number)})
            speeches += self.each.speeches(item_in_sight)
        return run_together(speeches)
