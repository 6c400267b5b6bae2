"""What counts as a prompt that was heard: all of it, in order, pauses of a busy machine passed over."""

from __future__ import annotations

import audioop
import struct
from itertools import pairwise

import pytest

from tests.real.sipp.hearing import RATE, Ear, Recording, heard
from tests.real.sipp.sounds import sweeps

_BEGAN = 2**32 - 8000  # timestamps begin anywhere, and begin again
_PROMPT, _OTHER = sweeps("a prompt", 12), sweeps("another one", 12)


def sound(*parts: Recording | float) -> Recording:
    """Audio and seconds in which nothing is sent, one after another, as a caller gets them."""
    ear = Ear()
    at = number = 0
    for part in parts:
        if isinstance(part, Recording):
            for packet in packets(part):
                header = struct.pack("!BBHII", 0x80, 8, number % 2**16, (_BEGAN + at) % 2**32, 1)
                ear.datagram_received(header + packet, None)
                at, number = at + len(packet), number + 1
        else:
            at += int(part * RATE)
    return ear.recording()


def packets(audio: Recording) -> list[bytes]:
    sent = audioop.lin2alaw(audio.samples, 2)
    return [sent[at : at + 160] for at in range(0, len(sent), 160)]


def cut(prompt: Recording, *seconds: float) -> list[Recording]:
    """A prompt in pieces, cut at some places."""
    places = [0, *(2 * int(second * RATE) for second in seconds), len(prompt.samples)]
    return [Recording(prompt.samples[begin:end]) for begin, end in pairwise(places)]


def test_a_prompt_is_found_where_it_is() -> None:
    assert heard(_PROMPT, sound(_OTHER, 0.3, _PROMPT, 1.0)) == pytest.approx(_OTHER.seconds + 0.3, abs=0.001)


def test_pauses_within_it_are_passed_over() -> None:
    first, second, third = cut(_PROMPT, 0.55, 1.13)
    late = sound(_OTHER, 0.2, first, 0.105, second, 0.09, third)
    assert heard(_PROMPT, late) == pytest.approx(_OTHER.seconds + 0.2, abs=0.001)
    assert heard(_PROMPT, Recording(late.samples)) is None


@pytest.mark.parametrize(
    "what",
    [
        sound(_OTHER, _OTHER),
        sound(cut(_PROMPT, 0.8)[0], 2.0),
        sound(2.0, cut(_PROMPT, 0.8)[1]),
        sound(*reversed(cut(_PROMPT, 0.7)), 1.0),
        sound(cut(_PROMPT, 0.7)[0], 2.0, cut(_PROMPT, 0.7)[1]),
        sound(cut(_PROMPT, 0.7)[0], cut(_OTHER, 0.3)[0], cut(_PROMPT, 0.7)[1]),
        sound(3.0),
        sound(0.1),
    ],
    ids=["other", "beginning", "end", "order", "long-pause", "broken-into", "silence", "too-short"],
)
def test_what_is_not_the_whole_prompt_is_not_taken_for_it(what: Recording) -> None:
    assert heard(_PROMPT, what) is None


def test_only_its_beginning_may_be_sought() -> None:
    assert heard(_PROMPT, sound(cut(_PROMPT, 0.8)[0], 2.0), first_seconds=0.7) == pytest.approx(0, abs=0.001)
