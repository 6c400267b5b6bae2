"""Talks of a campaign with people who speak, and a recogniser that has to understand them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from ivr.bench.sipp import Speak
from ivr.campaigns.model import Attempt, AttemptState
from tests.real.campaigns.running import Dialling, dialling
from tests.real.campaigns.subscribers import Temper
from tests.real.campaigns.talkers import Step, Talkers, talkers
from tests.real.campaigns.test_talks import (
    BY_VOICE,
    CONVENIENT,
    DAY,
    MENU,
    NAME,
    RIGHT_DAY,
    SMS,
    TODAY,
    WHEN,
    WHO,
    WHY,
    transcript,
)
from tests.real.voice.company import SpeakingCompany
from tests.real.voice.speaker import Manner, Speaker, festival

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

SAYS = {
    "да": "Да.",
    "нет": "Нет, это не я.",
    "неудобно": "Нет, неудобно.",
    "понятно": "Всё понятно.",
    "оплачу": "Я оплачу.",
    "завтра": "Завтра.",
    "не согласен": "Я не согласен.",
    "возражение": "Счётчик показывает меньше.",
    "не звоните": "Не звоните мне больше.",
    "вечером": "Вечером.",
}
TALKS = {
    "understands": ((*BY_VOICE, (MENU, "понятно"), (SMS, "нет")), "confirmed"),
    "promises": ((*BY_VOICE, (MENU, "оплачу"), (DAY, "завтра"), (RIGHT_DAY, "да"), (SMS, "нет")), "promised"),
    "disputes": ((*BY_VOICE, (MENU, "не согласен"), (WHY, "возражение")), "disputed"),
    "refuses at once": (((NAME, "не звоните"),), "refused"),
    "another person": (((NAME, "нет"), (WHO, "завтра")), "call-later"),
    "in the evening": (((NAME, "да"), (CONVENIENT, "неудобно"), (WHEN, "вечером")), "call-later"),
}
NUMBERS = {name: f"+7910666{place:04}" for place, name in enumerate(TALKS)}
LEAST_UNDERSTOOD = 4
"""Of these talks; the voice is a machine's, the model a small one."""


@pytest.fixture(scope="module")
def dials(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dialling]:
    with dialling(tmp_path_factory.mktemp("spoken"), company_of=SpeakingCompany) as made:
        asyncio.run(made.company.stack.hears())
        yield made


async def test_what_people_say_becomes_what_they_want(
    dials: Dialling, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manner = Manner(speed=1.0, dbfs=-20, snr_db=30, surroundings="pink", seed=1)
    voice = festival()
    speaker = Speaker(tmp_path, voice, random.Random(1), manner)
    said = {name: [Speak(await speaker.phrase(text))] for name, text in SAYS.items()}
    hello = await speaker.phrase("Алло.")
    await voice.close()
    async with talkers(dials.place, tmp_path / "talkers", hello, said) as people:
        attempts = await _talk(dials, people)
    came = {name: attempts[NUMBERS[name]].outcome for name in TALKS}
    with capsys.disabled():
        print(f"\n{came}")  # noqa: T201
    right = [name for name, (_, outcome) in TALKS.items() if came[name] == outcome]
    assert len(right) >= LEAST_UNDERSTOOD, came
    promised = attempts[NUMBERS["promises"]].result.get("promised_on")
    assert promised is None or promised > TODAY.isoformat(), "a day that nobody has said was promised"


async def _talk(dials: Dialling, people: Talkers) -> dict[str, Attempt]:
    debtors = dials.debtors([Temper.PERSON] * len(NUMBERS), first=0)
    targets = [
        replace(target, person=f"number:{number}", numbers=(number,))
        for target, number in zip(debtors, NUMBERS.values(), strict=True)
    ]
    campaign_id = await dials.campaign("долги", targets)
    ids: dict[str, str] = {}

    def lines(number: str) -> list[tuple[str, str]]:
        return transcript(dials, ids[number]) if number in ids else []

    talks = [
        asyncio.create_task(
            people.converse(NUMBERS[name], [Step(*step) for step in steps], partial(lines, NUMBERS[name]))
        )
        for name, (steps, _) in TALKS.items()
    ]
    try:
        async with asyncio.timeout(300):
            while True:
                attempts = {each.number: each for each in await dials.attempts(campaign_id)}
                ids.update({number: each.attempt_id for number, each in attempts.items()})
                if [each.state for each in attempts.values()] == [AttemptState.ENDED] * len(TALKS):
                    return attempts
                await asyncio.sleep(0.3)
    finally:
        for task in talks:
            task.cancel()
