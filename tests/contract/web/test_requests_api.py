"""Requests and visits through the API: who sees what, and what is refused at which field."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from ivr.access.audit import Action, Audit, Selection
from ivr.access.users import Users
from ivr.kpi.profiles import load_profiles, request_rules, visit_rules
from ivr.requests.service import Requests
from ivr.requests.settings import RequestsSettings
from ivr.store import Database
from ivr.web.api import appointments as appointments_api
from ivr.web.api import requests as requests_api
from ivr.web.api import visits as visits_api
from ivr.web.api.appointments import OfficePlace
from tests.contract.access.conftest import CHEAP
from tests.contract.requests.desk import OneOffice, at_work
from tests.contract.web.site import SETTINGS, Running, StillClock, running
from tests.unit.customers.samples import MOSCOW

PROFILES = load_profiles(Path(__file__).parents[3] / "metrics" / "standards")
PATIENT = SETTINGS.model_copy(
    update={"limits": SETTINGS.limits.model_copy(update={"answer_seconds": 10.0, "body_bytes": 65_536})}
)
REQUEST = {
    "key": "form-0001",
    "kind": "complaint",
    "topic": "quality.voltage",
    "text": "Мигает свет",
    "account": "320145678",
    "name": "Иванова Мария Петровна",
    "phone": "+74832000001",
    "channel": "phone",
    "call_id": "c1",
}
VISIT = {
    "account": "320145678",
    "person": "Иванова Мария",
    "phone": "+74832000001",
    "address": "Заречье, ул. Пушкина, 5",
    "reason": "не выходит из дома",
    "starts_at": "2026-11-26T09:00:00+03:00",
}
APPOINTMENT = {"office": "kovrov", "starts_at": "2026-11-24T13:00:00+03:00", "account": "320145678"}


@pytest.fixture
async def desk(database: Database, pages: Path) -> AsyncIterator[Running]:
    clock = StillClock()
    room = Requests(
        database,
        RequestsSettings(),
        clock,
        OneOffice(),
        at_work,
        rules=request_rules(PROFILES),
        visit_rules=visit_rules(PROFILES),
    )
    audit, users = Audit(database, CHEAP.audit, clock), Users(database, clock)
    routes = [
        *requests_api.routes(
            room,
            profile="krasnoyarsk",
            profile_titles={name: profile.title for name, profile in PROFILES.items()},
            users=users,
            audit=audit,
            topics=lambda: {"quality.voltage"},
            concerned=lambda user, request: user.login == "petrova" and request.call_id == "c9",
        ),
        *appointments_api.routes(
            room.appointments,
            audit=audit,
            offices=lambda: {"kovrov": OfficePlace("Офис на проспекте Ленина", "Ковров, пр. Ленина, 1")},
        ),
        *visits_api.routes(room.home_visits, profile="krasnoyarsk", audit=audit, zone=MOSCOW),
    ]
    async with running(database, pages, settings=PATIENT, routes=routes) as run:
        yield run


def error(told: Any) -> tuple[str, str | None]:
    assert told["error"]["message"]
    return told["error"]["code"], told["error"]["field"]


async def test_a_request_from_the_form_to_its_answer(desk: Running, database: Database) -> None:
    anna = await desk.signed_in("ivanova")
    status, made = await anna.ask("POST", "/api/requests", json=REQUEST)
    assert (status, made["number"], made["status"]) == (201, "2600001", "registered")
    assert (made["due_at"], made["bound"]) == ("2026-12-24T23:59:59+03:00", "limit")
    assert "Красноярскэнергосбыт" in made["profile_title"]
    assert (await anna.ask("POST", "/api/requests", json=REQUEST))[1]["number"] == "2600001"

    path = "/api/requests/2600001"
    status, taken = await anna.ask("POST", f"{path}/assign", json={"responsible": "ivanova"})
    assert (status, taken["status"], taken["responsible_name"]) == (200, "in_progress", "Анна Иванова")
    status, prolonged = await anna.ask("POST", f"{path}/interim", json={"text": "ждём замер"})
    assert (status, prolonged["status"]) == (200, "prolonged")
    again = await anna.ask("POST", f"{path}/interim", json={"text": "ещё"})
    assert (again[0], error(again[1])) == (409, ("prolonged-already", None))
    status, closed = await anna.ask("POST", f"{path}/answer", json={"channel": "phone", "text": "исправили"})
    assert (status, closed["status"], closed["control_due_at"]) == (
        200,
        "answered",
        "2026-11-27T23:59:59+03:00",
    )
    assert [each["step"] for each in closed["history"]] == ["registered", "assigned", "prolonged", "answered"]
    late = await anna.ask("POST", f"{path}/withdraw", json={})
    assert (late[0], error(late[1])) == (409, ("closed", None))
    entries = await Audit(database, CHEAP.audit, StillClock()).find(Selection(subject="320145678"))
    assert {each.action for each in entries} == {Action.CHANGED}
    assert len(entries) == 5


async def test_strangers_see_how_it_stands_and_nothing_more(desk: Running, database: Database) -> None:
    anna, vera, senior = [await desk.signed_in(login) for login in ("ivanova", "petrova", "senior")]
    await anna.ask("POST", "/api/requests", json=REQUEST | {"responsible": "ivanova"})
    await anna.ask("POST", "/api/requests", json=REQUEST | {"key": "form-0002", "call_id": "c9"})
    path = "/api/requests/2600001"
    masked = (await vera.ask("GET", path))[1]
    assert (masked["masked"], masked["status_title"], masked["client"]) == (
        True,
        "рассматривается",
        "И. М. П.",
    )
    assert (masked["account"], masked["text"], masked["phone"]) == ("•••5678", "", "")
    assert (await senior.ask("GET", path))[1]["name"] == "Иванова Мария Петровна"
    assert (await vera.ask("GET", "/api/requests/26-00002"))[1]["masked"] is False  # talks with the client
    for step, body in (("answer", {"channel": "phone"}), ("assign", {"responsible": "petrova"})):
        status, told = await vera.ask("POST", f"{path}/{step}", json=body)
        assert (status, error(told)) == (403, ("denied", None))
    listed = (await senior.ask("GET", "/api/requests"))[1]
    assert (listed["total"], "Мария" in str(listed), "320145678" in str(listed)) == (2, False, False)
    found = await Audit(database, CHEAP.audit, StillClock()).find(Selection(subject="320145678"))
    assert sorted((each.login, each.action.value) for each in found if each.action is not Action.CHANGED) == [
        ("petrova", "denied"),
        ("petrova", "denied"),
        ("petrova", "viewed"),
        ("senior", "viewed"),
    ]


async def test_whoever_works_may_take_what_nobody_answers(desk: Running) -> None:
    anna, vera = await desk.signed_in("ivanova"), await desk.signed_in("petrova")
    await anna.ask("POST", "/api/requests", json=REQUEST)
    status, taken = await vera.ask("POST", "/api/requests/2600001/assign", json={"responsible": "petrova"})
    assert (status, taken["masked"], taken["responsible"]) == (200, False, "petrova")


@pytest.mark.parametrize(
    ("given", "status", "refused"),
    [
        ({"account": "", "phone": ""}, 422, ("no-client", "account")),
        ({"channel": "email"}, 422, ("no-address", "answer_to")),
        ({"channel": "post", "account": ""}, 422, ("no-address", "answer_to")),
        ({"topic": "weather"}, 422, ("unknown-topic", "topic")),
        ({"responsible": "nobody"}, 422, ("unknown-user", "responsible")),
        ({"kind": "whim"}, 422, ("invalid", "kind")),
        ({"text": ""}, 422, ("invalid", "text")),
        ({"phone": "<script>"}, 422, ("invalid", "phone")),
        ({"surprise": 1}, 422, ("invalid", "surprise")),
    ],
)
async def test_what_is_wrong_with_a_request(
    desk: Running, given: dict[str, Any], status: int, refused: tuple[str, str]
) -> None:
    anna = await desk.signed_in("ivanova")
    found, told = await anna.ask("POST", "/api/requests", json=REQUEST | given)
    assert (found, error(told)) == (status, refused)
    assert (await anna.ask("GET", "/api/requests"))[1]["total"] == 0


async def test_steps_that_are_refused_at_their_field(desk: Running) -> None:
    anna = await desk.signed_in("ivanova")
    await anna.ask("POST", "/api/requests", json=REQUEST | {"channel": "post"})
    path = "/api/requests/2600001"
    other = await anna.ask("POST", f"{path}/answer", json={"channel": "phone"})
    assert (other[0], error(other[1])) == (422, ("other-channel", "channel"))
    assert "почтой" in other[1]["error"]["message"]
    ground = await anna.ask("POST", f"{path}/refuse", json={"ground": "secret"})
    assert (ground[0], error(ground[1])) == (422, ("unknown-ground", "ground"))
    words = (await anna.ask("GET", "/api/requests/words"))[1]
    assert [each["id"] for each in words["grounds"]] == ["foreign", "abusive"]
    satisfied = await anna.ask("POST", f"{path}/answer", json={"channel": "phone", "satisfied": True})
    assert (satisfied[0], satisfied[1]["status"]) == (200, "answered")  # krasnoyarsk 5.2
    assert (await anna.ask("GET", "/api/requests/1"))[0] == 404
    assert (await anna.ask("POST", "/api/requests/1/note", json={"text": "а"}))[0] == 404


async def test_filters_of_the_list(desk: Running) -> None:
    anna = await desk.signed_in("ivanova")
    await anna.ask("POST", "/api/requests", json=REQUEST)
    question = REQUEST | {"key": "form-0002", "kind": "question", "responsible": "petrova"}
    await anna.ask("POST", "/api/requests", json=question)
    await anna.ask("POST", "/api/requests/2600001/withdraw", json={"key": "form-0003"})
    for query, numbers in (
        ("", ["2600002", "2600001"]),
        ("?open=true", ["2600002"]),
        ("?status=withdrawn&status=answered", ["2600001"]),
        ("?kind=complaint&limit=1", ["2600001"]),
        ("?responsible=petrova", ["2600002"]),
        ("?overdue=true", []),
        ("?text=иванова&since=2026-11-24&until=2026-11-24", ["2600002", "2600001"]),
        ("?since=2026-11-25", []),
    ):
        status, told = await anna.ask("GET", f"/api/requests{query}")
        assert (status, [each["number"] for each in told["requests"]]) == (200, numbers), query


async def test_an_appointment_is_booked_moved_and_given_back(desk: Running) -> None:
    anna, senior = await desk.signed_in("ivanova"), await desk.signed_in("senior")
    slots = (await anna.ask("GET", "/api/appointments/slots?office=kovrov&day=2026-11-24"))[1]["slots"]
    assert [each["starts_at"] for each in slots] == ["2026-11-24T13:00:00+03:00", "2026-11-24T13:30:00+03:00"]
    status, booked = await anna.ask("POST", "/api/appointments", json=APPOINTMENT)
    assert (status, booked["number"], booked["office_title"]) == (201, "0001", "Офис на проспекте Ленина")
    assert (await anna.ask("POST", "/api/appointments", json=APPOINTMENT))[1]["number"] == "0001"
    taken = await anna.ask("POST", "/api/appointments", json=APPOINTMENT | {"account": "320145679"})
    assert (taken[0], error(taken[1])) == (409, ("slot-taken", "starts_at"))
    new = {"starts_at": "2026-11-25T06:00:00Z"}
    status, moved = await anna.ask("POST", "/api/appointments/0001/move", json=new)
    assert (status, moved["starts_at"]) == (200, "2026-11-25T09:00:00+03:00")
    day = "/api/appointments?day=2026-11-25"
    assert (await anna.ask("GET", day))[1]["appointments"][0]["account"] == "•••5678"
    assert (await senior.ask("GET", day))[1]["appointments"][0]["account"] == "320145678"
    assert (await anna.ask("POST", "/api/appointments/0001/cancel"))[1]["status"] == "cancelled"
    gone = await anna.ask("POST", "/api/appointments/0001/met", json={"came": True})
    assert (gone[0], error(gone[1])) == (404, ("not-booked", None))


@pytest.mark.parametrize(
    ("given", "status", "refused"),
    [
        ({"office": "moscow"}, 422, ("unknown-office", "office")),
        ({"account": ""}, 422, ("no-client", "account")),
        ({"starts_at": "2026-11-24T13:10:00+03:00"}, 409, ("slot-taken", "starts_at")),
        ({"starts_at": "2026-11-24T13:00:00"}, 422, ("invalid", "starts_at")),
    ],
)
async def test_what_is_wrong_with_an_appointment(
    desk: Running, given: dict[str, Any], status: int, refused: tuple[str, str]
) -> None:
    anna = await desk.signed_in("ivanova")
    found, told = await anna.ask("POST", "/api/appointments", json=APPOINTMENT | given)
    assert (found, error(told)) == (status, refused)


async def test_a_home_visit_and_why_there_is_no_second_one(desk: Running) -> None:
    anna, vera = await desk.signed_in("ivanova"), await desk.signed_in("petrova")
    slots = (await anna.ask("GET", "/api/visits/slots?day=2026-11-26"))[1]["slots"]
    assert [each["starts_at"] for each in slots] == [VISIT["starts_at"], "2026-11-26T13:00:00+03:00"]
    status, booked = await anna.ask("POST", "/api/visits", json=VISIT)
    assert (status, booked["number"], booked["address"]) == (201, "В0001", VISIT["address"])
    assert (await anna.ask("POST", "/api/visits", json=VISIT))[1] == booked
    second = await anna.ask("POST", "/api/visits", json=VISIT | {"starts_at": "2026-11-27T09:00:00+03:00"})
    assert (second[0], error(second[1])) == (409, ("booked-already", None))
    assert "26.11.2026" in second[1]["error"]["message"]
    outside = VISIT | {"account": "320145679", "starts_at": "2026-11-28T09:00:00+03:00"}
    refused = await anna.ask("POST", "/api/visits", json=outside)
    assert (refused[0], error(refused[1])) == (422, ("outside", "starts_at"))
    listed = (await vera.ask("GET", "/api/visits?since=2026-11-26&until=2026-11-26"))[1]["visits"]
    assert [(each["address"], each["client"]) for each in listed] == [("", "И. М.")]
    status, done = await anna.ask("POST", "/api/visits/В0001/met", json={"took_place": True})
    assert (status, done["status"]) == (200, "came")
    status, told = await anna.ask("GET", "/api/visits/slots?account=320145678")
    assert (status, error(told)) == (409, ("too-often", None))
    assert "26.05.2027" in told["error"]["message"]
