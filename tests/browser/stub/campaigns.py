"""What the stand-in server tells of campaigns."""

from __future__ import annotations

from typing import Any

from tests.browser.stub.data import Json

PLACE = "part=campaigns"

DISPOSITIONS = {
    "person": "ответил человек",
    "machine": "автоответчик",
    "abandoned": "ответил, оператора не дождался",
    "busy": "занято",
    "no-answer": "не отвечает",
    "announcement": "сообщение оператора связи",
    "unknown-number": "номер не существует",
}
OUTCOMES = {
    "": "без разговора",
    "heard": "сообщение прослушано",
    "promised": "обещал оплатить",
    "dispute": "не согласен, обращение",
    "refused": "просит не звонить",
    "operator": "переведён на оператора",
}


def field(name: str, title: str, **told: Any) -> Json:
    """A field that a kind needs."""
    plain = {"of": "campaign", "type": "text", "clause": "", "optional": False, "personal": False}
    return {"name": name, "title": title, **plain, **told}


def words() -> Json:
    """What a campaign is chosen from."""
    outage = [
        field("place", "Где", clause="kostroma 5.4"),
        field("starts", "Начало", type="moment", clause="kostroma 5.4"),
        field("ends", "Окончание", type="moment", clause="kostroma 5.4"),
        field("reason", "Причина", clause="kostroma 5.4"),
        field("works", "Какие работы", clause="kostroma 5.4"),
        field("company", "Кто проводит", clause="kostroma 5.4"),
        field("phone", "Телефон для справок", optional=True),
    ]
    debt = [
        field("amount", "Сумма долга", of="target", type="amount", personal=True),
        field("name", "Имя и отчество", of="target", type="name", personal=True),
        field("pay_by", "Оплатить до", type="date"),
    ]
    return {
        "kinds": [
            kind("debt", "Задолженность", debt, personal=True, debt=True),
            kind("planned-outage", "Плановое отключение", outage),
            kind("survey", "Опрос", []),
        ],
        "queues": [{"id": "clients", "title": "Клиенты"}, {"id": "clients.billing", "title": "Расчёты"}],
        "caller_ids": [{"id": "main", "title": "+7 494 200-00-01, Энергосбыт"}],
        "dispositions": DISPOSITIONS,
        "outcomes": OUTCOMES,
        "abandoned_at_most": 0.03,
        "upload_bytes": 50_000_000,
    }


def kind(id: str, title: str, fields: list[Json], **told: Any) -> Json:
    """A kind of campaigns."""
    plain = {"personal": False, "debt": False, "mode": "agentless", "results": {"promised_on": "Оплатит"}}
    return {"id": id, "title": title, "fields": fields, **plain, **told}


def campaign(id: int = 7, **told: Any) -> Json:
    """A campaign about debts that runs."""
    return {
        "id": id,
        "name": f"debt-2026-11-{id}",
        "kind": "debt",
        "kind_title": "Задолженность",
        "title": "Должники за октябрь, Кострома и область",
        "state": "running",
        "why": "",
        "first_day": "2026-11-20",
        "last_day": "2026-11-27",
        "mode": "predictive",
        "opens": "10:00:00",
        "closes": "20:00:00",
        "lines": 30,
        "calls_per_second": 3.0,
        "queue": "clients.billing",
        "caller_id": "main",
        "fields": {"pay_by": "2026-11-30"},
        "total": 10000,
        "over": 6120,
        **told,
    }


def course(**told: Any) -> Json:
    """How it goes."""
    return {
        "total": 10000,
        "tried": 8210,
        "answered": 6870,
        "reached": 5904,
        "left": 3880,
        "states": {"waiting": 3866, "calling": 14, "done": 5310, "failed": 590, "refused": 220},
        "outcomes": {"heard": 3411, "promised": 1899, "": 590, "refused": 220},
        "dispositions": {
            "person": 5760,
            "no-answer": 3120,
            "machine": 966,
            "busy": 711,
            "announcement": 640,
            "abandoned": 144,
            "unknown-number": 31,
        },
        "open": 14,
        "per_minute": 41.3,
        "persons": 5904,
        "abandoned": 0.02439,
        **told,
    }


def one(id: int = 7, **told: Any) -> Json:
    """A campaign as it stands."""
    of = campaign(id, **told.pop("campaign", {}))
    history = [
        {"at": "2026-11-20T06:50:00Z", "by": "Ольга Светлова", "state": "draft", "why": ""},
        {"at": "2026-11-20T07:00:00Z", "by": "Ольга Светлова", "state": "running", "why": ""},
        {
            "at": "2026-11-20T09:12:00Z",
            "by": "",
            "state": "paused",
            "why": "Линия main отвергает все вызовы: код 21, 40 раз подряд.",
        },
        {"at": "2026-11-20T09:40:00Z", "by": "Ольга Светлова", "state": "running", "why": ""},
    ]
    plain = {
        "campaign": of,
        "course": course(**told.pop("course", {})),
        "forecast": {"ends_at": "2026-11-23T11:40:00Z", "in_time": True},
        "history": history,
    }
    return plain | told


