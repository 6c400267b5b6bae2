"""Finds the caller's speech in a turn: begun, ended, too long, or a noise.

Pure and deterministic: probabilities of speech come in, time is the time of the sound. After the model of
Home Assistant's `assist_pipeline/vad.py`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto

from ivr.speech.recognition.ports import BargeIn


class Signal(Enum):
    """What the segmenter has found."""

    ONSET = auto()  # a voice, perhaps: the recogniser begins, with the pre-roll
    BEGUN = auto()  # speech in earnest: the prompt stops
    NOISE = auto()  # it was none: what was recognised is dropped
    ENDED = auto()  # the speech is over
    TOO_LONG = auto()  # the longest speech is reached


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What counts as speech in a turn; all times in milliseconds.

    Attributes:
        threshold: Probability from which a sound is a voice.
        release: Probability below which a voice has paused.
        barge_in: What stops the prompt.
        prompt: Length of the prompt.
        during_prompt: Voice that is speech in earnest while the prompt is played.
        after_prompt: The same after it.
        pause: Silence that ends the speech.
        most: The longest speech.
    """

    threshold: float
    release: float
    barge_in: BargeIn
    prompt: int
    during_prompt: int
    after_prompt: int
    pause: int
    most: int


@dataclass(slots=True)
class Segmenter:
    """The state of one turn.

    Attributes:
        now: Length of the sound so far, milliseconds.
        voiced: Voice in the speech so far, milliseconds.
        silent: Silence since the last voice, milliseconds.
        begun: Whether the speech was reported as begun.
        pause: Silence that ends the speech; may be changed while it lasts.
    """

    rules: Rules
    now: float = 0.0
    voiced: float = 0.0
    silent: float = 0.0
    begun: bool = False
    pause: float = field(init=False)
    _since: float | None = None

    def __post_init__(self) -> None:
        self.pause = self.rules.pause

    @property
    def during_prompt(self) -> bool:
        """Whether the prompt is still being played."""
        return self.now < self.rules.prompt and not self.begun

    @property
    def deaf_for(self) -> float:
        """For how long what is said is not listened to, milliseconds."""
        never = self.rules.barge_in is BargeIn.NEVER
        return max(0.0, self.rules.prompt - self.now) if never else 0.0

    @property
    def patience(self) -> float:
        """For how long no signal but an onset or a noise can come, whatever is heard, milliseconds."""
        if self._since is None:
            return self.deaf_for or self._until_begun()
        until_end = min(self.pause - self.silent, self.rules.most - (self.now - self._since))
        return max(0.0, until_end if self.begun else min(until_end, self._until_begun()))

    @property
    def length(self) -> float:
        """From the beginning of the speech to its last voice, milliseconds."""
        return 0.0 if self._since is None else self.now - self._since - self.silent

    @property
    def speaking(self) -> bool:
        """Whether a speech is under way."""
        return self._since is not None

    def hear(self, probability: float, milliseconds: float) -> list[Signal]:
        """Take the next piece of sound.

        Args:
            probability: Of speech in it, from 0 to 1.
            milliseconds: Its length.

        Returns:
            What it brought about, in order. After ENDED and TOO_LONG call `forget` to listen on.
        """
        self.now += milliseconds
        if self.deaf_for:
            return []
        onset = self._take(probability, milliseconds)
        return onset + self._begin() + self._end()

    def begin(self) -> None:
        """Words were made out: the speech is in earnest, whatever its length."""
        self.begun = True

    def forget(self) -> None:
        """What was said does not count: wait for another speech."""
        self._since, self.voiced, self.silent, self.begun = None, 0.0, 0.0, False
        self.pause = self.rules.pause

    def _take(self, probability: float, milliseconds: float) -> list[Signal]:
        if not self.speaking:
            if probability < self.rules.threshold:
                return []
            self._since = self.now - milliseconds
            self.voiced, self.silent = milliseconds, 0.0
            return [Signal.ONSET]
        if probability >= self._level():
            self.voiced += milliseconds
            self.silent = 0.0
        else:
            self.silent += milliseconds
        return []

    def _level(self) -> float:
        """A voice goes on at a lower probability than it begins with."""
        return self.rules.threshold if self.silent else self.rules.release

    def _begin(self) -> list[Signal]:
        if self.begun or not self.speaking or self.voiced < self._needed():
            return []
        self.begun = True
        return [Signal.BEGUN]

    def _needed(self) -> int:
        return self.rules.during_prompt if self.during_prompt else self.rules.after_prompt

    def _until_begun(self) -> float:
        """Voice that is lacking; while words may count, what they need, or nothing more."""
        during = self.rules.during_prompt - self.voiced
        after = self.rules.after_prompt - self.voiced
        if self.rules.barge_in is not BargeIn.WORDS:
            after = max(after, self.rules.prompt - self.now)
        return max(0.0, min(during, after) if self.during_prompt else after)

    def _end(self) -> list[Signal]:
        if self._since is None:
            return []
        too_long = self.now - self._since >= self.rules.most
        if not too_long and self.silent < self.pause:
            return []
        if self.begun or (self._words_may_count() and not too_long):
            return [Signal.TOO_LONG if too_long else Signal.ENDED]
        self.forget()
        return [Signal.NOISE]

    def _words_may_count(self) -> bool:
        """During a patient prompt it is words that decide, not length."""
        return self.rules.barge_in is BargeIn.WORDS and self.voiced >= self.rules.after_prompt
