"""`ivr satisfaction`: what people at a terminal see and change."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ivr.commands.satisfaction import app
from ivr.errors import Fault
from ivr.settings import Settings
from ivr.store import StoreSettings
from tests.databases import sqlite_file

PERIOD = ("--of", "2026-09-01")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "own.db").write_bytes(sqlite_file())
    company = Settings().company.model_copy(update={"profile": "vladimir"})
    store = StoreSettings(url=f"sqlite:///{tmp_path / 'own.db'}")
    return Settings().model_copy(update={"store": store, "company": company, "lines": ()})


def run(settings: Settings, *arguments: str) -> Result:
    result = CliRunner().invoke(app, list(arguments), obj=settings)
    if isinstance(result.exception, Fault):
        raise result.exception
    return result


def test_from_an_empty_wave_to_figures(settings: Settings, tmp_path: Path) -> None:
    told = json.loads(run(settings, "waves", "--format", "json").stdout)["waves"]
    assert {each["questionnaire"] for each in told} == {"vladimir-private", "vladimir-corporate"}
    file = tmp_path / "answers.csv"
    lines = ("key;answered_at;overall;recommend", "1;2026-09-03;5;10", "2;2026-09-04;4;6", "3;2026-09-05;9;1")
    file.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(Fault, match="There is no wave"):
        run(settings, "import", "vladimir-private", str(file), *PERIOD)
    assert "open, 0 answers" in run(settings, "open", "vladimir-private", *PERIOD).stdout
    done = run(settings, "import", "vladimir-private", str(file), *PERIOD, "--format", "json")
    assert done.exit_code == 1
    assert {**json.loads(done.stdout), "file": ""}["added"] == 2
    assert ":4: overall: a whole number from 1 to 5" in done.stderr
    asked = ("report", "--from", "2026-09-01", "--to", "2026-09-30")
    (group,) = json.loads(run(settings, *asked, "--format", "json").stdout)["groups"]
    assert (group["source"], group["answers"], group["csat"]["value"], group["nps"]["value"]) == (
        "vladimir-private",
        2,
        1.0,
        0.0,
    )
    assert "CSAT 100 % (34 % to 100 %)" in run(settings, *asked).stdout
    assert "closed, 2 answers" in run(settings, "close", "vladimir-private", *PERIOD).stdout
    with pytest.raises(Fault, match="The wave is closed"):
        run(settings, "import", "vladimir-private", str(file), *PERIOD)


def test_what_is_wrong_is_said(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(Fault, match="no questionnaire nothing"):
        run(settings, "open", "nothing")
    with pytest.raises(Fault, match="There is no questionnaire"):
        run(settings, "lint", str(tmp_path))
    (tmp_path / "bad.yaml").write_text("id: bad", encoding="utf-8")
    found = run(settings, "lint", str(tmp_path), "--format", "json")
    assert found.exit_code == 1
    assert "Field required" in json.loads(found.stdout)["errors"][0]["what"]
    assert run(settings, "lint").exit_code == 0
