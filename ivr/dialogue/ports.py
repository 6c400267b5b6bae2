"""What the dialogue needs from the world: a caller to talk to, actions to call, a journal, a clock.

The interpreter knows nothing else. `ivr.asterisk` implements `Caller` for telephone calls, the simulator
for conversations in text; the rooms implement actions.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

Value = str | int | Decimal | bool | date | datetime | None | Sequence["Value"] | Mapping[str, "Value"]
"""A value of a scenario: plain data, the same in expressions, actions and the journal."""


# --- what the robot says -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Prompt:
    """A shared prompt by its id: a recorded file, or a text of the prompt catalogue."""

    id: str


@dataclass(frozen=True, slots=True)
class Text:
    """A fixed piece of text, known when the scenario is loaded; it is synthesised ahead."""

    text: str


@dataclass(frozen=True, slots=True)
class Spoken:
    """A value in Russian words, made during the call.

    Attributes:
        text: What is said, for the transcript.
        pieces: The same in units that are synthesised and cached one by one
            (the words of a numeral; a whole street name).
    """

    text: str
    pieces: tuple[str, ...]


Fragment = Prompt | Text | Spoken


@dataclass(frozen=True, slots=True)
class Speech:
    """One utterance of the robot.

    Attributes:
        fragments: Said one after another.
        interruptible: Whether a key may cut it short. Never for prompts that the law requires.
        by_voice: Whether the voice may cut it short.
        patient: Whether it takes more than an «ага» for that: words that mean something.
        slow: Whether it is said slowly, with longer pauses, for a caller who asked for it.
    """

    fragments: tuple[Fragment, ...]
    interruptible: bool = True
    by_voice: bool = True
    patient: bool = False
    slow: bool = False


Formatter = Callable[[Value], Spoken]
"""A filter of spoken text: `{value|number}`. Raises ValueError on a value that it cannot speak."""


# --- what the caller says ------------------------------------------------------------------------------


class AnswerKind(StrEnum):
    """What the words of a caller are listened for."""

    DIGITS = "digits"
    ACCOUNT_NUMBER = "account_number"
    NUMBER = "number"
    AMOUNT = "amount"
    DATE = "date"
    READING = "reading"
    YES_NO = "yes_no"
    CHOICE = "choice"
    NAME = "name"  # one of a list of names: towns, streets
    SPEECH = "speech"  # anything
    GREETING = "greeting"  # who has answered: words only where he greets at length
    TONE = "tone"  # no words, the tone after which a machine records


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """How a turn is listened to.

    Attributes:
        kind: What is listened for; everything but free speech makes a closed grammar.
        phrases: What may be said, as the flow has it: the words of the options, the names of a list. Hearing
            adds the numerals or the forms of yes and no that belong to the kind, and the words that work
            everywhere.
        digits: The exact number of digits that is awaited, or None; the answer ends at its last digit.
        free: Whether anything may be said besides (`kind` is free speech, or a choice that takes it).
        most_seconds: The longest speech; what goes on beyond it is cut off, seconds.
        refusable: Whether «не звоните мне» means that no more calls are wanted: only where we have called.
    """

    kind: AnswerKind
    phrases: tuple[str, ...] = ()
    digits: int | None = None
    free: bool = False
    most_seconds: float = 20.0
    refusable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One turn of the caller: prompts are played, keys gathered and speech listened to in one go.

    Attributes:
        speech: What is said first; a key or the voice cuts it short where it may.
        max_keys: Gathering ends after so many keys, or at `#` (which is not part of the answer).
        first_key_seconds: Silence after the prompt that counts as no input, seconds.
        next_key_seconds: Pause between keys that ends the answer, seconds.
        listen: How speech is listened to; None where only keys count.
        forget_ahead: Whether keys pressed before this turn are forgotten: after a misunderstanding they
            answered something else.
    """

    speech: Speech
    max_keys: int
    first_key_seconds: float
    next_key_seconds: float
    listen: Listen | None = None
    forget_ahead: bool = False


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys of one turn, without the closing `#`; empty when only `#` was pressed."""

    digits: str


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing was heard in time."""


