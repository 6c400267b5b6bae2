"""One turn of the caller, with its misses: the construct behind `ask`, `choose` and `confirm`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ivr.dialogue.interpreter.answers import Answer, NoMatch
from ivr.dialogue.interpreter.program import Left, Way
from ivr.dialogue.interpreter.session import Frame
from ivr.dialogue.interpreter.utterances import Compiled, run_together
from ivr.dialogue.ports import Heard, Keys, Said, Silence, Speech, Turn, Value
from ivr.dialogue.schema.values import REPEAT

NO_INPUT = "no-input"
NO_MATCH = "no-match"
GLOBAL = "global"
REPEATS_MOST = 5

Questions = Callable[[Frame], tuple[Speech, ...]]
"""Makes the question, with the values of the moment."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The caller gave an answer."""

    value: Value
    text: str


@dataclass(frozen=True, slots=True)
class Misses:
    """What is said at the first miss of a kind, the second, …, and how many there may be."""

    prompts: tuple[Compiled, ...]
    most: int
    reprompt: bool

    def speeches(self, count: int, question: Questions, frame: Frame) -> tuple[Speech, ...]:
        """What is said after so many misses."""
        if not self.prompts:
            return question(frame)
        said = self.prompts[min(count, len(self.prompts)) - 1].speeches(frame)
        return run_together(said + question(frame)) if self.reprompt else said


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """A question and how its answer is awaited, compiled.

    Attributes:
        globals: Keys that work at every question; `repeat` says it again.
        first_key: Silence after the prompt that counts as no input, seconds.
        next_key: Pause between keys that ends the answer, seconds.
    """

    question: Questions
    answer: Answer
    no_input: Misses
    no_match: Misses
    globals: Mapping[str, Way]
    first_key: float
    next_key: float
    personal: bool

    async def hear(self, frame: Frame) -> Answered | Left:
        """The answer; or how the state is left without one (`way` is None when attempts are used up)."""
        return await _Hearing(self, frame).run()


@dataclass(slots=True)
class _Hearing:
    """One question under way: its misses are counted here, silence and misunderstanding apart."""

    turn: Listening
    frame: Frame
    misses: dict[str, int] = field(default_factory=lambda: {NO_INPUT: 0, NO_MATCH: 0})
    repeats: int = 0

    async def run(self) -> Answered | Left:
        speeches = self.turn.question(self.frame)
        while True:
            heard = await self._listen(speeches)
            keys = self._keys(heard)
            way = self._global(keys)
            if way is not None and way.target != REPEAT:
                return Left(outcome=GLOBAL, way=way, heard=keys)
            result = self._repeated() if way is not None else self._answered(keys, heard)
            if isinstance(result, Answered):
                return result
            missed = self._missed(result)
            if missed is None:
                return Left(outcome=result, way=None, heard=_text(heard), personal=self.turn.personal)
            speeches = missed

    def _repeated(self) -> str:
        """The key that repeats the question is no miss, until it has been pressed too often."""
        self.repeats += 1
        return REPEAT if self.repeats <= REPEATS_MOST else NO_MATCH

    async def _listen(self, speeches: Sequence[Speech]) -> Heard:
        """Say it, gather the answer; a `#` left over from the answer before is none."""
        session, frame = self.frame.session, self.frame
        most_keys = self.turn.answer.most_keys(frame)
        await session.say(speeches[:-1])
        turn = Turn(
            speech=speeches[-1],
            max_keys=most_keys,
            first_key_seconds=self.turn.first_key,
            next_key_seconds=self.turn.next_key,
        )
        heard = await session.caller.ask(turn)
        if heard == Keys("") and session.full_answer:
            heard = await session.caller.ask(turn)
        session.full_answer = isinstance(heard, Keys) and len(heard.digits) == most_keys
        if not isinstance(heard, Silence):
            session.unheard = 0
        return heard

    def _keys(self, heard: Heard) -> str | None:
        """The keys pressed, or those that mean what was said; None for words that mean nothing."""
        match heard:
            case Keys(digits=digits):
                return digits
            case Said(text=text):
                answer = self.turn.answer
                return self.frame.session.understanding.keys(answer.kind, answer.words, text)
        return None

    def _global(self, keys: str | None) -> Way | None:
        if keys is None or self.turn.answer.claims(keys):
            return None
        return self.turn.globals.get(keys)

    def _answered(self, keys: str | None, heard: Heard) -> Answered | str:
        """The answer, or the kind of the miss."""
        if isinstance(heard, Silence):
            return NO_INPUT
        if keys is None:
            return NO_MATCH
        try:
            return Answered(self.turn.answer.value(keys, self.frame), _text(heard) or "")
        except NoMatch:
            return NO_MATCH

    def _missed(self, kind: str) -> tuple[Speech, ...] | None:
        """What is said after a miss of that kind; None when its attempts are used up."""
        if kind == REPEAT:
            return self.turn.question(self.frame)
        self.misses[kind] += 1
        count = self.misses[kind]
        misses = self.turn.no_input if kind == NO_INPUT else self.turn.no_match
        return misses.speeches(count, self.turn.question, self.frame) if count < misses.most else None


def _text(heard: Heard) -> str | None:
    match heard:
        case Keys(digits=digits):
            return digits
        case Said(text=text):
            return text
    return None
