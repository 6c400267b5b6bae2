"""The door: each command is found, tells the same wherever it is listed, and loads no more than it needs."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from ivr.cli import COMMANDS, app
from ivr.commands.deferred import Deferred


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command.name))
def test_a_command_tells_of_itself_what_the_list_tells_of_it(command: Deferred) -> None:
    assert command.load().help == command.help


def test_help_lists_every_command_that_is_not_hidden() -> None:
    told = CliRunner().invoke(app, ["--help"]).output
    listed = {line.split()[1] for line in told.splitlines() if line.startswith("│ ") and line[2] != " "}
    assert listed - {"--settings", "--set", "--help"} == {c.name for c in COMMANDS if not c.hidden}


def test_a_command_is_used_by_its_own_words() -> None:
    told = CliRunner().invoke(app, ["visits", "--help"])
    assert (told.exit_code, "ivr visits [OPTIONS] COMMAND" in told.output) == (0, True)


def test_a_wrong_word_is_answered_with_the_right_one() -> None:
    assert "'outages'" in CliRunner().invoke(app, ["outagse"]).output


@pytest.mark.parametrize(
    ("imported", "spared"),
    [
        ("ivr.cli", {"ivr.settings", "pydantic", "structlog"}),
        ("ivr.settings", {"sqlalchemy", "numpy", "holidays", "num2words", "rapidfuzz", "openpyxl"}),
    ],
)
def test_what_is_not_used_is_not_loaded(imported: str, spared: set[str]) -> None:
    listing = f"import sys, {imported}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & spared == set()
