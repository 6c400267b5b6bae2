"""What a caller hears: the RTP that Asterisk sends, as audio, and the search for prompts in it."""

from __future__ import annotations

import asyncio
import audioop
import io
import math
import socket
import struct
import time
import wave
from array import array
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from operator import mul
from pathlib import Path
from typing import NamedTuple

RATE = 8000
_WIDTH = 2
_ALAW = 8
_HEADER = 12
_SILENCE_RMS = 60
_FRAME = RATE // 50
_CANDIDATES = 12
_LIKENESS = 0.8
_PAUSE_SECONDS = 0.6
"""Shorter silence is within an utterance: pauses between sentences."""


@dataclass(frozen=True, slots=True)
class Recording:
    """Audio: 8 kHz, mono, 16 bit; its time begins with the first packet that was heard.

    Attributes:
        samples: The audio.
        pauses: Where the sender sent nothing for a time, in samples from and to. So a busy Asterisk that
            plays late: its timestamps leap over more than 80 ms (MAX_TIMESTAMP_SKEW, res_rtp_asterisk.c), and
            the caller hears all of a prompt, but with pauses.
    """

    samples: bytes
    pauses: tuple[tuple[int, int], ...] = ()

    @property
    def seconds(self) -> float:
        """Length."""
        return len(self.samples) / _WIDTH / RATE

    @property
    def seconds_of_sound(self) -> float:
        """How much of it is not silence."""
        return sum(level > _SILENCE_RMS for level in _levels(self.samples)) * _FRAME / RATE

    @property
    def wav(self) -> bytes:
        """As a WAV file."""
        content = io.BytesIO()
        with wave.open(content, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(_WIDTH)
            file.setframerate(RATE)
            file.writeframes(self.samples)
        return content.getvalue()

    def save(self, path: Path) -> None:
        """Write a WAV file."""
        path.write_bytes(self.wav)

    @classmethod
    def load(cls, path: Path) -> Recording:
        """Read a WAV file (8 kHz, mono, 16 bit)."""
        with wave.open(str(path)) as file:
            if (file.getframerate(), file.getnchannels(), file.getsampwidth()) != (RATE, 1, _WIDTH):
                raise ValueError(f"{path}: 8 kHz, mono, 16 bit is wanted")
            return cls(file.readframes(file.getnframes()))


class _Packet(NamedTuple):
    """A packet of RTP (RFC 3550, 5.1): sequence number, timestamp, source, A-law."""

    number: int
    timestamp: int
    source: int
    sound: bytes


class Ear(asyncio.DatagramProtocol):
    """Takes the RTP of one call."""

    def __init__(self) -> None:
        self._chunks: list[_Packet] = []
        self._sound_began = self._sound_ended = -math.inf

    def datagram_received(self, data: bytes, address: object) -> None:
        """Keep a packet of A-law; anything else is not audio."""
        if len(data) <= _HEADER or data[1] & 0x7F != _ALAW:
            return
        number, timestamp, source = struct.unpack_from("!2xHII", data)
        self._chunks.append(_Packet(number, timestamp, source, data[_HEADER:]))
        if audioop.rms(audioop.alaw2lin(data[_HEADER:], _WIDTH), _WIDTH) > _SILENCE_RMS:
            self._note_sound(time.monotonic())

    def _note_sound(self, now: float) -> None:
        if now - self._sound_ended > _PAUSE_SECONDS:
            self._sound_began = now
        self._sound_ended = now

    @property
    def quiet_seconds(self) -> float:
        """How long nothing has been heard; infinite before the first sound."""
        return time.monotonic() - self._sound_ended

    @property
    def sound_began(self) -> float:
        """When what was heard last has begun, after a pause, on the clock `time.monotonic`."""
        return self._sound_began

    def recording(self) -> Recording:
        """What was heard so far; time without packets is silence."""
        audio = bytearray()
        pauses = []
        start = source = number = 0
        for packet in self._chunks:
            if not audio or packet.source != source:
                start = packet.timestamp - len(audio) // _WIDTH
                source = packet.source
            place = (packet.timestamp - start) % 2**32 * _WIDTH
            if place > len(audio):
                if packet.number == (number + 1) % 2**16:
                    pauses.append((len(audio) // _WIDTH, place // _WIDTH))
                audio.extend(bytes(place - len(audio)))
            audio[place : place + len(packet.sound) * _WIDTH] = audioop.alaw2lin(packet.sound, _WIDTH)
            number = packet.number
        return Recording(bytes(audio), tuple(pauses))


@asynccontextmanager
async def listening(sockets: Sequence[socket.socket]) -> AsyncIterator[list[Ear]]:
    """An ear at each socket; the sockets are closed at the end."""
    loop = asyncio.get_running_loop()
    pairs = [await loop.create_datagram_endpoint(Ear, sock=ear) for ear in sockets]
    try:
        yield [ear for _, ear in pairs]
    finally:
        for transport, _ in pairs:
            transport.close()


def heard(prompt: Path | Recording, recording: Recording, *, first_seconds: float = math.inf) -> float | None:
    """Where a prompt is heard in a recording.

    Loudness curves find where it may be, the samples themselves decide; short pauses of the sender are passed
    over. The last 20 to 40 ms of a prompt are not sought: a hang-up right after it may swallow them.

    Args:
        prompt: A WAV file (8 kHz, mono, 16 bit) or its audio.
        recording: Where it is sought.
        first_seconds: Only its beginning is sought, as the caller may cut a prompt short.

    Returns:
        Seconds from the start of the recording, or None.
    """
    sought = prompt if isinstance(prompt, Recording) else Recording.load(prompt)
    frames = int(min(first_seconds, sought.seconds) * RATE) // _FRAME - 1
    wanted = sought.samples[: frames * _FRAME * _WIDTH]
    pauses = [pause for pause in recording.pauses if pause[1] - pause[0] < _PAUSE_SECONDS * RATE]
    sound = _without(pauses, recording.samples)
    likeness, place = max(
        (_fit(wanted, sound, frame) for frame in _candidates(wanted, sound)), default=(0.0, 0)
    )
    return _placed(place, pauses) / RATE if likeness >= _LIKENESS else None


def _without(pauses: Sequence[tuple[int, int]], samples: bytes) -> bytes:
    ends = [0, *(place * _WIDTH for pause in pauses for place in pause), len(samples)]
    return b"".join(samples[begin:end] for begin, end in zip(ends[::2], ends[1::2], strict=True))


def _placed(place: int, pauses: Sequence[tuple[int, int]]) -> int:
    """Where a sample is that was found without the pauses."""
    for begin, end in pauses:
        if place >= begin:
            place += end - begin
    return place


def _levels(samples: bytes) -> list[int]:
    step = _FRAME * _WIDTH
    return [audioop.rms(samples[at : at + step], _WIDTH) for at in range(0, len(samples) - step + 1, step)]


def _candidates(wanted: bytes, samples: bytes) -> list[int]:
    """Frames at which the loudness curves are most alike, the likeliest first."""
    pattern, curve = _levels(wanted), _levels(samples)
    size = len(pattern)
    norm = math.hypot(*pattern)
    if not size or not norm:
        return []
    scores = []
    for at in range(len(curve) - size + 1):
        window = curve[at : at + size]
        loud = math.hypot(*window)
        scores.append((sum(map(mul, pattern, window)) / (norm * loud) if loud else 0.0, at))
    scores.sort(reverse=True)
    return [at for _, at in scores[:_CANDIDATES]]


def _fit(wanted: bytes, samples: bytes, frame: int) -> tuple[float, int]:
    """Correlation of the samples (-1 to 1) at the best place near a frame, and the place, in samples."""
    first = max(0, (frame - 1) * _FRAME)
    stretch = samples[first * _WIDTH : (frame + 1) * _FRAME * _WIDTH + len(wanted)]
    if len(stretch) < len(wanted):
        return 0.0, 0
    offset, _ = audioop.findfit(stretch, wanted)
    window = stretch[offset * _WIDTH : offset * _WIDTH + len(wanted)]
    a, b = array("h", wanted), array("h", window)
    norm = math.sqrt(sum(map(mul, a, a)) * sum(map(mul, b, b)))
    return (sum(map(mul, a, b)) / norm if norm else 0.0), first + offset
