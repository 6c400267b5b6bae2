"""`ivr scenario lint`, `graph` and `schema` as others call them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ivr.cli import app
from ivr.errors import Fault
from tests.unit.dialogue_lint.bench import PROMPTS

ROOT = Path(__file__).parents[3]
GOOD = "id: good\ntitle: А\nversion: 1\nstart: menu\nstates:\n  menu:\n    queue: clients\n"
BAD = GOOD.replace("queue: clients", "say: Здравствуйте.")


@pytest.fixture(autouse=True)
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without settings, with a catalogue."""
    monkeypatch.chdir(tmp_path)
    Path("prompts.yaml").write_text(PROMPTS, encoding="utf-8")
    Path("good.yaml").write_text(GOOD, encoding="utf-8")


def _call(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["scenario", *arguments])


def test_scenarios_of_the_repository_are_in_order() -> None:
    result = _call("lint", str(ROOT / "scenarios"), "--format", "json")

    assert json.loads(result.stdout) == {"errors": [], "warnings": []}
    assert result.exit_code == 0


def test_errors_are_told_with_their_place() -> None:
    Path("bad.yaml").write_text(BAD.replace("id: good", "id: bad"), encoding="utf-8")

    result = _call("lint", "bad.yaml", "--format", "json")

    (error,) = json.loads(result.stdout)["errors"]
    assert result.exit_code == 1
    assert error.pop("message")
    assert error == {"file": "bad.yaml", "line": 6, "column": 3, "code": "no-way-out"}


def test_warnings_alone_are_no_failure() -> None:
    Path("long.yaml").write_text(
        BAD.replace("id: good", "id: long").replace("Здравствуйте.", "Долго. " * 60) + "    end: done\n",
        encoding="utf-8",
    )

    result = _call("lint", ".", "--format", "json")

    document = json.loads(result.stdout)
    assert [one["code"] for one in document["warnings"]] == ["long-prompt"]
    assert (document["errors"], result.exit_code) == ([], 0)


def test_a_path_that_is_not_there_is_a_wrong_call() -> None:
    result = _call("lint", "nowhere.yaml")

    assert isinstance(result.exception, Fault)
    assert "nowhere.yaml" in str(result.exception)


def test_a_person_reads_file_line_and_column() -> None:
    Path("good.yaml").write_text(BAD, encoding="utf-8")

    assert "good.yaml:6:3: error: 'menu' leads nowhere" in _call("lint", "good.yaml").stdout


def test_the_schema_is_written() -> None:
    assert _call("schema", "--output", "schema.json").exit_code == 0

    assert json.loads(Path("schema.json").read_text(encoding="utf-8"))["$schema"].endswith("2020-12/schema")


def test_a_flow_is_drawn_or_it_is_said_what_is_missing() -> None:
    result = _call("graph", "good.yaml", "--output", "good.svg")

    if shutil.which("dot"):
        assert "<svg" in Path("good.svg").read_text(encoding="utf-8")
    else:
        assert "Graphviz" in str(result.exception)


@pytest.mark.parametrize(
    ("file", "target", "named"),
    [
        ("good.yaml", "good.txt", "good.txt"),
        ("nowhere.yaml", "x.svg", "nowhere.yaml"),
        ("prompts.yaml", "x.svg", "prompts.yaml"),
        ("broken.yaml", "x.svg", "broken.yaml:6"),
    ],
)
def test_what_can_not_be_drawn_is_a_wrong_call(file: str, target: str, named: str) -> None:
    Path("broken.yaml").write_text(GOOD.replace("menu:", "Menu:"), encoding="utf-8")

    result = _call("graph", file, "--output", target)

    assert isinstance(result.exception, Fault)
    assert named in str(result.exception)
    assert not Path(target).exists()
