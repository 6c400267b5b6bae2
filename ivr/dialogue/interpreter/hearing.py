"""One turn of the caller, with its misses: the construct behind `ask`, `choose` and `confirm`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ivr.dialogue.interpreter.answers import NO, YES, Answer
from ivr.dialogue.interpreter.everywhere import Elsewhere
from ivr.dialogue.interpreter.misfits import NoMatch
from ivr.dialogue.interpreter.names import Anything, NameOf, OneOf
from ivr.dialogue.interpreter.program import Left, Way
from ivr.dialogue.interpreter.session import Frame, Within
from ivr.dialogue.interpreter.utterances import Compiled, run_together
from ivr.dialogue.ports import (
    AnswerKind,
    Command,
    Deaf,
    Heard,
    HeardTurn,
    Keys,
    Listen,
    Said,
    Silence,
    Speech,
    Turn,
    TurnResult,
    Understood,
    Value,
)
from ivr.dialogue.schema.states import FREE
from ivr.dialogue.schema.values import REPEAT

NO_INPUT = TurnResult.NO_INPUT
NO_MATCH = TurnResult.NO_MATCH
GLOBAL = "global"
BACK = "back"
REPEATS_MOST = 5
KEYS_OF_COMMANDS: Mapping[Command, str] = {Command.OPERATOR: "0", Command.REPEAT: "*"}
"""The keys that mean the same in a flow that names no words."""

CONFIRMED_WHEN_UNSURE = frozenset({AnswerKind.CHOICE, AnswerKind.NAME})
"""Kinds that are asked about when the recogniser is not sure; what is read back anyway is not."""

Questions = Callable[[Frame], tuple[Speech, ...]]
"""Makes the question, with the values of the moment."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The caller gave an answer."""

    value: Value
    text: str


