"""Conversations without telephony: a caller of text, a clock that is moved, a record of what happened."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol

from ivr.dialogue.interpreter.runner import Interpreter
from ivr.dialogue.ports import (
    Action,
    CallerGone,
    CallFacts,
    Clock,
    Deaf,
    Ending,
    Formatter,
    Fragment,
    Heard,
    HeardTurn,
    Keys,
    Prompt,
    QueueRequest,
    Said,
    Silence,
    Speech,
    Spoken,
    Step,
    Turn,
    Understanding,
    Value,
)
from ivr.dialogue.scenarios import ScenarioSet
from ivr.dialogue.settings import DialogueSettings
from ivr.dialogue.templates import FILTERS
from ivr.dialogue.understanding import PlainUnderstanding
from ivr.dialogue.wording import run_on
from ivr.errors import Fault

ROBOT: Literal["robot"] = "robot"
CALLER: Literal["caller"] = "caller"
SETTLING_ROUNDS = 20

ActionsFor = Callable[[Clock], AbstractAsyncContextManager[Mapping[str, Action]]]
"""Gives the actions of one conversation, over a world of their own that goes by its clock."""


@asynccontextmanager
async def no_actions(_clock: Clock) -> AsyncIterator[Mapping[str, Action]]:
    """A world without actions."""
    yield {}


def _plain(value: Value) -> Spoken:
    return Spoken(str(value), (str(value),))


PLAIN_FORMATTERS: Mapping[str, Formatter] = dict.fromkeys(FILTERS, _plain)
"""Filters that say a value as it is written."""


class SimulatedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._passed = 0.0
        self._timers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = 0

    def now(self) -> datetime:
        """The moment, in the time zone of the start."""
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        """Seconds since the start."""
        return self._passed

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has been moved so far."""
        timer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._timers, (self._passed + seconds, self._count, timer))
        await timer

    async def elapse(self, seconds: float) -> None:
        """Move the clock; whoever waits for a moment on the way wakes at that moment."""
        until = self._passed + seconds
        await _settle()
        while self._timers and self._timers[0][0] <= until:
            due, _, timer = heapq.heappop(self._timers)
            if not timer.done():
                self._passed = due
                timer.set_result(None)
                await _settle()
        self._passed = until
        await _settle()


async def _settle() -> None:
    """Let everybody who can go on do so."""
    for _ in range(SETTLING_ROUNDS):
        await asyncio.sleep(0)


@dataclass(frozen=True, slots=True)
class Typed:
    """Keys pressed in one go; `#` ends an answer, more keys are typed ahead."""

    keys: str


@dataclass(frozen=True, slots=True)
class HangUp:
    """The caller hangs up."""


Input = Typed | Said | Silence | Deaf | HangUp


class Script(Protocol):
    """Where a simulated caller's turns come from."""

    def said(self, text: str) -> None:
        """The robot has said something."""

    async def next(self) -> Input:
        """What the caller does now."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A line of the transcript."""

    who: Literal["robot", "caller"]
    text: str


class TextCaller:
    """A caller who reads and types."""

    def __init__(self, script: Script, prompts: Mapping[str, str], clock: SimulatedClock) -> None:
        self.transcript: list[Utterance] = []
        self.queued: QueueRequest | None = None
        self._script = script
        self._prompts = prompts
        self._clock = clock
        self._ahead = ""
        self._gone = False

    async def say(self, speech: Speech) -> None:
        """Write it down."""
        if self._gone:
            raise CallerGone
        text = run_on(self._text(fragment) for fragment in speech.fragments)
        if text:
            self.transcript.append(Utterance(ROBOT, text))
            self._script.said(text)

    async def ask(self, turn: Turn) -> Heard:
        """Write the question down, take the next turn of the script."""
        await self.say(turn.speech)
        if self._ahead:
            return self._keys(turn)
        heard = await self._script.next()
        self.transcript.append(Utterance(CALLER, _written(heard)))
        match heard:
            case HangUp():
                self._gone = True
                raise CallerGone
            case Typed(keys=keys):
                self._ahead = keys
                return self._keys(turn)
            case Silence():
                await self._clock.elapse(turn.first_key_seconds)
        return heard

    async def flush(self) -> None:
        """Nothing is held back."""

    async def enqueue(self, request: QueueRequest) -> None:
        """Remember the queue."""
        self.queued = request

    async def hang_up(self) -> None:
        """The call is over."""
        self._gone = True

    def _keys(self, turn: Turn) -> Keys:
        """As many keys as the turn takes; the rest is typed ahead."""
        taken = self._ahead[: turn.max_keys]
        digits, closed, _ = taken.partition("#")
        self._ahead = self._ahead[len(digits) + len(closed) :]
        return Keys(digits)

    def _text(self, fragment: Fragment) -> str:
        if isinstance(fragment, Prompt):
            return self._prompts.get(fragment.id, fragment.id)
        return fragment.text


