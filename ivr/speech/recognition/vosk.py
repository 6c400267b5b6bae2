"""Vosk: the default recogniser. The model is loaded once and shared; each utterance has a decoder of its own.

https://alphacephei.com/vosk/models: small models are dynamic graphs (`HCLr.fst` and `Gr.fst`) and take closed
grammars, big ones are static (`HCLG.fst`) and take none.
"""

from __future__ import annotations

import json
import math
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import chain
from pathlib import Path
from typing import Any

import structlog

from ivr.errors import Fault
from ivr.speech.recognition.ports import SAMPLE_RATE, Alternative, RecogniserFailed, Recognition

_log = structlog.get_logger(__name__)

UNKNOWN = "[unk]"
"""What a closed grammar makes of words that are not in it."""

_DYNAMIC_GRAPH = ("HCLr.fst", "Gr.fst")
_STATIC_GRAPH = ("HCLG.fst",)
_ACOUSTIC_MODEL = "final.mdl"
_KNOWN_GRAMMARS = 512
_IDLE_CLOSED = 32  # decoders; each holds less than a megabyte
_IDLE_FREE = 8  # each holds some 30 MB: the graph as far as it was unfolded


def is_model(folder: Path) -> bool:
    """Whether the folder holds a model that the `vosk` library runs."""
    return _holds(folder, "am", (_ACOUSTIC_MODEL,)) and (
        takes_grammars(folder) or _holds(folder, "graph", _STATIC_GRAPH)
    )


def takes_grammars(folder: Path) -> bool:
    """Whether the model can be held to closed grammars: its graph is made at run time."""
    return _holds(folder, "graph", _DYNAMIC_GRAPH)


def _holds(folder: Path, part: str, names: Iterable[str]) -> bool:
    """Whether the files lie in a part of the model, or all in one folder as in the oldest models."""
    return any(all((place / name).is_file() for name in names) for place in (folder / part, folder))


class VoskRecogniser:
    """A model in memory; see `Recogniser`."""

    streaming = True

    def __init__(self, folder: Path, alternatives: int = 0) -> None:
        """Load the model: seconds, and up to gigabytes of memory.

        Args:
            folder: The model, unpacked.
            alternatives: Readings of a closed question that are given besides the best one.

        Raises:
            Fault: It is no model, or a broken one.
        """
        if not is_model(folder):
            raise Fault(
                "There is no vosk model in this folder.",
                str(folder),
                "Install one with `ivr models install`, or name the folder that holds am/ and graph/.",
            )
        self.name = f"vosk/{folder.name}"
        self.grammars = takes_grammars(folder)
        self._alternatives = alternatives
        self._model = _load(folder)
        self._finding = threading.Lock()
        self._missing: set[str] = set()
        self._grammar = lru_cache(maxsize=_KNOWN_GRAMMARS)(self._write_grammar)
        self._idle = {True: _Idle(_IDLE_CLOSED), False: _Idle(_IDLE_FREE)}

    def stream(self, phrases: tuple[str, ...] | None) -> VoskStream:
        """Begin an utterance; see `Recogniser`."""
        grammar = self._grammar(phrases) if phrases is not None and self.grammars else None
        idle = self._idle[grammar is not None]
        decoder = idle.take(grammar) or self._decoder(grammar)
        return VoskStream(decoder, lambda: idle.put(grammar, decoder))

    def _decoder(self, grammar: str | None) -> Any:
        import vosk

        try:
            if grammar is None:
                decoder = vosk.KaldiRecognizer(self._model, SAMPLE_RATE)
            else:
                decoder = vosk.KaldiRecognizer(self._model, SAMPLE_RATE, grammar)
                decoder.SetMaxAlternatives(self._alternatives and self._alternatives + 1)
            decoder.SetWords(True)
        except Exception as error:  # the library raises nothing narrower
            raise RecogniserFailed(f"vosk made no decoder: {error}") from error
        return decoder

    def missing(self, phrases: Iterable[str]) -> list[str]:
        """Words of the phrases that the model does not know, sorted."""
        words = {word for phrase in phrases for word in phrase.split()}
        return sorted(word for word in words if self._known(word) is None)

    def _write_grammar(self, phrases: Sequence[str]) -> str:
        """The JSON that the library takes; without words that the model lacks.

        Raises:
            RecogniserFailed: No word is left.
        """
        known = dict.fromkeys(filter(None, map(self._in_vocabulary, phrases)))
        self._tell_missing(phrases)
        if not known:
            raise RecogniserFailed("the model knows no word of the grammar")
        garbage = [UNKNOWN] if self._finds(UNKNOWN) else []
        return json.dumps([*known, *garbage], ensure_ascii=False)

    def _in_vocabulary(self, phrase: str) -> str:
        return " ".join(filter(None, map(self._known, phrase.split())))

    def _known(self, word: str) -> str | None:
        """The word as the model spells it: some are written without «ё»."""
        small = word.lower()
        return next((form for form in (small, small.replace("ё", "е")) if self._finds(form)), None)

    def _finds(self, word: str) -> bool:
        return bool(self._model.vosk_model_find_word(word) >= 0)

    def _tell_missing(self, phrases: Iterable[str]) -> None:
        with self._finding:
            new = set(self.missing(phrases)) - self._missing
            self._missing |= new
        if new:
            _log.warning("words_not_in_model", model=self.name, count=len(new))


