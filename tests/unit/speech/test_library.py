from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Mapping
from pathlib import Path

import pytest
import structlog

from ivr.dialogue.ports import Fragment, Prompt, Spoken, Text
from ivr.errors import Fault
from ivr.speech import cache
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
    return Path(path + ".wav").read_bytes(), samples(path)


def samples(path: str) -> bytes:
    return Path(path + ".alaw").read_bytes()


def there(path: str) -> bool:
    return Path(path + ".alaw").exists()


def vanish(path: str) -> None:
    Path(path + ".alaw").unlink()


def shorten(path: str) -> None:
    os.truncate(path + ".alaw", 100)


def refuse(path: Path, content: bytes, number: int = 0) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def spoken(*pieces: str) -> Spoken:
    return Spoken(" ".join(pieces), pieces)


FRAGMENTS: tuple[Fragment, ...] = (Prompt("greeting"), Text("Ваш счёт"), spoken("сто", "пять"))


async def test_a_new_phrase_is_made_and_then_known(house: House) -> None:
    library = house.library()
    assert not library.ready(FRAGMENTS)
    paths = await library.sounds(FRAGMENTS)
    assert len(paths) == 1
    assert paths[0].startswith("/")
    assert size(paths[0], ".alaw")
    assert house.voice.asked == ["Здравствуйте.", "Ваш счёт", "сто", "пять"]
    assert library.ready(FRAGMENTS)
    assert await library.sounds(FRAGMENTS) == paths
    assert await house.library().sounds(FRAGMENTS) == paths
    assert len(house.voice.asked) == 4


async def test_the_pieces_follow_one_another_unchanged(house: House) -> None:
    library = house.library()
    [whole] = await library.sounds([Text("Счёт"), spoken("ноль", "пять"), Text(". "), spoken("ноль")])
    pieces = [await library.sounds([Text(text)]) for text in ("Счёт", "ноль", "пять", ". ", "ноль")]
    assert samples(whole) == b"".join(content(path)[1] for [path] in pieces)
    assert sorted(house.voice.asked) == ["Счёт", "ноль", "пять"]


async def test_another_order_is_another_file(house: House) -> None:
    library = house.library()
    assert await library.sounds([spoken("ноль", "пять")]) != await library.sounds([spoken("пять", "ноль")])


async def test_the_same_pieces_in_other_fragments_are_the_same_file(house: House) -> None:
    library = house.library()
    assert await library.sounds([spoken("сто", "пять")]) == await library.sounds([Text("сто"), Text("пять")])


async def test_known_pieces_need_no_synthesis(house: House) -> None:
    library = house.library()
    await library.sounds([spoken("сто", "пять")])
    house.voice.failure = SpeechUnavailable("Broken.")
    assert library.ready([spoken("пять", "сто")])
    assert len(await library.sounds([spoken("пять", "сто")])) == 1


async def test_one_piece_stays_the_file_that_it_is(house: House) -> None:
    library = house.library()
    [path] = await library.sounds([spoken("сто")])
    files = list((house.folder / "prompts").glob("cache/*/*"))
    assert sorted(files) == [Path(path + ".alaw"), Path(path + ".wav")]


async def test_nothing_to_say(house: House) -> None:
    library = house.library()
    assert library.ready([Text(" ")])
    assert await library.sounds([Text(" ")]) == []


async def test_calls_that_say_the_same_join_it_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Path] = []
    write = cache.write_whole

    def counted(path: Path, content: bytes, number: int = 0) -> None:
        written.append(path)
        write(path, content, number)

    monkeypatch.setattr(cache, "write_whole", counted)
    library = house.library()
    house.voice.gate.clear()
    calls = [asyncio.create_task(library.sounds(FRAGMENTS)) for _ in range(50)]
    await house.voice.began.wait()
    house.voice.gate.set()
    [path] = {path for paths in await asyncio.gather(*calls) for path in paths}
    assert written.count(Path(path + ".alaw")) == 1
    assert len(written) == len(set(written)) == 2 * 4 + 1