@dataclass(frozen=True, slots=True)
class Again:
    """The question is said again, which is no miss; `first` is said before it."""

    first: tuple[Speech, ...] = ()


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
        globals: Keys and words that work at every question of the flow; `repeat` says it again.
        first_key: Silence after the prompt that counts as no input, seconds.
        next_key: Pause between keys that ends the answer, seconds.
        voice: Whether the answer may be spoken.
        free: The variable and the way of what was said and is no option.
    """

    question: Questions
    answer: Answer
    no_input: Misses
    no_match: Misses
    globals: Mapping[str, Way]
    first_key: float
    next_key: float
    personal: bool
    voice: bool = True
    free: tuple[str, Way] | None = None

    async def hear(self, frame: Frame) -> Answered | Left:
        """The answer; or how the state is left without one (`way` is None when attempts are used up).

        Raises:
            Elsewhere: A word or a key leads out of the flow.
        """
        frame.ask()
        return await _Hearing(self, frame).run()


@dataclass(slots=True)
class _Hearing:
    """One question under way: its misses are counted here, silence and misunderstanding apart."""

    turn: Listening
    frame: Frame
    misses: dict[str, int] = field(default_factory=lambda: {NO_INPUT: 0, NO_MATCH: 0})
    repeats: int = 0
    deaf: bool = False
    missed: bool = False

    async def run(self) -> Answered | Left:
        speeches = self.turn.question(self.frame)
        while True:
            heard = await self._listen(speeches)
            result = await self._made_of(heard)
            self._note(heard, result)
            if isinstance(result, Answered | Left):
                return result
            following = self._following(result)
            if following is None:
                return Left(outcome=str(result), way=None, heard=_text(heard), personal=self.turn.personal)
            speeches = following

    # --- listening -------------------------------------------------------------------------------------

    async def _listen(self, speeches: Sequence[Speech]) -> Heard:
        """Say it, gather the answer; a `#` left over from the answer before is none."""
        session, frame = self.frame.session, self.frame
        most_keys = self.turn.answer.most_keys(frame)
        *before, last = session.paced(speeches)
        await session.say(before)
        turn = Turn(
            speech=last,
            max_keys=most_keys,
            first_key_seconds=self.turn.first_key,
            next_key_seconds=self.turn.next_key,
            listen=self._order(),
            forget_ahead=self.missed,
        )
        heard = await session.caller.ask(turn)
        if heard == Keys("") and session.full_answer:
            heard = await session.caller.ask(turn)
        session.full_answer = isinstance(heard, Keys) and len(heard.digits) == most_keys
        if not isinstance(heard, Silence):
            session.unheard = 0
        return heard

    def _order(self) -> Listen | None:
        settings = self.frame.session.settings
        if self.deaf or not self.turn.voice or not settings.voice:
            return None
        return replace(self._listened_for(), most_seconds=settings.speech_seconds)

    def _listened_for(self) -> Listen:
        return replace(self.turn.answer.listen(self.frame), refusable=Command.REFUSE in self.turn.globals)

    # --- what was meant --------------------------------------------------------------------------------

    async def _made_of(self, heard: Heard) -> Answered | Left | Again | TurnResult:
        match heard:
            case Keys(digits=digits):
                return self._pressed(digits)
            case Said():
                return await self._spoken(heard)
            case Deaf():
                return self._deafened(heard)
        return NO_INPUT

    def _pressed(self, keys: str) -> Answered | Left | Again | TurnResult:
        led = None if self.turn.answer.claims(keys) else self._led_by(keys)
        return led or self._answer(lambda: self.turn.answer.value(keys, self.frame), keys)

    async def _spoken(self, said: Said) -> Answered | Left | Again | TurnResult:
        if not said.text:
            return NO_MATCH
        listen = self._listened_for()
        understood = self.frame.session.understanding.understand(listen, self._words(), said)
        if understood is None:
            return self._freely(said)
        if not understood.sure and (result := await self._doubted(listen, understood, said)) is not None:
            return result
        if understood.command is not None:
            return self._commanded(understood.command, said.text)
        return self._answer(lambda: self._value(understood), said.text)

    def _words(self) -> Mapping[str, Sequence[str]]:
        answer = self.turn.answer
        return answer.words_for(self.frame) if isinstance(answer, OneOf) else answer.words

    def _value(self, understood: Understood) -> Value:
        answer = self.turn.answer
        if understood.name is not None and isinstance(answer, NameOf):
            return answer.named(understood.name, self.frame)
        return answer.value(understood.keys or "", self.frame)

    def _answer(self, value: Callable[[], Value], text: str) -> Answered | TurnResult:
        try:
            return Answered(value(), text)
        except NoMatch:
            return NO_MATCH

    def _freely(self, said: Said) -> Answered | Left | TurnResult:
        """What was said, where anything may be said."""
        if not (isinstance(self.turn.answer, Anything) or self.turn.free):
            return NO_MATCH
        self.frame.session.call["said"] = said.text
        if self.turn.free is None:
            return Answered(said.text, said.text)
        variable, way = self.turn.free
        self.frame.variables[variable] = said.text
        return Left(outcome=FREE, way=way, heard=said.text, personal=True)

    async def _doubted(
        self, listen: Listen, understood: Understood, said: Said
    ) -> Left | Again | TurnResult | None:
        """What follows instead of the answer; None when the caller says that he was understood, asked once.

        Digits are read back by the flow.
        """
        session = self.frame.session
        if understood.command is not None:
            name = session.everywhere.heard.get(understood.command)
            if name is None:
                return None
        elif listen.kind not in CONFIRMED_WHEN_UNSURE:
            return NO_MATCH if listen.kind is AnswerKind.YES_NO else None
        else:
            name = understood.name or next(iter(self._words().get(understood.keys or "", ())), None)
        unsure = session.everywhere.unsure
        if unsure is None or name is None:
            return NO_MATCH
        self._tell(said, TurnResult.UNSURE)
        silence_is_yes = understood.command is Command.DANGER
        return await self._confirmed(unsure.speeches(Within(self.frame, {"heard": name})), silence_is_yes)

    async def _confirmed(
        self, speeches: tuple[Speech, ...], silence_is_yes: bool
    ) -> Left | Again | TurnResult | None:
        """None for a yes; words and keys that work everywhere work here, too."""
        session = self.frame.session
        *before, last = session.paced(speeches)
        await session.say(before)
        yes_no = Listen(kind=AnswerKind.YES_NO)
        heard = await session.caller.ask(
            Turn(
                speech=last,
                max_keys=1,
                first_key_seconds=self.turn.first_key,
                next_key_seconds=self.turn.next_key,
                listen=yes_no,
            )
        )
        match heard:
            case Said(text=text):
                meant = session.understanding.understand(yes_no, {}, heard) or Understood()
                if meant.command is not None:
                    return self._commanded(meant.command, text)
                return None if meant.keys == YES else NO_MATCH
            case Keys(digits=digits) if digits not in (YES, NO):
                return self._led_by(digits) or NO_MATCH
        if isinstance(heard, Silence) and silence_is_yes:
            return None
        return None if heard == Keys(YES) else NO_MATCH

    # --- words and keys that work everywhere -----------------------------------------------------------

    def _led_by(self, keys: str) -> Left | Again | TurnResult | None:
        """Where keys lead that mean the same at every question; None for others."""
        everywhere = self.frame.session.everywhere
        if keys in self.turn.globals:
            return self._led(self.turn.globals[keys], keys)
        return self._commanded(everywhere.keys[keys], keys) if keys in everywhere.keys else None

    def _commanded(self, command: Command, text: str) -> Left | Again | TurnResult:
        way = self.turn.globals.get(command) or self.turn.globals.get(KEYS_OF_COMMANDS.get(command, ""))
        if way is not None:
            return self._led(way, text)
        session = self.frame.session
        flow = session.everywhere.flows.get(command)
        if flow is not None:
            raise Elsewhere(flow, command)
        return self._stayed(command)

    def _stayed(self, command: Command) -> Left | Again | TurnResult:
        session = self.frame.session
        first = session.everywhere.said(command, self.frame)
        match command:
            case Command.REPEAT:
                return self._repeated(first)
            case Command.SLOWER:
                session.slow_down()
                return self._repeated(first)
            case Command.BACK:
                before = self.frame.question_before()
                return Left(outcome=BACK, way=Way(before)) if before else self._repeated(first)
        return NO_MATCH

    def _led(self, way: Way, text: str) -> Left | Again | TurnResult:
        if way.target == REPEAT:
            return self._repeated(())
        return Left(outcome=GLOBAL, way=way, heard=text)

    def _repeated(self, first: tuple[Speech, ...]) -> Again | TurnResult:
        """To say the question again is no miss, until it has been asked for too often."""
        self.repeats += 1
        return Again(first) if self.repeats <= REPEATS_MOST else NO_MATCH

    # --- misses ----------------------------------------------------------------------------------------

    def _deafened(self, heard: Deaf) -> Again | Left | TurnResult:
        """Speech can't be listened to: by keys, or not at all where only words are an answer.

        A question that may be asked once has been asked when keys were awaited.
        """
        self.deaf = True
        everywhere = self.frame.session.everywhere
        if isinstance(self.turn.answer, Anything | NameOf) or self.turn.free:
            return Left(outcome=TurnResult.DEAF, way=None)
        if heard.keys_awaited and self.turn.no_input.most == 1:
            return NO_INPUT
        return Again(everywhere.deaf.speeches(self.frame) if everywhere.deaf is not None else ())

    def _following(self, result: Again | TurnResult) -> tuple[Speech, ...] | None:
        """What is said next; None when the attempts are used up."""
        if isinstance(result, Again):
            return run_together(result.first + self.turn.question(self.frame))
        self.missed = True
        self.misses[result] += 1
        count = self.misses[result]
        misses = self.turn.no_input if result == NO_INPUT else self.turn.no_match
        return misses.speeches(count, self.turn.question, self.frame) if count < misses.most else None

    def _note(self, heard: Heard, result: Answered | Left | Again | TurnResult) -> None:
        """Tell the journal how the turn went."""
        self._tell(heard, _result(heard, result))

    def _tell(self, heard: Heard, result: TurnResult) -> None:
        frame = self.frame
        said = heard if isinstance(heard, Said) else Said("")
        frame.session.journal.turn(
            HeardTurn(
                flow=frame.program.flow.label,
                state=frame.state,
                kind=self.turn.answer.kind,
                result=result,
                voice=isinstance(heard, Said),
                text=said.text,
                confidence=said.confidence,
                clip=said.clip,
            )
        )


def _result(heard: Heard, result: Answered | Left | Again | TurnResult) -> TurnResult:
    if isinstance(heard, Deaf):
        return TurnResult.DEAF
    if isinstance(result, TurnResult):
        return result
    is_command = isinstance(result, Again) or (isinstance(result, Left) and result.outcome != FREE)
    return TurnResult.COMMAND if is_command else TurnResult.ANSWER


def _text(heard: Heard) -> str | None:
    match heard:
        case Keys(digits=digits):
            return digits
        case Said(text=text):
            return text
    return None
