"""What the stand-in server tells: invented people of an invented town."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

Json = dict[str, Any]

CALL = "5b0c1f7e-1111-4c3a-9a55-000000000001"
LEG = "1763700000.42"


def ago(**span: float) -> str:
    """An instant in the past, ISO 8601."""
    return (datetime.now(UTC) - timedelta(**span)).isoformat(timespec="milliseconds")


def ahead(**span: float) -> str:
    """An instant in the future, ISO 8601."""
    return (datetime.now(UTC) + timedelta(**span)).isoformat(timespec="milliseconds")


def session(must_change: bool = False) -> Json:
    return {
        "user": {
            "login": "anna",
            "name": "Анна Белова",
            "role": "operator",
            "extension": "201",
            "skills": ["clients"],
            "active": True,
        },
        "rights": ["work"],
        "csrf": "token-of-the-session",
        "must_change": must_change,
        "ends_at": ahead(hours=9),
    }


def agent(state: str = "paused", **more: Any) -> Json:
    return {
        "login": "anna",
        "name": "Анна Белова",
        "extension": "201",
        "phone": None,
        "skills": ["clients", "clients.billing"],
        "state": state,
        "reason": "break" if state == "paused" else None,
        "reason_title": "Перерыв" if state == "paused" else None,
        "since": ago(minutes=3, seconds=12),
        "call_id": None,
        "leg_id": None,
        "missed": 0,
        "reachable": True,
        "until": None,
        "prolongations": 1,
        **more,
    }


def dictionaries() -> Json:
    return {
        "topics": [
            {"id": "readings.submit", "title": "Передача показаний прибора учёта", "personal": True},
            {"id": "balance.debt", "title": "Задолженность и состояние лицевого счёта", "personal": True},
            {"id": "payment.missing", "title": "Платёж не учтён, адресное распределение", "personal": True},
            {"id": "tariff.current", "title": "Действующие тарифы", "personal": False},
            {"id": "request.complaint", "title": "Жалоба на обслуживание", "personal": False},
        ],
        "results": [
            {"id": "answered", "title": "Ответ дан", "alone": True},
            {"id": "reading", "title": "Показания приняты"},
            {"id": "request", "title": "Обращение зарегистрировано"},
            {"id": "deferred", "title": "Ответ отложен", "alone": False},
            {"id": "transferred", "title": "Передан коллеге"},
            {"id": "dropped", "title": "Связь прервалась"},
        ],
        "pause_reasons": [
            {"id": "break", "title": "Перерыв"},
            {"id": "lunch", "title": "Обед"},
            {"id": "training", "title": "Обучение"},
            {"id": "task", "title": "Работа по задаче"},
        ],
        "offices": [{"id": "central", "title": "Центральный офис, ул. Советская, 12"}],
    }


def card(call_id: str = CALL, **more: Any) -> Json:
    return {
        "call_id": call_id,
        "kind": "inbound",
        "line": {"name": "main", "title": "Единый номер"},
        "segment": "private",
        "queue": "clients.billing",
        "caller": {
            "number": "+79123456789",
            "name": "Сергеева Мария Петровна",
            "known": True,
            "accessible": True,
        },
        "identification": {"level": "identified", "how": "robot", "at": ago(minutes=4), "by": None},
        "accounts": [
            {
                "number": "4012 0077 315",
                "address": "г. Заречье, ул. Пушкина, д. 14, кв. 37",
                "holder": "Сергеева Мария Петровна",
                "balance": "-2340.55",
                "balance_at": ago(hours=5),
                "masked": False,
                "meters": [
                    {
                        "id": "m1",
                        "serial": "007791-23",
                        "zones": [
                            {
                                "id": "day",
                                "name": "день",
                                "last": 12840,
                                "last_at": ago(days=31),
                                "digits": 6,
                            },
                            {
                                "id": "night",
                                "name": "ночь",
                                "last": 5210,
                                "last_at": ago(days=31),
                                "digits": 6,
                            },
                        ],
                    }
                ],
            },
            {
                "number": "4012 0091 008",
                "address": "г. Заречье, СНТ «Энергетик», уч. 112",
                "holder": "Сергеева Мария Петровна",
                "balance": "154.00",
                "balance_at": ago(hours=5),
                "masked": False,
                "meters": [
                    {
                        "id": "m2",
                        "serial": "338104-19",
                        "zones": [
                            {"id": "all", "name": "сутки", "last": 3307, "last_at": ago(days=62), "digits": 5}
                        ],
                    }
                ],
            },
        ],
        "robot": {
            "topic": {"id": "payment.missing", "title": "Платёж не учтён, адресное распределение"},
            "said": ["я заплатила две недели назад, а долг всё равно висит", "через приложение банка"],
            "transcript": [
                {"who": "robot", "text": "Здравствуйте! Что Вас интересует?", "at": ago(minutes=5)},
                {
                    "who": "caller",
                    "text": "я заплатила две недели назад, а долг всё равно висит",
                    "at": ago(minutes=5),
                },
                {"who": "robot", "text": "Назовите, как Вы платили.", "at": ago(minutes=4.8)},
                {"who": "caller", "text": "через приложение банка", "at": ago(minutes=4.7)},
                {"who": "robot", "text": "Соединяю Вас со специалистом.", "at": ago(minutes=4.5)},
            ],
            "outcome": "Переведён на оператора",
            "silent": False,
        },
        "previous": [
            {
                "call_id": "p1",
                "at": ago(days=3),
                "topic": "Задолженность и состояние лицевого счёта",
                "operator": "Ольга Н.",
                "result": "Ответ дан",
            },
            {
                "call_id": "p2",
                "at": ago(days=33),
                "topic": "Передача показаний прибора учёта",
                "operator": None,
                "result": "Робот принял показания",
            },
        ],
        "callbacks": [],
        "tasks": [
            {"id": 5, "asked": "Проверить платёж от 7 ноября", "due_at": ago(hours=2), "status": "open"}
        ],
        "requests": [
            {
                "number": "2026-001184",
                "kind": "complaint",
                "topic": "payment.missing",
                "topic_title": "Платёж не учтён, адресное распределение",
                "status": "in_progress",
                "due_at": ahead(days=6),
                "overdue": False,
            }
        ],
        "greeting": "Добрый день! Энергосбыт Заречье, оператор Анна, чем могу помочь?",
        "recording": "on",
        "norm": {"kind": "personal", "seconds": 300, "search_seconds": 40, "preparation_seconds": 120},
        "since": ago(minutes=5),
        "waited_seconds": 95,
        "brought_by": None,
        "note": None,
        **more,
    }


def lists() -> Json:
    return {
        "callbacks": [
            {
                "id": 11,
                "phone": "+79161112233",
                "asked_at": ago(minutes=25),
                "due_from": ago(minutes=1),
                "topic": "balance.debt",
                "said": "долг после оплаты",
                "status": "open",
                "failures": 1,
            },
            {
                "id": 12,
                "phone": "+79035556677",
                "asked_at": ago(minutes=5),
                "due_from": ahead(hours=1),
                "topic": "tariff.current",
                "said": "",
                "status": "open",
                "failures": 0,
            },
        ],
        "lost": [
            {
                "id": 31,
                "phone": "+79219998877",
                "stage": "queue",
                "calls": 2,
                "last_at": ago(minutes=14),
                "waited_seconds": 71,
                "status": "open",
            },
            {
                "id": 32,
                "phone": "+74832445566",
                "stage": "queue",
                "calls": 1,
                "last_at": ago(minutes=48),
                "waited_seconds": 12,
                "status": "open",
            },
        ],
        "tasks": [
            {
                "id": 5,
                "kind": "deferred",
                "question": "Проверить платёж от 7 ноября и перезвонить",
                "topic": "payment.missing",
                "phone": "+79123456789",
                "due_at": ago(hours=2),
                "status": "open",
            }
        ],
        "bulletins": [
            {
                "id": 1,
                "text": "21 ноября с 10 до 14 без света улицы Пушкина и Гоголя. Причина: замена опор.",
                "queue": "",
                "urgent": False,
                "until": ahead(hours=4),
                "read_at": None,
            }
        ],
        "shift": {
            "begins_at": ago(hours=3),
            "ends_at": ahead(hours=9),
            "breaks": [{"since": ahead(hours=1), "until": ahead(hours=1.25)}],
        },
        "queues": [
            {
                "queue": "clients",
                "title": "Общая",
                "waiting": 3,
                "longest_since": ago(seconds=82),
                "ready": 2,
            },
            {
                "queue": "clients.billing",
                "title": "Начисления",
                "waiting": 0,
                "longest_since": None,
                "ready": 1,
            },
        ],
    }


FOUND = [{"number": "•••• 7315", "address": "г. Заречье, ул. Пушкина", "holder": "С. М. П."}]

ARTICLE = {
    "id": "payment.missing",
    "title": "Платёж не учтён",
    "short": "Платёж через банк зачисляется до трёх рабочих дней. Проверю, на какой счёт он поступил.",
    "full": "Платежи через банк зачисляются до трёх дней.\n\nСпросите:\n\n- дату и **сумму**;\n- способ.",
    "sources": ["Стандарт обслуживания, п. 12"],
    "valid_to": None,
    "offices": [],
}

TARGETS = [
    {"kind": "colleague", "value": "olga", "title": "Ольга Новикова", "free": True},
    {"kind": "colleague", "value": "ivan", "title": "Иван Громов", "free": False},
    {"kind": "queue", "value": "clients.billing", "title": "Начисления", "free": True},
    {"kind": "desk", "value": "corporate", "title": "Отдел юридических лиц", "free": True},
    {"kind": "robot", "value": "readings", "title": "Приём показаний", "free": True},
]