async def test_what_is_joined_ages_even_when_all_its_pieces_are_pinned(house: House) -> None:
    library = house.library()
    library.pin(["сто", "пять"])
    [path] = await library.sounds([spoken("сто", "пять")])
    house.clock.now += 24 * 3600 + 1
    await library.sounds([Prompt("greeting")])
    assert not there(path)
    assert library.ready([spoken("сто", "пять")])


async def test_dropping_by_hand_covers_what_is_joined(house: House) -> None:
    await house.library().sounds([spoken("сто", "пять")])
    house.clock.now += 7200
    assert house.library().drop_unused(3600) == 3
    assert not list((house.folder / "prompts").glob("cache/*/*"))


async def test_a_joined_file_that_is_gone_is_joined_again(house: House) -> None:
    library = house.library()
    [path] = await library.sounds([spoken("сто", "пять")])
    whole = samples(path)
    cut(path, ".alaw")
    house.clock.now += 61
    assert await library.sounds([spoken("сто", "пять")]) == [path]
    assert samples(path) == whole
    assert len(house.voice.asked) == 2


async def test_what_a_crash_has_cut_short_is_joined_again(house: House) -> None:
    [path] = await house.library().sounds([spoken("сто", "пять")])
    whole = samples(path)
    shorten(path)
    await house.library().sounds([spoken("сто", "пять")])
    assert samples(path) == whole


async def test_a_disk_that_refuses_joined_files_is_told_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = house.library()
    pieces = [(await library.sounds([Text(text)]))[0] for text in ("сто", "пять")]
    with structlog.testing.capture_logs() as logs, monkeypatch.context() as patched:
        patched.setattr(cache, "write_whole", refuse)
        assert await library.sounds([spoken("сто", "пять")]) == pieces
        assert await library.sounds([spoken("пять", "сто")]) == pieces[::-1]
    assert [entry["event"] for entry in logs] == ["prompts_not_joined"]
    assert "No space left" in logs[0]["reason"]
    assert len(await library.sounds([spoken("сто", "пять")])) == 1
    with structlog.testing.capture_logs() as logs, monkeypatch.context() as patched:
        patched.setattr(cache, "write_whole", refuse)
        await library.sounds([spoken("пять", "сто")])
    assert len(logs) == 1


async def test_a_piece_that_vanishes_while_it_counts_as_known(house: House) -> None:
    library = house.library()
    [first] = await library.sounds([Text("сто")])
    vanish(first)
    assert len(await library.sounds([spoken("сто", "пять")])) == 2
    assert len(await library.sounds([spoken("сто", "пять")])) == 1
    assert house.voice.asked.count("сто") == 2


async def test_silent_texts_are_left_out(house: House) -> None:
    assert await house.library().sounds([Text(" "), Text("да"), Text("")]) == await house.library().sounds(
        [Text("да")]
    )


async def test_punctuation_between_values_is_a_pause(house: House) -> None:
    library = house.library()
    [whole] = await library.sounds([spoken("сто"), Text(". ")])
    [plain] = await library.sounds([spoken("сто")])
    assert size(whole, ".alaw") - size(plain, ".alaw") == 8 * AudioSettings().sentence_pause_milliseconds
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


async def test_a_slow_utterance_is_longer_and_is_made_once(house: House) -> None:
    library = house.library()
    said = [Text("Нажмите один.")]
    usual = (await library.sounds(said))[0]
    assert not library.ready(said, slow=True)
    slow = (await library.sounds(said, slow=True))[0]
    tempo = house.settings().slow_tempo
    assert len(samples(slow)) == pytest.approx(len(samples(usual)) / tempo, rel=0.1)
    assert library.ready(said, slow=True)
    assert await library.sounds(said, slow=True) == [slow]


async def test_an_utterance_that_can_not_be_stretched_is_said_as_usual(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(house.folder))
    library = house.library()
    said = [Text("Нажмите один.")]
    assert await library.sounds(said, slow=True) == await library.sounds(said)
