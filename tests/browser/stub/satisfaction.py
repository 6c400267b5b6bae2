"""What the stand-in server tells of surveys and control calls."""

from __future__ import annotations

from typing import Any

from tests.browser.stub.data import Json

PLACE = "part=satisfaction&from=2026-07-01&to=2026-12-31"


def figure(value: float | None, answers: int, low: float | None = None, high: float | None = None) -> Json:
    """A figure with its interval."""
    return {"value": value, "answers": answers, "low": low, "high": high, "few": 0 < answers < 30}


NOTHING = figure(None, 0)


def group(source: str, segment: str, answers: int, title: str = "", **told: Json) -> Json:
    """The figures of a group of clients."""
    figures = {
        "csat": figure(0.81, answers, 0.78, 0.85),
        "score": figure(4.12, answers, 4.02, 4.22),
        "nps": figure(0.31, answers, 0.22, 0.4),
        "csi": figure(0.774, answers, 0.75, 0.8),
    }
    return {
        "source": source,
        "title": title,
        "segment": segment,
        "answers": answers,
        **figures,
        **told,
    }


def results(**told: Any) -> Json:
    """Everything of a half-year."""
    plain = {
        "groups": [
            group("vladimir-private", "private", 412, "Удовлетворённость клиентов — население"),
            group(
                "vladimir-corporate",
                "corporate",
                17,
                "Удовлетворённость клиентов — организации",
                nps=figure(-0.06, 17, -0.42, 0.3),
                csat=figure(0.71, 17, 0.47, 0.87),
                score=figure(3.82, 17, 3.2, 4.4),
                csi=figure(0.69, 17, 0.58, 0.8),
            ),
            group("call", "private", 1874, nps=NOTHING, csi=NOTHING),
        ],
        "control": {
            "in_time": figure(0.917, 12, 0.65, 0.98),
            "reached": figure(0.818, 11, 0.52, 0.95),
            "satisfied": figure(0.667, 9, 0.35, 0.88),
            "partly": figure(0.222, 9, 0.06, 0.55),
            "score": figure(4.11, 9, 3.4, 4.8),
            "continued": 1,
        },
        "control_calls": [
            control_call("2600114", "no", 1, "Счёт так и не исправили", continued_as="2600131"),
            control_call("2600109", "yes", 5),
            control_call("2600102", "partly", 3, "Ответили, но поздно", in_time=False),
            control_call("2600098", None, None, reached=False),
        ],
        "comments": [
            comment(2, "Хотелось бы, чтобы отвечали быстрее: вечером ждала больше десяти минут"),
            comment(5, "Спасибо оператору Анне, всё объяснила", source="call", title=""),
            comment(4, "Верните отделение на улице Мира"),
        ],
    }
    return {**plain, **told}


def control_call(number: str, satisfied: str | None, score: int | None, words: str = "", **told: Any) -> Json:
    """One control call."""
    return {
        "request_number": number,
        "at": "2026-11-20T11:30:00Z",
        "in_time": True,
        "reached": True,
        "satisfied": satisfied,
        "score": score,
        "words": words,
        "continued_as": None,
        **told,
    }


def comment(score: int, words: str, **told: Any) -> Json:
    """A client's words."""
    return {
        "source": "vladimir-private",
        "title": "Удовлетворённость клиентов — население",
        "question": "Что нам стоит улучшить в первую очередь?",
        "segment": "private",
        "at": "2026-11-19T07:05:00Z",
        "score": score,
        "words": words,
        **told,
    }


def question(id: str, kind: str, text: str, counts: dict[str, int], **told: Any) -> Json:
    """The answers to a question."""
    answers = sum(counts.values())
    return {
        "id": id,
        "kind": kind,
        "text": text,
        "weight": None,
        "figure": figure(4.12, answers, 4.02, 4.22),
        "counts": counts,
        "options": {},
        **told,
    }


def one() -> Json:
    """A questionnaire by questions and waves."""
    scores = {"5": 170, "4": 164, "3": 41, "2": 22, "1": 15}
    past = group("", "", 388, csat=figure(0.77, 388, 0.73, 0.81))
    figures = {name: past[name] for name in ("answers", "csat", "score", "nps", "csi")}
    return {
        "id": "vladimir-private",
        "title": "Удовлетворённость клиентов — население",
        "segment": "private",
        "questions": [
            question(
                "overall", "score", "Насколько Вы довольны обслуживанием в нашей компании в целом?", scores
            ),
            question(
                "reach",
                "score",
                "Насколько легко до нас дозвониться или попасть на приём?",
                scores,
                weight=0.25,
            ),
            question(
                "solved",
                "yes-no",
                "Решён ли вопрос с первого обращения?",
                {"1": 301, "0": 98},
                figure=figure(0.754, 399, 0.71, 0.79),
            ),
            question(
                "recommend",
                "nps",
                "Насколько вероятно, что Вы посоветуете нашу компанию знакомым, от 0 до 10?",
                {"10": 120, "9": 60, "8": 90, "7": 60, "5": 40, "2": 20},
                figure=figure(0.31, 390, 0.22, 0.4),
            ),
            question(
                "wishes",
                "words",
                "Что нам стоит улучшить в первую очередь?",
                {},
                figure=figure(None, 58),
            ),
        ],
        "history": [
            {"first_day": "2026-01-01", "last_day": "2026-06-30", **figures},
            {"first_day": "2026-07-01", "last_day": "2026-12-31", **figures},
        ],
    }


def wave(id: int = 3, **told: Any) -> Json:
    """A wave that runs."""
    return {
        "id": id,
        "first_day": "2026-07-01",
        "last_day": "2026-12-31",
        "sample": 400,
        "invited": 430,
        "answers": 412,
        "closed_at": None,
        **told,
    }


def planned(questionnaire: str, title: str, standing: str, of: Json | None = None, **told: Any) -> Json:
    """How a questionnaire stands."""
    return {
        "questionnaire": questionnaire,
        "title": title,
        "segment": "private",
        "first_day": "2026-07-01",
        "last_day": "2026-12-31",
        "standing": standing,
        "clause": "гл. 6",
        "act_until": None,
        "wave": of,
        **told,
    }


def waves() -> Json:
    """All questionnaires."""
    return {
        "planned": [
            planned("vladimir-private", "Удовлетворённость клиентов — население", "running", wave()),
            planned("vladimir-corporate", "Удовлетворённость клиентов — организации", "due"),
            planned(
                "omsk-web",
                "Интернет-опрос",
                "late",
                first_day="2026-10-01",
                last_day="2026-10-31",
                clause="5.2",
            ),
            planned(
                "omsk-office",
                "Анкета посетителя центра обслуживания",
                "done",
                wave(4, closed_at="2026-11-10T09:00:00Z", answers=312, sample=300, invited=0),
                clause="5.2",
                act_until="2026-12-09",
            ),
        ]
    }


def answers() -> dict[tuple[str, str], Any]:
    """For `Stub.answers`."""
    return {
        ("GET", "/satisfaction/results"): results(),
        ("GET", "/satisfaction/waves"): waves(),
        ("GET", "/satisfaction/questionnaires/vladimir-private"): one(),
    }
