from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner, Result

from ivr.archive.settings import ArchiveSettings
from ivr.commands import recordings
from ivr.errors import Fault
from ivr.store import StoreSettings
from tests.contract.archive.conftest import MOSCOW, Place
from tests.contract.archive.test_keeping import file_of, filled

CONTRACT = {"id", "call_id", "started_at", "seconds", "sha256", "expires_at", "legal_hold"}


@dataclass(frozen=True)
class Company:
    zone: ZoneInfo = MOSCOW


@dataclass(frozen=True)
class Settings:
    store: StoreSettings
    archive: ArchiveSettings
    company: Company


@dataclass
class Shell:
    """Runs the command as a person would; the database is closed before."""

    settings: Settings
    place: Place
    ids: list[str]

    def run(self, *arguments: str) -> Result:
        result = CliRunner().invoke(recordings.app, list(arguments), obj=self.settings)
        if isinstance(result.exception, Fault):
            raise result.exception
        return result

    def json(self, *arguments: str) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.run(*arguments, "--format", "json").stdout)
        return document


@pytest.fixture
def shell(place: Place, prepared: list[str]) -> Shell:
    store = StoreSettings(url=f"sqlite:///{place.database.place}")
    return Shell(Settings(store, place.settings, Company()), place, prepared)


@pytest.fixture
async def prepared(place: Place) -> list[str]:
    return await filled(place, 2)


def test_list_keeps_the_contract(shell: Shell) -> None:
    found = shell.json("list")["recordings"]
    assert [recording["id"] for recording in found] == shell.ids
    assert set(found[0]) >= CONTRACT
    assert shell.json("list", shell.ids[1])["recordings"][0]["call_id"] == shell.ids[1]
    assert shell.json("list", "--from", "2026-11-25")["recordings"] == []
    assert shell.ids[0] in shell.run("list").stdout


def test_verify_ends_with_one_when_something_is_wrong(shell: Shell) -> None:
    assert shell.run("verify").exit_code == 0
    file_of(shell.place, shell.ids[0]).unlink()
    result = shell.run("verify", "--format", "json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["missing"] == [shell.ids[0]]


def test_purge_tells_what_it_would_do(shell: Shell) -> None:
    found = shell.json("purge", "--dry-run")
    assert (found["recordings"], found["dry_run"]) == ([], True)


def test_hold_and_lift(shell: Shell) -> None:
    assert shell.run("hold", shell.ids[0]).exit_code == 2
    shell.run("hold", shell.ids[0], "--reason", "court", "--who", "anna")
    assert [r["legal_hold"] for r in shell.json("list")["recordings"]] == [True, False]
    assert shell.json("list")["recordings"][0]["hold_reason"] == "court"
    shell.run("hold", shell.ids[0], "--lift", "--reason", "the court has decided")
    assert [r["legal_hold"] for r in shell.json("list")["recordings"]] == [False, False]
    with pytest.raises(Fault, match="no such recording"):
        shell.run("hold", "nothing", "--reason", "court")
    log = shell.json("log", shell.ids[0])["entries"]
    assert [(entry["what"], entry["why"]) for entry in log[1:]] == [
        ("held", "court"),
        ("released", "the court has decided"),
    ]
    assert log[1]["who"] == "anna"


def test_export(shell: Shell, tmp_path: Path) -> None:
    found = shell.json("export", shell.ids[0], "--output", str(tmp_path / "out"))
    assert [recording["id"] for recording in found["recordings"]] == [shell.ids[0]]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        f"{shell.ids[0]}.wav",
        "manifest.json",
    ]
