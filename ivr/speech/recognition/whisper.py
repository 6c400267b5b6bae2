"""Whisper as a recogniser: hears whole utterances.

It takes no grammars. A closed question is read twice: freely, and with nothing but the tokens of its phrases.
The second reading counts when it sounds like the first one; so an answer that was half understood becomes the
phrase that it was, and speech about something else stays what it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from ivr.errors import Fault
from ivr.speech.models.catalogue import Engine
from ivr.speech.models.installed import require_model
from ivr.speech.models.settings import WhisperSettings
from ivr.speech.recognition.ports import Alternative, RecogniserFailed, Recognition
from ivr.speech.recognition.whisper_words import agreement, in_grammar, manner, plain, said_once, without_tail

if TYPE_CHECKING:
    from ivr.speech.recognition.whisper_model import Encoded, Model, Reading

_NOTHING = Recognition("", 0.0)
_LEAST_BYTES = 800
_GRAMMARS_KEPT = 64
_HINT_PHRASES = 16
_SENTENCE_WORDS = 3
"""A sentence of so many words that is written twice was said once: the model fills the silence with it."""

_CERTAIN = 0.75
"""Mean probability of a token that words made of noise do not reach."""

_SURELY_ALIKE = 0.8
"""What must be in words of noise to be the phrase of a caller who is hardly heard."""

_RUNAWAY_TRUST = 0.4
"""What a text that had to be cut is worth."""


@dataclass(frozen=True, slots=True)
class _Grammar:
    """A closed question for the model.

    Attributes:
        words: Words of its phrases.
        hint: Tokens of the hint.
        suppressed: Tokens that can't be said.
    """

    words: frozenset[str]
    hint: tuple[int, ...]
    suppressed: tuple[int, ...]


class WhisperRecogniser:
    """Whisper through faster-whisper; see `Recogniser`.

    Args:
        folder: A model in CTranslate2's format.
        settings: How it reads.

    Raises:
        Fault: The folder is no such model, or a broken one.
    """

    streaming = False
    grammars = False

    def __init__(self, folder: Path, settings: WhisperSettings | None = None) -> None:
        require_model(folder, Engine.WHISPER)
        self.name = f"whisper/{folder.name}"
        self._settings = settings or WhisperSettings()
        self._model = self._load(folder)
        self._free_hint = self._model.hint(manner().free_hint)
        self._grammar = lru_cache(_GRAMMARS_KEPT)(self._prepare)

    def _load(self, folder: Path) -> Model:
        from ivr.speech.recognition.whisper_model import Model

        settings = self._settings
        try:
            return Model(folder, settings.language, settings.threads, settings.workers)
        except Exception as error:  # its libraries' own errors share no base class
            raise Fault(
                f"The Whisper model can't be loaded: {error}.",
                str(folder),
                "Fetch it again with `ivr models install`; it must be in CTranslate2's format.",
            ) from error

    def stream(self, phrases: tuple[str, ...] | None) -> Utterance:
        """Begin an utterance; see `Recogniser`."""
        return Utterance(self, phrases)

    def recognise(self, pcm: bytes, phrases: tuple[str, ...] | None) -> Recognition:
        """Read an utterance. Blocks.

        Args:
            pcm: 16-bit mono, 8 kHz.
            phrases: What may be said, or None for anything.

        Raises:
            RecogniserFailed: The model failed.
        """
        if len(pcm) < _LEAST_BYTES:
            return _NOTHING
        try:
            return self._recognise(pcm, phrases)
        except (RuntimeError, ValueError) as error:
            raise RecogniserFailed(str(error)) from error

    def _recognise(self, pcm: bytes, phrases: tuple[str, ...] | None) -> Recognition:
        encoded = self._model.encode(pcm, self._settings.least_seconds, self._settings.pad_seconds)
        free = self._read_freely(encoded, closed=phrases is not None)
        return (phrases and self._within(self._grammar(phrases), encoded, free)) or self._alone(free)

    def _alone(self, free: Reading) -> Recognition:
        """A free reading by itself."""
        text = plain(free.text)
        if not text or self._is_silent(free) or manner().invented(text):
            return _NOTHING
        if not free.ended:
            return Recognition(without_tail(text), round(free.probability * _RUNAWAY_TRUST, 3))
        return Recognition(said_once(text, _SENTENCE_WORDS), round(free.probability, 3))

    def _is_silent(self, free: Reading) -> bool:
        """Whether the model hears no speech and its words are no better than those that it makes of noise."""
        return free.no_speech >= self._settings.no_speech and free.probability < _CERTAIN

    def _read_freely(self, encoded: Encoded, *, closed: bool) -> Reading:
        """The free reading of a closed question is a second opinion: no hint may colour it."""
        if closed:
            return self._model.read(encoded, beam=1)
        return self._model.read(encoded, self._settings.free_beam, self._free_hint)

    def _within(self, grammar: _Grammar, encoded: Encoded, free: Reading) -> Recognition | None:
        """The reading in words of the grammar where it sounds like the free one, else None."""
        reading = self._model.read(encoded, self._settings.closed_beam, grammar.hint, grammar.suppressed)
        text = in_grammar(plain(reading.text), grammar.words) if reading.ended else None
        if not text:
            return None
        other = plain(free.text)
        alike, text = max(
            (agreement(form, other, begun=not free.ended), form) for form in {text, said_once(text)}
        )
        if alike < (_SURELY_ALIKE if self._is_silent(free) else self._settings.least_agreement):
            return None
        heard = Alternative(without_tail(other), round(free.probability, 3))
        return Recognition(text, round(reading.probability * alike, 3), (heard,))

    def _prepare(self, phrases: tuple[str, ...]) -> _Grammar:
        spoken = [plain(phrase) for phrase in phrases]
        words = frozenset(word for phrase in spoken for word in phrase.split())
        hint = manner().hint_for(words) or ", ".join(_sample(spoken))
        return _Grammar(words, self._model.hint(hint), self._model.others(spoken))


class Utterance:
    """One utterance; see `Stream`."""

    def __init__(self, recogniser: WhisperRecogniser, phrases: tuple[str, ...] | None) -> None:
        self._recogniser = recogniser
        self._phrases = phrases
        self._sound = bytearray()

    def accept(self, pcm: bytes) -> str:
        """Keep the sound; there is no text before the end."""
        self._sound += pcm
        return ""

    def finish(self) -> Recognition:
        """Read the utterance; see `Stream`."""
        return self._recogniser.recognise(bytes(self._sound), self._phrases)


def _sample(phrases: Sequence[str]) -> Sequence[str]:
    """A few phrases, evenly from all of them."""
    return phrases[:: max(1, -(-len(phrases) // _HINT_PHRASES))]
