"""What the stand-in server tells those who lead: what all parts need, and what goes on now."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.browser.stub.data import Json, agent, ago, dictionaries

RIGHTS = [
    *("work", "cards", "block", "desk", "floor"),
    *("reports", "recordings", "listen", "announce", "quality", "campaigns", "audit"),
]


def leading() -> Json:
    """What every part needs."""
    return {
        "company": "Энергосбыт Заречье",
        "standard": "bryansk",
        "standard_title": "Стандарт обслуживания клиентов, ООО «Газпром энергосбыт Брянск»",
        "time_zone": "Europe/Moscow",
        "pause_reasons": dictionaries()["pause_reasons"],
        "lines": [{"id": "main", "title": "Единый номер"}, {"id": "legal", "title": "Юридические лица"}],
        "queues": [{"id": "clients", "title": "Общая"}, {"id": "clients.billing", "title": "Начисления"}],
    }


FIGURES: list[tuple[str, str, str, str, float, str, float | None, str]] = [
    ("incoming", "Поступившие звонки", "count", "none", 412, "412", None, ""),
    ("answered", "Ответил оператор", "count", "high", 196, "196", None, ""),
    ("served", "Обслужены роботом", "count", "high", 158, "158", None, ""),
    ("lost", "Потерянные звонки", "count", "low", 58, "58", None, ""),
    ("lost-calls", "Доля потерянных звонков", "share", "low", 0.141, "14,1 %", 0.15, "не более 15 %"),
    ("wait-average", "Ожидание ответа, среднее", "seconds", "low", 52, "0:52", 60, "не более 1:00"),
    ("wait-maximum", "Ожидание ответа, наибольшее", "seconds", "low", 341, "5:41", 300, "не более 5:00"),
    ("answer-speed", "Скорость ответа, средняя", "seconds", "low", 44, "0:44", None, ""),
    ("service-level", "Уровень обслуживания от принятых", "share", "high", 0.71, "71 %", None, ""),
    ("first-contact", "Решено с первого обращения", "share", "high", 0.86, "86 %", 0.8, "не менее 80 %"),
    ("robot-containment", "Завершено роботом", "share", "high", 0.38, "38 %", None, ""),
]


def _verdict(better: str, value: float, target: float | None) -> str:
    if target is None:
        return "no-target"
    return "met" if (value <= target if better == "low" else value >= target) else "missed"


def figures() -> list[Json]:
    """Today's KPIs: one misses its target."""
    return [
        {
            "id": id,
            "title": title,
            "explanation": f"{title}: как считается.",
            "unit": unit,
            "better": better,
            "value": value,
            "value_text": text,
            "target": target,
            "target_text": aim,
            "bound": None if target is None else "at_most" if better == "low" else "at_least",
            "target_source": None if target is None else "standard",
            "recommended": False,
            "clause": "п. 79 г" if target is not None else None,
            "ground": "п. 79 г" if target is not None else "",
            "verdict": _verdict(better, value, target),
            "calls": 412,
        }
        for id, title, unit, better, value, text, target, aim in FIGURES
    ]


def _text(value: float, unit: str) -> str:
    if unit == "share":
        return f"{value * 100:.0f} %"
    return f"{int(value) // 60}:{int(value) % 60:02}" if unit == "seconds" else f"{value:.0f}"


def _cell(figure: Json, at: int) -> Json:
    value = figure["value"] * (1 + (at * 7 % 5 - 2) / 12) / (20 if figure["unit"] == "count" else 1)
    told = {"text": _text(value, figure["unit"]), "calls": 20}
    return {"value": value, "verdict": _verdict(figure["better"], value, figure["target"]), **told}


def report() -> Json:
    """Today, by half-hours from eight o'clock."""
    rows = [
        {
            "key": f"{minute // 60:02}:{minute % 60:02}",
            "title": f"{minute // 60:02}:{minute % 60:02}",
            "figures": {each["id"]: _cell(each, at) for each in figures()},
        }
        for at, minute in enumerate(range(8 * 60, 17 * 60 + 30, 30))
    ]
    day = today()
    return {
        "standard": "bryansk",
        "from": day,
        "to": day,
        "empty": False,
        "kpis": figures(),
        "breakdowns": [{"by": "half-hour", "title": "", "key_title": "", "rows": rows}],
    }


def today() -> str:
    """In the company's zone."""
    return f"{datetime.now(ZoneInfo('Europe/Moscow')):%Y-%m-%d}"


def moment(**more: Any) -> Json:
    """The event `now`."""
    short = ("id", "value", "value_text", "verdict", "calls")
    return {
        "at": ago(),
        "day": today(),
        "in_robot": 12,
        "queued": 3,
        "talking": 9,
        "dialling": 1,
        "longest_since": ago(seconds=82),
        "queues": [
            queue("clients", "Общая", waiting=3, longest_since=ago(seconds=82), estimate_seconds=95),
            queue("clients.billing", "Начисления", ready=1, serving=5),
        ],
        "kpis": [{name: each[name] for name in short} for each in figures()],
        **more,
    }


def queue(name: str, title: str, **more: Any) -> Json:
    """How one stands."""
    return {
        "queue": name,
        "title": title,
        "waiting": 0,
        "longest_since": None,
        "ready": 0,
        "serving": 7,
        "widened": False,
        "estimate_seconds": 20,
        **more,
    }


STATES = ("talking", "ready", "talking", "paused", "wrap-up", "talking", "ringing")
NAMES = ("Белова", "Громова", "Новикова", "Орлова", "Сазонова", "Тимофеева", "Юсупова")


def people(count: int = 14) -> list[Json]:
    """Operators at work."""
    return [
        agent(
            STATES[at % len(STATES)],
            login=f"operator{at}",
            name=f"{NAMES[at % len(NAMES)]} Анна {chr(ord('А') + at // len(NAMES))}.",
            extension=str(201 + at),
            since=ago(seconds=17 * at + 5),
        )
        for at in range(count)
    ]


def alarm(id: str = "a1", name: str = "queue", about: str = "clients", **more: Any) -> Json:
    """The event `alarm`."""
    return {
        "id": id,
        "name": name,
        "about": about,
        "state": "raised",
        "value": 12.0,
        "limit": 10.0,
        "worst": 14.0,
        "raised_at": ago(minutes=2),
        "seen_at": None,
        "seen_by": None,
        "over_at": None,
        **more,
    }


def alarms() -> list[Json]:
    """Two that are not over, one that is."""
    return [
        alarm(),
        alarm(
            "a2",
            "target",
            "bryansk/wait-maximum",
            value=341.0,
            limit=300.0,
            state="seen",
            seen_at=ago(minutes=20),
            seen_by="operator3",
            raised_at=ago(minutes=24),
        ),
        alarm("a3", "trunk", "trunk-1", value=None, limit=None, state="over", over_at=ago(minutes=50)),
    ]


def answers() -> dict[tuple[str, str], Any]:
    """What the stub answers."""
    return {
        ("GET", "/leading"): leading(),
        ("GET", "/now"): {"moment": moment(), "figures": figures(), "agents": people()},
        ("GET", "/alarms"): {"alarms": alarms()},
        ("GET", "/kpi/report"): report(),
    }
