"""`ivr quality status|again`, `ivr recordings find --text`, and the purge by command."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from ivr.archive.settings import ArchiveSettings
from ivr.commands import quality
from ivr.commands import recordings as recording_commands
from ivr.errors import Fault
from ivr.quality import rows
from ivr.quality.hearing import NotHeard
from ivr.quality.settings import QualitySettings, TranscriptSettings, When
from ivr.settings import CompanySettings
from ivr.speech.models.settings import ModelsSettings
from ivr.speech.recognition.settings import RecognitionSettings
from ivr.store import StoreSettings
from tests.contract.quality.conftest import RARE, Work, expire
from tests.contract.quality.test_transcribing import counted


@dataclass(frozen=True)
class Speech:
    models: ModelsSettings
    recognition: RecognitionSettings = field(default_factory=RecognitionSettings)


@dataclass(frozen=True)
class Settings:
    store: StoreSettings
    archive: ArchiveSettings
    speech: Speech
    company: CompanySettings = field(default_factory=CompanySettings)
    quality: QualitySettings = field(default_factory=QualitySettings)


@pytest.fixture
def settings(work: Work, tmp_path: Path) -> Settings:
    return Settings(
        StoreSettings(url=f"sqlite:///{tmp_path / 'ivr.db'}"),
        work.place.settings,
        Speech(ModelsSettings(folder=tmp_path / "no-models")),
    )


def run(app: Any, settings: Settings, *arguments: str) -> Any:
    done = CliRunner().invoke(
        app, [*arguments, "--format", "json"], obj=settings, catch_exceptions=False, standalone_mode=False
    )
    return json.loads(done.stdout[done.stdout.index("{") :])


async def command(app: Any, settings: Settings, *arguments: str) -> Any:
    return await asyncio.to_thread(run, app, settings, *arguments)


async def test_status_tells_how_far_it_is_and_what_it_costs(work: Work, settings: Settings) -> None:
    await work.recorded(2, seconds=3.0)
    work.ear.faults = [NotHeard("not-decoded")]
    transcribing = work.transcribing(attempts=1)
    while await transcribing.once():
        pass
    told = await command(quality.app, settings, "status")
    assert told == {
        "model": None,
        "waiting": 0,
        "failing": 0,
        "done": 1,
        "given_up": {"not-decoded": 1},
        "sound_seconds": 3.0,
        "work_seconds": 1.5,
        "real_time_factor": 0.5,
    }
    assert await command(quality.app, settings, "again") == {"waiting": 1}
    assert await transcribing.once()
    assert (await work.place.database.read(rows.progress)).done == 2


async def test_a_recording_that_there_is_not_can_not_be_done_again(work: Work, settings: Settings) -> None:
    with pytest.raises(Fault) as fault:
        await command(quality.app, settings, "again", "nothing")
    assert fault.value.where == "nothing"


async def test_a_model_that_has_to_be_there_and_is_not_is_told(work: Work, settings: Settings) -> None:
    must = QualitySettings(transcripts=TranscriptSettings(when=When.ON))
    strict = Settings(settings.store, settings.archive, settings.speech, settings.company, must)
    with pytest.raises(Fault) as fault:
        await command(quality.app, strict, "status")
    assert "No model is installed" in fault.value.what


async def test_recordings_are_found_by_words(work: Work, settings: Settings) -> None:
    (call,) = await work.recorded()
    await work.transcribing().once()
    find = partial(command, recording_commands.app, settings, "find", "--text")
    assert [each["id"] for each in (await find(RARE))["recordings"]] == [call]
    assert (await find("паровоз"))["recordings"] == []


async def test_a_purge_by_command_deletes_what_was_said_too(work: Work, settings: Settings) -> None:
    (call,) = await work.recorded()
    await work.transcribing().once()
    await expire(work.place.database, datetime(2026, 1, 1, tzinfo=UTC), call)
    await command(recording_commands.app, settings, "purge")
    assert await counted(work) == {"transcripts": 0, "utterances": 0, "quality_marks": 1, "words": 0}
