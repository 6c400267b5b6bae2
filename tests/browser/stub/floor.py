"""What the stand-in server tells of listening, announcements and outages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.browser.stub.data import Json, ago, ahead

LISTENED = "operator0"


def listening(stage: str = "hearing", mode: str = "listen", **more: Any) -> Json:
    """The event `listening`."""
    return {
        "order_id": "order-1",
        "listener": "anna",
        "listener_name": "Анна Белова",
        "agent": LISTENED,
        "agent_name": "Белова Анна А.",
        "call_id": "call-1",
        "mode": mode,
        "stage": stage,
        "since": ago(seconds=83),
        "over": False,
        **more,
    }


def announcement(id: int = 1, **more: Any) -> Json:
    """One that is in force."""
    return {
        "id": id,
        "effect": "tell",
        "line": None,
        "line_title": None,
        "text": "До вечера нет света на улице Мира. Бригада на месте, свет вернётся к восьми часам.",
        "begins_at": ago(minutes=20),
        "until": ahead(seconds=7200),
        "stage": "now",
        "made_by": "Анна Белова",
        "made_at": ago(minutes=20),
        "ended_by": None,
        "ended_at": None,
        **more,
    }


def outage(id: int = 1, **more: Any) -> Json:
    """One of the register."""
    return {
        "id": id,
        "kind": "emergency",
        "reason": "повреждение кабельной линии",
        "places": [{"settlement": "Дебрянск", "street": "ул. Мира", "houses": "1-15"}],
        "begins_at": ago(minutes=40),
        "expected_end": ahead(seconds=7200),
        "told_until": ahead(seconds=9000),
        "entered_by": "Анна Белова",
        **more,
    }


class Board:
    """The board and the register, which change as the page wants."""

    def __init__(self) -> None:
        self.announcements: list[Json] = []
        self.outages: list[Json] = [outage()]

    def told(self, query: Mapping[str, str], body: Any) -> Json:
        return {
            "announcements": self.announcements,
            "lines": [
                {"name": "main", "title": "Единый номер"},
                {"name": "legal", "title": "Юридические лица"},
            ],
            "ready": [
                {"id": "announce-many", "text": "Сейчас звонят многие, ждать оператора дольше обычного."},
                {"id": "announce-closed", "text": "Контактный центр сейчас закрыт по техническим причинам."},
            ],
            "end_of_day": "2026-11-21T21:00:00Z",
            "most_characters": 400,
        }

    def made(self, query: Mapping[str, str], body: Any) -> Json:
        title = {"main": "Единый номер", "legal": "Юридические лица"}.get(body["line"])
        made = {name: body[name] for name in ("effect", "text", "line")}
        one = announcement(len(self.announcements) + 1, **made, line_title=title)
        self.announcements.insert(0, one)
        return one

    def ended(self, query: Mapping[str, str], body: Any) -> None:
        self.announcements[0] |= {"stage": "over", "ended_by": "Анна Белова", "ended_at": ago()}

    def entered(self, query: Mapping[str, str], body: Any) -> Json:
        place = {name: body[name] for name in ("settlement", "street", "houses")}
        self.outages.insert(0, outage(2, places=[place], reason=body["reason"] or "причина уточняется"))
        return self.outages[0]

    def closed(self, query: Mapping[str, str], body: Any) -> None:
        self.outages.pop(0)


def answers() -> dict[tuple[str, str], Any]:
    """What the stub answers: nobody listens, nothing is announced."""
    board = Board()
    path = f"/floor/{LISTENED}/listen"
    return {
        ("GET", "/listening"): {"mine": None, "to_me": []},
        ("POST", path): listening("ringing"),
        ("PUT", path): lambda query, body: listening(mode=body["mode"]),
        ("DELETE", path): None,
        ("GET", "/announcements"): board.told,
        ("POST", "/announcements"): board.made,
        ("DELETE", "/announcements/1"): board.ended,
        ("GET", "/outages"): lambda query, body: {"outages": board.outages, "home_settlement": "Дебрянск"},
        ("POST", "/outages"): board.entered,
        ("DELETE", "/outages/1"): board.closed,
        ("DELETE", "/outages/2"): board.closed,
    }
