"""A Whisper model (CTranslate2): encodes an utterance once and reads it, freely or within given words.

Whisper pads what it hears to 30 s, and the encoder's cost grows faster than that length. On the telephone an
answer lasts seconds: a shorter padding costs a fifth and reads short answers no worse.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_ctranslate2_storage

from ivr.speech.recognition.ports import SAMPLE_RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RATE = 16000
_WINDOW_SECONDS = 30
_PUNCTUATION = (",", ".", "?", " ")
_TOKENS_PER_SECOND = 10
_LEAST_TOKENS = 12
_ALL = [-1]
"""What the model suppresses by itself: symbols that nobody speaks."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One text of an utterance.

    Attributes:
        probability: Mean probability of a token.
        no_speech: Probability that there is no speech at all.
        ended: Whether the model came to an end by itself; otherwise it repeats itself.
    """

    text: str
    probability: float
    no_speech: float
    ended: bool


@dataclass(frozen=True, slots=True)
class Encoded:
    """An utterance as the model hears it.

    Attributes:
        most_tokens: More than can be said in its time.
    """

    features: Any
    most_tokens: int


class Model:
    """A multilingual Whisper model on the processor, with 8-bit weights. May be used from many threads.

    Args:
        folder: Model in CTranslate2's format.
        language: Two letters.
        threads: Threads per utterance.
        workers: Utterances worked on at once; more wait.
    """

    def __init__(self, folder: Path, language: str, threads: int, workers: int) -> None:
        self._model = WhisperModel(
            str(folder),
            device="cpu",
            compute_type="int8",
            cpu_threads=threads,
            num_workers=workers,
            local_files_only=True,
        )
        self._tokenizer = Tokenizer(
            self._model.hf_tokenizer, self._model.model.is_multilingual, task="transcribe", language=language
        )

    @cached_property
    def _vocabulary(self) -> frozenset[int]:
        return frozenset(range(self._model.hf_tokenizer.get_vocab_size()))

    def encode(self, pcm: bytes, least_seconds: float, pad_seconds: float) -> Encoded:
        """Hear an utterance.

        Args:
            pcm: 16-bit mono, 8 kHz.
            least_seconds: Shortest length that it is padded to with silence.
            pad_seconds: Least silence behind it.
        """
        sound = upsampled(pcm)
        seconds = len(sound) / _RATE
        length = min(max(least_seconds, seconds + pad_seconds), _WINDOW_SECONDS)
        padded = np.zeros(int(length * _RATE), np.float32)
        padded[: len(sound)] = sound[: len(padded)]
        features = self._model.feature_extractor(padded, padding=0)
        even = features[:, : features.shape[1] // 2 * 2]
        return Encoded(
            self._model.model.encode(get_ctranslate2_storage(even[np.newaxis])),
            _LEAST_TOKENS + int(seconds * _TOKENS_PER_SECOND),
        )

    def read(
        self, encoded: Encoded, beam: int, hint: Sequence[int] = (), suppressed: Sequence[int] = ()
    ) -> Reading:
        """The likeliest text.

        Args:
            encoded: What was heard.
            beam: Texts that are followed at once.
            hint: Tokens of what seems to have been said before.
            suppressed: Tokens that can't be said.
        """
        before = [self._tokenizer.sot_prev, *hint] if hint else []
        prompt = [*before, *self._tokenizer.sot_sequence, self._tokenizer.no_timestamps]
        (result,) = self._model.model.generate(
            encoded.features,
            [prompt],
            beam_size=beam,
            # CTranslate2 stops at half of this, and at what the prompt leaves of it
            max_length=encoded.most_tokens + max(encoded.most_tokens, len(prompt)),
            suppress_tokens=list(suppressed) or _ALL,
            return_scores=True,
            return_no_speech_prob=True,
        )
        tokens = result.sequences_ids[0]
        return Reading(
            text=self._tokenizer.decode(tokens),
            probability=math.exp(min(result.scores[0] * len(tokens) / (len(tokens) + 1), 0.0)),
            no_speech=result.no_speech_prob,
            ended=len(tokens) < encoded.most_tokens,
        )

    def hint(self, text: str) -> tuple[int, ...]:
        """Tokens of a text for `read`."""
        return tuple(self._tokenizer.encode(f" {text.strip()}"))

    def others(self, phrases: Sequence[str]) -> tuple[int, ...]:
        """Tokens that are no part of these phrases or of their words, however they are written."""
        texts = {*phrases, *(word for phrase in phrases for word in phrase.split())}
        written = {form for text in texts for form in (text, text.capitalize())}
        allowed = {self._tokenizer.eot}
        for text in (*written, *_PUNCTUATION):
            allowed.update(self._tokenizer.encode(text), self._tokenizer.encode(f" {text}"))
        return tuple(self._vocabulary - allowed)


def upsampled(pcm: bytes) -> NDArray[np.float32]:
    """Sound of 8 kHz at 16 kHz, from -1 to 1: the spectrum goes on with silence above 4 kHz."""
    sound = np.divide(np.frombuffer(pcm, np.int16), 32768, dtype=np.float32)
    if not len(sound):
        return sound
    factor = _RATE // SAMPLE_RATE
    return np.fft.irfft(np.fft.rfft(sound) * factor, len(sound) * factor).astype(np.float32)
