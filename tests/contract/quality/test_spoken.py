"""A spoken dialogue through archive, process and Whisper itself: who said what, and what is marked."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from ivr.archive import search
from ivr.archive.settings import SoundFormat
from ivr.dialogue.schema.files import ForbiddenPhrase
from ivr.kpi.profiles import load_profiles
from ivr.quality import mark_rows, rows
from ivr.quality.hearing import EarProcess, NotHeard
from ivr.quality.marking import Rules, forbidden, rules_for
from ivr.quality.model import MarkKind, Side, Span
from ivr.quality.settings import MarkSettings
from ivr.quality.transcriber import Ears
from ivr.quality.transcribing import Transcribing
from ivr.speech.models.settings import ModelsSettings
from ivr.speech.recognition.settings import PauseSettings, VoiceSettings
from tests.contract.archive.test_archive import running
from tests.contract.quality.conftest import Work, talked
from tests.contract.recognition_engines.test_whisper import FOLDER, needs_model, spoken

ROOT = Path(__file__).parents[3]
EARS = Ears(
    folder=str(FOLDER),
    engine="whisper",
    core_share=1.0,
    niceness=0,
    models=ModelsSettings().model_dump_json(),
    voice=VoiceSettings().model_dump_json(),
    pauses=PauseSettings().model_dump_json(),
)
PROFILE = load_profiles(ROOT / "metrics" / "standards")["bryansk"]
GREETS = "Здравствуйте! Газпром энергосбыт Брянск, меня зовут Анна."
ASKS = "Добрый день, хочу передать показания счётчика."
FORBIDDEN = "Не могли бы вы назвать номер лицевого счёта?"
DIALOGUE = ((Side.PERSON, GREETS), (Side.CLIENT, ASKS), (Side.PERSON, FORBIDDEN))
RUDE = (
    (Side.PERSON, "Слушаю."),
    (Side.CLIENT, ASKS),
    (Side.PERSON, "Минуту, я сейчас посмотрю в программе."),
)

pytestmark = needs_model


@dataclass(frozen=True)
class Sides:
    client: bytes
    person: bytes


def recorded(voices: Mapping[str, bytes], dialogue: tuple[tuple[Side, str], ...]) -> Sides:
    """One after the other with a second between; each side on its own channel."""
    client, person = bytearray(), bytearray()
    for side, text in dialogue:
        said = voices[text] + bytes(16_000)
        client += said if side is Side.CLIENT else bytes(len(said))
        person += said if side is Side.PERSON else bytes(len(said))
    return Sides(bytes(client), bytes(person))


@pytest.fixture(scope="module")
def voices() -> Mapping[str, bytes]:
    return asyncio.run(spoken(tuple({text for _, text in (*DIALOGUE, *RUDE)})))


async def asked(profile: str | None, outgoing: bool) -> Rules:
    phrases = [
        ForbiddenPhrase(phrase="не могли бы вы", clause="п. 116 в"),
        ForbiddenPhrase(phrase="слушаю", alone=True, clause="п. 116 б"),
    ]
    return rules_for(
        MarkSettings(),
        PROFILE,
        outgoing=outgoing,
        phrases=forbidden(phrases),
        company="Энергосбыт",
        names={"anna": "Анна Иванова"},
    )


async def put(work: Work, sides: Sides) -> str:
    call = await work.place.call()
    async with running(work.place) as archive:
        archive.take_over(call, "", work.place.record_apart(call, sides.client, sides.person))
        await archive.idle()
    recording = await work.place.database.read(partial(search.parts_of, call_id=call))
    await talked(work.place.database, recording[0])
    return call


async def test_a_dialogue_is_written_down_by_side_and_marked(work: Work, voices: Mapping[str, bytes]) -> None:
    work.place.settings = work.place.settings.model_copy(update={"format": SoundFormat.OPUS})
    polite, rude = [await put(work, recorded(voices, each)) for each in (DIALOGUE, RUDE)]
    ear = EarProcess(EARS, piece_seconds=120)
    transcribing = Transcribing(
        work.place.database,
        work.settings,
        work.place.clock,
        vault=work.place.vault,
        ear=ear,
        words=work.words,
        rules=asked,
        calls=lambda: 0,
    )
    while await transcribing.once():
        pass
    await ear.rest()
    told = await work.place.database.read(partial(rows.transcript, recording_id=polite))
    assert told is not None
    assert [each.side for each in told.utterances] == [side for side, _ in DIALOGUE]
    assert "показани" in told.utterances[1].text
    marks = {
        call: {
            (mark.kind, mark.clause)
            for mark in await work.place.database.read(
                partial(mark_rows.find, wanted=mark_rows.Wanted(recording_id=call), limit=9)
            )
        }
        for call in (polite, rude)
    }
    assert marks[polite] == {(MarkKind.FORBIDDEN, "п. 116 в")}
    assert marks[rude] >= {
        (MarkKind.GREETING, "п. 103"),
        (MarkKind.COMPANY, "п. 103"),
        (MarkKind.NAME, "п. 103"),
    }
    found = partial(search.find, wanted=search.Wanted(text="лицевых счетов"), limit=5, texts=work.words)
    assert [each.recording.id for each in await work.place.database.read(found)] == [polite]


class Sound:
    """Content that is no sound at all."""

    size = 4

    def parts(self) -> Iterator[bytes]:
        yield b"nope"


async def always() -> None:
    pass


async def test_what_is_no_sound_is_told_and_the_process_goes_on() -> None:
    ear = EarProcess(EARS, piece_seconds=60)
    for _ in range(2):
        with pytest.raises(NotHeard) as error:
            await ear.hear(Sound(), 1, [Span(0, 1)], always)
        assert error.value.reason == "not-decoded"
    await ear.rest()


@pytest.mark.parametrize("size", [3, 5])
async def test_content_of_another_length_is_told_and_confuses_nothing(size: int) -> None:
    ear = EarProcess(EARS, piece_seconds=60)
    sound = Sound()
    sound.size = size
    with pytest.raises(NotHeard) as error:
        await ear.hear(sound, 1, [], always)
    assert error.value.reason == "changed"
    assert _children() == set()


async def test_a_model_that_can_not_be_loaded_is_told(tmp_path: Path) -> None:
    broken = EarProcess(replace(EARS, folder=str(tmp_path)), piece_seconds=60)
    with pytest.raises(NotHeard) as error:
        await broken.hear(Sound(), 1, [], always)
    assert error.value.reason == "died"


async def test_a_process_that_hangs_is_ended() -> None:
    ear = EarProcess(EARS, piece_seconds=0.01)
    with pytest.raises(NotHeard) as error:
        await ear.hear(Sound(), 1, [], always)
    assert error.value.reason == "slow"
    assert _children() == set()


def _children() -> set[str]:
    """Processes of ours that transcribe."""
    tasks = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    pids = {pid for file in tasks for pid in file.read_text().split()}
    lines = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in pids if Path(f"/proc/{pid}").exists()}
    return {pid for pid, line in lines.items() if b"ivr.quality.transcriber" in line}