def draft(total: int = 0) -> Json:
    """A campaign that has not begun, with so many targets."""
    nothing = {
        "total": total,
        "tried": 0,
        "answered": 0,
        "reached": 0,
        "left": total,
        "states": {"waiting": total} if total else {},
        "outcomes": {},
        "dispositions": {},
        "open": 0,
        "per_minute": 0.0,
        "persons": 0,
        "abandoned": None,
    }
    of = {"state": "draft", "total": total, "over": 0, "title": "Отключение 24 ноября, Судиславль"}
    made = [{"at": "2026-11-20T06:50:00Z", "by": "Ольга Светлова", "state": "draft", "why": ""}]
    forecast = {"ends_at": None, "in_time": None}
    return one(9, campaign=of, course=nothing, history=made, forecast=forecast)


def attempt(id: int, **told: Any) -> Json:
    """A call with what came of it."""
    return {
        "id": id,
        "call_id": f"call-{id}",
        "target_id": 100 + id,
        "account": f"3201456{id}",
        "number": f"+7910123{id:04}",
        "trunk": "main",
        "written_at": "2026-11-21T08:00:00Z",
        "dialled_at": "2026-11-21T08:00:01Z",
        "answered_at": None,
        "ended_at": "2026-11-21T08:00:41Z",
        "talk_seconds": None,
        "disposition": "no-answer",
        "cause": 19,
        "outcome": "",
        "result": {},
        "gathered": "",
        "target_state": "waiting",
        "target_outcome": "",
        "recorded": False,
        **told,
    }


def attempts() -> Json:
    """The latest ones."""
    answered: Json = {"answered_at": "2026-11-21T08:00:09Z", "disposition": "person", "cause": 16}
    answered["recorded"] = True
    return {
        "attempts": [
            attempt(
                31,
                **answered,
                talk_seconds=74.0,
                outcome="promised",
                result={"promised_on": "2026-11-25"},
                gathered="Оплатит: 25.11.2026",
                target_state="done",
                target_outcome="promised",
            ),
            attempt(30),
            attempt(29, disposition="busy", cause=17),
            attempt(28, **answered, talk_seconds=51.4, outcome="heard", target_state="done"),
            attempt(27, disposition=None, cause=0, ended_at=None),
        ],
        "next": None,
    }


_IN_FORCE: Json = {"lifted_at": None, "lifted_by": "", "lifted_why": ""}


def refusals() -> Json:
    """Who does not want to be called."""
    return {
        "scopes": [
            {"id": "all", "title": "от всех звонков и сообщений"},
            {"id": "call", "title": "от всех звонков"},
            {"id": "debt", "title": "от напоминаний о долге"},
        ],
        "refusals": [
            {
                "id": 2,
                "at": "2026-11-20T09:12:00Z",
                "who": "320145678",
                "scope": "debt",
                "source": "в разговоре",
                "until": None,
                **_IN_FORCE,
            },
            {
                "id": 1,
                "at": "2026-11-11T09:12:00Z",
                "who": "+79101234567",
                "scope": "all",
                "source": "заявление № 15",
                "until": None,
                **_IN_FORCE,
            },
        ],
    }


def imported(key: str, state: str, **changed: Any) -> Json:
    """A list of targets that was sent."""
    counts: Json = dict.fromkeys(("read", "new", "known", "repeated", "refused", "complaints"), 0)
    told: Json = {"name": "долги.csv", "at": "2026-11-14T09:00:00Z", "by": "Вера Старшая"}
    texts: Json = {"lines": [], "ignored": [], "fault": "", "fix": ""}
    return {"key": key, "state": state, **told, **counts, **texts, **changed}


def answers() -> dict[tuple[str, str], Any]:
    """For `Stub.answers`."""
    others = [
        draft()["campaign"],
        campaign(7),
        campaign(
            6,
            title="Отключение 12 ноября, Нерехта",
            kind="planned-outage",
            kind_title="Плановое отключение",
            state="paused",
            why="Линия main отвергает все вызовы: код 21, 40 раз подряд.",
            total=412,
            over=96,
            first_day="2026-11-12",
            last_day="2026-11-12",
        ),
        campaign(
            5, title="Как Вас обслужили: октябрь", kind_title="Опрос", state="done", total=1000, over=1000
        ),
    ]
    return {
        ("GET", "/campaigns/words"): words(),
        ("GET", "/campaigns"): {"campaigns": others},
        ("GET", "/campaigns/7"): one(),
        ("GET", "/campaigns/9"): draft(),
        ("GET", "/campaigns/7/attempts"): attempts(),
        ("GET", "/campaigns/7/targets"): {"imports": []},
        ("GET", "/campaigns/9/targets"): {"imports": []},
        ("GET", "/campaigns/refusals"): refusals(),
    }
