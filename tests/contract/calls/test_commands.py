from __future__ import annotations

import json
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner, Result

from ivr.calls.followup_settings import SurveySettings
from ivr.calls.identifications import How, Identification, Identifications
from ivr.calls.ledger import Ledger
from ivr.calls.legs import LegAnswered, LegEnd, LegEnded, LegRang, LegRole
from ivr.calls.settings import LedgerSettings
from ivr.calls.surveys import Surveys
from ivr.calls.wrapups import WrapUp, WrapUps
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


@pytest.fixture
async def talked(settings: Settings, database: Database, clock: TestClock) -> Settings:
    """A call in which a person talked: rung, held, identified, summed up."""
    ledger = Ledger(database, LedgerSettings(), clock, Seen())
    ledger.start()
    ledger.open(replace(FACTS, call_id="c5"))
    ledger.queue_joined("c5", "clients")
    clock.seconds = 5
    ledger.leg(
        LegRang(
            at=clock.now(),
            call_id="c5",
            leg_id="op.1",
            role=LegRole.QUEUE,
            device="PJSIP/op-201",
            agent="anna",
        )
    )
    clock.seconds = 9
    ledger.leg(LegAnswered(at=clock.now(), call_id="c5", leg_id="op.1"))
    ledger.note_deed("c5", "transfer-asked", "anna", data={"kind": "queue"})
    clock.seconds = 39
    ledger.leg(LegEnded(at=clock.now(), call_id="c5", leg_id="op.1", end=LegEnd.AGENT))
    ledger.hung_up("c5", 16)
    await ledger.close()
    wrapup = WrapUp(
        call_id="c5", agent="anna", topic="balance.debt", result="answered", note="320145678",
        began_at=clock.now(), saved_at=clock.now(),
    )  # fmt: skip
    await WrapUps(database, clock).save(wrapup)
    step = Identification(
        call_id="c5", account_number="320145678", how=How.NAME_AND_ACCOUNT, agent="anna", at=clock.now()
    )
    await Identifications(database).record(step)
    await Surveys(database, SurveySettings(), clock).save("c5", 5, "12345")
    return settings


def test_a_call_with_people_is_told_in_order_of_time(talked: Settings) -> None:
    text = run(talked, "show", "c5").stdout
    assert not [secret for secret in SECRETS if secret in text]
    assert "waited          9.0 s" in text
    assert "talked          30.0 s" in text
    moments = json.loads(run(talked, "show", "c5", "--format", "json").stdout)["moments"]
    assert [moment["what"] for moment in moments][:4] == ["queue-joined", "ring", "answer", "transfer-asked"]
    assert {moment["what"] for moment in moments[4:]} == {"end", "identified", "wrap-up", "survey-answered"}
    full = run(talked, "show", "c5", "--full").stdout
    assert [secret for secret in SECRETS if secret in full] == list(SECRETS)


def test_an_unknown_call_is_told(settings: Settings) -> None:
    with pytest.raises(Fault, match="no such call"):
        run(settings, "show", "c2")