@dataclass(frozen=True, slots=True)
class Said:
    """Words of one turn, as they were recognised.

    Attributes:
        text: The words; empty when there was speech, or a noise, and no word was made out, or when the caller
            spoke for too long.
        confidence: The recogniser's, from 0 to 1.
        alternatives: Other readings of the same speech, the likelier first.
        clip: Id of the sound of this speech when it is kept for review, else None.
        after_seconds: From the end of the speech until its words were made out, seconds.
    """

    text: str
    confidence: float = 1.0
    alternatives: tuple[str, ...] = ()
    clip: str | None = None
    after_seconds: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class Deaf:
    """Speech was to be listened to and could not be: the recogniser is away or overloaded. Keys still count.

    Attributes:
        reason: `away`, `overloaded` or `failed`.
        keys_awaited: Whether the whole question was asked for keys instead, and none came.
    """

    reason: str
    keys_awaited: bool = False


Heard = Keys | Said | Silence | Deaf


class Command(StrEnum):
    """What may be said at every question."""

    OPERATOR = "operator"
    REPEAT = "repeat"
    SLOWER = "slower"
    BACK = "back"
    DANGER = "danger"  # to life: a torn wire, sparks, smoke
    REFUSE = "refuse"  # no calls any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """What words mean as an answer to a question.

    Attributes:
        keys: The keys that mean the same (digits; the key of an option; 1 and 2 for yes and no).
        name: Which of the names was said, for a question about names.
        command: A word that works everywhere.
        sure: Whether the dialogue may go on without a confirmation.
    """

    keys: str | None = None
    name: str | None = None
    command: Command | None = None
    sure: bool = True


class Understanding(Protocol):
    """Makes answers of words."""

    def understand(self, listen: Listen, words: Mapping[str, Sequence[str]], said: Said) -> Understood | None:
        """What was meant, or None when it means nothing as an answer to this question.

        Free speech that is no command and no option means nothing here: the dialogue takes its text.

        Args:
            listen: What was listened for.
            words: Key → how it may be said, for a choice.
            said: What was recognised.
        """


class CallerGone(Exception):
    """The caller hung up, or the channel is gone."""


class CallerTaken(CallerGone):
    """Somebody takes the caller over from the robot: the flow ends at once, the call goes on."""


@dataclass(frozen=True, slots=True)
class QueueRequest:
    """Hand the caller to people.

    Attributes:
        queue: Name of the queue.
        topic: Topic of `kb/` that the call is about, or None.
        carry: What the robot has learned, for the operator's screen.
    """

    queue: str
    topic: str | None = None
    carry: Mapping[str, Value] = field(default_factory=dict)


class Caller(Protocol):
    """A person on the line. Every method raises `CallerGone` once the line is dead."""

    async def say(self, speech: Speech) -> None:
        """Say it. An interruptible utterance may be held back and played with the next turn."""

    async def ask(self, turn: Turn) -> Heard:
        """Play the prompt, gather the answer."""

    async def flush(self) -> None:
        """Play to the end what `say` has held back; called before a wait and before an ending."""

    async def enqueue(self, request: QueueRequest) -> None:
        """Hand the caller to a queue; the scenario ends with it."""

    async def hang_up(self) -> None:
        """End the call from our side."""


# --- what the scenario calls ---------------------------------------------------------------------------


class Kind(StrEnum):
    """Types of the scenario language."""

    TEXT = "text"
    NUMBER = "number"
    BOOL = "bool"
    DATE = "date"
    TIME = "time"
    RECORD = "record"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Shape:
    """The type of a value: its kind, and what is inside a record or a list.

    An empty `fields` of a record means that its fields are not known.
    """

    kind: Kind
    fields: Mapping[str, Shape] = field(default_factory=dict)
    item: Shape | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts:
    """What is known of a call from outside the scenario.

    Attributes:
        call_id: Our own id of the call.
        line: Name of the line that was called.
        segment: `private`, `corporate` or `any`.
        profile: Id of the standard.
        caller_number: Number in E.164 or an empty string when withheld; a hint, not an identification.
        started_at: When the call came, aware, in the company's time zone.
    """

    call_id: str
    line: str
    segment: str
    profile: str
    caller_number: str
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Result:
    """How an action ended: one of its declared outcomes, and data for the scenario."""

    outcome: str
    data: Value = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """An action that scenarios may call by name.

    Attributes:
        name: `room.verb`, such as `readings.accept`.
        inputs: Names and shapes of the arguments; all are required.
        outcomes: Each declared outcome with the shape of its data (None: no data). `error` is implied:
            it stands for an exception and for the time limit.
        run: Called with the facts of the call and the arguments by name. It is not cancelled when the
            caller hangs up: what is begun is finished.
        personal: Whether its data are personal and need an identified caller.
        commits: Whether it changes something; such an action must be idempotent by (call, state, arguments).
    """

    name: str
    inputs: Mapping[str, Shape]
    outcomes: Mapping[str, Shape | None]
    run: Callable[..., Awaitable[Result]]
    personal: bool = False
    commits: bool = False


# --- what is noted ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One state that was visited.

    Attributes:
        flow: Id and version of the flow, `meter-reading@3`.
        state: Name of the state.
        verb: `say`, `ask`, `do`, …
        started_at: Aware.
        seconds: Duration.
        outcome: `ok`, `no-input`, `no-match`, an outcome of an action, `hangup`, `error`, …
        heard: What the caller answered, as text; None where nothing was asked.
        personal: Whether `heard` is personal data (kept in the ledger, never in logs).
    """

    flow: str
    state: str
    verb: str
    started_at: datetime
    seconds: float
    outcome: str
    heard: str | None = None
    personal: bool = False


