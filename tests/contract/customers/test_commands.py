from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from typer import Typer
from typer.testing import CliRunner, Result

from ivr.commands import customers, db
from ivr.errors import Fault
from ivr.settings import Settings, load


@pytest.fixture
def given(tmp_path: Path) -> Settings:
    return load(None, [f"data_folder={tmp_path / 'var'}", f"readings.export_folder={tmp_path / 'out'}"])


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with capture_logs():
        yield


def run(app: Typer, given: Settings, *arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], obj=given)


def document(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_the_tables_are_brought_up_to_date_once(given: Settings) -> None:
    first = document(run(db.app, given, "upgrade", "--format", "json"))
    second = document(run(db.app, given, "upgrade", "--format", "json"))
    assert first["before"] is None
    assert second["before"] == second["after"] == first["after"]


def test_an_invented_company_is_made_imported_and_shown(given: Settings, tmp_path: Path) -> None:
    made = document(
        run(customers.app, given, "demo", "--accounts", 20, "--output", tmp_path / "demo", "--format", "json")
    )
    assert [(each["kind"], each["bad"]) for each in made["files"]] == [("accounts", 0), ("meters", 0)]
    assert made["files"][0]["added"] == 20
    again = document(
        run(customers.app, given, "import", *sorted((tmp_path / "demo").iterdir()), "--format", "json")
    )
    assert [(each["added"], each["changed"]) for each in again["files"]] == [(0, 0), (0, 0)]
    shown = document(run(customers.app, given, "show", "320145678", "--format", "json"))
    assert shown["account"]["meters"][0]["zones"][0]["last_value"] == 11_950
    assert run(customers.app, given, "show", "999999999").exit_code == 1


def test_bad_lines_are_told_by_file_line_and_column(given: Settings, tmp_path: Path) -> None:
    file = tmp_path / "accounts.csv"
    file.write_text(
        "number;kind;segment;name;settlement;street;house\n"
        "320145678;alien;private;x;y;z;1\n320145679;person;private;x;y;z;1\n"
    )
    done = run(customers.app, given, "import", file)
    assert done.exit_code == 1
    assert f"{file}:2: kind:" in done.stderr
    assert "1 added" in done.stdout
    broken = run(customers.app, given, "import", Path(__file__))
    assert isinstance(broken.exception, Fault)


def test_there_is_nothing_to_export_at_first(given: Settings) -> None:
    assert document(run(customers.app, given, "export-readings", "--format", "json")) == {"files": []}
    assert document(run(customers.app, given, "deliveries", "--format", "json")) == {"deliveries": {}}
