"""Kinds: what is read of the file, what flows are given, what a talk leaves."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from ivr.campaigns.kinds import AsksFor, Kinds, TalkEnd
from ivr.campaigns.model import Campaign, CampaignState, Target, TargetState
from ivr.campaigns.needed import FieldKind, NeededField, Owner
from ivr.campaigns.ports import MachineOrder
from ivr.dialogue.ports import Ending, EndingKind, Value
from ivr.dialogue.problems import ScenarioFault
from ivr.errors import Fault

SCENARIOS = Path(__file__).parents[3] / "scenarios"
MOSCOW = ZoneInfo("Europe/Moscow")
SMALLEST = """
outcomes:
  told: {end: done, title: Сообщено}
kinds:
  papers:
    title: Документы
    flow: papers
"""


@pytest.fixture(scope="module")
def kinds() -> Kinds:
    return Kinds.load(SCENARIOS)


def read(folder: Path, text: str) -> Kinds:
    (folder / "kinds.yaml").write_text(text, encoding="utf-8")
    return Kinds.load(folder)


def field(kind: FieldKind, *, optional: bool = False) -> NeededField:
    return NeededField(name="one", of=Owner.TARGET, kind=kind, title="Поле", optional=optional)


def campaign(kind: str, **fields: Any) -> Campaign:
    day = date(2026, 11, 24)
    return Campaign(
        1, "november", kind, "Ноябрь", CampaignState.RUNNING, day, day, queue="experts", fields=fields
    )


def target(account: str = "", **fields: Any) -> Target:
    now = datetime(2026, 11, 24, tzinfo=UTC)
    zones = ("Europe/Moscow",)
    return Target(7, 1, "account:1", ("+79100000001",), zones, TargetState.CALLING, now, account, fields)


def test_every_kind_of_the_issue_is_there(kinds: Kinds) -> None:
    assert [kind.id for kind in kinds] == [
        "debt",
        "restriction",
        "payment-due",
        "tariff-change",
        "contract-change",
        "documents-ready",
        "planned-outage",
        "survey",
        "control-call",
        "agent-callback",
        "preview",
    ]
    assert {kind.id for kind in kinds if kinds.ruled(kind.id).debt} == {"debt", "restriction", "payment-due"}
    assert not kinds.ruled("survey").leaves_messages
    assert kinds.ruled("debt").leaves_messages
    assert kinds.ruled("gone").leaves_messages
    assert kinds["debt"].machine.order is MachineOrder.LEAVE_MESSAGE
    assert kinds["survey"].machine.order is MachineOrder.HANG_UP


def test_unknown_kind(kinds: Kinds) -> None:
    with pytest.raises(Fault, match="did you mean 'debt'"):
        kinds["debts"]


def test_whom_is_asked_for_is_the_kinds_unless_the_standard_wants_it_otherwise(kinds: Kinds) -> None:
    assert kinds.asks_for(kinds["debt"], "bryansk") is AsksFor.NAME
    assert kinds.asks_for(kinds["debt"], "kostroma") is AsksFor.ACCOUNT
    assert kinds.asks_for(kinds["debt"], "vladimir") is AsksFor.ACCOUNT
    assert kinds.asks_for(kinds["planned-outage"], "kostroma") is AsksFor.NOBODY


def test_what_a_flow_is_given(kinds: Kinds) -> None:
    given = kinds.given(
        campaign("debt", pay_by="10.12.2026"),
        target("320145678", name=" Иван  Петрович ", amount="1 234,56"),
        profile="kostroma",
        zone=MOSCOW,
    )
    assert given == {
        "target": {
            "name": "Иван Петрович",
            "amount": Decimal("1234.56"),
            "account": "320145678",
            "tail": "5678",
        },
        "campaign": {
            "pay_by": date(2026, 12, 10),
            "kind": "debt",
            "topic": "balance.debt",
            "title": "Ноябрь",
            "queue": "experts",
            "asks_for": "account",
            "promise_days": 14,
        },
    }


def test_what_is_not_known_is_none_and_empty(kinds: Kinds) -> None:
    given = kinds.given(campaign("agent-callback"), target(), profile="bryansk", zone=MOSCOW)
    assert given["target"] == {"name": None, "topic": None, "account": "", "tail": ""}


def test_a_missing_field_is_a_fault_without_personal_data(kinds: Kinds) -> None:
    with pytest.raises(Fault, match="'amount' of the target") as raised:
        kinds.given(
            campaign("debt", pay_by="10.12.2026"), target(name="Иван", amount="сто"), profile="", zone=MOSCOW
        )
    assert "Иван" not in str(raised.value)
    assert "сто" not in str(raised.value)


def test_moments_of_the_company_have_its_zone(kinds: Kinds) -> None:
    starts = kinds["planned-outage"].fields["starts"]
    expected = datetime(2026, 11, 26, 9, tzinfo=MOSCOW)
    assert [
        starts.value(raw, MOSCOW)
        for raw in ("26.11.2026 09:00", "2026-11-26T09:00", "2026-11-26T06:00+00:00")
    ] == [expected] * 3


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (FieldKind.TEXT, " акт  сверки ", "акт сверки"),
        (FieldKind.NUMBER, "12", Decimal(12)),
        (FieldKind.AMOUNT, "1\u00a0234,50", Decimal("1234.50")),
        (FieldKind.AMOUNT, 100, Decimal(100)),
        (FieldKind.DATE, "2026-12-01", date(2026, 12, 1)),
        (FieldKind.DATE, datetime(2026, 12, 1, 9, tzinfo=UTC), date(2026, 12, 1)),
        (FieldKind.DATE, date(2026, 12, 1), date(2026, 12, 1)),
    ],
)
def test_values(kind: FieldKind, raw: object, value: object) -> None:
    assert field(kind).value(raw) == value


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (FieldKind.TEXT, "  "),
        (FieldKind.TEXT, None),
        (FieldKind.NUMBER, "двенадцать"),
        (FieldKind.AMOUNT, "NaN"),
        (FieldKind.AMOUNT, True),
        (FieldKind.DATE, "31.02.2026"),
        (FieldKind.DATE, "завтра"),
        (FieldKind.MOMENT, "26.11"),
    ],
)
def test_values_that_do_not_fit(kind: FieldKind, raw: object) -> None:
    with pytest.raises(ValueError, match=r"missing|expected"):
        field(kind).value(raw)


def test_an_optional_field_may_be_missing_but_not_wrong() -> None:
    assert field(FieldKind.DATE, optional=True).value("") is None
    with pytest.raises(ValueError, match="a date"):
        field(FieldKind.DATE, optional=True).value("soon")


def test_what_a_target_lacks(kinds: Kinds) -> None:
    missing = {
        each.name: why for each, why in kinds["debt"].missing(Owner.TARGET, {"name": "Иван", "amount": "x"})
    }
    assert missing == {"amount": "a number is expected, such as 1234,56"}


@pytest.mark.parametrize(
    ("ending", "outcome"),
    [
        (Ending(EndingKind.COMPLETED, "promised"), "promised"),
        (Ending(EndingKind.QUEUED, "experts"), "operator"),
        (Ending(EndingKind.HUNG_UP, "hangup"), "hangup"),
        (Ending(EndingKind.FAILED, "failed"), "failed"),
    ],
)
def test_outcome_of_a_talk(kinds: Kinds, ending: Ending, outcome: str) -> None:
    assert kinds["debt"].result_of(ending) == (outcome, {})


def test_only_what_the_kind_names_is_kept_of_a_talk(kinds: Kinds) -> None:
    said: dict[str, Value] = {
        "promised_on": date(2026, 12, 1),
        "talked": {"day": date(2026, 12, 1)},
        "asked_sms": None,
    }
    ending = Ending(EndingKind.COMPLETED, "promised", said)
    assert kinds["debt"].result_of(ending) == ("promised", {"promised_on": "2026-12-01"})


@pytest.mark.parametrize(
    ("outcome", "end"),
    [
        ("told", TalkEnd.DONE),
        ("operator", TalkEnd.DONE),
        ("refused", TalkEnd.REFUSED),
        ("call-later", TalkEnd.LATER),
        ("stranger", TalkEnd.RETRY),
        ("hangup", TalkEnd.RETRY),
        ("nobody-knows", TalkEnd.RETRY),
    ],
)
def test_what_becomes_of_a_target_after_a_talk(kinds: Kinds, outcome: str, end: TalkEnd) -> None:
    assert kinds.end_of(outcome) is end


def test_messages_beside_the_call(kinds: Kinds) -> None:
    restriction = kinds["restriction"]
    assert [(each["channel"], each["moment"]) for each in restriction.channels] == [
        ("account", "before"),
        ("sms", "after"),
    ]
    asked, after = restriction.message("sms", "asked"), restriction.message("sms", "after")
    assert asked is not None
    assert after is not None
    assert asked.text != after.text
    assert restriction.message("sms", "instead") == after
    assert restriction.message("email", "after") is None


def test_the_smallest_file(tmp_path: Path) -> None:
    (kind,) = read(tmp_path, SMALLEST)
    assert kind.asks_for is AsksFor.NOBODY
    assert kind.needs == ()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("    flow: papers\n", "    flow: papers\n    personal: true\n", "asks for the right person"),
        ("    flow: papers\n", "    flow: papers\n    asks_for: name\n", "asks for the right person"),
        ("    flow: papers\n", "    flow: papers\n    asks_for: nobdy\n", "one of name, account, nobody"),
        ("    flow: papers\n", "    flow: papers\n    machine: {order: leave-message}\n", "needs a 'flow'"),
        ("    flow: papers\n", "    flow: papers\n    retries: {buzy: {times: 1}}\n", "'buzy' is no way"),
        (
            "    flow: papers\n",
            "    flow: papers\n    fields: {name: {of: nobody, title: Имя}}\n",
            "one of target, campaign",
        ),
        ("    flow: papers\n", "", "'flow' is missing"),
        ("{end: done,", "{end: dnoe,", "one of done, refused"),
        ("kinds:\n", "sorts:\n", "no key 'sorts'"),
    ],
)
def test_a_file_that_is_wrong_is_told_with_its_place(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in SMALLEST
    with pytest.raises(ScenarioFault) as raised:
        read(tmp_path, SMALLEST.replace(old, new))
    assert any(told in problem.message for problem in raised.value.problems), raised.value.problems
    assert all(problem.file.endswith("kinds.yaml") and problem.line > 1 for problem in raised.value.problems)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(ScenarioFault, match="can't be read"):
        Kinds.load(tmp_path)


def test_kinds_do_not_change(kinds: Kinds) -> None:
    with pytest.raises(ValidationError):
        kinds["debt"].title = "другое"  # type: ignore[misc]
