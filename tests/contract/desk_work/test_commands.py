"""`ivr blocklist`, `ivr desk`: what people at a terminal see and change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner, Result

from ivr.commands import blocklist, desk
from ivr.errors import Fault
from ivr.settings import Settings
from ivr.store import StoreSettings
from tests.databases import sqlite_file


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "own.db").write_bytes(sqlite_file())
    return Settings().model_copy(update={"store": StoreSettings(url=f"sqlite:///{tmp_path / 'own.db'}")})


def run(app: Typer, settings: Settings, *arguments: str) -> Result:
    result = CliRunner().invoke(app, list(arguments), obj=settings)
    if isinstance(result.exception, Fault):
        raise result.exception
    return result


def test_the_block_list_from_a_terminal(settings: Settings) -> None:
    added = run(blocklist.app, settings, "add", "8 4832 00-00-01", "--reason", "угрозы", "--days", "3")
    assert "+74832000001  until " in added.stdout
    listed = json.loads(run(blocklist.app, settings, "list", "--format", "json").stdout)
    assert [(each["phone"], each["reason"], each["blocked_by"]) for each in listed["blocked"]] == [
        ("+74832000001", "угрозы", "cli")
    ]
    assert "let in again" in run(blocklist.app, settings, "remove", "+74832000001").stdout
    assert run(blocklist.app, settings, "list").stdout == "no numbers\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("remove", "+74832000001"),
        ("add", "12", "--reason", "угрозы"),
        ("add", "+74832000001", "--reason", "угрозы", "--days", "9999"),
    ],
)
def test_what_is_wrong_is_said(settings: Settings, arguments: tuple[str, ...]) -> None:
    with pytest.raises(Fault) as fault:
        run(blocklist.app, settings, *arguments)
    assert fault.value.fix


def test_the_shift_plan_from_a_file(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    file.write_text(
        "login,day,begins,ends,breaks\nanna,2026-11-24,08:00,20:00,12:00-12:30\nboris,x,1,2,\n",
        encoding="utf-8",
    )
    done = run(desk.app, settings, "shifts", "import", str(file))
    assert done.exit_code == 1
    assert done.stdout == "1 added, 0 changed, 0 unchanged, 1 bad lines\n"
    listed = run(desk.app, settings, "shifts", "list", "--from", "2026-11-24", "--days", "1")
    assert listed.stdout == "2026-11-24  anna             08:00-20:00  12:00-12:30\n"


def test_empty_lists_say_so(settings: Settings) -> None:
    assert run(desk.app, settings, "lost").stdout == "no lost callers\n"
    assert run(desk.app, settings, "tasks").stdout == "no tasks\n"
