from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner, Result

from ivr.calls.ledger import Ledger
from ivr.calls.settings import LedgerSettings, ReviewSettings
from ivr.commands import quality
from ivr.errors import Fault
from ivr.speech.recognition.clips import Clips
from ivr.speech.recognition.settings import RecognitionSettings
from ivr.store import Database, StoreSettings
from tests.contract.calls.conftest import TestClock
from tests.contract.calls.test_ledger import FACTS, STEP, Seen
from tests.contract.calls.test_turns import SAID, SOUND, TURN

MOSCOW = ZoneInfo("Europe/Moscow")


@dataclass(frozen=True)
class Company:
    zone: ZoneInfo = MOSCOW


@dataclass(frozen=True)
class Speech:
    recognition: RecognitionSettings


@dataclass(frozen=True)
class Settings:
    store: StoreSettings
    speech: Speech
    ledger: LedgerSettings = field(default_factory=LedgerSettings)
    company: Company = Company()


@pytest.fixture
async def settings(
    database: Database, store_settings: StoreSettings, clock: TestClock, tmp_path: Path
) -> Settings:
    folder = tmp_path / "clips"
    clips = Clips(folder, 1800)
    ledger = Ledger(database, LedgerSettings(), clock, Seen(), clips)
    ledger.start()
    call = ledger.open(FACTS)
    call.turn(replace(TURN, clip=clips.add(SOUND)))
    call.turn(replace(TURN, state="menu", text="ну это самое"))
    call.step(replace(STEP, flow=TURN.flow, state="ask", outcome="hangup"))
    await ledger.close()
    return Settings(store_settings, Speech(RecognitionSettings(clips_folder=folder)))


def run(settings: Settings, *arguments: str) -> Result:
    result = CliRunner().invoke(quality.app, list(arguments), obj=settings)
    if isinstance(result.exception, Fault):
        raise result.exception
    return result


def listed(settings: Settings) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(run(settings, "review", "--format", "json").stdout)[
        "utterances"
    ]
    return found


def test_the_report_for_people_and_for_programs(settings: Settings) -> None:
    text = run(settings, "report").stdout.splitlines()
    assert text[0].split()[:4] == ["flow", "state", "turns", "voice"]
    assert text[1].split()[:3] == ["reception@2", "ask", "1"]
    assert text[1].split()[-3:] == ["100.0%", "812", "812"]
    document = json.loads(
        run(settings, "report", "--from", "2026-11-24", "--to", "2026-11-24", "--format", "json").stdout
    )
    assert (document["from"], document["to"]) == ("2026-11-24", "2026-11-24")
    assert [state["state"] for state in document["states"]] == ["ask", "menu"]
    assert document["states"][0]["hang_up"] == 1.0


@pytest.mark.parametrize("choice", [("--from", "2026-11-25"), ("--to", "2026-11-23"), ("--flow", "other")])
def test_a_report_about_nothing_says_so(settings: Settings, choice: tuple[str, str]) -> None:
    assert run(settings, "report", *choice).stdout == "No turns in that time.\n"


def test_the_review_list_shows_text_and_sound(settings: Settings) -> None:
    second, first = listed(settings)
    assert (first["text"], first["state"], first["line"], first["at"]) == (
        SAID,
        "ask",
        "private",
        "2026-11-24T10:00:00+03:00",
    )
    assert Path(str(first["clip"])).read_bytes().startswith(b"RIFF")
    assert second["clip"] is None
    text = run(settings, "review", "--limit", "1").stdout
    assert "«ну это самое»" in text
    assert text.splitlines()[-1] == "1 of 2."


def test_what_was_looked_at_leaves_the_list(settings: Settings) -> None:
    second, first = listed(settings)
    run(settings, "resolve", str(first["id"]), "--topic", "outage.reason", "--note", "улица Речная")
    assert listed(settings) == [second]
    with pytest.raises(Fault, match="no such speech"):
        run(settings, "resolve", "999")
    with pytest.raises(Fault, match="1 to 500"):
        run(settings, "resolve", str(second["id"]), "--note", "я" * 501)
    assert listed(settings) == [second]


@pytest.fixture
async def with_old(settings: Settings, database: Database, clock: TestClock) -> Settings:
    """Keeps for ten years, and has a speech that is eleven years old."""
    clips = Clips(settings.speech.recognition.clips_folder, 1800)
    clip = clips.add(SOUND)
    clock.seconds = -timedelta(days=4000).total_seconds()
    ledger = Ledger(database, LedgerSettings(), clock, Seen(), clips)
    ledger.start()
    ledger.open(replace(FACTS, call_id="old")).turn(replace(TURN, clip=clip))
    await ledger.close()
    file = clips.file(clip)
    assert file is not None
    os.utime(file, (clock.now().timestamp(),) * 2)
    return replace(settings, ledger=LedgerSettings(review=ReviewSettings(keep_days=3650)))


def test_purge_tells_before_it_deletes(with_old: Settings) -> None:
    assert run(with_old, "purge", "--dry-run").stdout == "1 speeches and 1 files would be deleted.\n"
    document = json.loads(run(with_old, "purge", "--dry-run", "--format", "json").stdout)
    assert (document["turns"], document["files"], document["dry_run"]) == (1, 1, True)
    assert len(listed(with_old)) == 3
    assert run(with_old, "purge").stdout == "1 speeches and 1 files deleted.\n"
    assert len(listed(with_old)) == 2
    assert run(with_old, "purge").stdout == "0 speeches and 0 files deleted.\n"
