"""What the stand-in server tells of transcripts, marks and evaluations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.browser.stub import talks
from tests.browser.stub.data import Json, ago

CALL = talks.CALL
_CRITERIA = (
    ("greeting", "Приветствие", "Поздоровался, назвал компанию и себя", 1, ("нет", "не всё", "полностью")),
    ("listening", "Внимание к клиенту", "Выслушал, не перебивал", 2, ("нет", "с замечаниями", "да")),
    ("identification", "Идентификация до персональных данных", "Сведения – после счёта", 2, ("нет", "да")),
    ("farewell", "Завершение", "Поблагодарил и попрощался", 1, ("нет", "да")),
)
_AGENTS = {
    "vera": "Вера Белова",
    "pavel": "Константинопольский Вячеслав Аристархович",
    "senior": "Ольга Сергеевна Миронова",
    "other": "Игорь Петрович Старших",
}
_MARKS = (
    ("forbidden", "«не могли бы вы» — лучше: «Назовите, пожалуйста…»", "п. 116 в", 68_000),
    ("name", "Не названо имя сотрудника", "п. 103", 52_000),
    ("silence", "Долгая пауза", "п. 97", 121_000),
    ("greeting", "Нет приветствия", "", 52_000),
)


def words(**more: Any) -> Json:
    criteria = [
        {
            "id": id,
            "title": title,
            "asks": asks,
            "weight": weight,
            "levels": list(levels),
            "critical": id == "identification",
            "clause": "п. 103" if id == "greeting" else "",
        }
        for id, title, asks, weight, levels in _CRITERIA
    ]
    told = {"version": 1, "criteria": criteria, "agents": _AGENTS, "sample": 5, "transcribing": True}
    return {**told, "waiting": 12, "done": 1203, "given_up": 3, **more}


def mark(n: int = 0, **more: Any) -> Json:
    kind, rule, clause, at = _MARKS[n % 4]
    return {
        "id": 100 + n,
        "recording_id": CALL,
        "call_id": CALL,
        "kind": kind,
        "at_ms": at,
        "agent": ("vera", "pavel")[n % 2],
        "rule": rule,
        "clause": clause,
        "words": "а не могли бы вы назвать номер лицевого счёта" if kind != "silence" else "",
        "talk_at": ago(minutes=20 + n * 55),
        "verdict": "open",
        "resolved_at": None,
        "resolved_by": None,
        "note": "",
        **more,
    }


def marks(count: int = 14, more: bool = True) -> Json:
    counts = {"open": count, "confirmed": 31, "false": 6}
    return {"marks": [mark(n) for n in range(count)], "more": more, "counts": counts}


def transcript(**more: Any) -> Json:
    said = (
        ("client", None, 38_000, "хочу узнать сколько я должен за свет"),
        ("person", "vera", 52_000, "здравствуйте газпром энергосбыт брянск"),
        ("client", "vera", 57_500, "здравствуйте мне пришла большая квитанция"),
        ("person", "vera", 68_000, "а не могли бы вы назвать номер лицевого счёта"),
        ("client", "vera", 82_000, "триста двадцать сто сорок пять шестьсот семьдесят восемь"),
        ("person", "vera", 151_000, "ваша задолженность составляет одну тысячу двести рублей"),
    )
    utterances = [
        {"side": side, "agent": agent, "begin_ms": at, "end_ms": at + 4000, "text": text, "confidence": 0.8}
        for side, agent, at, text in said
    ]
    told = {"recording_id": CALL, "state": "done", "reason": "", "done_at": ago(minutes=10)}
    shown = [mark(0), mark(2, verdict="false")]
    return {**told, "utterances": utterances, "marks": shown, **more}


def evaluation(n: int = 0, **more: Any) -> Json:
    scores = {"greeting": 1, "listening": 2, "identification": 1, "farewell": None}
    return {
        "id": 50 + n,
        "call_id": CALL if n == 0 else f"call-{n}",
        "agent": ("vera", "pavel")[n % 2],
        "supervisor": ("other", "senior")[n % 2],
        "talk_at": ago(minutes=20 + n * 90),
        "form": 1,
        "scores": scores,
        "score": [90.0, 71.43, 100.0, 0.0][n % 4],
        "comment": (
            "Хорошо выслушал, но не назвал имени; напомнить о порядке приветствия и повторять договорённости",
            "",
        )[n % 2],
        "made_at": ago(minutes=9),
        "changed_at": ago(minutes=8),
        **more,
    }


def of_call(*evaluations: Json, agents: tuple[str, ...] = ("vera",)) -> Json:
    talked = [{"agent": agent, "talk_at": ago(minutes=19), "seconds": 138.0} for agent in agents]
    return {"call_id": CALL, "talks": talked, "evaluations": list(evaluations)}


def operators() -> Json:
    means = {"greeting": 1.6, "listening": 0.7, "identification": 1.0, "farewell": 0.9}
    rows = [
        {"agent": "vera", "name": _AGENTS["vera"], "evaluations": 5, "score": 87.4, "criteria": means},
        {"agent": "pavel", "name": _AGENTS["pavel"], "evaluations": 0, "score": None, "criteria": {}},
    ]
    counts = {"open": 3, "confirmed": 2, "false": 1}
    return {"operators": [{**row, "marks": counts} for row in rows]}


def sample(evaluated: int = 1) -> Json:
    return {
        "talks": [
            {
                "call_id": CALL if n == 0 else f"call-{n}",
                "agent": "vera",
                "talk_at": ago(minutes=20 + n * 400),
                "seconds": 138.0 + n * 31,
                "topic": "balance.debt",
                "evaluated": n >= 5 - evaluated,
            }
            for n in range(5)
        ]
    }


def answers() -> Mapping[tuple[str, str], Any]:
    """All that the part asks, and what it shows of conversations."""
    return {
        **talks.answers(),
        ("GET", "/quality/words"): words(),
        ("GET", "/quality/marks"): marks(),
        ("GET", "/quality/evaluations"): {"evaluations": [evaluation(n) for n in range(6)], "more": False},
        ("GET", "/quality/operators"): operators(),
        ("GET", "/quality/sample"): sample(),
        ("GET", f"/quality/calls/{CALL}"): of_call(evaluation(0)),
        ("GET", f"/recordings/{CALL}/transcript"): transcript(),
    }
