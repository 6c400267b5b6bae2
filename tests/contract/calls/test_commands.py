from __future__ import annotations

import json
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner, Result

from ivr.calls.ledger import Ledger
from ivr.calls.settings import LedgerSettings
from ivr.commands import calls
from ivr.dialogue.ports import Ending, EndingKind
from ivr.errors import Fault
from ivr.store import Database, StoreSettings
from tests.contract.calls.conftest import TestClock
from tests.contract.calls.test_ledger import FACTS, STEP, Seen

MOSCOW = ZoneInfo("Europe/Moscow")
SECRETS = ("74832000001", "320145678", "12345")


@dataclass(frozen=True)
class Company:
    zone: ZoneInfo = MOSCOW


@dataclass(frozen=True)
class Settings:
    store: StoreSettings
    company: Company = Company()


@pytest.fixture
async def settings(database: Database, store_settings: StoreSettings, clock: TestClock) -> Settings:
    ledger = Ledger(database, LedgerSettings(), clock, Seen())
    ledger.start()
    call = ledger.open(FACTS, "4832000000")
    call.answered()
    call.step(STEP)
    call.ending(Ending(EndingKind.COMPLETED, "reading-accepted", {"value": 12345}))
    call.closed(16)
    await ledger.close()
    return Settings(store_settings)


def run(settings: Settings, *arguments: str) -> Result:
    result = CliRunner().invoke(calls.app, list(arguments), obj=settings)
    if isinstance(result.exception, Fault):
        raise result.exception
    return result


def test_the_list_names_calls_without_personal_data(settings: Settings) -> None:
    text = run(settings, "list").stdout
    assert text.split() == [
        "2026-11-24", "10:00:00", "c1", "private", "ended", "served", "reading-accepted",
    ]  # fmt: skip
    document = run(settings, "list", "--format", "json").stdout
    assert json.loads(document)["calls"][0]["disposition"] == "served"
    assert not [secret for secret in SECRETS if secret in text + document]


def test_a_story_hides_personal_data_unless_they_are_asked_for(settings: Settings) -> None:
    masked = [run(settings, "show", "c1", *form).stdout for form in ((), ("--format", "json"))]
    for text in masked:
        assert not [secret for secret in SECRETS if secret in text]
        assert "identify" in text
        assert "reading-accepted" in text
    for form in ((), ("--format", "json")):
        text = run(settings, "show", "c1", "--full", *form).stdout
        assert [secret for secret in SECRETS if secret in text] == list(SECRETS)


def test_an_unknown_call_is_told(settings: Settings) -> None:
    with pytest.raises(Fault, match="no such call"):
        run(settings, "show", "c2")
