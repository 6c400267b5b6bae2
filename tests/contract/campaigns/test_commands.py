"""`ivr campaign`: what people at a terminal see and change, without an engine."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from structlog.testing import capture_logs
from typer.testing import CliRunner, Result

from ivr.campaigns.settings import CallerId, CampaignsSettings, TrunkSettings
from ivr.commands.campaign import app
from ivr.errors import Fault
from ivr.settings import Settings
from ivr.store import StoreSettings
from tests.databases import sqlite_file

CAMPAIGNS = CampaignsSettings(
    caller_ids={"main": CallerId(number="+74942000001")}, trunks={"main": TrunkSettings()}
)
SHEET = """лицевой счёт;телефон;имя;сумма
320145678;+79101234567;Анна Ивановна;1234,50
320145686;+79101234568;Пётр Петрович;900
320145694;12;Ольга Сергеевна;10
"""
DAYS = ("--from", str(date.today()), "--to", str(date.today() + timedelta(days=6)))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "own.db").write_bytes(sqlite_file())
    store = StoreSettings(url=f"sqlite:///{tmp_path / 'own.db'}")
    return Settings().model_copy(update={"store": store, "campaigns": CAMPAIGNS, "lines": ()})


def run(settings: Settings, *arguments: str) -> Result:
    with capture_logs():  # the program itself writes them to stderr
        result = CliRunner().invoke(app, list(arguments), obj=settings)
    if isinstance(result.exception, Fault):
        raise result.exception
    return result


def told(settings: Settings, *arguments: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(run(settings, *arguments, "--format", "json").stdout)
    return document


def test_a_campaign_from_its_draft_to_its_report(settings: Settings, tmp_path: Path) -> None:
    made = told(settings, "create", "debts", "--kind", "debt", *DAYS)
    assert (made["campaign"], made["state"], made["attempts"]) == ("debts", "draft", {})
    assert made["targets"]["total"] == made["targets"]["done"] == made["targets"]["waiting"] == 0

    stopped = run(settings, "start", "debts")
    assert stopped.exit_code == 1
    assert "targets:" in stopped.stderr
    assert "fields.pay_by:" in stopped.stderr

    file = tmp_path / "debts.csv"
    file.write_text(SHEET, encoding="cp1251")
    taken = run(settings, "import", "debts", str(file), "--format", "json")
    assert taken.exit_code == 1, "a line was left out"
    assert f"{file}:4: телефон:" in taken.stderr
    counts = json.loads(taken.stdout)
    assert (counts["import"]["new"], counts["import"]["refused"], counts["targets"]["waiting"]) == (2, 1, 2)
    again = told(settings, "import", "debts", str(file))
    assert (again["import"]["new"], again["import"]["known"]) == (0, 2)

    told(settings, "create", "paid", "--kind", "debt", *DAYS, "--field", f"pay_by={date.today()}")
    assert told(settings, "import", "paid", str(file))["targets"]["total"] == 2
    assert told(settings, "start", "paid")["state"] == "running"
    paused = told(settings, "pause", "paid", "--why", "обед")
    assert (paused["state"], paused["why"]) == ("paused", "обед")
    assert told(settings, "stop", "paid")["state"] == "stopped"
    with pytest.raises(Fault):
        run(settings, "start", "paid")

    names = [each["campaign"] for each in told(settings, "list")["campaigns"]]
    assert names == ["paid", "debts"]
    book = tmp_path / "report.xlsx"
    assert told(settings, "report", "paid", "--to", str(book))["state"] == "stopped"
    assert load_workbook(book).sheetnames == ["Итоги", "Попытки"]
    told(settings, "report", "paid", "--to", str(tmp_path / "report.csv"))
    assert (tmp_path / "report.csv").read_text("utf-8-sig").startswith("Дата и время;")


def test_refusals_are_written_for_persons_and_numbers(settings: Settings) -> None:
    assert told(settings, "refuse", "320145678", "--scope", "debt") == {"refused": True, "scope": "debt"}
    told(settings, "refuse", "8 910 123-45-67")
    with pytest.raises(Fault, match="neither a telephone"):
        run(settings, "refuse", "nobody")
    with pytest.raises(Fault, match="Nothing can be refused"):
        run(settings, "refuse", "320145678", "--scope", "survey")
    told(settings, "refuse", "320145678", "--scope", "kind:survey", "--reference", "17")
    found = told(settings, "refusals", "320145678")["refusals"]
    assert [(each["scope"], each["reference"]) for each in found] == [("kind:survey", "17"), ("debt", "")]
    lifted = told(settings, "lift", str(found[0]["id"]), "--why", "письмо 18")
    assert (lifted["scope"], lifted["lifted_why"]) == ("kind:survey", "письмо 18")
    assert "lifted" in run(settings, "refusals").stdout
    with pytest.raises(Fault, match="no refusal"):
        run(settings, "lift", str(found[0]["id"]), "--why", "письмо 18")


def test_kinds_and_campaigns_are_examined(settings: Settings, tmp_path: Path) -> None:
    told(settings, "create", "debts", "--kind", "debt", *DAYS)
    found = run(settings, "lint", "--format", "json")
    document = json.loads(found.stdout)
    assert document["errors"] == []
    assert found.exit_code == 1
    assert {each["campaign"] for each in document["campaigns"]} == {"debts"}
    kinds = tmp_path / "campaigns"
    kinds.mkdir()
    (kinds / "kinds.yaml").write_text("kinds: 1", encoding="utf-8")
    assert run(settings, "lint", str(tmp_path)).exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("create", "debts", "--kind", "other", *DAYS), "no kind"),
        (("create", "debts", "--kind", "debt", *DAYS, "--field", "pay_by"), "has no value"),
        (("create", "debts", "--kind", "debt", *DAYS, "--opens", "noon"), "no time of the day"),
        (("start", "other"), "no campaign other"),
        (("import", "other"), "from a file, or from debts"),
    ],
)
def test_what_is_wrong_is_said(settings: Settings, arguments: tuple[str, ...], what: str) -> None:
    with pytest.raises(Fault, match=what):
        run(settings, *arguments)
