"""Mastering of prompts: level, trim, join; 8 kHz mono 16-bit WAV and the same in raw A-law."""

from __future__ import annotations

import audioop  # on Python 3.13: audioop-lts, which pydub needs as well
import io
import shutil
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydub import AudioSegment
from pydub.silence import detect_leading_silence

from ivr.errors import Fault
from ivr.speech.settings import AudioSettings

RATE = 8000
"""Samples a second of everything that is played."""

_WIDTH = 2


@dataclass(frozen=True, slots=True)
class Sound:
    """A finished prompt in both file formats."""

    wav: bytes
    alaw: bytes

    @property
    def seconds(self) -> float:
        """Duration."""
        return len(self.alaw) / RATE


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence between phrases."""

    milliseconds: int


def master(parts: Sequence[bytes | Pause], settings: AudioSettings) -> Sound:
    """Level and trim each recording, join them with the pauses between.

    Args:
        parts: WAV files of 8 kHz, and pauses.
        settings: Levels and edges.

    Raises:
        Fault: A recording holds no sound.
    """
    whole = AudioSegment.empty().set_frame_rate(RATE)
    for part in parts:
        piece = _silence(part) if isinstance(part, Pause) else _clean(part, settings)
        whole = whole.append(piece, crossfade=0) if len(whole) else piece
    return encode(whole)


def encode(segment: AudioSegment) -> Sound:
    """Both file formats of an 8 kHz mono 16-bit segment."""
    with io.BytesIO() as target:
        with wave.open(target, "wb") as writer:
            writer.setnchannels(1)
            writer.setsampwidth(_WIDTH)
            writer.setframerate(RATE)
            writer.writeframes(segment.raw_data)
        return Sound(target.getvalue(), audioop.lin2alaw(segment.raw_data, _WIDTH))


def read_recording(path: Path) -> bytes:
    """A recorded file as 8 kHz mono 16-bit WAV.

    Raises:
        Fault: It can't be read, or has another sampling rate and there is no ffmpeg to change it.
    """
    try:
        segment = AudioSegment.from_file(path, format="wav").set_channels(1).set_sample_width(_WIDTH)
    except Exception as error:  # pydub raises whatever the broken file provokes
        raise Fault(f"The recording can't be read: {error}.", str(path), "Save it as WAV (PCM).") from None
    if segment.frame_rate != RATE and not shutil.which("ffmpeg"):
        raise Fault(
            f"The recording has {segment.frame_rate} Hz.",
            str(path),
            "Save it with 8000 Hz, or install ffmpeg.",
        )
    return _resampled(segment)


def intact(base: Path) -> int:
    """Bytes that a finished prompt takes on disk, 0 when a part is missing or cut short.

    Args:
        base: Path of the prompt without extension.
    """
    try:
        with wave.open(f"{base}.wav", "rb") as reader:
            frames, rate = reader.getnframes(), reader.getframerate()
        wav_size = Path(f"{base}.wav").stat().st_size
        alaw_size = Path(f"{base}.alaw").stat().st_size
    except (OSError, EOFError, wave.Error):
        return 0
    complete = rate == RATE and frames > 0 and alaw_size == frames and wav_size >= frames * _WIDTH
    return wav_size + alaw_size if complete else 0


def _resampled(segment: AudioSegment) -> bytes:
    """Sampling rate 8 kHz: ffmpeg filters what telephony can't carry, pydub would fold it back as noise."""
    with io.BytesIO() as target:
        parameters = None if segment.frame_rate == RATE else ["-ar", str(RATE)]
        segment.export(target, format="wav", parameters=parameters)
        return target.getvalue()


def _silence(pause: Pause) -> AudioSegment:
    return AudioSegment.silent(duration=pause.milliseconds, frame_rate=RATE)


def _clean(recording: bytes, settings: AudioSettings) -> AudioSegment:
    segment = AudioSegment.from_file(io.BytesIO(recording), format="wav").set_channels(1)
    return _level(_trim(_level(segment, settings), settings), settings)


def _level(segment: AudioSegment, settings: AudioSettings) -> AudioSegment:
    if not len(segment) or segment.max == 0:
        raise Fault("The recording holds no sound.")
    gain = min(settings.level_dbfs - segment.dBFS, settings.peak_dbfs - segment.max_dBFS)
    return segment.apply_gain(gain)


def _trim(segment: AudioSegment, settings: AudioSettings) -> AudioSegment:
    lead = detect_leading_silence(segment, settings.silence_dbfs, chunk_size=5)
    tail = detect_leading_silence(segment.reverse(), settings.silence_dbfs, chunk_size=5)
    edge = settings.edge_milliseconds
    return segment[max(0, lead - edge) : len(segment) - max(0, tail - edge)]
