"""`ivr scenario simulate` and `ivr scenario test`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from ivr.commands.scenario import app
from ivr.errors import Fault
from ivr.knowledge.settings import KnowledgeSettings
from ivr.settings import Settings
from tests.unit.dialogue.support import written
from tests.unit.knowledge.support import write as small_knowledge_base

Command = Callable[..., Result]

MAIN = """
outcomes: {found: true, lost: false}
states:
  a: {ask: {prompt: Номер?, expect: account_number}, save: number, then: b, otherwise: c}
  b:
    do: customers.find_account
    with: {number: =number}
    save: account
    on:
      found: {say: "Сегодня {today()|date}. Улица {account.street}.", end: found}
      unknown: c
      malformed: c
      error: c
  c: {end: lost}
"""
TESTS = """\
scenario: main
actions: {customers.find_account: {outcome: found, data: {street: Мира}}}
tests:
  - name: нашёлся
    at: 2026-11-24T10:00:00+03:00
    turns: [{caller: {keys: "320145678#"}}, {robot: [двадцать четвёртого ноября, улица Мира]}]
    outcome: found
"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A company with a small knowledge base: reading a whole one takes seconds."""
    kb = small_knowledge_base(tmp_path_factory.mktemp("company") / "kb")
    return Settings(knowledge=KnowledgeSettings(folder=kb))


@pytest.fixture
def ivr(settings: Settings) -> Command:
    def run(*arguments: str) -> Result:
        with capture_logs():
            return CliRunner().invoke(app, arguments, obj=settings)

    return run


def document(result: Result) -> dict[str, Any]:
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "main.test.yaml").write_text(TESTS, encoding="utf-8")
    (tmp_path / "in.txt").write_text("dtmf: 320145678#\n", encoding="utf-8")
    return written(tmp_path, main=MAIN)


def test_conversations_that_pass(ivr: Command, folder: Path) -> None:
    result = ivr("test", str(folder), "--format", "json")
    assert result.exit_code == 0
    assert document(result) == {
        "passed": 1,
        "failed": 0,
        "tests": [{"name": "нашёлся", "ok": True, "detail": ""}],
    }


def test_a_conversation_that_fails(ivr: Command, folder: Path) -> None:
    wrong = TESTS.replace("outcome: found\n", "outcome: lost\n")
    (folder / "main.test.yaml").write_text(wrong, encoding="utf-8")
    result = ivr("test", str(folder / "main.test.yaml"), "--format", "json")
    assert result.exit_code == 1
    assert (document(result)["passed"], document(result)["failed"]) == (0, 1)
    assert "not 'lost'" in document(result)["tests"][0]["detail"]


def test_a_broken_flow_fails_its_tests_with_its_problems(ivr: Command, folder: Path) -> None:
    written(folder, main=MAIN.replace("then: b", "then: bb"))
    result = ivr("test", str(folder), "--format", "json")
    assert result.exit_code == 1
    assert "unknown-state" in document(result)["tests"][0]["detail"]


def test_no_tests_is_a_wrong_call(ivr: Command, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        assert isinstance(ivr("test", str(path)).exception, Fault)


def test_a_simulated_call(ivr: Command, folder: Path) -> None:
    result = ivr(
        "simulate", str(folder / "main.yaml"), "--caller", "+74832000001", "--inputs", str(folder / "in.txt"),
        "--at", "2026-11-24T10:00:00", "--stubs", str(folder / "main.test.yaml"), "--format", "json",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    found = document(result)
    assert found["outcome"] == "found"
    assert [(step["state"], step["outcome"]) for step in found["steps"]] == [("a", "ok"), ("b", "found")]
    assert found["transcript"] == [
        {"who": "robot", "text": "Номер?"},
        {"who": "caller", "text": "[320145678#]"},
        {"who": "robot", "text": "Сегодня двадцать четвёртого ноября. Улица Мира"},
    ]
    assert found["data"] == {"number": "320145678", "account": {"street": "Мира"}}


def test_a_broken_flow_is_not_simulated(ivr: Command, folder: Path) -> None:
    written(folder, main=MAIN.replace("then: b", "then: bb"))
    result = ivr("simulate", str(folder / "main.yaml"), "--inputs", str(folder / "in.txt"))
    assert result.exit_code == 1
    assert "main.yaml:8:" in result.stderr
    assert result.stdout == ""


def test_a_missing_file_is_a_wrong_call(ivr: Command, folder: Path) -> None:
    assert ivr("simulate", str(folder / "none.yaml"), "--inputs", str(folder / "in.txt")).exit_code == 2
