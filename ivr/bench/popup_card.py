"""An invented card, as full as they come, for the measurement of the pop-up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from ivr.customers.model import Level
from ivr.web.api.card_models import (
    AccountTold,
    CallbackOwed,
    CallerTold,
    CardTold,
    EarlierTold,
    IdentificationTold,
    MeterTold,
    NormTold,
    RequestOfClient,
    RobotTold,
    TaskOwed,
    TitledTold,
    VisitAhead,
    WordsTold,
    ZoneTold,
)

_TOPIC = TitledTold(id="payment.missing", title="Платёж не учтён")


def full_card(call_id: str, operator: str) -> CardTold:
    """A caller with two accounts and earlier calls, who has talked with the robot and is owed much."""
    now = datetime.now(UTC)
    return CardTold(
        call_id=call_id,
        kind="inbound",
        line={"name": "clients", "title": "Единый номер"},
        segment="private",
        queue="clients.billing",
        queue_title="Расчёты",
        caller=CallerTold(number="+74832000001", name="Берестова Анна Юрьевна", known=True, accessible=False),
        identification=IdentificationTold(level=Level.IDENTIFIED, how="robot", at=now, by=None),
        accounts=[_account(now, number) for number in ("320145678", "320145679")],
        robot=_robot(now),
        previous=[_earlier(now, days) for days in (3, 17, 40, 75, 102)],
        callbacks=[CallbackOwed(id=1, due_from=now, topic="Показания", status="open")],
        visits=[VisitAhead(number="0104", office="Центральный", starts_at=now, window="", topic="Договор")],
        tasks=[TaskOwed(id=1, asked="Когда учтут платёж?", due_at=now, status="open")],
        requests=[_request(now, number) for number in ("2026-114", "2026-120")],
        greeting=f"Добрый день! Энергосбыт Заречье, оператор {operator}, чем могу помочь?",
        recording="on",
        norm=NormTold(
            kind="personal", seconds=300, search_seconds=40, preparation_seconds=120, wrap_up_seconds=60
        ),
        since=now - timedelta(minutes=3),
        waited_seconds=64.0,
        brought_by=None,
        note=None,
        missing=[],
    )


def _account(now: datetime, number: str) -> AccountTold:
    zones = [
        ZoneTold(id=name, name=name, last=11_950, last_at=now.date(), digits=5) for name in ("день", "ночь")
    ]
    return AccountTold(
        number=number,
        address="Дебрянск, улица Пушкина, дом 1, квартира 19",
        holder="Берестова Анна Юрьевна",
        balance=Decimal("-738.58"),
        balance_at=now,
        meters=[MeterTold(id=f"m{number}", serial="04512873", zones=zones)],
        masked=False,
    )


def _robot(now: datetime) -> RobotTold:
    said = "я заплатила две недели назад, а долг всё равно висит"
    words = [("robot", "Здравствуйте! Что Вас интересует?"), ("caller", said)] * 6
    return RobotTold(
        topic=_TOPIC,
        said=[said, "через приложение банка"],
        transcript=[WordsTold(who=who, text=text, at=now) for who, text in words],
        outcome="people",
        silent=False,
    )


def _earlier(now: datetime, days: int) -> EarlierTold:
    return EarlierTold(
        call_id=f"earlier-{days}",
        at=now - timedelta(days=days),
        topic=_TOPIC.title,
        operator="Вера Петрова",
        result="Ответ дан",
    )


def _request(now: datetime, number: str) -> RequestOfClient:
    return RequestOfClient(
        number=number,
        kind="question",
        topic=_TOPIC.id,
        topic_title=_TOPIC.title,
        status="in_progress",
        due_at=now + timedelta(days=9),
        overdue=False,
    )
