"""What a worker thread does for a turn: detect speech, have it recognised, tell what happened."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

import structlog

from ivr.dialogue.ports import AnswerKind
from ivr.speech.recognition.clips import Clips
from ivr.speech.recognition.ports import (
    SAMPLE_RATE,
    BargeIn,
    Recogniser,
    Recognition,
    SpeechBegun,
    SpeechEnded,
    Stream,
    TurnEvent,
    TurnOrder,
)
from ivr.speech.recognition.segmenter import Rules, Segmenter, Signal
from ivr.speech.recognition.settings import PauseSettings, RecognitionSettings
from ivr.speech.recognition.vad import WINDOW_BYTES, WINDOW_MILLISECONDS, VoiceDetector
from ivr.speech.recognition.vocabulary import backchannels

_log = structlog.get_logger(__name__)

Digits = Callable[[str], str | None]
"""Words → the digits that they mean, or None."""

_UNHEARD = Recognition("", 1.0)
_WARM_UP = 320  # milliseconds of sound before its first verdict that the detector has to know
_NEVER_BY_LENGTH = 3_600_000
_MOST_WINDOWS = 8  # worked on at once: the acoustic model of vosk takes 0.2 s
_MOST_WINDOWS_OF_DIGITS = 6
_BYTES_PER_MILLISECOND = SAMPLE_RATE * 2 // 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ear:
    """What the turns of a slot share.

    Attributes:
        recogniser: Hears.
        settings: When an answer begins and ends.
        phrases: Id of a grammar → its phrases; may raise.
        digits: Understands numbers, so that one of known length ends at its last digit.
        clips: Where speech is kept for review, or None.
    """

    recogniser: Recogniser
    settings: RecognitionSettings
    phrases: Callable[[str], tuple[str, ...]]
    digits: Digits
    clips: Clips | None = None


class Listener:
    """Listens to one turn. Every method blocks; one thread at a time may be in it."""

    def __init__(self, order: TurnOrder, ear: Ear, detector: VoiceDetector) -> None:
        self._order = order
        self._ear = ear
        self._detector = detector
        self._segmenter = Segmenter(rules_of(order, ear.settings, streaming=ear.recogniser.streaming))
        self._rest = b""
        self._recent: deque[bytes] = deque(maxlen=windows_of(ear.settings.voice.pre_roll) + 1)
        self._stream: Stream | None = None
        self._unheard: list[bytes] = []
        self._clip = bytearray()
        self._text = ""

    def take(self, pcm: bytes) -> list[TurnEvent]:
        """Sound of any length; what happened in it. After `SpeechEnded` the turn is over.

        Raises:
            Exception: The recogniser or the detector can't.
        """
        sound = self._rest + pcm
        whole = len(sound) // WINDOW_BYTES * WINDOW_BYTES
        self._rest = sound[whole:]
        events: list[TurnEvent] = []
        windows = [sound[place : place + WINDOW_BYTES] for place in range(0, whole, WINDOW_BYTES)]
        for window, probability in zip(windows, self._probabilities(sound[:whole]), strict=True):
            events += self._window(window, probability)
            if events and isinstance(events[-1], SpeechEnded):
                return events
        return events + self._recognise()

    @property
    def wanted_bytes(self) -> int:
        """Sound before which there is nothing to be told, so that a thread need not be woken for less.

        Each waking costs cold caches: a detector that is run thrice as often costs twice as much.
        """
        windows = ceil(self._patience / WINDOW_MILLISECONDS)
        exactly = min(windows, self._most_windows) * WINDOW_BYTES - len(self._rest)
        return max(exactly, self._ear.settings.batch * _BYTES_PER_MILLISECOND)

    @property
    def _patience(self) -> float:
        """Milliseconds. The text of a number counts while the caller pauses: it may shorten the pause."""
        pausing = self._order.digits is not None and self._segmenter.silent > 0
        return 0.0 if pausing else self._segmenter.patience

    @property
    def _most_windows(self) -> int:
        return _MOST_WINDOWS if self._order.digits is None else _MOST_WINDOWS_OF_DIGITS

    def release(self) -> None:
        """Free what the turn holds."""
        self._stream = None
        self._recent.clear()
        self._forget_sound()

    def _probabilities(self, sound: bytes) -> list[float]:
        """For each window; the detector is spared what is not listened to anyway."""
        windows = len(sound) // WINDOW_BYTES
        skipped = min(windows, max(0, windows_of(self._segmenter.deaf_for - _WARM_UP)))
        heard = sound[skipped * WINDOW_BYTES :]
        return [0.0] * skipped + (self._detector.probabilities(heard) if heard else [])

    def _window(self, window: bytes, probability: float) -> list[TurnEvent]:
        self._recent.append(window)
        if self._stream is not None:
            self._unheard.append(window)
        events: list[TurnEvent] = []
        for signal in self._segmenter.hear(probability, WINDOW_MILLISECONDS):
            events += self._follow(signal)
        return events

    def _follow(self, signal: Signal) -> list[TurnEvent]:
        match signal:
            case Signal.ONSET:
                self._open()
            case Signal.NOISE:
                self._drop()
            case Signal.BEGUN:
                return [SpeechBegun()]
            case Signal.ENDED | Signal.TOO_LONG:
                return self._end(too_long=signal is Signal.TOO_LONG)
        return []

    def _open(self) -> None:
        grammar = self._order.grammar
        self._stream = self._ear.recogniser.stream(self._ear.phrases(grammar) if grammar else None)
        self._unheard = list(self._recent)

    def _drop(self) -> None:
        self._stream = None
        self._forget_sound()

    def _forget_sound(self) -> None:
        self._unheard.clear()
        self._clip.clear()
        self._text = ""

    def _recognise(self) -> list[TurnEvent]:
        """Hand on what was gathered, and act on the text so far."""
        if self._stream is None or not self._unheard:
            return []
        text = self._hand_on(self._stream)
        self._await_digits(text)
        if self._segmenter.begun or not self._interrupts(text):
            return []
        self._segmenter.begin()
        return [SpeechBegun()]

    def _hand_on(self, stream: Stream) -> str:
        sound = b"".join(self._unheard)
        self._unheard.clear()
        if self._order.keep_clip and self._ear.clips:
            self._clip += sound
        return stream.accept(sound)

    def _await_digits(self, text: str) -> None:
        """A number of known length ends soon after its last digit, unless a numeral could follow it.

        «сорок» may become «сорок пять»: what ends in a nought waits for the usual pause.
        """
        if self._order.digits is None or text == self._text:
            return
        self._text = text
        said = self._ear.digits(text) or ""
        complete = len(said) == self._order.digits and not said.endswith("0")
        pauses = self._ear.settings.pauses
        self._segmenter.pause = pauses.all_digits if complete else pause_of(self._order.kind, pauses)

    def _interrupts(self, text: str) -> bool:
        words = self._order.barge_in is BargeIn.WORDS and not backchannels().issuperset(text.split())
        return words and self._segmenter.voiced >= self._ear.settings.voice.least_speech

    def _end(self, *, too_long: bool) -> list[TurnEvent]:
        stream, self._stream = self._stream, None
        if stream is None:
            raise RuntimeError("speech ended that had not begun")
        if self._is_brief:
            return [self._ended(_UNHEARD, too_long)]
        self._hand_on(stream)
        recognition = stream.finish()
        if self._segmenter.begun:
            return [self._ended(recognition, too_long)]
        if not self._interrupts(recognition.text):
            self._segmenter.forget()
            self._forget_sound()
            return []
        return [SpeechBegun(), self._ended(recognition, too_long)]

    @property
    def _is_brief(self) -> bool:
        """Whether this was the greeting of somebody who waits for an answer now, not for our recogniser."""
        greeting = self._order.kind == AnswerKind.GREETING
        return greeting and self._segmenter.length <= self._ear.settings.brief_greeting

    def _ended(self, recognition: Recognition, too_long: bool) -> SpeechEnded:
        return SpeechEnded(recognition, too_long, self._kept_clip(), self._segmenter.silent)

    def _kept_clip(self) -> str | None:
        if not self._clip or self._ear.clips is None:
            return None
        try:
            return self._ear.clips.add(bytes(self._clip))
        except OSError as error:
            _log.error("clip_not_written", error=error.strerror)
            return None


def rules_of(order: TurnOrder, settings: RecognitionSettings, *, streaming: bool) -> Rules:
    """What counts as speech in a turn."""
    voice = settings.voice
    by_words = _NEVER_BY_LENGTH if streaming else voice.patient_barge_in
    return Rules(
        threshold=voice.threshold,
        release=max(0.0, voice.threshold - voice.hysteresis),
        barge_in=order.barge_in,
        prompt=order.prompt_milliseconds,
        during_prompt=by_words if order.barge_in is BargeIn.WORDS else voice.barge_in,
        after_prompt=voice.least_speech,
        pause=pause_of(order.kind, settings.pauses),
        most=min(order.most_milliseconds, settings.longest_speech),
    )


def pause_of(kind: str, pauses: PauseSettings) -> int:
    """The silence that ends an answer of this kind (an `AnswerKind`), milliseconds."""
    by_kind = {
        AnswerKind.YES_NO: pauses.yes_no,
        AnswerKind.CHOICE: pauses.choice,
        AnswerKind.NAME: pauses.name,
        AnswerKind.SPEECH: pauses.speech,
        AnswerKind.GREETING: pauses.greeting,
    }
    return by_kind.get(AnswerKind(kind), pauses.number)


def windows_of(milliseconds: float) -> int:
    """How many windows of the detector hold that much sound."""
    return round(milliseconds / WINDOW_MILLISECONDS)
