from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from ivr.commands.prompts import static_texts
from ivr.speech.settings import SpeechSettings


@dataclass
class Folder:
    folder: Path


@dataclass
class Company:
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Moscow"))


@dataclass
class Context:
    scenarios: Folder
    prompts_folder: Path
    speech: SpeechSettings = field(default_factory=SpeechSettings)
    company: Company = field(default_factory=Company)


def test_catalogue_and_texts_of_flows(tmp_path: Path) -> None:
    (tmp_path / "prompts.yaml").write_text("prompts:\n  thanks: Спасибо.\n")
    (tmp_path / "flow.yaml").write_text(
        "id: flow\n"
        "title: Проба\n"
        "version: 1\n"
        "start: first\n"
        "outcomes:\n  done: {complete: true, title: Готово}\n"
        "states:\n"
        "  first: {say: Добрый день., then: second}\n"
        "  second: {say: thanks, then: last}\n"
        "  last: {end: done}\n"
    )
    texts = static_texts(Context(Folder(tmp_path), tmp_path))
    assert texts == (("thanks", "Спасибо."), (None, "Добрый день."))
