"""What the stand-in server tells of conversations and of what was not understood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.browser.stub.data import Json, ago

CALL = "5d2f6a0e-0c7f-4a53-9d4e-0a4f6f1c2b11"
_TOPICS = ("balance.debt", "readings.submit", "outage.report", "tariffs.current")
_TITLES = {
    "balance.debt": "Задолженность и состояние лицевого счёта",
    "readings.submit": "Передача показаний",
    "outage.report": "Нет света",
    "tariffs.current": "Действующие тарифы и нормативы потребления коммунальных услуг",
}


def words() -> Json:
    return {
        "lines": {"main": "Единый номер", "legal": "Юридические лица"},
        "topics": _TITLES,
        "agents": {"anna": "Анна Белова", "pavel": "Константинопольский Вячеслав Аристархович"},
        "queues": {"clients": "Общая"},
        "export_files": 200,
        "export_bytes": 536_870_912,
        "texts": True,
    }


def recording(n: int = 0, **more: Any) -> Json:
    """One of the list; the first is the longest held one."""
    call_id = CALL if n == 0 else f"{CALL[:-4]}{n:04d}"
    return {
        "id": call_id,
        "call_id": call_id,
        "part": "",
        "started_at": ago(minutes=20 + 47 * n),
        "seconds": [192.4, 37.0, 741.9, 5.2][n % 4],
        "bytes": 577_000,
        "format": "opus",
        "channels": 2,
        "expires_at": ago(days=-60),
        "legal_hold": n == 2,
        "hold_reason": "Запрос суда, дело 2-117/2026" if n == 2 else None,
        "held_by": "senior" if n == 2 else None,
        "held_at": ago(days=1) if n == 2 else None,
        "going": False,
        **more,
    }


def found(n: int = 0, **more: Any) -> Json:
    """A row of the list."""
    return {
        **recording(n),
        "line": "main",
        "number": f"+7912345{6789 - n}",
        "agent": [None, "anna", "pavel"][n % 3],
        "topic": _TOPICS[n % 4],
        "kind": "inbound",
        "came_at": ago(minutes=21 + 47 * n),
        **more,
    }


def page(count: int = 30, following: str | None = None) -> Json:
    return {"recordings": [found(n) for n in range(count)], "next": following}


def outline(stretches: int = 400) -> Json:
    """Both sides speak in turns."""
    turns = [(n // 37) % 2 for n in range(stretches)]
    swing = [0.25 + ((n * 7919) % 61) / 90 for n in range(stretches)]
    client = [height if turn else 0.01 for turn, height in zip(turns, swing, strict=True)]
    staff = [0.02 if turn else height for turn, height in zip(turns, swing, strict=True)]
    return {"seconds": 192.4, "sides": [client, staff], "quiet": [[61.0, 80.5]]}


def of_call(*recordings: Json, **more: Any) -> Json:
    told = {
        "call_id": CALL,
        "recordings": list(recordings),
        "absences": [],
        "purged_at": None,
        "requests": [],
    }
    return {**told, **more}


def story() -> Json:
    """A call that the robot took and Anna answered."""

    def at(seconds: float, what: str, who: str | None = None, **told: Any) -> Json:
        return {"at": ago(minutes=20, seconds=-seconds), "what": what, "who": who, "told": told}

    return {
        "call_id": CALL,
        "kind": "inbound",
        "parent_call_id": None,
        "about_kind": None,
        "about_id": None,
        "line": "main",
        "segment": "private",
        "stage": "ended",
        "disposition": "answered",
        "topic": "balance.debt",
        "queue": "clients",
        "agent": "anna",
        "came_at": ago(minutes=20, seconds=-1),
        "agent_answered_at": ago(minutes=20, seconds=-52),
        "ended_at": ago(minutes=20, seconds=-190),
        "waits": [12.0],
        "talk_seconds": 138.0,
        "hold_seconds": 0.0,
        "requeued": 0,
        "transfers": 0,
        "moments": [
            at(38, "handed-over", topic="balance.debt"),
            at(40, "queue-joined", queue="clients"),
            at(47, "ring", "anna"),
            at(52, "answer", "anna"),
            at(60, "identified", "anna"),
            at(61, "recording-paused", "anna"),
            at(80.5, "recording-resumed", "anna"),
            at(190, "end", "anna", end="caller"),
        ],
    }


def speech(n: int = 0) -> Json:
    said = (
        "а вот эту штуку которая крутится",
        None,
        "ну как его там перерасчёт что ли за прошлый месяц сделайте",
    )
    return {
        "id": 100 + n,
        "call_id": CALL,
        "at": ago(minutes=5 + n * 13),
        "line": "main",
        "flow": "clients@12",
        "state": "ask_topic",
        "kind": ("speech", "yes_no", "reading")[n % 3],
        "text": said[n % 3],
        "confidence": (0.41, None, 0.27)[n % 3],
        "sound": n % 2 == 0,
    }


def review(*numbers: int) -> Json:
    return {
        "speeches": [speech(n) for n in numbers],
        "waiting": len(numbers),
        "topics": _TITLES,
        "lines": words()["lines"],
    }


def answers() -> Mapping[tuple[str, str], Any]:
    """All that the two parts ask."""
    return {
        ("GET", "/recordings/words"): words(),
        ("GET", "/recordings"): page(),
        ("GET", f"/calls/{CALL}/recordings"): of_call(recording(), requests=["2026-001190"]),
        ("GET", f"/recordings/{CALL}/outline"): outline(),
        ("GET", f"/calls/{CALL}"): story(),
        ("GET", "/review"): review(0, 1, 2),
    }
