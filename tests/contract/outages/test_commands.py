from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from ivr.commands import outages
from ivr.errors import Fault
from ivr.outages.settings import OutagesSettings
from ivr.settings import CompanySettings
from ivr.store import StoreSettings

ADD = ("add", "--settlement", "Дебрянск", "--reason", "авария", "--until", "2100-01-01T10:00")


@dataclass(frozen=True)
class Given:
    store: StoreSettings
    company: CompanySettings = field(default_factory=CompanySettings)
    outages: OutagesSettings = field(default_factory=OutagesSettings)


@pytest.fixture
def given(tmp_path: Path) -> Given:
    return Given(StoreSettings(url=f"sqlite:///{tmp_path / 'ivr.db'}"))


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with capture_logs():
        yield


def run(given: Given, *arguments: str) -> Result:
    return CliRunner().invoke(outages.app, [*arguments], obj=given)


def document(given: Given, *arguments: str) -> Any:
    result = run(given, *arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_an_outage_is_entered_listed_and_closed(given: Given) -> None:
    added = document(given, *ADD, "--street", "ул. Мира", "--houses", "1-15", "--id", "x", "--by", "Зимин")
    assert added["outcome"] == "added"
    assert document(given, *ADD, "--street", "ул. Мира", "--houses", "1-15", "--id", "x")["id"] == added["id"]
    (listed,) = document(given, "list")["outages"]
    assert listed["entered_by"] == "Зимин"
    assert listed["places"] == [{"settlement": "Дебрянск", "street": "ул. Мира", "houses": "1-15"}]
    assert "Дебрянск, ул. Мира, 1-15" in run(given, "list").stdout
    assert document(given, "close", str(added["id"]))["closed"] is True
    assert run(given, "close", str(added["id"])).exit_code == 1
    assert document(given, "list") == {"outages": []}
    assert "closed" in run(given, "list", "--all").stdout


def test_several_streets_are_one_outage(given: Given) -> None:
    document(given, *ADD, "--street", "ул. Мира", "--street", "ул. Лесная")
    (listed,) = document(given, "list")["outages"]
    assert [each["street"] for each in listed["places"]] == ["ул. Мира", "ул. Лесная"]


@pytest.mark.parametrize(
    "wrong",
    [
        ("--houses", "1-15"),
        ("--street", "Мира", "--houses", "15-1"),
        ("--begins", "вчера"),
        ("--street", "Мира", "--street", "Лесная", "--houses", "1"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_entered(given: Given, wrong: tuple[str, ...]) -> None:
    assert isinstance(run(given, *ADD, *wrong).exception, Fault)
    assert document(given, "list") == {"outages": []}


def test_bad_lines_of_a_file_are_told(given: Given, tmp_path: Path) -> None:
    file = tmp_path / "outages.csv"
    file.write_text(
        "id;kind;settlement;begins_at\n1;storm;Дебрянск;2026-11-24\n2;planned;Дебрянск;2026-11-24\n"
    )
    done = run(given, "import", str(file))
    assert done.exit_code == 1
    assert f"{file}:2: kind:" in done.stderr
    assert "1 added" in done.stdout