class TurnResult(StrEnum):
    """How one turn of the caller went."""

    ANSWER = "answer"
    COMMAND = "command"  # a word or a key that works everywhere
    NO_INPUT = "no-input"
    NO_MATCH = "no-match"
    DEAF = "deaf"  # speech could not be listened to
    UNSURE = "unsure"  # the caller is asked whether that was meant; how it went is the turn that follows


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardTurn:
    """One turn of the caller: a state may take several until it has its answer.

    Attributes:
        flow: Id and version of the flow.
        state: Name of the state.
        kind: What was expected, an `AnswerKind`.
        result: How it went.
        voice: Whether something was said, rather than pressed or nothing.
        text: What was recognised: personal data, never in logs.
        confidence: The recogniser's, from 0 to 1.
        clip: Id of the kept sound, or None.
        latency_seconds: From the end of the caller's speech to the next prompt, seconds; None where nothing
            was said, no prompt followed, or nobody measured.
    """

    flow: str
    state: str
    kind: str
    result: TurnResult
    voice: bool = False
    text: str = ""
    confidence: float = 1.0
    clip: str | None = None
    latency_seconds: float | None = None


class Journal(Protocol):
    """Takes the steps and the turns of a call; must return at once."""

    def step(self, step: Step) -> None:
        """Note a step that has ended."""

    def turn(self, turn: HeardTurn) -> None:
        """Note a turn of the caller."""


class Clock(Protocol):
    """Time, so that tests can set it."""

    def now(self) -> datetime:
        """The moment, aware, in the company's time zone."""

    def monotonic(self) -> float:
        """Seconds of a clock that never goes back."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""


class EndingKind(StrEnum):
    """How a scenario ended."""

    COMPLETED = "completed"  # an outcome marked complete: served by the robot
    ENDED = "ended"  # an outcome that is not (the caller gave up, was refused, …)
    QUEUED = "queued"  # handed to people
    HUNG_UP = "hung-up"  # the caller left before an end
    FAILED = "failed"  # a fault of ours; the caller goes to people


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a scenario, with the outcome's name and the variables at the end.

    Attributes:
        topic: What the call was about, as the robot understood it; None where it did not.
    """

    kind: EndingKind
    outcome: str
    data: Mapping[str, Value] = field(default_factory=dict)
    topic: str | None = None
