"""Music on hold: a calm melody, made by ourselves and so free of anybody's rights."""

from __future__ import annotations

from pydub import AudioSegment
from pydub.generators import Sine

from ivr.speech.audio import RATE, Sound, encode

_BEAT_MILLISECONDS = 600
_RING_MILLISECONDS = 1800
_LEVEL_DBFS = -28.0
_CHORDS = (
    (220.00, 329.63, 440.00, 523.25),
    (174.61, 261.63, 349.23, 440.00),
    (261.63, 329.63, 392.00, 523.25),
    (196.00, 293.66, 392.00, 493.88),
)
"""A minor, F, C and G major, frequencies in hertz."""

_ORDERS = ((0, 1, 2, 3, 2, 1, 2, 1), (0, 2, 1, 3, 1, 2, 3, 2))


def hold_music() -> Sound:
    """Arpeggios over four chords, some 40 s, that begin again where they end."""
    notes = [chord[step] for order in _ORDERS for chord in _CHORDS for step in order]
    length = len(notes) * _BEAT_MILLISECONDS
    tones = {frequency: _note(frequency) for frequency in set(notes)}
    track = AudioSegment.silent(duration=length + _RING_MILLISECONDS, frame_rate=RATE)
    for beat, frequency in enumerate(notes):
        track = track.overlay(tones[frequency], position=beat * _BEAT_MILLISECONDS)
    looped = track[:length].overlay(track[length:])
    return encode(looped.apply_gain(_LEVEL_DBFS - looped.dBFS))


def _note(frequency: float) -> AudioSegment:
    """A soft struck tone with an octave above it."""
    tone = Sine(frequency, sample_rate=RATE).to_audio_segment(_RING_MILLISECONDS, volume=-24.0)
    octave = Sine(frequency * 2, sample_rate=RATE).to_audio_segment(_RING_MILLISECONDS, volume=-38.0)
    return tone.overlay(octave).fade_in(25).fade_out(_RING_MILLISECONDS - 50)
