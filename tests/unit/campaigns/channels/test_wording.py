"""Texts with values as they are written, and which messages go when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from ivr.campaigns.channels.model import Channel
from ivr.campaigns.channels.outbox import address_of, takes_sms
from ivr.campaigns.channels.plan import plan_of
from ivr.campaigns.channels.wording import Wording, written
from ivr.campaigns.kinds import Kinds
from ivr.campaigns.model import Campaign, CampaignState, Target, TargetState
from ivr.dialogue.expressions import EvaluationError
from ivr.dialogue.ports import Value
from ivr.errors import Fault

KINDS = Kinds.load(Path(__file__).parents[4] / "scenarios")
WORDING = Wording(lambda: KINDS, profile="bryansk", zone=UTC)
OWN = [
    {"channel": "sms", "moment": "before", "hours": 24, "text": "Завтра позвоним"},
    {"channel": "email", "moment": "after", "on": ["promised", "busy"], "text": "Спасибо"},
    {"channel": "account", "moment": "after", "text": "Уведомление"},
]


def campaign(kind: str = "restriction", **overrides: object) -> Campaign:
    fields = {"ground": "долг более двух месяцев", "date": "2026-12-01"}
    day = date(2026, 11, 24)
    return Campaign(
        1, "c", kind, "Ноябрь", CampaignState.RUNNING, day, day, fields=fields, overrides=overrides
    )


def target(**fields: object) -> Target:
    given = {"name": "Анна Ивановна", "amount": "12345,5", **fields}
    numbers = ("+74832123456", "+79031234567")
    return Target(
        1,
        1,
        "account:1",
        numbers,
        ("Europe/Moscow",),
        TargetState.WAITING,
        datetime.now(UTC),
        "100200300",
        given,
    )


def test_a_restriction_names_its_ground_its_date_and_the_amount() -> None:
    text = WORDING.compose(campaign(), target(), Channel.SMS, "after").text
    assert "01.12.2026" in text
    assert "долг более двух месяцев" in text
    assert "12\u00a0345,50\u00a0руб." in text


def test_the_text_of_another_moment_is_taken_where_there_is_none() -> None:
    assert WORDING.compose(campaign(), target(), Channel.ACCOUNT, "instead").text


def test_a_message_without_its_values_is_a_fault_without_personal_data() -> None:
    with pytest.raises(Fault) as told:
        WORDING.compose(campaign(), target(amount="много"), Channel.SMS, "after")
    assert "Анна" not in str(told.value)
    with pytest.raises(Fault):
        WORDING.compose(campaign(), target(), Channel.PUSH, "after")


def test_the_campaigns_own_rules_replace_the_kinds() -> None:
    plan = plan_of(KINDS["restriction"], campaign(messages=OWN).overrides)
    assert plan.before() == [Channel.SMS]
    assert plan.ahead() == timedelta(hours=24)
    assert plan.after("promised", "person") == [Channel.EMAIL, Channel.ACCOUNT]
    assert plan.after("", None) == [Channel.ACCOUNT]
    assert plan_of(KINDS["restriction"], {"messages": []}).after("x") == []
    text = WORDING.compose(campaign(messages=OWN), target(), Channel.EMAIL, "after").text
    assert text == "Спасибо"


def test_values_are_written_in_russian() -> None:
    values: dict[str, Value] = {"a": Decimal("-1000"), "t": datetime(2026, 11, 24, 9, 5, tzinfo=UTC), "n": 5}
    assert written("{a|amount} {t|date} {t|time} {n|number} {{}}", values) == (
        "-1\u00a0000,00\u00a0руб. 24.11.2026 09:05 5 {}"
    )
    with pytest.raises(EvaluationError):
        written("{nobody}", values)


def test_landlines_take_no_sms() -> None:
    assert address_of(target(), Channel.SMS) == "+79031234567"
    assert not takes_sms("+74832123456")
    assert not takes_sms("nonsense")
    assert address_of(target(email="a@example.ru"), Channel.EMAIL) == "a@example.ru"
    assert address_of(target(), Channel.EMAIL) == ""
    assert address_of(target(), Channel.ACCOUNT) == "100200300"
