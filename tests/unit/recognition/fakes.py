"""A detector and a recogniser whose verdicts are written into the sound: a voice's samples are its marker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ivr.speech.recognition.listener import Ear, Listener
from ivr.speech.recognition.ports import BargeIn, Recognition, Slot, TurnEvent, TurnOrder
from ivr.speech.recognition.settings import RecognitionSettings
from ivr.speech.recognition.vad import WINDOW_BYTES, WINDOW_MILLISECONDS

SILENCE = 0


def sound(marker: int, milliseconds: float) -> bytes:
    """So much sound of one sort, in whole windows of the detector; marker 0 is silence."""
    windows = round(milliseconds / WINDOW_MILLISECONDS)
    return marker.to_bytes(2, "little") * (windows * WINDOW_BYTES // 2)


def markers(pcm: bytes) -> list[int]:
    """What is in a sound, in order, without repetitions."""
    samples = [int.from_bytes(pcm[place : place + 2], "little") for place in range(0, len(pcm), WINDOW_BYTES)]
    return [one for one, before in zip(samples, [None, *samples], strict=False) if one != before]


class MarkerDetector:
    """Voice is what is no silence."""

    def __init__(self) -> None:
        self.windows = 0

    def probabilities(self, pcm: bytes) -> list[float]:
        self.windows += len(pcm) // WINDOW_BYTES
        return [
            0.99 if pcm[place : place + 2] != b"\0\0" else 0.01 for place in range(0, len(pcm), WINDOW_BYTES)
        ]


class MarkerModel:
    def detector(self) -> MarkerDetector:
        return MarkerDetector()


class ScriptedStream:
    def __init__(self, recogniser: ScriptedRecogniser) -> None:
        self._recogniser = recogniser
        self.pcm = b""

    def accept(self, pcm: bytes) -> str:
        self.pcm += pcm
        return self._recogniser.text_of(self.pcm) if self._recogniser.streaming else ""

    def finish(self) -> Recognition:
        text = self._recogniser.text_of(self.pcm)
        return Recognition(text, 0.9 if text else 0.0)


class ScriptedRecogniser:
    """Says of a sound what a function says."""

    name = "scripted"
    grammars = True

    def __init__(self, text_of: Callable[[bytes], str], *, streaming: bool = True) -> None:
        self.text_of = text_of
        self.streaming = streaming
        self.streams: list[ScriptedStream] = []
        self.phrases: list[tuple[str, ...] | None] = []

    def stream(self, phrases: tuple[str, ...] | None) -> ScriptedStream:
        self.phrases.append(phrases)
        self.streams.append(ScriptedStream(self))
        return self.streams[-1]


def words(by_marker: dict[int, str]) -> Callable[[bytes], str]:
    """Each marker is a word."""
    return lambda pcm: " ".join(by_marker[one] for one in markers(pcm) if one in by_marker)


def order(
    *,
    kind: str = "choice",
    digits: int | None = None,
    barge_in: BargeIn = BargeIn.SPEECH,
    prompt: int = 0,
    most: int = 20_000,
    keep_clip: bool = False,
    grammar: str | None = None,
) -> TurnOrder:
    return TurnOrder(
        number=1,
        slot=Slot.CLOSED,
        kind=kind,
        digits=digits,
        barge_in=barge_in,
        prompt_milliseconds=prompt,
        most_milliseconds=most,
        keep_clip=keep_clip,
        grammar=grammar,
    )


def listener(
    turn: TurnOrder,
    recogniser: ScriptedRecogniser,
    *,
    digits: Callable[[str], str | None] = lambda text: None,
    settings: RecognitionSettings | None = None,
    detector: MarkerDetector | None = None,
) -> Listener:
    ear = Ear(
        recogniser=recogniser,
        settings=settings or RecognitionSettings(grammars_folder=Path("nowhere")),
        phrases=lambda grammar: (grammar,),
        digits=digits,
    )
    return Listener(turn, ear, detector or MarkerDetector())


def hear(by: Listener, *sounds: bytes, chunk: int = 960) -> list[TurnEvent]:
    """Let it take the sounds in chunks of so many bytes, to the end of the turn."""
    pcm = b"".join(sounds)
    events: list[TurnEvent] = []
    for place in range(0, len(pcm), chunk):
        events += by.take(pcm[place : place + chunk])
        if events and type(events[-1]).__name__ == "SpeechEnded":
            break
    return events
