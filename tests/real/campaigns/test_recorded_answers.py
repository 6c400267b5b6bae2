"""Who answered, by the sound of speech: persons, answering machines and announcements, over real calls."""

from __future__ import annotations

import asyncio
from array import array
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

import pytest

from ivr.asterisk.settings import AsteriskSettings
from ivr.bench.sipp import Endpoint
from ivr.campaigns.model import Who
from ivr.campaigns.ports import MachineOrder
from ivr.settings import load
from ivr.speech.recognition.building import open_service
from ivr.speech.understanding.numerals import digits
from tests.real.campaigns.answers import ANSWERS, Answer, samples, sound_of, with_tone
from tests.real.campaigns.exchange import CLOCK, Exchange, exchange
from tests.real.campaigns.subscribers import Temper, number_of
from tests.real.instances import PROJECT
from tests.real.softphone import FRAME, Softphone, softphone
from tests.real.tones import RATE
from tests.real.voice.sounds import Samples
from tests.real.voice.speaker import festival

pytestmark = pytest.mark.real

BRIEF = 1.5
LEAST_KNOWN = 0.5
LONGEST_WAIT = 2.5
"""A person whose greeting is short has the robot after so many seconds, on a busy machine, too."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A call and what was made of it.

    Attributes:
        taken_for: Who it was thought to be.
        seconds: From the end of the greeting until the robot began; of a machine from its tone.
    """

    answer: Answer
    greeting_seconds: float
    taken_for: Who | None
    seconds: float | None


@pytest.fixture
async def listening(settings: AsteriskSettings, host: object, tmp_path: Path) -> AsyncIterator[Exchange]:
    ours = load(PROJECT / "ivr.yaml", ["speech.models.folder=.cache/models"]).speech
    recognition = ours.recognition.model_copy(update={"grammars_folder": tmp_path / "grammars"})
    service = await asyncio.to_thread(open_service, recognition, ours.models, digits)
    async with exchange(settings, tmp_path, service) as made:
        made.kind = "restriction"
        yield made
    await service.close()


@pytest.mark.timeout(900)
@pytest.mark.parametrize("who", [Who.PERSON, Who.MACHINE, Who.ANNOUNCEMENT])
async def test_who_answered_is_known_by_the_sound(
    who: Who,
    listening: Exchange,
    settings: AsteriskSettings,
    place: Endpoint,
    capsys: pytest.CaptureFixture[str],
) -> None:
    judged = await _all(listening, settings, place, who)
    with capsys.disabled():
        print(f"\n{_table(judged, who)}")  # noqa: T201
    right = sum(each.taken_for is who for each in judged)
    assert right == len(judged) if who is Who.PERSON else right >= LEAST_KNOWN * len(judged)
    brief = [each.seconds for each in judged if each.greeting_seconds <= BRIEF and each.seconds]
    assert who is not Who.PERSON or median(brief) <= LONGEST_WAIT


async def _all(ours: Exchange, settings: AsteriskSettings, place: Endpoint, who: Who) -> list[Judged]:
    """Two calls at a time."""
    voice, sip = festival(), (str(settings.sip.host), settings.sip.port)
    calling, ringing = asyncio.Semaphore(2), asyncio.Lock()
    async with softphone(sip, "subscriber", 1000, port=place.port) as phone:

        async def judged(number: int, answer: Answer, spoken: Samples) -> Judged:
            async with calling:
                says = samples(with_tone(answer, spoken))
                return await _call(ours, phone, ringing, number, answer, spoken.size / RATE, says)

        mine = [(number, each) for number, each in enumerate(ANSWERS) if each.who is who]
        sounds = [(number, each, await sound_of(each, voice, number)) for number, each in mine]
        await voice.close()
        return await asyncio.gather(*(judged(*each) for each in sounds))


async def _call(
    ours: Exchange,
    phone: Softphone,
    ringing: asyncio.Lock,
    number: int,
    answer: Answer,
    spoken: float,
    says: array[int],
) -> Judged:
    async with ringing:
        attempt_id = await ours.dial(
            number_of(200 + number, Temper.PERSON), machine=MachineOrder.LEAVE_MESSAGE
        )
        call = await phone.rung()
    call.says = says
    moments = {}
    frames = {"greeted": int(spoken * RATE) // FRAME, "beeped": len(says) // FRAME}

    def noted(frame: int) -> None:
        for name, at in frames.items():
            if frame == at:
                moments[name] = CLOCK.now()

    call.on_frame = noted
    call.answer()
    [end] = await ours.ends(attempt_id)
    begun = ours.begun.get(attempt_id)
    since = moments.get("beeped" if end.who is Who.MACHINE else "greeted")
    waited = (begun - since).total_seconds() if begun and since else None
    return Judged(answer, spoken, end.who, waited)


def _table(judged: Sequence[Judged], who: Who) -> str:
    lines = []
    for each in judged:
        right = "" if each.taken_for is who else "  <<<"
        waited = "" if each.seconds is None else f"{each.seconds:5.2f} s"
        lines.append(f"{who.value:12} → {each.taken_for!s:12} {waited:8} {each.answer.title[:70]}{right}")
    found = Counter(str(each.taken_for) for each in judged)
    waits = sorted(each.seconds for each in judged if each.seconds is not None and each.taken_for is who)
    told = f"waits p50 {median(waits):.2f} p95 {quantiles(waits, n=20)[-1]:.2f}" if len(waits) > 1 else ""
    return "\n".join([*lines, f"{who.value}: {len(judged)} sounds, {dict(found)} {told}"])
