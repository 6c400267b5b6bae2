from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from ivr.dialogue.ports import Fragment, Prompt, Spoken, Text
from ivr.errors import Fault
from ivr.speech.library import PromptLibrary
from ivr.speech.recordings import slug
from ivr.speech.settings import AudioSettings, SpeechSettings
from ivr.speech.voices import SpeechUnavailable
from tests.unit.speech.fakes import HummingVoice, SetClock, tone

PROMPTS = {"greeting": "Здравствуйте.", "thanks": "Спасибо."}


class House:
    """A library in a folder, with all that it depends on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.voice = HummingVoice()
        self.clock = SetClock()

    def settings(self, seconds: float = 5.0, level: float = -21.0) -> SpeechSettings:
        return SpeechSettings(
            recorded_folder=self.folder / "recorded",
            new_phrase_seconds=seconds,
            audio=AudioSettings(level_dbfs=level),
        )

    def library(
        self, settings: SpeechSettings | None = None, prompts: Mapping[str, str] = PROMPTS
    ) -> PromptLibrary:
        folder = self.folder / "prompts"
        return PromptLibrary(self.voice, settings or self.settings(), folder, prompts, self.clock)

    def record(self, name: str, hertz: int = 300) -> None:
        path = self.folder / "recorded" / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(tone(0.5, hertz))


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def size(path: str, extension: str) -> int:
    return Path(path + extension).stat().st_size


def cut(path: str, extension: str) -> None:
    Path(path + extension).write_bytes(b"")


def content(path: str) -> tuple[bytes, bytes]:
    return Path(path + ".wav").read_bytes(), Path(path + ".alaw").read_bytes()


def spoken(*pieces: str) -> Spoken:
    return Spoken(" ".join(pieces), pieces)


FRAGMENTS: tuple[Fragment, ...] = (Prompt("greeting"), Text("Ваш счёт"), spoken("сто", "пять"))


async def test_a_new_phrase_is_made_and_then_known(house: House) -> None:
    library = house.library()
    assert not library.ready(FRAGMENTS)
    paths = await library.sounds(FRAGMENTS)
    assert len(paths) == 4
    assert all(path.startswith("/") and size(path, ".wav") for path in paths)
    assert house.voice.asked == ["Здравствуйте.", "Ваш счёт", "сто", "пять"]
    assert library.ready(FRAGMENTS)
    assert await library.sounds(FRAGMENTS) == paths
    assert await house.library().sounds(FRAGMENTS) == paths
    assert len(house.voice.asked) == 4


async def test_the_order_of_speaking_is_kept_and_pieces_repeat(house: House) -> None:
    paths = await house.library().sounds([spoken("ноль", "пять", "ноль")])
    assert paths[0] == paths[2] != paths[1]
    assert sorted(house.voice.asked) == ["ноль", "пять"]


async def test_silent_texts_are_left_out(house: House) -> None:
    assert await house.library().sounds([Text(" "), Text("да"), Text("")]) == await house.library().sounds(
        [Text("да")]
    )


async def test_punctuation_between_values_is_a_pause(house: House) -> None:
    paths = await house.library().sounds([spoken("сто"), Text(". ")])
    assert len(paths) == 2
    assert house.voice.asked == ["сто"]


async def test_the_same_text_written_otherwise_is_made_once(house: House) -> None:
    library = house.library()
    first = await library.sounds([Text("Дом 5")])
    assert await library.sounds([Text("Дом  пять")]) == first
    assert house.voice.asked == ["Дом пять"]


async def test_calls_that_ask_for_the_same_share_one_synthesis(house: House) -> None:
    library = house.library()
    house.voice.gate.clear()
    calls = [asyncio.create_task(library.sounds([Text("улица Ленина")])) for _ in range(20)]
    await house.voice.began.wait()
    house.voice.gate.set()
    assert len({tuple(paths) for paths in await asyncio.gather(*calls)}) == 1
    assert house.voice.asked == ["улица Ленина"]


async def test_a_call_that_is_gone_does_not_stop_the_synthesis_for_others(house: House) -> None:
    library = house.library()
    house.voice.gate.clear()
    gone = asyncio.create_task(library.sounds([Text("улица Ленина")]))
    stays = asyncio.create_task(library.sounds([Text("улица Ленина")]))
    await house.voice.began.wait()
    gone.cancel()
    house.voice.gate.set()
    assert await stays
    assert house.voice.asked == ["улица Ленина"]


async def test_too_slow_a_voice_is_not_waited_for_but_goes_on(house: House) -> None:
    library = house.library(house.settings(seconds=0.02))
    house.voice.gate.clear()
    with pytest.raises(SpeechUnavailable, match="not ready in time"):
        await library.sounds([Text("улица Ленина")])
    house.voice.gate.set()
    await asyncio.gather(*asyncio.all_tasks() - {asyncio.current_task()})
    assert library.ready([Text("улица Ленина")])
    assert house.voice.asked == ["улица Ленина"]


async def test_a_failing_voice_is_told_and_asked_again_later(house: House) -> None:
    library = house.library()
    house.voice.failure = SpeechUnavailable("Broken.")
    with pytest.raises(SpeechUnavailable, match=r"Broken\."):
        await library.sounds([Text("да")])
    house.voice.failure = None
    assert await library.sounds([Text("да")])


async def test_a_disk_that_refuses_is_told_as_unavailable_speech(house: House) -> None:
    library = house.library()
    (house.folder / "prompts" / "cache").rmdir()
    (house.folder / "prompts" / "cache").write_bytes(b"in the way")
    with pytest.raises(SpeechUnavailable, match="can't be stored"):
        await library.sounds([Text("да")])


async def test_a_recording_wins(house: House) -> None:
    house.record("greeting")
    library = house.library()
    await library.sounds([Prompt("greeting")])
    assert house.voice.asked == []


async def test_a_recording_needs_no_text(house: House) -> None:
    house.record("jingle")
    assert await house.library().sounds([Prompt("jingle")])


async def test_a_new_take_replaces_the_old_one(house: House) -> None:
    house.record("greeting")
    first = await house.library().sounds([Prompt("greeting")])
    house.record("greeting", hertz=500)
    os.utime(house.folder / "recorded" / "greeting.wav", (1, 1))
    assert await house.library().sounds([Prompt("greeting")]) != first


async def test_a_recorded_piece_wins(house: House) -> None:
    house.record(f"pieces/{slug('двадцать один')}")
    await house.library().sounds([spoken("двадцать один", "рубль")])
    assert house.voice.asked == ["рубль"]


async def test_a_prompt_without_text_and_recording(house: House) -> None:
    with pytest.raises(Fault, match="no-such"):
        await house.library().sounds([Prompt("no-such")])


async def test_another_catalogue(house: House) -> None:
    library = house.library()
    old = await library.sounds([Prompt("greeting")])
    library.replace_prompts({"greeting": "Добрый день."})
    assert not library.ready([Prompt("greeting")])
    assert await library.sounds([Prompt("greeting")]) != old


async def test_another_voice_or_level_is_another_sound(house: House) -> None:
    first = await house.library().sounds([Text("да")])
    louder = await house.library(house.settings(level=-18.0)).sounds([Text("да")])
    house.voice = HummingVoice("hum/2")
    other = await house.library().sounds([Text("да")])
    assert len({first[0], louder[0], other[0]}) == 3


async def test_a_broken_file_is_made_anew(house: House) -> None:
    library = house.library()
    [path] = await library.sounds([Text("да")])
    cut(path, ".alaw")
    house.clock.now += 61
    assert not library.ready([Text("да")])
    assert await library.sounds([Text("да")]) == [path]
    assert size(path, ".alaw") > 0
    assert house.voice.asked == ["да", "да"]


async def test_publishing_for_the_dialplan(house: House) -> None:
    library = house.library()
    fixed = house.folder / "prompts" / "fixed"
    library.publish("thanks")
    assert not fixed.exists()
    [path] = await library.sounds([Prompt("thanks")])
    library.publish("thanks")
    assert content(f"{fixed}/thanks") == content(path)
    library.replace_prompts({"thanks": "Большое спасибо."})
    [other] = await library.sounds([Prompt("thanks")])
    library.publish("thanks")
    assert content(f"{fixed}/thanks") == content(other) != content(path)


async def test_closing_stops_what_is_being_made(house: House) -> None:
    library = house.library()
    house.voice.gate.clear()
    call = asyncio.create_task(library.sounds([Text("да")]))
    await house.voice.began.wait()
    await library.close()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert house.voice.closed
    assert len(asyncio.all_tasks()) == 1


def test_slugs_are_plain_and_distinct() -> None:
    assert slug("Двадцать  один").startswith("dvadtsat-odin-")
    assert slug("двадцать один") == slug("Двадцать  один")
    assert slug("объём") != slug("обьём")
    assert slug(",").isalnum()
    assert len(slug("очень длинный текст " * 20)) < 60
