from __future__ import annotations

import asyncio
import re
from pathlib import Path

from ivr.bench.flow import Account
from ivr.bench.prompts import NativePrompts
from ivr.bench.templates import overlay

CONF = Path(__file__).parents[3] / "asterisk-conf"
ACCOUNT = Account(number="320145678", street="улица Пушкина", last=10, usual=5)


def prompts() -> NativePrompts:
    return NativePrompts.load(CONF / "bench" / "prompts.yaml")


def test_every_sound_of_the_dialplan_has_a_text() -> None:
    named = set(
        re.findall(r"\$\{SAY\}/([a-z][a-z-]*)(?![\w/-])", (CONF / "bench/extensions.conf.j2").read_text())
    )
    known = prompts()
    assert named - {"words"} == known.ids.keys() | known.texts.keys()


def test_every_numeral_below_a_hundred_thousand_has_its_words() -> None:
    tens = {str(n) for n in [*range(20), *range(20, 100, 10), *range(100, 1000, 100)]}
    thousands = {f"thousand-{unit}" for unit in range(10)}
    assert prompts().words.keys() == tens | thousands | {"1f", "2f"}


def test_sounds_are_made_once(tmp_path: Path) -> None:
    asked: list[tuple[str | None, str]] = []

    async def voice(prompt_id: str | None, text: str) -> bytes:
        asked.append((prompt_id, text))
        return text.encode()

    asyncio.run(prompts().make([ACCOUNT], voice, tmp_path))
    made = len(asked)
    asyncio.run(prompts().make([ACCOUNT], voice, tmp_path))
    assert len(asked) == made == len(list(tmp_path.rglob("*.wav")))
    assert ("recording-notice", "") in asked
    assert (tmp_path / "streets" / "320145678.wav").read_text() == "улица Пушкина"
    assert (tmp_path / "words" / "1f.wav").read_text() == "одна"


def test_other_templates_replace_those_of_the_same_name(tmp_path: Path) -> None:
    own, other = tmp_path / "own", tmp_path / "other"
    for folder, files in (
        (own, {"a.j2": "1", "b.j2": "2", "README.md": ""}),
        (other, {"b.j2": "3", "c.j2": "4"}),
    ):
        folder.mkdir()
        for name, content in files.items():
            (folder / name).write_text(content)
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "stale.j2").write_text("")
    made = overlay(own, other, tmp_path / "made")
    assert {path.name: path.read_text() for path in made.iterdir()} == {"a.j2": "1", "b.j2": "3", "c.j2": "4"}


def test_a_plausible_reading_is_the_last_one_and_a_usual_month() -> None:
    assert ACCOUNT.reading == 15
