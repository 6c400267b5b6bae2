from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import structlog
import typer
from typer.testing import CliRunner

from ivr.commands import prompts
from ivr.dialogue.ports import Prompt, Text
from ivr.speech import building
from ivr.speech.audio import intact
from ivr.speech.building import Item, State, StaticText, build, inventory, open_library
from ivr.speech.cache import StorageFault
from ivr.speech.library import PromptLibrary
from ivr.speech.recordings import slug
from ivr.speech.russian import finite_pieces
from ivr.speech.settings import SpeechSettings
from ivr.speech.voices import SpeechUnavailable, VoiceMissing
from tests.unit.speech.fakes import HummingVoice, tone

TEXTS: list[StaticText] = [
    ("engine-away", "Соединяю вас с оператором."),
    (None, "Назовите номер."),
    (None, "Назовите номер."),
    (None, " "),
]


@pytest.fixture(autouse=True)
def few_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "finite_pieces", lambda: ["один", "два", ","])


@pytest.fixture
def settings(tmp_path: Path) -> SpeechSettings:
    return SpeechSettings(recorded_folder=tmp_path / "recorded")


@pytest.fixture
def voice() -> HummingVoice:
    return HummingVoice()


@pytest.fixture
def library(settings: SpeechSettings, voice: HummingVoice, tmp_path: Path) -> PromptLibrary:
    return open_library(settings, tmp_path / "prompts", TEXTS, voice)


async def test_everything_that_is_missing_is_made_once(library: PromptLibrary, voice: HummingVoice) -> None:
    told: list[Item] = []
    report = await build(library, TEXTS, told.append)
    assert (report.made, report.present, report.failed) == (5, 0, {})
    assert [item.text for item in told] == [
        "Соединяю вас с оператором.",
        "Назовите номер.",
        "один",
        "два",
        ",",
    ]
    assert library.ready([Prompt("engine-away"), Text("Назовите номер."), Text("один"), Text(",")])
    again = await build(library, TEXTS)
    assert (again.made, again.present) == (0, 5)
    assert len(voice.asked) == 4


async def test_fixed_prompts_and_hold_music_are_there_for_asterisk(library: PromptLibrary) -> None:
    await build(library, TEXTS)
    assert intact(library.folder / "fixed" / "engine-away")
    assert intact(library.folder / "moh" / "hold")


async def test_an_interrupted_build_goes_on_where_it_was(library: PromptLibrary, voice: HummingVoice) -> None:
    class Interrupted(Exception):
        pass

    def interrupt(item: Item) -> None:
        if item.text == "один":
            raise Interrupted

    with pytest.raises(Interrupted):
        await build(library, TEXTS, interrupt)
    report = await build(library, TEXTS)
    assert (report.made, report.present) == (2, 3)
    assert len(voice.asked) == 4


async def test_a_text_that_cannot_be_said_is_named_and_the_others_are_made(
    settings: SpeechSettings, voice: HummingVoice, tmp_path: Path
) -> None:
    texts: list[StaticText] = [("odd", "Привет ☺"), (None, "Да ☺ да"), ("fine", "Привет")]
    library = open_library(settings, tmp_path / "prompts", texts, voice)
    report = await build(library, texts)
    assert set(report.failed) == {"odd", "«Да ☺ да»"}
    assert "☺" in report.failed["odd"]
    assert library.ready([Prompt("fine")])


async def test_a_phrase_at_which_the_voice_fails_is_named(
    library: PromptLibrary, voice: HummingVoice
) -> None:
    voice.failure = SpeechUnavailable("Hoarse.")
    report = await build(library, TEXTS)
    assert report.failed["engine-away"] == "Hoarse."
    assert report.made == 1


@pytest.mark.parametrize("fault", [VoiceMissing("No voice."), StorageFault("Full.")])
async def test_what_concerns_all_prompts_ends_the_build(
    library: PromptLibrary, voice: HummingVoice, fault: Exception
) -> None:
    voice.failure = fault
    with pytest.raises(type(fault)):
        await build(library, TEXTS)
    assert len(voice.asked) == 1


async def test_the_inventory_names_the_studios_files(library: PromptLibrary, tmp_path: Path) -> None:
    items = {item.text: item for item in inventory(library, TEXTS)}
    assert items["Соединяю вас с оператором."].recording == "engine-away.wav"
    assert items["один"].recording == f"pieces/{slug('один')}.wav"
    assert items["один"].state is State.MISSING
    await build(library, TEXTS)
    recorded = tmp_path / "recorded" / items["один"].recording
    recorded.parent.mkdir(parents=True)
    recorded.write_bytes(tone())
    library.replace_prompts({"engine-away": "Соединяю вас с оператором."})
    states = {item.text: item.state for item in inventory(library, TEXTS)}
    assert states["один"] is State.RECORDED
    assert states["два"] is State.BUILT


@dataclass
class Context:
    prompts_folder: Path
    speech: SpeechSettings
    texts: list[StaticText] = field(default_factory=lambda: list(TEXTS))


@pytest.fixture
def context(tmp_path: Path, settings: SpeechSettings, monkeypatch: pytest.MonkeyPatch) -> Context:
    monkeypatch.setattr(prompts, "all_texts", lambda context: tuple(context.texts))
    monkeypatch.setattr(building, "FestivalVoice", lambda festival: HummingVoice())
    return Context(tmp_path / "prompts", settings)


@pytest.fixture(autouse=True)
def logs_apart_from_stdout() -> Iterator[None]:
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(file=sys.stderr))
    yield
    structlog.reset_defaults()


def run(context: Context, *arguments: str) -> tuple[int, str]:
    app = typer.Typer()
    app.add_typer(prompts.app, name="prompts")
    app.callback()(lambda: None)
    result = CliRunner().invoke(app, ["prompts", *arguments], obj=context)
    return result.exit_code, result.stdout


def test_the_command_builds_and_lists(context: Context) -> None:
    code, printed = run(context, "list", "--format", "json")
    assert {item["state"] for item in json.loads(printed)["prompts"]} == {"missing"}
    code, printed = run(context, "build", "--format", "json")
    document = json.loads(printed)
    assert (code, document["made"], document["failed"]) == (0, 5, {})
    code, printed = run(context, "build")
    assert (code, "0 made, 5 were there" in printed) == (0, True)
    code, printed = run(context, "list")
    assert printed.count("built") == 5


def test_the_command_fails_when_a_prompt_does(context: Context) -> None:
    context.texts.append(("odd", "☺ да"))
    code, printed = run(context, "build")
    assert code == 1
    assert "odd: The voice can't say ☺." in printed


def test_the_command_speaks_into_a_file(context: Context, tmp_path: Path) -> None:
    target = tmp_path / "x.wav"
    assert run(context, "say", "Добрый день", "--output", str(target))[0] == 0
    assert target.read_bytes().startswith(b"RIFF")


def test_the_command_cleans(context: Context) -> None:
    run(context, "build")
    code, printed = run(context, "clean", "--days", "0", "--format", "json")
    assert (code, json.loads(printed)) == (0, {"dropped": 0})


def test_pieces_are_finite_and_distinct() -> None:
    pieces = list(finite_pieces())
    assert len(pieces) == len(set(pieces))
    assert 300 < len(pieces) < 450
