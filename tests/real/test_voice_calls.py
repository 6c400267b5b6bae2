"""Callers who speak to the demo company with a real recogniser: what they want, what disturbs, what breaks.

The phrases are drawn from `voice/final.tsv`, the same in every run; `VOICE_SEED` draws others, and so does
`make voice`.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from ivr.calls.story import Disposition
from ivr.dialogue.ports import EndingKind
from tests.real.instances import ROOT
from tests.real.sipp import Keys, Speak, operator
from tests.real.sipp.talker import Utterance
from tests.real.voice import sounds
from tests.real.voice.company import SpeakingCompany
from tests.real.voice.conversation import Answer, Repertoire
from tests.real.voice.drawing import draw_calls, report
from tests.real.voice.people import Customer
from tests.real.voice.phrases import dice, phrases
from tests.real.voice.speaker import Manner, Speaker, festival
from tests.real.voice.verdict import End

pytestmark = pytest.mark.real

QUIET = Manner(speed=1.0, dbfs=-20, snr_db=35, surroundings="pink", seed=1)
ACCOUNT, RIGHT_ACCOUNT, READING = "лицевого счёта", "^Счёт .*Верно", "показание, только целые"
ENGLISH = ROOT / "usr/share/asterisk/sounds/en_US_f_Allison/demo-congrats.gsm"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SpeakingCompany]:
    company = SpeakingCompany(tmp_path_factory.mktemp("speaking"))
    company.prepare()
    asyncio.run(_up(company))
    try:
        yield company
    finally:
        asyncio.run(company.stack.down())


async def _up(company: SpeakingCompany) -> None:
    await company.stack.up()
    await company.stack.hears()


@pytest.fixture
async def speaker(tmp_path: Path) -> AsyncIterator[Speaker]:
    voice = festival()
    folder = tmp_path / "said"
    folder.mkdir()
    yield Speaker(folder, voice, dice(tmp_path.name), QUIET)
    await voice.close()


@pytest.fixture
def customer(company: SpeakingCompany) -> Customer:
    """Somebody; the number he calls from is drawn, and is not his."""
    return dice("customer").choice(company.customers)


def stranger() -> str:
    return f"+7499{random.randrange(10**7):07d}"


def answers(**rules: str) -> Answer:
    """A kind of utterance → the question that it answers."""
    asked = {kind: re.compile(question) for kind, question in rules.items()}
    return lambda told: next((kind for kind, found in asked.items() if found.search(told[-1])), None)


def repertoire(**utterances: Utterance) -> Repertoire:
    prepared = Repertoire()
    for kind, utterance in utterances.items():
        prepared.add(kind, utterance, kind)
    return prepared


async def wish(speaker: Speaker, task: str) -> Path:
    """One of the ways to say it."""
    return await speaker.phrase(speaker.dice.choice(phrases(task)).text)


async def test_drawn_calls_are_completed_by_the_robot_or_a_person(
    company: SpeakingCompany, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tasks = ("reading", "balance", "question", "operator")
    async with operator(company.operator(), company.operator_folder()):
        calls = await draw_calls(company, tasks, tmp_path, at_once=4, what="drawn")
    with capsys.disabled():
        print(f"\n{report(calls)}")  # noqa: T201
    assert [call.end for call in calls if call.end is End.NOBODY] == []
    assert all(call.spoken.story.disposition is not Disposition.LOST_TRACK for call in calls)
    for call in calls:
        assert set(call.spoken.readings) <= {call.person.value}, "a reading that nobody has said was accepted"
    assert sum(call.end is End.ROBOT for call in calls) >= 1


async def test_the_queue_is_told_the_topic_when_a_person_is_asked_for(
    company: SpeakingCompany, customer: Customer, speaker: Speaker
) -> None:
    """The topic that was found before goes with the caller."""
    prepared = repertoire(balance=[Keys("2")], operator=[Keys("0")])
    rules = answers(balance="Чем могу помочь", operator=ACCOUNT)

    def topics() -> list[str]:
        shown = company.stack.asterisk.cli("core show channels concise").splitlines()
        channels = [line.split("!")[0] for line in shown if "!Queue!" in line]
        details = [company.stack.asterisk.cli(f"core show channel {channel}") for channel in channels]
        return re.findall(r"IVR_TOPIC=(\S+)", "\n".join(details))

    async with company.calling(stranger(), prepared.utterances) as (talker, call_id):
        talking = asyncio.create_task(company.talk(talker, rules, prepared, call_id))
        async with asyncio.timeout(60):
            while not (told := await asyncio.to_thread(topics)):  # noqa: ASYNC110
                await asyncio.sleep(0.2)
        talker.hang_up()
        await talking
    story, _ = await company.ended(call_id)
    assert (story.ending, story.queue, told) == (EndingKind.QUEUED, "clients.billing", ["balance.debt"])


async def test_keys_in_mid_sentence_win(
    company: SpeakingCompany, customer: Customer, speaker: Speaker
) -> None:
    spoken, _ = await speaker.number(customer.account)
    half = sounds.load(spoken)[: int(0.9 * sounds.RATE)]
    begun = sounds.save(half, speaker.folder / "begun.wav")
    prepared = repertoire(
        wish=[Keys("1")],
        account=[Speak(begun), Keys(f"{customer.account}#")],
        operator=[Keys("0")],
    )
    rules = answers(wish="Чем могу помочь", account=ACCOUNT, operator=RIGHT_ACCOUNT)
    async with operator(company.operator(), company.operator_folder()):
        call = await company.converse(stranger(), rules, prepared)
    assert call.answers("number") == [customer.account]
    assert (call.story.disposition, call.story.ending) == (Disposition.ANSWERED, EndingKind.QUEUED)


async def test_silence_noise_babble_and_a_foreign_language_leave_the_keys(
    company: SpeakingCompany, speaker: Speaker, tmp_path: Path
) -> None:
    """Whatever is made of them, nothing is booked, and the key to a person works after it."""
    voices = [sounds.load(await wish(speaker, task)) for task in ("question", "balance", "reading")]
    heard = {
        "silence": sounds.levelled(sounds.pink(4, 1), -70),
        "white": sounds.levelled(sounds.white(4, 1), -25),
        "babble": sounds.levelled(sounds.babble(voices * 2, 4), -25),
        "foreign": _english(tmp_path)[: 5 * sounds.RATE],
    }
    files = {name: sounds.save(samples, tmp_path / f"{name}.wav") for name, samples in heard.items()}

    def answer(told: Sequence[str]) -> str | None:
        asked = sum("?" in text or "нажмите" in text or "Скажите" in text for text in told)
        return None if not asked else "sound" if asked < 2 else "operator"

    calls = [
        company.converse(stranger(), answer, repertoire(sound=[Speak(file)], operator=[Keys("0")]))
        for file in files.values()
    ]
    async with operator(company.operator(), company.operator_folder()):
        ended = await asyncio.gather(*calls)
    assert [call.story.ending for call in ended] == [EndingKind.QUEUED] * 4, [call.lines for call in ended]
    assert [call.readings for call in ended] == [[]] * 4
    assert ended[0].lines[3] == ("caller", "…")


def _english(folder: Path) -> sounds.Samples:
    wav = folder / "english.wav"
    subprocess.run(
        ["ffmpeg", "-loglevel", "error", "-i", str(ENGLISH), "-ar", "8000", "-ac", "1", str(wav)], check=True
    )
    return sounds.levelled(sounds.load(wav), -20)


async def test_a_hang_up_in_mid_word_leaves_nothing(company: SpeakingCompany, speaker: Speaker) -> None:
    long = np.concatenate([sounds.load(await wish(speaker, "question")) for _ in range(3)])
    file = sounds.save(long, speaker.folder / "long.wav")
    prepared = repertoire(wish=[Speak(file)])
    async with company.calling(stranger(), prepared.utterances) as (talker, call_id):
        await company.until(lambda: talker.ear.quiet_seconds > 0.8 and len(company.lines(call_id)) > 2)
        talker.say("wish/0")
        await asyncio.sleep(0.7)  # the middle of a word is a moment of the caller's clock
        talker.hang_up()
        tally = await talker.ended()
    story, steps = await company.ended(call_id)
    assert tally.successful == 1, tally.errors
    assert (story.disposition, story.ending) == (Disposition.LOST, EndingKind.HUNG_UP)
    assert {step.state for step in steps if step.outcome == "hangup"} == {"ask"}
    assert "PJSIP" not in company.stack.asterisk.cli("core show channels concise")


async def test_the_recogniser_is_killed_in_a_call_keys_serve_and_then_words_again(
    company: SpeakingCompany, customer: Customer, speaker: Speaker
) -> None:
    value = str(customer.last_value + customer.usual)
    file, _ = await speaker.number(value)
    prepared = repertoire(
        wish=[Keys("1")],
        account=[Keys(f"{customer.account}#")],
        right=[Keys("1")],
        reading=[Speak(file)],
        operator=[Keys("0")],
    )
    rules = answers(
        wish="Чем могу помочь",
        account=ACCOUNT,
        right=RIGHT_ACCOUNT,
        reading=READING,
        operator="Верно|нажмите",
    )
    killed: list[int] = []
    hears = asyncio.Event()

    async def revive() -> None:
        await company.stack.hears()
        hears.set()

    reviving: list[asyncio.Task[None]] = []

    def answer(told: Sequence[str]) -> str | None:
        kind = rules(told)
        if kind == "account" and not killed:
            killed.append(company.stack.recogniser_pid)
            os.kill(killed[0], signal.SIGKILL)
            reviving.append(asyncio.create_task(revive()))
        return kind if kind != "reading" or hears.is_set() else None

    async with operator(company.operator(), company.operator_folder()):
        call = await company.converse(stranger(), answer, prepared)
    await asyncio.gather(*reviving)
    assert company.stack.recogniser_pid != killed[0]
    assert call.answers("number")[-1] == customer.account
    heard = [text for who, text in call.lines if who == "caller"]
    assert [text for text in heard if re.search("[а-я0-9]", text) and not text.startswith("[")], call.lines
    assert call.by_person
