from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from typer import Typer
from typer.testing import CliRunner, Result

from ivr.commands.requests import app, appointments_app, callbacks_app, visits_app
from ivr.errors import Fault
from ivr.requests.settings import RequestsSettings
from ivr.settings import CompanySettings
from ivr.store import Database, StoreSettings, upgrade
from tests.contract.requests.desk import Desk, records

STANDARDS = Path(__file__).parents[3] / "metrics" / "standards"
CSV = """number;account;kind;registered_at;status;answered_at
1;320145678;complaint;2026-11-01;in_progress;
2;320145679;question;2026-11-02;answered;2026-11-03
"""


@dataclass(frozen=True)
class Given:
    store: StoreSettings
    company: CompanySettings = field(default_factory=CompanySettings)
    requests: RequestsSettings = field(default_factory=RequestsSettings)
    standards_folder: Path = STANDARDS


@pytest.fixture
def given(tmp_path: Path) -> Given:
    return Given(StoreSettings(url=f"sqlite:///{tmp_path / 'ivr.db'}"))


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    with capture_logs():
        yield


def run(given: Given, group: Typer, *arguments: str) -> Result:
    return CliRunner().invoke(group, [*arguments], obj=given)


def document(given: Given, group: Typer, *arguments: str) -> Any:
    result = run(given, group, *arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_requests_are_imported_and_listed(given: Given, tmp_path: Path) -> None:
    file = tmp_path / "requests.csv"
    file.write_text(CSV)
    assert document(given, app, "import", str(file))["added"] == 2
    assert [each["number"] for each in document(given, app, "list")["requests"]] == ["2", "1"]
    (mine,) = document(given, app, "list", "--account", "320145678")["requests"]
    assert mine["status"] == "in_progress"
    assert "account 320145679" in run(given, app, "list").stdout
    file.write_text(CSV + "3;320145678;whim;2026-11-01;registered;\n")
    spoilt = run(given, app, "import", str(file))
    assert spoilt.exit_code == 1
    assert f"{file}:4: kind:" in spoilt.stderr


def test_promises_and_visits_are_listed(given: Given) -> None:
    assert document(given, callbacks_app, "list") == {"callbacks": []}
    assert document(given, appointments_app, "list") == {"appointments": []}
    asyncio.run(_ask_for_both(given.store))
    (promise,) = document(given, callbacks_app, "list")["callbacks"]
    assert (promise["phone"], promise["topic"]) == ("+74832000001", "bill.explain")
    (visit,) = document(given, appointments_app, "list")["appointments"]
    assert (visit["number"], visit["office"]) == ("0001", "kovrov")
    assert "+74832000001" in run(given, callbacks_app, "list").stdout
    assert "no. 0001" in run(given, appointments_app, "list").stdout


async def _ask_for_both(store: StoreSettings) -> None:
    database = await Database.open(store)
    try:
        await upgrade(database)
        desk = Desk(database)
        desk.clock.moment = datetime.now(UTC)  # the commands list what is still to come
        await desk.do("callbacks.request", topic="bill.explain", when="12:00", said=None)
        first = records(await desk.do("appointments.slots", office="kovrov"))[0]
        booked = await desk.do(
            "appointments.book", office="kovrov", slot=first, account=await desk.identify()
        )
        assert booked.outcome == "booked"
    finally:
        await database.close()


def test_a_request_is_taken_to_its_answer(given: Given) -> None:
    new = ("--kind", "complaint", "--text", "Мигает свет", "--channel", "post", "--by", "anna")
    unknown = run(given, app, "register", *new)
    assert isinstance(unknown.exception, Fault)
    twice = [
        document(given, app, "register", *new, "--account", "320145678", "--key", "k")["request"]
        for _ in range(2)
    ]
    assert twice[0] == twice[1]
    number = twice[0]["number"]
    assert (
        document(given, app, "assign", number, "ivan", "--by", "boss")["request"]["status"] == "in_progress"
    )
    assert document(given, app, "extend", number, "--text", "ждите")["request"]["prolonged_at"]
    assert document(given, app, "note", number, "--text", "замер")["request"]["status"] == "prolonged"
    refused = run(given, app, "refuse", number, "--ground", "whim")
    assert isinstance(refused.exception, Fault)
    assert "secret" in refused.exception.fix  # bryansk has this ground
    document(given, app, "answer", number, "--channel", "post", "--text", "исправлено")
    shown = document(given, app, "show", number)
    assert [each["step"] for each in shown["history"]] == [
        "registered",
        "assigned",
        "prolonged",
        "noted",
        "answered",
    ]
    assert "исправлено" in run(given, app, "show", number).stdout
    assert document(given, app, "list", "--status", "registered") == {"requests": []}
    assert document(given, app, "due") == {"requests": []}
    assert document(given, visits_app, "list") == {"visits": []}
    assert isinstance(run(given, app, "withdraw", "1").exception, Fault)
