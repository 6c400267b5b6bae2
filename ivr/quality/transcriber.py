"""A process of its own that turns recordings into words: `python -m ivr.quality.transcriber`.

On its input: a line of JSON with the settings (`Ears`), then for each recording a line of JSON (`Order`) and
the recording's bytes. On its output: a line for each stretch of speech (`side`, `begin`, `end`, `text`,
`confidence`), after which it waits for an empty line before it goes on; at last `{"done": true, "work": …}`
with the seconds that it took, or `{"error": …}` with the reason. It runs at the lowest priority, rests so
that it keeps to its share of a core, holds nothing on a disk, and ends with its input.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Final

from ivr.archive.decoding import NotDecoded, samples
from ivr.quality.model import Side, Span
from ivr.quality.segments import segments, within
from ivr.speech.models.catalogue import Engine
from ivr.speech.models.choosing import ModelChoice, load
from ivr.speech.models.settings import ModelsSettings
from ivr.speech.recognition.ports import Recogniser, RecogniserFailed, Slot
from ivr.speech.recognition.settings import PauseSettings, VoiceSettings
from ivr.speech.recognition.vad import (
    WINDOW_BYTES,
    WINDOW_MILLISECONDS,
    DetectorModel,
    Silero,
)

_BYTES_A_MILLISECOND: Final = 16
_BLOCK: Final = 64 * 1024
_VAD_BYTES: Final = WINDOW_BYTES * 256


@dataclass(frozen=True, slots=True)
class Ears:
    """What listens.

    Attributes:
        folder: The model's.
        engine: The model's.
        core_share: Most of a core, 0 to 1.
        niceness: 19: it gives way to everything else.
        models: `ModelsSettings` as JSON.
        voice: `VoiceSettings` as JSON.
        pauses: `PauseSettings` as JSON.
    """

    folder: str
    engine: str
    core_share: float
    models: str
    voice: str
    pauses: str
    niceness: int = 19


@dataclass(frozen=True, slots=True)
class Order:
    """A recording.

    Attributes:
        size: Bytes that follow.
        channels: 1, or 2: the client left, people right.
        people: Where people of the company are listened to: [begin, end] in milliseconds.
    """

    size: int
    channels: int
    people: list[tuple[int, int]]


def line_of(message: Ears | Order) -> bytes:
    """A message as a line."""
    return json.dumps(asdict(message)).encode() + b"\n"


class Transcriber:
    """The model at work."""

    def __init__(self, ears: Ears) -> None:
        """Load it; takes seconds.

        Raises:
            Fault: It is broken.
        """
        models = ModelsSettings.model_validate_json(ears.models)
        one_thread = models.model_copy(
            update={"whisper": models.whisper.model_copy(update={"threads": 1, "workers": 1})}
        )
        choice = ModelChoice(slot=Slot.FREE, engine=Engine(ears.engine), folder=Path(ears.folder))
        self._recogniser: Recogniser = load(choice, one_thread)
        self._voice = VoiceSettings.model_validate_json(ears.voice)
        self._pauses = PauseSettings.model_validate_json(ears.pauses)
        self._detectors: DetectorModel = Silero(self._voice)

    def transcribe(self, content: bytes, order: Order) -> Iterator[dict[str, object]]:
        """What was said, in order of time.

        Raises:
            NotDecoded: It is no sound.
            RecogniserFailed: The model failed.
        """
        sound = b"".join(samples([content], order.channels))
        people = [Span(*each) for each in order.people]
        channels = _sides(sound, order.channels)
        found = [
            (span, side, channel)
            for side, channel in channels.items()
            for span in self._spans(channel, people if side is Side.PERSON else None)
        ]
        for span, side, channel in sorted(found, key=lambda each: (each[0].begin, each[0].end)):
            stream = self._recogniser.stream(None)
            stream.accept(channel[span.begin * _BYTES_A_MILLISECOND : span.end * _BYTES_A_MILLISECOND])
            heard = stream.finish()
            yield {
                "side": side,
                "begin": span.begin,
                "end": span.end,
                "text": heard.text,
                "confidence": heard.confidence,
            }

    def _spans(self, channel: bytes, places: list[Span] | None) -> list[Span]:
        detector = self._detectors.detector()
        whole = len(channel) - len(channel) % WINDOW_BYTES
        probabilities = (
            one
            for start in range(0, whole, _VAD_BYTES)
            for one in detector.probabilities(channel[start : min(start + _VAD_BYTES, whole)])
        )
        length = len(channel) // _BYTES_A_MILLISECOND
        found = list(segments(probabilities, WINDOW_MILLISECONDS, self._voice, self._pauses, length))
        return found if places is None else within(found, places)


def _sides(sound: bytes, channels: int) -> dict[Side, bytes]:
    if channels == 1:
        return {Side.MIXED: sound}
    import numpy as np

    frames = np.frombuffer(sound[: len(sound) - len(sound) % 4], dtype="<i2").reshape(-1, 2)
    return {Side.CLIENT: frames[:, 0].tobytes(), Side.PERSON: frames[:, 1].tobytes()}


class _Pace:
    """Rests so that the processor's time keeps to its share."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._used, self._at = time.process_time(), time.monotonic()

    def rest(self) -> None:
        """After some work."""
        used, now = time.process_time(), time.monotonic()
        due = (used - self._used) / self._share - (now - self._at)
        if due > 0:
            time.sleep(due)
        self._used, self._at = time.process_time(), time.monotonic()


def _answers(transcriber: Transcriber, orders: IO[bytes], order: Order) -> Iterator[dict[str, object]]:
    content = orders.read(order.size)
    began = time.process_time()
    try:
        yield from transcriber.transcribe(content, order)
    except NotDecoded:
        yield {"error": "not-decoded"}
    except RecogniserFailed:
        yield {"error": "failed"}
    else:
        yield {"done": True, "work": round(time.process_time() - began, 3)}


def main(orders: IO[bytes], out: IO[str]) -> None:
    """Work until the input ends."""
    ears = Ears(**json.loads(orders.readline()))
    os.nice(ears.niceness)
    transcriber, pace = Transcriber(ears), _Pace(ears.core_share)
    while line := orders.readline():
        given: dict[str, Any] = json.loads(line)
        for answer in _answers(transcriber, orders, Order(**given)):
            pace.rest()
            out.write(json.dumps(answer) + "\n")
            out.flush()
            if "side" in answer and not orders.readline():
                return


if __name__ == "__main__":
    main(sys.stdin.buffer, sys.stdout)