def _written(heard: Input) -> str:
    match heard:
        case Typed(keys=keys):
            return f"[{keys}]"
        case Said(text=text):
            return text
        case HangUp():
            return "[hangup]"
        case Deaf(reason=reason):
            return f"[deaf: {reason}]"
    return "[silence]"


class Inputs:
    """A script of inputs, one after another; when they are used up, the caller hangs up."""

    def __init__(self, inputs: Iterable[Input]) -> None:
        self._inputs = iter(inputs)

    def said(self, text: str) -> None:
        """What the robot says makes no difference."""

    async def next(self) -> Input:
        """The next one."""
        return next(self._inputs, HangUp())


@dataclass(slots=True)
class Steps:
    """A journal that keeps the steps and the turns."""

    steps: list[Step] = field(default_factory=list)
    turns: list[HeardTurn] = field(default_factory=list)

    def turn(self, turn: HeardTurn) -> None:
        """Keep it."""
        self.turns.append(turn)

    def step(self, step: Step) -> None:
        """Keep it."""
        self.steps.append(step)


@dataclass(frozen=True, slots=True)
class Simulation:
    """What happened in a conversation."""

    ending: Ending
    steps: Sequence[Step]
    transcript: Sequence[Utterance]
    queued: QueueRequest | None

    def document(self) -> dict[str, object]:
        """As the command line prints it."""
        return {
            "outcome": self.ending.outcome,
            "ending": self.ending.kind.value,
            "steps": [_step_document(step) for step in self.steps],
            "transcript": [{"who": line.who, "text": line.text} for line in self.transcript],
            "data": dict(self.ending.data),
        }


def _step_document(step: Step) -> dict[str, object]:
    return {
        "flow": step.flow,
        "state": step.state,
        "verb": step.verb,
        "outcome": step.outcome,
        "heard": step.heard,
        "seconds": round(step.seconds, 3),
    }


async def simulate(
    scenarios: ScenarioSet,
    flow: str,
    script: Script,
    *,
    facts: CallFacts,
    clock: SimulatedClock,
    actions: Mapping[str, Action],
    understanding: Understanding | None = None,
    settings: DialogueSettings | None = None,
    given: Mapping[str, Value] | None = None,
) -> Simulation:
    """Run one conversation in text.

    Args:
        scenarios: The set that the flow belongs to.
        flow: Id of the flow.
        script: The caller's turns.
        facts: What is known of the call.
        clock: The clock of the conversation; the actions should go by the same.
        actions: The actions it may call.
        understanding: How words are understood; plain words by default.
        settings: The defaults for every flow.
        given: What the flow takes.
    """
    texts = {name: prompt.text for name, prompt in scenarios.prompts.items()}
    caller, journal = TextCaller(script, texts, clock), Steps()
    interpreter = Interpreter(
        actions=actions,
        clock=clock,
        understanding=understanding or PlainUnderstanding(),
        settings=settings or DialogueSettings(),
    )
    ending = await interpreter.run(
        scenarios.programs,
        flow,
        calendars=scenarios.calendars,
        caller=caller,
        journal=journal,
        facts=facts,
        everywhere=scenarios.everywhere,
        given=given,
    )
    return Simulation(ending, journal.steps, caller.transcript, caller.queued)


def parse_inputs(text: str, file: str) -> list[Input]:
    """Read an inputs file: `say: …`, `dtmf: …`, `silence` or `hangup`, one a line.

    Raises:
        Fault: A line is none of these.
    """
    lines = ((number, line.strip()) for number, line in enumerate(text.splitlines(), start=1))
    return [_input(line, f"{file}:{number}") for number, line in lines if line]


def _input(line: str, where: str) -> Input:
    if line == "silence":
        return Silence()
    if line == "hangup":
        return HangUp()
    word, colon, rest = line.partition(":")
    rest = rest.strip()
    if colon and word == "say" and rest:
        return Said(rest)
    with suppress(ValueError):
        if colon and word == "dtmf":
            return Typed(checked_keys(rest))
    raise Fault("This is no turn of a caller.", where, "Write 'say: …', 'dtmf: 123#', 'silence' or 'hangup'.")


def checked_keys(keys: str) -> str:
    """The keys, when they are keys.

    Raises:
        ValueError: They are not.
    """
    if not keys or not set(keys) <= set("0123456789*#"):
        raise ValueError("keys are 0 to 9, * and #")
    return keys