class _Idle:
    """Decoders whose utterance has ended, by grammar; those that have waited longest are let go.

    A decoder begins anew after its final result, and keeps only the part of the graph that it has unfolded:
    making one for free speech takes as long as a quarter of a second of its work.
    """

    def __init__(self, most: int) -> None:
        """Args: most, kept at once."""
        self._most = most
        self._changing = threading.Lock()
        self._waiting: list[tuple[str | None, Any]] = []

    def take(self, grammar: str | None) -> Any | None:
        """The one that has waited least, or None."""
        with self._changing:
            places = [place for place, (own, _) in enumerate(self._waiting) if own == grammar]
            return self._waiting.pop(places[-1])[1] if places else None

    def put(self, grammar: str | None, decoder: Any) -> None:
        """Keep one for another utterance."""
        with self._changing:
            self._waiting.append((grammar, decoder))
            del self._waiting[: -self._most]


def _load(folder: Path) -> Any:
    import vosk

    vosk.SetLogLevel(-1)
    try:
        return vosk.Model(str(folder))
    except Exception as error:  # the library raises nothing narrower
        raise Fault(
            "The vosk model can't be loaded: a file of it is broken or of another version.",
            str(folder),
            "Fetch it again with `ivr models install`; models from 0.52 on do not run in vosk.",
        ) from error


@dataclass(frozen=True, slots=True)
class _Reading:
    """A reading of a piece, with what is unknown in it, and its share of the probability."""

    words: tuple[str, ...]
    share: float

    @property
    def alternative(self) -> Alternative:
        """Its known words; sure is a geometric mean over the words, less for each unknown one."""
        known = [word for word in self.words if word != UNKNOWN]
        count = max(1, len(self.words))
        return Alternative(" ".join(known), round(self.share ** (1 / count) * len(known) / count, 3))


class VoskStream:
    """One utterance; see `Stream`. What the library's own end-pointing cuts is joined again."""

    def __init__(self, decoder: Any, ended: Callable[[], None] = lambda: None) -> None:
        """Args: decoder, of the library; ended, called when it is ready for another utterance."""
        self._decoder = decoder
        self._ended = ended
        self._pieces: list[tuple[_Reading, ...]] = []

    def accept(self, pcm: bytes) -> str:
        """Take sound; see `Stream`."""
        partial: tuple[str, ...] = ()
        try:
            if self._decoder.AcceptWaveform(pcm):
                self._pieces.append(_readings(json.loads(self._decoder.Result())))
            else:
                partial = tuple(json.loads(self._decoder.PartialResult())["partial"].split())
        except Exception as error:  # the library raises nothing narrower
            raise RecogniserFailed(f"vosk could not go on: {error}") from error
        words = chain(*(piece[0].words for piece in self._pieces), partial)
        return " ".join(word for word in words if word != UNKNOWN)

    def finish(self) -> Recognition:
        """The end; see `Stream`."""
        try:
            self._pieces.append(_readings(json.loads(self._decoder.FinalResult())))
        except Exception as error:  # the library raises nothing narrower
            raise RecogniserFailed(f"vosk could not end: {error}") from error
        self._ended()
        joined: tuple[_Reading, ...] = reduce(_join, self._pieces)
        best, *others = _without_doubles(joined)
        return Recognition(best.text, best.confidence, tuple(other for other in others if other.text))


def _readings(result: Mapping[str, Any]) -> tuple[_Reading, ...]:
    """A result of the library, the likelier reading first; at least one, perhaps without words."""
    if "alternatives" not in result:
        share = math.prod(word["conf"] for word in result.get("result", ()))
        return (_Reading(tuple(result["text"].split()), share),)
    alternatives = result["alternatives"]
    shares = _softmax([one["confidence"] for one in alternatives])
    return tuple(
        _Reading(tuple(one["text"].split()), share) for one, share in zip(alternatives, shares, strict=True)
    ) or (_Reading((), 1.0),)


def _softmax(likelihoods: Sequence[float]) -> list[float]:
    """Log-likelihoods of the alternatives → their shares of the probability."""
    most = max(likelihoods, default=0.0)
    weights = [math.exp(one - most) for one in likelihoods]
    return [weight / sum(weights) for weight in weights]


def _join(left: tuple[_Reading, ...], right: tuple[_Reading, ...]) -> tuple[_Reading, ...]:
    """Readings of two pieces after one another: the likeliest combinations."""
    pairs = (_Reading(one.words + other.words, one.share * other.share) for one in left for other in right)
    return tuple(sorted(pairs, key=lambda pair: -pair.share)[: max(len(left), len(right))])


def _without_doubles(readings: Iterable[_Reading]) -> list[Alternative]:
    """Readings as others see them; the likeliest of those that are alike but for unknown words."""
    seen: dict[str, Alternative] = {}
    for reading in readings:
        alternative = reading.alternative
        seen.setdefault(alternative.text, alternative)
    return list(seen.values())
