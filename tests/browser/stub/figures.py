"""What the stand-in server tells of figures: a month in which two of three targets are kept."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.browser.stub.data import Json
from tests.browser.stub.server import Stub

FIRST = date(2026, 10, 1)
DAYS = 31
LISTED = 120
LONG = "Стандарт обслуживания клиентов, ООО «Газпром энергосбыт Брянск»"
WHEN = {"from": "2026-10-01", "to": "2026-10-31"}
BEFORE = {"from": "2026-09-01", "to": "2026-09-30"}

CHOICES: Json = {
    "standard": "bryansk",
    "standards": [{"id": "bryansk", "title": LONG}, {"id": "omsk", "title": "Стандарт качества, Омск"}],
    "groups": [
        {"id": "calls", "title": "Звонки"},
        {"id": "lost", "title": "Потерянные звонки"},
        {"id": "waiting", "title": "Ожидание ответа"},
        {"id": "requests", "title": "Обращения и жалобы"},
    ],
    "lines": [{"id": "main", "title": "Единый номер"}, {"id": "legal", "title": "Юридические лица"}],
    "topics": [{"id": "balance.debt", "title": "Задолженность"}],
    "agents": [{"id": "anna", "title": "Анна Белова"}, {"id": "olga", "title": "Ольга Ким"}],
    "segments": [{"id": "private", "title": "граждане"}],
    "queues": [{"id": "clients", "title": "Общая"}],
    "today": "2026-11-21",
    "time_zone": "Europe/Moscow",
}


def figure(id: str, title: str, group: str, **more: Any) -> Json:
    """A KPI without a target."""
    return {
        "id": id,
        "group": group,
        "title": title,
        "explanation": f"Как считается «{title}».",
        "unit": "count",
        "better": "none",
        "value": 12_151,
        "value_text": "12 151",
        "target": None,
        "target_text": "",
        "bound": None,
        "target_source": None,
        "recommended": False,
        "clause": None,
        "ground": "",
        "verdict": "no-target",
        "calls": 12_151,
        "counts": "calls",
        "has_calls": True,
        "before": before(12_000, "12 000", 151, "+151 (+1 %)", "changed"),
        **more,
    }


def before(value: float | None, text: str, change: float | None, told: str, trend: str | None) -> Json:
    """A figure of the period before."""
    return {
        "value": value,
        "value_text": text,
        "calls": 100,
        "change": change,
        "change_text": told,
        "trend": trend,
    }


LOST = figure(
    "lost-calls",
    "Доля потерянных звонков",
    "lost",
    unit="share",
    better="low",
    value=0.182,
    value_text="18,2 %",
    target=0.15,
    target_text="не более 15 %",
    ground="п. 79 г",
    verdict="missed",
    before=before(0.161, "16,1 %", 0.021, "+2,1 п. п.", "worse"),
)
WAIT = figure(
    "wait-maximum",
    "Ожидание ответа, наибольшее",
    "waiting",
    unit="seconds",
    better="low",
    value=421.0,
    value_text="7:01",
    target=600.0,
    target_text="не более 10:00",
    ground="п. 79 з",
    verdict="met",
    calls=9_000,
    before=before(448.0, "7:28", -27.0, "−0:27", "better"),
)
LEVEL = figure(
    "service-level",
    "Уровень обслуживания от принятых",
    "waiting",
    unit="share",
    better="high",
    value=0.91,
    value_text="91 %",
    target=0.8,
    target_text="не менее 80 %",
    ground="настройка компании",
    verdict="met",
    calls=8_100,
    before=before(None, "—", None, "", None),
)
IN_TIME = figure(
    "requests-in-time",
    "Обращения, на которые ответили в срок",
    "requests",
    unit="share",
    better="high",
    value=None,
    value_text="—",
    target=1.0,
    target_text="не менее 100 %",
    ground="табл. 4, п. 1",
    verdict="no-data",
    calls=0,
    counts="cases",
    has_calls=False,
    before=before(None, "—", None, "", None),
)
ADVISED = figure(
    "corporate-talk-recommended",
    "Разговор с юридическим лицом (рекомендация)",
    "waiting",
    unit="seconds",
    better="low",
    value=900.0,
    value_text="15:00",
    target=600.0,
    target_text="не более 10:00",
    ground="п. 3.2 (рекомендация)",
    verdict="missed",
    recommended=True,
)
FIGURES = [figure("incoming", "Поступившие звонки", "calls"), LOST, WAIT, LEVEL, ADVISED, IN_TIME]


def report(**more: Any) -> Json:
    """The month."""
    return {
        "standard": "bryansk",
        "standard_title": LONG,
        "company": "Энергосбыт Заречье",
        **WHEN,
        "time_zone": "Europe/Moscow",
        "made_at": "2026-11-21T10:00:00+03:00",
        "goes_on": False,
        "before": BEFORE,
        "empty": False,
        "kpis": FIGURES,
        "breakdowns": [],
        **more,
    }


def series(found: Json, by: str) -> Json:
    """A figure by days, or by operators."""
    return {
        "standard": "bryansk",
        "standard_title": LONG,
        "period": WHEN,
        "before": BEFORE,
        "goes_on": False,
        "made_at": "2026-11-21T10:00:00+03:00",
        "empty": False,
        "figure": found,
        "by": by,
        "key_title": {"day": "День", "agent": "Оператор"}.get(by, "Час"),
        "points": by_agent() if by == "agent" else by_day(),
    }


def by_day() -> list[Json]:
    """One day without calls, the others above and below the target."""
    days = [FIRST + timedelta(days=number) for number in range(DAYS)]
    return [point(str(day), f"{day:%d.%m.%Y}", f"{day:%d.%m}", day.day) for day in days]


def by_agent() -> list[Json]:
    """Two operators."""
    return [point("anna", "Анна Белова", "Анна Белова", 9), point("olga", "Ольга Ким", "Ольга Ким", 20)]


def point(key: str, title: str, label: str, number: int) -> Json:
    """A row of a breakdown."""
    days = {"from": key, "to": key} if key[0] == "2" else None
    row = {"key": key, "title": title, "label": label, "days": days}
    if number == DAYS:
        return {**row, **NOTHING}
    value = 0.1 + number / 200
    verdict = "missed" if value > 0.15 else "met"
    told = f"{value * 100:.1f} %".replace(".", ",")
    return {
        **row,
        "value": value,
        "text": told,
        "verdict": verdict,
        "calls": 300 + number,
    }


NOTHING: Json = {"value": None, "text": "—", "verdict": "no-data", "calls": 0}


def call(number: int) -> Json:
    """A call that was lost."""
    return {
        "call_id": f"c{number}",
        "at": f"2026-10-{number % 28 + 1:02}T14:05:00+03:00",
        "line": "main",
        "line_title": "Единый номер",
        "segment": "private",
        "topic": "balance.debt",
        "topic_title": "Задолженность",
        "queue": "clients",
        "agent": "",
        "agent_name": "",
        "caller": "•••4567",
        "value": 1,
        "value_text": "1",
        "facts": ["потерян в очереди", "ожидание 1:30"],
    }


def calls(query: Json) -> Json:
    """A page of them."""
    offset, limit = int(query.get("offset", 0)), int(query["limit"])
    shown = [call(number) for number in range(LISTED)][offset : offset + limit]
    return {
        "id": LOST["id"],
        "title": LOST["title"],
        "talks": False,
        "alike": True,
        "total": LISTED,
        "calls": shown,
        "more": offset + len(shown) < LISTED,
    }


def delivery(state: str, **more: Any) -> Json:
    """A report that is made by itself."""
    return {
        "name": "monthly",
        "first": "2026-10-01",
        "last": "2026-10-31",
        "destination": "folder:/srv/reports",
        "state": state,
        "attempts": 1,
        "due_at": None,
        "done_at": "2026-11-01T07:00:12+03:00",
        "error": None,
        **more,
    }


DELIVERIES = [
    delivery(
        "failing",
        destination="email:head@example.ru",
        attempts=3,
        done_at=None,
        due_at="2026-11-21T12:00:00+03:00",
        error="Почтовый сервер не отвечает.",
    ),
    delivery("done"),
]


def told_by(stub: Stub) -> None:
    """Let the server tell it."""
    stub.answers["GET", "/kpi/choices"] = CHOICES
    stub.answers["GET", "/kpi/report"] = report()
    stub.answers["GET", "/kpi/deliveries"] = {"deliveries": DELIVERIES}
    for found in FIGURES:
        path = f"/kpi/figures/{found['id']}"
        stub.answers["GET", path] = lambda query, _, found=found: series(found, query["by"])
        stub.answers["GET", f"{path}/calls"] = lambda query, _: calls(query)
