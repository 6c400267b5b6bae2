from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ivr.cli import app
from ivr.errors import Fault

RIGHT = "id: right\ncompany: X\nstandard: S\n"
WRONG = "id: wrong\ncompany: X\nstandard: S\nretention: 60\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "right.yaml").write_text(RIGHT, encoding="utf-8")
    return tmp_path


def test_right_profiles_end_with_status_0(folder: Path) -> None:
    done = CliRunner().invoke(app, ["kpi", "lint", str(folder)])
    assert (done.exit_code, done.stdout) == (0, "1 profiles, 0 errors\n")


def test_a_wrong_profile_ends_with_status_1_and_its_line(folder: Path) -> None:
    wrong = folder / "wrong.yaml"
    wrong.write_text(WRONG, encoding="utf-8")
    done = CliRunner().invoke(app, ["kpi", "lint", str(folder), "--format", "json"])
    document = json.loads(done.stdout)
    assert done.exit_code == 1
    assert document["profiles"] == 2
    assert [error["where"] for error in document["errors"]] == [f"{wrong}:4"]


def test_an_empty_folder_is_told(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["kpi", "lint", str(tmp_path)])
    assert isinstance(done.exception, Fault)
    assert done.exception.where == str(tmp_path)
