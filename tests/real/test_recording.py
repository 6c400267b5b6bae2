"""What is recorded of a call: the robot from the notice on, the caller only once the notice has ended."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from ivr.bench.sipp import Caller, Hangup, Speak, Wait
from tests.real.company import READINGS, STRANGER, Company
from tests.real.recorded import Part, archived
from tests.real.sipp import Recording, heard
from tests.real.tones import RATE, loudness, write_whistle

pytestmark = pytest.mark.real

HERTZ = 1000
FRAME = RATE // 10
TONE_SECONDS = 1.2
LOUD = 2000
"""Amplitude of the pure tone within a frame from which it is the caller's and no speech."""


def whistles(samples: array[int]) -> list[tuple[float, float]]:
    """From and until, seconds, of each stretch of at least half a second with the whistle in it."""
    loud = [
        loudness(samples[start : start + FRAME], HERTZ) > LOUD
        for start in range(0, len(samples) - FRAME, FRAME)
    ]
    edges = [n for n, (a, b) in enumerate(pairwise([False, *loud, False])) if a != b]
    return list(_stretches(edges))


def _stretches(edges: list[int]) -> Iterator[tuple[float, float]]:
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start >= 5:
            yield start / 10, end / 10


async def in_archive(company: Company, call_id: str) -> list[Part]:
    """The recordings of a call, once there are some."""
    settings = company.stack.settings
    async with asyncio.timeout(30):
        while not (found := await asyncio.to_thread(archived, settings, call_id)):  # noqa: ASYNC110
            await asyncio.sleep(0.2)
    return found


async def test_the_callers_words_are_recorded_only_after_the_notice(company: Company, tmp_path: Path) -> None:
    tone = write_whistle(tmp_path / "whistle.wav", HERTZ, TONE_SECONDS, amplitude=12_000)
    after_notice = company.notice_seconds + 1.0
    during = Speak(tone)
    actions = (Wait(1.5), during, Wait(after_notice - 1.5 - TONE_SECONDS), Speak(tone), Wait(0.5), Hangup())
    placed = await company.place(Caller(number=READINGS, actions=actions, caller_id=STRANGER))
    assert placed.tally.successful == 1, placed.tally.errors
    [(story, _)] = await company.stories(1)
    [recording] = await in_archive(company, story.call_id)
    found = whistles(recording.client)
    assert len(found) == 1, found
    assert whistles(recording.others) == []
    others, notice = Recording(recording.others.tobytes()), company.prompt("recording-notice")
    assert heard(notice, others, first_seconds=1) is not None, "the notice itself is not in the recording"
    its_end = Recording(Recording.load(notice).samples[-2 * RATE :])
    last_second = heard(its_end, others)
    assert last_second is not None, "the end of the notice is not in the recording"
    assert found[0][0] >= last_second + its_end.seconds - 0.2


async def test_the_archive_verifies_and_knows_length_hash_and_expiry(company: Company) -> None:
    await company.place(company.caller(READINGS, end=Hangup()))
    [(story, _)] = await company.stories(1)
    await in_archive(company, story.call_id)
    done = company.ivr("recordings", "verify", "--format", "json")
    assert done.returncode == 0, done.stdout + done.stderr
