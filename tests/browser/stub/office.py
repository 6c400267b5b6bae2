"""What the stand-in server tells beside calls: requests, visits, colleagues and their shifts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.browser.stub.data import CALL, LEG, Json, agent, ago, ahead

REQUESTS = [
    {
        "number": "2026-001171",
        "kind": "complaint",
        "topic": "payment.missing",
        "kind_title": "Жалоба или претензия",
        "status": "in_progress",
        "status_title": "В работе",
        "due_at": ago(days=2),
        "overdue": True,
        "responsible": "anna",
        "responsible_name": "Анна Белова",
        "client": "С. М. П.",
        "account": "•••7315",
    },
    {
        "number": "2026-001184",
        "kind": "question",
        "topic": "tariff.current",
        "kind_title": "Вопрос",
        "status": "registered",
        "status_title": "Зарегистрировано",
        "due_at": ahead(days=12),
        "overdue": False,
        "responsible": "",
        "responsible_name": "",
        "client": "И. П. С.",
        "account": "•••0042",
    },
]

WORDS = {
    "kinds": [{"id": "complaint", "title": "Жалоба или претензия"}],
    "statuses": [{"id": "in_progress", "title": "В работе"}],
    "channels": [{"id": "phone", "title": "Телефон"}, {"id": "email", "title": "Эл. почта"}],
    "grounds": [{"id": "anonymous", "title": "Нет имени или адреса", "tell_within_days": None}],
    "phone_answer_suffices": True,
}


def request(**more: Any) -> Json:
    """A complaint in full."""
    return {
        **REQUESTS[0],
        "registered_at": ago(days=30),
        "registered_by": "olga",
        "channel": "email",
        "client": "Сергеева Мария Петровна",
        "account": "40120077315",
        "masked": False,
        "name": "Сергеева Мария Петровна",
        "phone": "+79123456789",
        "answer_to": "maria@example.org",
        "text": "Платёж от 7 ноября не учтён, приходят напоминания о долге.",
        "answer": "",
        "ground": "",
        "form": "telephone",
        "segment": "private",
        "profile": "bryansk",
        "profile_title": "Стандарт обслуживания клиентов, ООО «Газпром энергосбыт Брянск»",
        "bound": "limit",
        "call_id": CALL,
        "received_at": None,
        "registered_late": False,
        "prolonged_at": None,
        "answered_at": None,
        "control_due_at": None,
        "history": [
            {
                "at": ago(days=30),
                "by": "olga",
                "by_name": "Ольга Новикова",
                "step": "registered",
                "status": "registered",
                "note": "",
            },
            {
                "at": ago(days=29),
                "by": "olga",
                "by_name": "Ольга Новикова",
                "step": "assigned",
                "status": "in_progress",
                "note": "anna",
            },
        ],
        **more,
    }


def story(call_id: str = CALL) -> Json:
    """A call as it went."""
    leg = {"leg": LEG, "role": "queue"}
    return {
        "call_id": call_id,
        "kind": "inbound",
        "parent_call_id": None,
        "about_kind": None,
        "about_id": None,
        "line": "main",
        "segment": "private",
        "stage": "ended",
        "disposition": "answered",
        "topic": "payment.missing",
        "queue": "clients.billing",
        "agent": "anna",
        "came_at": ago(minutes=9),
        "agent_answered_at": ago(minutes=7),
        "ended_at": ago(minutes=3),
        "waits": [35.0],
        "talk_seconds": 240.0,
        "hold_seconds": 20.0,
        "requeued": 0,
        "transfers": 0,
        "moments": [
            {"at": ago(minutes=8), "what": "queue-joined", "who": None, "told": {"queue": "clients.billing"}},
            {"at": ago(minutes=7.2), "what": "ring", "who": "anna", "told": leg},
            {"at": ago(minutes=7), "what": "answer", "who": "anna", "told": leg},
            {"at": ago(minutes=3), "what": "end", "who": "anna", "told": {**leg, "end": "caller"}},
            {"at": ago(minutes=2), "what": "wrap-up", "who": "anna", "told": {"result": "answered"}},
        ],
    }


COLLEAGUES = [
    agent("talking", login="olga", name="Ольга Новикова", extension="202"),
    agent("ready", login="ivan", name="Иван Громов", extension="203", missed=1),
]

BLOCKED = {
    "id": 3,
    "phone": "+79990001122",
    "reason": "Угрозы",
    "blocked_by": "olga",
    "blocked_at": ago(days=1),
    "until": ahead(days=6),
    "hits": 4,
    "hit_at": ago(hours=2),
}

BULLETIN = {
    "id": 1,
    "text": "21 ноября с 10 до 14 без света улицы Пушкина и Гоголя.",
    "queue": "",
    "urgent": True,
    "since": ago(hours=1),
    "until": ahead(hours=4),
    "written_by": "anna",
    "read_at": None,
    "readers": ["olga"],
}

PEOPLE = [
    {"login": "ivan", "name": "Иван Громов", "extension": "203"},
    {"login": "olga", "name": "Ольга Новикова", "extension": "202"},
    {"login": "petr", "name": "Пётр Селезнёв-Бабаскин", "extension": None},
]
TODAY = (datetime.now(UTC) + timedelta(hours=3 - 2)).date()  # of what began two hours ago, in Moscow
SHIFTS: list[Json] = [
    {
        "login": login,
        "day": TODAY.isoformat(),
        "begins_at": ago(hours=2),
        "ends_at": ahead(hours=6),
        "breaks": [{"since": ago(hours=1), "until": ago(minutes=45)}],
    }
    for login in ("olga", "petr")
]

EARLIER = [
    {
        "call_id": "p1",
        "kind": "inbound",
        "at": ago(days=3),
        "disposition": "answered",
        "topic": "balance.debt",
        "operator": "olga",
        "result": "Ответ дан",
    }
]

APPOINTMENTS = [
    {
        "number": "A-104",
        "office": "central",
        "office_title": "Центральный офис",
        "address": "ул. Советская, 12",
        "starts_at": ahead(hours=2),
        "topic": "payment.missing",
        "status": "booked",
        "client": "С. М. П.",
        "account": "•••7315",
        "phone": "•••6789",
    }
]

VISITS = [
    {
        "number": "V-17",
        "starts_at": ahead(hours=3),
        "window": "14:00-18:00",
        "status": "booked",
        "remote": False,
        "topic": "",
        "client": "К. И. С.",
        "account": "•••1144",
        "phone": "•••0011",
        "address": "",
        "reason": "",
    }
]
