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


def test_keys_are_listed_made_and_rotated(shell: Shell) -> None:
    [old] = shell.json("keys", "list")["keys"]
    assert (old["recordings"], old["there"]) == (2, True)
    new = shell.json("keys", "new")["id"]
    assert [(key["id"], key["recordings"]) for key in shell.json("keys", "list")["keys"]] == [
        (new, 0),
        (old["id"], 2),
    ]
    rotated = shell.json("keys", "rotate")
    assert rotated["recordings"] == 2
    assert [key["recordings"] for key in shell.json("keys", "list")["keys"]] == [2, 0, 0]
    assert shell.run("verify").exit_code == 0


def test_a_lost_key_is_told(shell: Shell) -> None:
    for file in shell.place.settings.keys.iterdir():
        file.unlink()
    assert "MISSING" in shell.run("keys", "list").stdout
    result = shell.run("verify", "--format", "json")
    assert (result.exit_code, json.loads(result.stdout)["locked"]) == (1, shell.ids)
    with pytest.raises(Fault, match="not in the folder"):
        shell.run("keys", "rotate")
    with pytest.raises(Fault, match="master key is not in the ring"):
        shell.run("export", shell.ids[0], "--output", str(shell.place.spool / "out"))


def test_the_head_of_the_log_is_kept_by_whoever_wants_proof(shell: Shell) -> None:
    head = shell.json("verify")["log"]["head"]
    shell.run("hold", shell.ids[0], "--reason", "court")
    assert shell.run("verify", "--head", head).exit_code == 0
    forged = head[:-1] + ("0" if head[-1] != "0" else "1")
    assert shell.run("verify", "--head", forged).exit_code == 1


def test_recordings_are_found(shell: Shell) -> None:
    assert {row["id"] for row in shell.json("find")["recordings"]} == set(shell.ids)
    assert {row["id"] for row in shell.json("find", "--to", "2026-11-24")["recordings"]} == set(shell.ids)
    assert shell.json("find", "--from", "2026-11-25")["recordings"] == []
    assert shell.json("find", "--number", "0000001")["recordings"] == []


def test_a_storage_that_is_away_is_told_in_words(shell: Shell) -> None:
    away = {"bucket": "archive", "endpoint": "http://127.0.0.1:1", "timeout_seconds": 1}
    shell.settings = Settings(
        shell.settings.store,
        ArchiveSettings.model_validate(shell.settings.archive.model_dump() | {"s3": away}),
        Company(),
    )
    with pytest.raises(Fault, match="does not do it"):
        shell.run("verify")
