"""A recogniser that takes its time, fails or hangs when it is told to."""

from __future__ import annotations

import threading
from collections.abc import Callable

from ivr.speech.recognition.ports import RecogniserFailed, Recognition
from tests.unit.recognition.fakes import markers

DOOM, HANG = 666, 777
"""Markers in the sound that make it raise, or never come back."""


class Moody:
    """Recognises the markers in the sound as their numbers."""

    name = "moody"
    streaming = True
    grammars = True

    def __init__(
        self, fail_at: str = "accept", error: Callable[[], Exception] = lambda: RecogniserFailed("doom")
    ) -> None:
        self.fail_at = fail_at
        self.error = error
        self.gate = threading.Event()
        self.hanging = threading.Semaphore(0)
        self.inside = 0
        self.most_inside = 0
        self.lock = threading.Lock()

    def stream(self, phrases: tuple[str, ...] | None) -> MoodyStream:
        return MoodyStream(self)


class MoodyStream:
    def __init__(self, mood: Moody) -> None:
        self._mood = mood
        self._pcm = b""
        self._busy = threading.Lock()

    def accept(self, pcm: bytes) -> str:
        assert self._busy.acquire(blocking=False), "two threads in one stream"
        with self._mood.lock:
            self._mood.inside += 1
            self._mood.most_inside = max(self._mood.most_inside, self._mood.inside)
        try:
            self._pcm += pcm
            return self._text("accept")
        finally:
            with self._mood.lock:
                self._mood.inside -= 1
            self._busy.release()

    def finish(self) -> Recognition:
        text = self._text("finish")
        return Recognition(text, 0.9 if text else 0.0)

    def _text(self, at: str) -> str:
        found = [one for one in markers(self._pcm) if one]
        if DOOM in found and self._mood.fail_at == at:
            raise self._mood.error()
        if HANG in found:
            self._mood.hanging.release()
            self._mood.gate.wait()
        return " ".join(map(str, found))
