from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from ivr.commands.speech_checks import register
from ivr.errors import Fault

APP = typer.Typer()
register(APP)


def run(*arguments: str) -> dict[str, object]:
    result = CliRunner().invoke(APP, [*arguments, "--format", "json"], catch_exceptions=False)
    assert result.exit_code == 0
    document: dict[str, object] = json.loads(result.stdout)
    return document


def test_numerals_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "spoken.tsv"
    file.write_bytes("\ufeffid\tspoken\r\n1\tдва нуля пять\r\n\r\n2\tалло\r\n3\r\n".encode())
    assert run("numerals", str(file)) == {
        "results": [
            {"spoken": "два нуля пять", "digits": "005"},
            {"spoken": "алло", "digits": None},
            {"spoken": "", "digits": None},
        ]
    }


def test_yes_and_no_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "answers.tsv"
    file.write_text('utterance\tnote\nда нет, всё верно\tx\n"никак нет\t\nне знаю\t\n', encoding="utf-8")
    assert run("yesno", str(file)) == {
        "results": [
            {"utterance": "да нет, всё верно", "label": "yes"},
            {"utterance": '"никак нет', "label": "no"},
            {"utterance": "не знаю", "label": "unclear"},
        ]
    }


def test_a_score_names_its_misses(tmp_path: Path) -> None:
    file = tmp_path / "scored.tsv"
    file.write_text("utterance\tcommand\nоператор\toperator\nпогода\tback\n", encoding="utf-8")
    assert run("score", "commands", str(file)) == {
        "total": 2,
        "right": 1,
        "share": 0.5,
        "misses": [{"phrase": "погода", "expected": "back", "understood": None}],
    }


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"said\nx\n", "The column spoken is missing."),
        (b"", "The column spoken is missing."),
        (b"spoken\n\xff\xfe\n", "The file is not UTF-8."),
        (None, "The file can't be read"),
    ],
)
def test_a_file_that_is_none_is_told(tmp_path: Path, content: bytes | None, what: str) -> None:
    file = tmp_path / "broken.tsv"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(Fault, match=what):
        run("numerals", str(file))
