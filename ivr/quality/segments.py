"""Speech in a whole channel: stretches of a voice, by the end-pointing that listens to callers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ivr.quality.model import Span
from ivr.speech.recognition.ports import BargeIn
from ivr.speech.recognition.segmenter import Rules, Segmenter, Signal
from ivr.speech.recognition.settings import PauseSettings, VoiceSettings

MOST_MILLISECONDS = 25_000
"""Models hear half a minute at once; the silence around a speech belongs to it."""

_AFTER_MILLISECONDS = 200


def segments(
    probabilities: Iterable[float],
    window: float,
    voice: VoiceSettings,
    pauses: PauseSettings,
    length: int,
) -> Iterator[Span]:
    """The stretches, in order, each with a little silence before and after; they do not overlap.

    Args:
        probabilities: Of speech, window by window.
        window: Length of one, milliseconds.
        voice: What counts as speech.
        pauses: The silence that ends a speech.
        length: Of the channel, milliseconds.
    """
    segmenter = Segmenter(_rules(voice, pauses))
    begin, last = 0.0, 0
    for probability in probabilities:
        for signal in segmenter.hear(probability, window):
            if signal is Signal.ONSET:
                begin = segmenter.now - window
            elif signal in (Signal.ENDED, Signal.TOO_LONG):
                span = _around(begin, segmenter.now - segmenter.silent, voice.pre_roll, last, length)
                last = span.end
                yield span
                segmenter.forget()
    if segmenter.speaking and segmenter.begun:
        yield _around(begin, segmenter.now - segmenter.silent, voice.pre_roll, last, length)


def within(spans: Sequence[Span], places: Sequence[Span]) -> list[Span]:
    """The stretches of speech, as far as they lie in these places."""
    cut = [Span(max(span.begin, place.begin), min(span.end, place.end)) for span in spans for place in places]
    return [span for span in cut if span.begin < span.end]


def _around(begin: float, end: float, before: int, last: int, length: int) -> Span:
    return Span(max(last, round(begin) - before), min(length, round(end) + _AFTER_MILLISECONDS))


def _rules(voice: VoiceSettings, pauses: PauseSettings) -> Rules:
    return Rules(
        threshold=voice.threshold,
        release=voice.threshold - voice.hysteresis,
        barge_in=BargeIn.SPEECH,
        prompt=0,
        during_prompt=voice.least_speech,
        after_prompt=voice.least_speech,
        pause=pauses.speech,
        most=MOST_MILLISECONDS,
    )
