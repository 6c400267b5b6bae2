"""What hearing speaks of: an order to listen for one turn, what happens in it, and what was recognised.

Sound is always 16-bit signed little-endian PCM, mono, 8000 Hz, in frames of 20 ms (320 bytes).
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Protocol, Self

SAMPLE_RATE = 8000
FRAME_MILLISECONDS = 20
FRAME_BYTES = SAMPLE_RATE * FRAME_MILLISECONDS // 1000 * 2


class Slot(StrEnum):
    """Which model listens."""

    CLOSED = "closed"  # a few phrases, numerals: a dynamic-graph model with a grammar
    FREE = "free"  # anything


class BargeIn(StrEnum):
    """What makes the prompt stop while it is played."""

    NEVER = "never"  # what is said during the prompt is not listened to
    SPEECH = "speech"  # speech of a configured length
    WORDS = "words"  # words that are more than an «ага»


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnOrder:
    """How to listen in one turn; crosses from the engine to the recogniser's process as JSON.

    Attributes:
        number: Counts the turns of a call up, so that a late answer to an earlier one is known.
        slot: Which model listens.
        grammar: Id of a grammar in the `GrammarStore`, None for free speech.
        kind: What is listened for, an `ivr.dialogue.ports.AnswerKind`; chooses the pauses that end an answer.
        digits: The exact number of digits that is awaited, or None.
        barge_in: What makes the prompt stop.
        prompt_milliseconds: Length of the prompt that is played at the beginning of the turn.
        most_milliseconds: The longest speech.
        keep_clip: Whether the sound is kept for review when nothing was understood.
    """

    number: int
    slot: Slot
    grammar: str | None = None
    kind: str = "speech"
    digits: int | None = None
    barge_in: BargeIn = BargeIn.SPEECH
    prompt_milliseconds: int = 0
    most_milliseconds: int = 20_000
    keep_clip: bool = False

    def to_json(self) -> str:
        """One line of JSON without defaults, short enough for a variable of a channel."""
        standard = asdict(TurnOrder(number=-1, slot=self.slot))
        given = {name: value for name, value in asdict(self).items() if value != standard[name]}
        return json.dumps({"slot": self.slot, **given}, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The order that was written so.

        Raises:
            ValueError: It is none.
        """
        try:
            given: dict[str, Any] = json.loads(text)
            order = cls(**{**given, "slot": Slot(given["slot"])})
            return cls(**{**asdict(order), "barge_in": BargeIn(order.barge_in)})
        except (TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"no order to listen: {error}") from error


@dataclass(frozen=True, slots=True)
class Alternative:
    """One reading of a speech; confidence from 0 to 1."""

    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Recognition:
    """What was recognised; empty text when no word was made out.

    Attributes:
        confidence: From 0 to 1.
        alternatives: Other readings, the likelier first.
    """

    text: str
    confidence: float
    alternatives: tuple[Alternative, ...] = field(default=())


class Stream(Protocol):
    """One utterance on its way through a recogniser. Methods block: they run in worker threads."""

    def accept(self, pcm: bytes) -> str:
        """Take sound of any length; the text so far (empty for engines that hear whole utterances only)."""

    def finish(self) -> Recognition:
        """The end of the utterance; the stream takes no more sound. Raises RecogniserFailed."""


class Recogniser(Protocol):
    """An engine with its model, loaded once and shared by all calls.

    Attributes:
        streaming: Whether partial texts come while sound is taken.
        grammars: Whether it can be held to a closed grammar.
    """

    name: str
    streaming: bool
    grammars: bool

    def stream(self, phrases: tuple[str, ...] | None) -> Stream:
        """Begin an utterance. Blocks; runs in a worker thread.

        Args:
            phrases: The closed grammar, or None for free speech. An engine that takes no grammars may use
                them as a hint. Words that the model lacks are left out of the grammar, and logged once.

        Raises:
            RecogniserFailed: It can't.
        """


class RecogniserFailed(Exception):
    """The recogniser can't hear: its model is broken, it ran out of memory, it is closed."""


class Overloaded(Exception):
    """Too many turns are listened to at once."""


# --- what happens in a turn ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SpeechBegun:
    """The caller has begun to speak in earnest: the prompt stops."""


@dataclass(frozen=True, slots=True)
class SpeechEnded:
    """The caller has said something.

    Attributes:
        recognition: What; its text is empty for a noise.
        too_long: Whether it was cut off at the longest speech.
        clip: Id of the kept sound, or None.
        after_milliseconds: From the end of the speech until this event was made.
    """

    recognition: Recognition
    too_long: bool = False
    clip: str | None = None
    after_milliseconds: float = 0.0


@dataclass(frozen=True, slots=True)
class HearingFailed:
    """The recogniser failed in the turn. `reason`: `failed` or `overloaded`."""

    reason: str


TurnEvent = SpeechBegun | SpeechEnded | HearingFailed


class OpenTurn(Protocol):
    """A turn that is being listened to. `feed` never blocks."""

    def feed(self, pcm: bytes) -> None:
        """Sound from the caller as it comes."""

    def events(self) -> AsyncIterator[TurnEvent]:
        """What happens, to the end of the turn: `SpeechEnded` or `HearingFailed` is the last event."""

    def close(self) -> None:
        """Nobody listens any more: the call has ended, keys were pressed, another turn begins."""


class Hearing(Protocol):
    """Listens to many turns at once."""

    def open(self, order: TurnOrder, call_id: str) -> OpenTurn:
        """Begin to listen.

        Raises:
            Overloaded: Too many turns at once.
        """
