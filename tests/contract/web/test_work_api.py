"""Call-backs, lost callers, tasks, plans and the block list through the API: who may, who sees."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from ivr.access.audit import Action, Audit, Selection
from ivr.access.model import User
from ivr.calls.legs import LegEnd
from ivr.desk.model import AgentState
from ivr.store import Database
from ivr.web.api import blocked, bulletins, callbacks, lost, shifts, surveys, tasks, work_events
from ivr.web.api.events import Audience
from tests.contract.access.conftest import CHEAP
from tests.contract.desk_work.bench import PHONE, Bench
from tests.contract.web.site import PATIENT, USERS, Browser, Running, running

TASK = {
    "key": "form-0001",
    "question": "Почему вырос ОДН?",
    "topic": "bill.explain",
    "phone": "8 4832 00-00-01",
    "client_name": "Иванова Мария Петровна",
    "account_number": "320145678",
    "call_id": "c1",
    "channel": "phone",
}


@dataclass
class Hub:
    """Notes what is published."""

    told: list[tuple[str, BaseModel, Audience]] = field(default_factory=list)

    def publish(self, type: str, data: BaseModel, audience: Audience) -> None:
        self.told.append((type, data, audience))

    def types(self) -> set[str]:
        return {type for type, _, _ in self.told}


@dataclass
class Desk:
    """A server with the work behind it."""

    bench: Bench
    site: Running
    hub: Hub
    audit: Audit

    async def people(self) -> tuple[Browser, Browser, Browser]:
        """Two operators and a supervisor."""
        anna, vera, senior = [await self.site.signed_in(each) for each in ("ivanova", "petrova", "senior")]
        return anna, vera, senior


@pytest.fixture
async def desk(database: Database, pages: Path) -> AsyncIterator[Desk]:
    bench = await Bench(database).start()
    audit, hub = Audit(database, CHEAP.audit, bench.clock), Hub()
    work_events.publish(bench.work, hub, bench.clock)

    async def profile_of(call_id: str) -> str:
        return "kostroma"

    async def users() -> list[User]:
        return list(USERS)

    routes = [
        *callbacks.routes(bench.work, bench.promises),
        *lost.routes(bench.work, bench.clock),
        *tasks.routes(
            bench.work.tasks,
            bench.work.task_calls,
            channels=bench.settings.tasks.channels,
            audit=audit,
            clock=bench.clock,
            profile_of=profile_of,
        ),
        *bulletins.routes(bench.work.bulletins, bench.clock, ["clients", "business"], audit),
        *shifts.routes(bench.work.shifts, bench.clock, users, audit),
        *blocked.routes(bench.work.blocklist, audit),
        *surveys.routes(bench.work.surveys, bench.ledger.legs),
    ]
    async with running(database, pages, settings=PATIENT, routes=routes) as site:
        yield Desk(bench, site, hub, audit)
    await bench.close()


def error(told: Any) -> tuple[str, str | None]:
    assert told["error"]["message"]
    return told["error"]["code"], told["error"]["field"]


async def test_a_promise_is_masked_until_it_is_taken(desk: Desk) -> None:
    anna, vera, senior = await desk.people()
    promise = {"phone": PHONE, "at": "2026-11-24T18:00:00+03:00", "said": "про счёт", "call_id": "c1"}
    status, made = await anna.ask("POST", "/api/callbacks", json=promise)
    assert (status, made) == (201, {"due_from": "2026-11-24T18:00:00+03:00", "renewed": False})
    (row,) = (await anna.ask("GET", "/api/callbacks"))[1]["callbacks"]
    assert (row["phone"], row["said"], row["masked"], row["source"]) == ("•••0001", "", True, "operator")
    path = f"/api/callbacks/{row['id']}"
    status, taken = await anna.ask("POST", f"{path}/take")
    assert (status, taken["phone"], taken["said"], taken["masked"]) == (200, PHONE, "про счёт", False)
    assert (await vera.ask("GET", path))[1]["callback"]["masked"]
    assert not (await senior.ask("GET", path))[1]["callback"]["masked"]
    refused = await vera.ask("POST", f"{path}/take")
    assert (refused[0], error(refused[1])) == (409, ("taken", None))
    for deed, body in (("return", None), ("close", {"note": "?"}), ("postpone", {"at": promise["at"]})):
        denied = await vera.ask("POST", f"{path}/{deed}", json=body)
        assert (denied[0], error(denied[1])) == (403, ("not-yours", None)), deed
    assert (await senior.ask("POST", f"{path}/return"))[1]["status"] == "open"
    closed = await anna.ask("POST", f"{path}/close", json={"note": "ответили"})
    assert (closed[0], closed[1]["status"], closed[1]["closed_as"]) == (200, "done", "by-hand")
    assert (await anna.ask("GET", "/api/callbacks"))[1]["callbacks"] == []
    done = await anna.ask("GET", "/api/callbacks?status=done")
    assert [each["id"] for each in done[1]["callbacks"]] == [row["id"]]


@pytest.mark.parametrize(
    ("promise", "expected"),
    [
        ({"phone": "12"}, ("bad-number", "phone")),
        ({"phone": PHONE, "at": "2027-11-24T18:00:00+03:00"}, ("not-then", "at")),
    ],
)
async def test_what_cannot_be_promised_is_refused_at_its_field(
    desk: Desk, promise: dict[str, str], expected: tuple[str, str]
) -> None:
    anna = await desk.site.signed_in("ivanova")
    status, told = await anna.ask("POST", "/api/callbacks", json=promise)
    assert (status, error(told)) == (422, expected)


@pytest.mark.parametrize("id", ["999", "x", "1.5", "9" * 40, "%D9%A1"])
async def test_forged_ids_are_not_there(desk: Desk, id: str) -> None:
    anna = await desk.site.signed_in("ivanova")
    for resource in ("callbacks", "lost", "tasks"):
        status, told = await anna.ask("POST", f"/api/{resource}/{id}/take")
        assert (status, error(told)) == (404, ("not-there", None))


async def test_one_key_calls_a_lost_caller(desk: Desk) -> None:
    anna, vera, _ = await desk.people()
    desk.bench.comes("c1")
    desk.bench.clock.pass_by(60)
    desk.bench.gives_up("c1")
    await desk.bench.settle()
    told = (await anna.ask("GET", "/api/lost"))[1]
    (row,) = told["lost"]
    assert (row["phone"], row["waited_seconds"], told["today"]) == ("•••0001", 60, {"listed": 1})
    path = f"/api/lost/{row['id']}"
    status, refused = await anna.ask("POST", f"{path}/call")
    assert (status, error(refused)) == (409, ("not-ready", None))
    desk.bench.people.ready("ivanova")
    status, order = await anna.ask("POST", f"{path}/call")
    assert status == 200
    assert order["order_id"] == (await desk.bench.ordered(1)).order_id
    assert await anna.ask("POST", f"{path}/call") == (200, order)  # pressed again, or the answer got lost
    desk.bench.people.ready("petrova")
    assert (await vera.ask("POST", f"{path}/call"))[0] == 409
    whole = (await anna.ask("GET", path))[1]
    assert (whole["lost"]["phone"], whole["attempts"][0]["outcome"]) == (PHONE, None)
    await desk.bench.until(lambda: "lost" in desk.hub.types())


@pytest.mark.parametrize("state", [AgentState.READY, AgentState.PAUSED])
async def test_two_presses_at_once_make_one_call(desk: Desk, state: AgentState) -> None:
    anna = await desk.site.signed_in("ivanova")
    await anna.ask("POST", "/api/callbacks", json={"phone": PHONE, "said": "про счёт", "call_id": "c1"})
    (row,) = (await anna.ask("GET", "/api/callbacks"))[1]["callbacks"]
    desk.bench.people.ready("ivanova", state=state)
    path = f"/api/callbacks/{row['id']}/call"
    one, other = await asyncio.gather(anna.ask("POST", path), anna.ask("POST", path))
    assert one == other
    assert one[0] == 200
    assert one[1]["order_id"] == (await desk.bench.ordered(1)).order_id
    whole = (await anna.ask("GET", f"/api/callbacks/{row['id']}"))[1]
    assert len(whole["attempts"]) == 1


async def test_a_deferred_answer_from_the_form_to_its_end(desk: Desk) -> None:
    anna, vera, senior = await desk.people()
    words = (await anna.ask("GET", "/api/tasks/words?call_id=c1"))[1]
    assert (words["due_at"], words["channels"]["phone"]) == ("2026-11-25T12:00:00+03:00", "по телефону")
    status, made = await anna.ask("POST", "/api/tasks", json=TASK)
    assert (status, made["task"]["phone"], made["task"]["assignee"]) == (201, PHONE, "ivanova")
    assert made["task"]["due_at"] == words["due_at"]
    again = (await anna.ask("POST", "/api/tasks", json=TASK))[1]
    assert again["task"]["id"] == made["task"]["id"]

    path = f"/api/tasks/{made['task']['id']}"
    stranger = (await vera.ask("GET", path))[1]
    shown = [stranger["task"][name] for name in ("phone", "client_name", "account_number", "masked")]
    assert (shown, stranger["history"]) == (["•••0001", "И. М. П.", "•••5678", True], [])
    for deed, body in (("take", None), ("note", {"text": "я"}), ("close", {"result": "я"}), ("call", None)):
        denied = await vera.ask("POST", f"{path}/{deed}", json=body)
        assert (denied[0], error(denied[1])) == (403, ("not-yours", None)), deed
    assert (await vera.ask("GET", "/api/tasks?mine=false"))[1]["tasks"] == []
    assert len((await senior.ask("GET", "/api/tasks?mine=false"))[1]["tasks"]) == 1

    await senior.ask("POST", f"{path}/assign", json={"login": "petrova"})
    closed = (await vera.ask("POST", f"{path}/close", json={"result": "объяснила"}))[1]
    assert (closed["task"]["status"], closed["result"]) == ("done", "объяснила")
    assert [each["what"] for each in closed["history"]] == ["created", "assigned", "done"]
    late = await vera.ask("POST", f"{path}/note", json={"text": "ещё"})
    assert (late[0], error(late[1])) == (409, ("closed", None))
    entries = await desk.audit.find(Selection(subject="320145678"))
    assert {(each.login, each.action) for each in entries} == {
        ("ivanova", Action.CHANGED),
        ("petrova", Action.CHANGED),
    }


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"due_at": "2026-11-25T12:00:01+03:00"}, ("too-late", None)),
        ({"call_at": "2026-11-24T11:59:00+03:00"}, ("past", None)),
        ({"phone": "", "account_number": ""}, ("no-client", "phone")),
        ({"phone": "", "call_at": "2026-11-24T15:00:00+03:00"}, ("no-phone", "phone")),
        ({"phone": "12"}, ("bad-number", "phone")),
    ],
)
async def test_a_task_that_cannot_be_is_refused(
    desk: Desk, changed: dict[str, str], expected: tuple[str, str | None]
) -> None:
    anna = await desk.site.signed_in("ivanova")
    status, told = await anna.ask("POST", "/api/tasks", json=TASK | changed)
    assert (status, error(told)) == (422, expected)


async def test_events_show_personal_data_to_nobody(desk: Desk) -> None:
    anna = await desk.site.signed_in("ivanova")
    await anna.ask("POST", "/api/callbacks", json={"phone": PHONE, "said": "тайна", "call_id": "c1"})
    await anna.ask("POST", "/api/tasks", json=TASK | {"role": "senior"})
    desk.bench.clock.pass_by(25 * 3600)
    await desk.bench.work.tasks.remind()
    await desk.bench.until(lambda: desk.hub.types() >= {"callback", "task", "reminder"})
    for _, data, _ in desk.hub.told:
        text = data.model_dump_json()
        assert PHONE not in text
        assert "320145678" not in text
        assert "Мария" not in text
        assert "тайна" not in text
    heard = {(type, audience.login, audience.right) for type, _, audience in desk.hub.told}
    assert heard == {("callback", None, "work"), ("task", None, "cards"), ("reminder", None, "cards")}


async def test_bulletins_are_the_supervisors_and_read_by_all(desk: Desk) -> None:
    anna, _, senior = await desk.people()
    bulletin = {"text": "<b>Авария</b>", "urgent": True, "until": "2026-11-24T20:00:00+03:00"}
    assert (await anna.ask("POST", "/api/bulletins", json=bulletin))[0] == 403
    wrong = await senior.ask("POST", "/api/bulletins", json=bulletin | {"until": "2026-11-24T09:00:00+03:00"})
    assert (wrong[0], error(wrong[1])) == (422, ("wrong-times", "until"))
    status, made = await senior.ask("POST", "/api/bulletins", json=bulletin)
    assert (status, made["text"]) == (201, "<b>Авария</b>")
    assert (await anna.ask("POST", f"/api/bulletins/{made['id']}/read"))[0] == 204
    (mine,) = (await anna.ask("GET", "/api/bulletins"))[1]["bulletins"]
    assert (mine["read_at"] is not None, mine["readers"]) == (True, [])
    assert (await anna.ask("GET", "/api/bulletins/all"))[0] == 403
    assert (await senior.ask("GET", "/api/bulletins/all"))[1]["bulletins"][0]["readers"] == ["ivanova"]
    assert (await senior.ask("DELETE", f"/api/bulletins/{made['id']}"))[0] == 200
    assert (await anna.ask("GET", "/api/bulletins"))[1]["bulletins"] == []


async def test_a_bulletin_for_a_queue_is_told_to_those_who_serve_it(desk: Desk) -> None:
    anna, vera, senior = await desk.people()  # Anna serves `clients`, Vera nothing
    until = "2026-11-24T20:00:00+03:00"
    bulletin = {"text": "Новые тарифы", "until": until, "queue": "clients", "key": "press-1"}
    pressed = [(await senior.ask("POST", "/api/bulletins", json=bulletin))[1] for _ in range(2)]
    assert pressed[0] == pressed[1]
    assert [type for type, _, _ in desk.hub.told] == ["bulletin"]
    assert [each["queue"] for each in (await anna.ask("GET", "/api/bulletins"))[1]["bulletins"]] == [
        "clients"
    ]
    assert (await vera.ask("GET", "/api/bulletins"))[1]["bulletins"] == []
    assert len((await senior.ask("GET", "/api/bulletins/all"))[1]["bulletins"]) == 1
    status, told = await senior.ask("POST", "/api/bulletins", json=bulletin | {"queue": "x", "key": "2"})
    assert (status, error(told)) == (422, ("no-queue", "queue"))


async def test_bulletins_and_plans_are_put_down_with_who_made_them_and_for_whom(desk: Desk) -> None:
    senior = await desk.site.signed_in("senior")
    bulletin = {"text": "Авария", "until": "2026-11-24T20:00:00+03:00", "queue": "clients"}
    hours = {"begins": "08:00", "ends": "20:00"}
    plan = [
        {"login": "ivanova", "day": "2026-11-25", **hours},
        {"login": "petrova", "day": "2026-11-24", **hours},
        {"login": "ivanova", "day": "2026-11-24", **hours},
    ]
    made = (await senior.ask("POST", "/api/bulletins", json=bulletin))[1]["id"]
    await senior.ask("DELETE", f"/api/bulletins/{made}")
    await senior.ask("PUT", "/api/shifts", json={"shifts": plan})
    for _ in range(2):  # the second time there is nothing to remove
        await senior.ask("DELETE", "/api/shifts/petrova/2026-11-24")
    found = await desk.audit.find(Selection(action=Action.LED))
    assert [(each.login, each.subject, each.what) for each in reversed(found)] == [
        ("senior", "", f"bulletin {made} put up for clients"),
        ("senior", "", f"bulletin {made} taken down"),
        ("senior", "ivanova", "shifts 2026-11-24 2026-11-25"),
        ("senior", "petrova", "shifts 2026-11-24"),
        ("senior", "petrova", "shift 2026-11-24 removed"),
    ]


async def test_everybody_sees_his_own_shifts(desk: Desk) -> None:
    anna, vera, senior = await desk.people()
    day = {"day": "2026-11-24", "begins": "08:00", "ends": "20:00"}
    lunch = [{"since": "12:00", "until": "12:30"}]
    plan = {"shifts": [{"login": "ivanova", **day, "breaks": lunch}, {"login": "petrova", **day}]}
    assert (await anna.ask("PUT", "/api/shifts", json=plan))[0] == 403
    assert (await senior.ask("PUT", "/api/shifts", json=plan))[0] == 200
    (mine,) = (await anna.ask("GET", "/api/shifts?everybody=true"))[1]["shifts"]
    assert (mine["login"], mine["breaks"][0]["since"]) == ("ivanova", "2026-11-24T12:00:00+03:00")
    both = (await senior.ask("GET", "/api/shifts?everybody=true"))[1]["shifts"]
    assert {each["login"] for each in both} == {"ivanova", "petrova"}
    assert len((await senior.ask("GET", "/api/shifts/here"))[1]["shifts"]) == 2
    outside = [{"since": "21:00", "until": "21:30"}]
    wrong = await senior.ask(
        "PUT", "/api/shifts", json={"shifts": [{"login": "petrova", **day, "breaks": outside}]}
    )
    assert (wrong[0], error(wrong[1])) == (422, ("wrong-breaks", "breaks"))
    assert (await senior.ask("DELETE", "/api/shifts/petrova/2026-11-24"))[0] == 204
    assert (await senior.ask("DELETE", "/api/shifts/petrova/2026-11-24"))[0] == 404
    assert (await senior.ask("DELETE", "/api/shifts/petrova/nonsense"))[0] == 404
    assert (await vera.ask("GET", "/api/shifts"))[1]["shifts"] == []


async def test_a_shift_that_overlaps_or_is_nobodys_is_refused_in_clear_words(desk: Desk) -> None:
    senior = await desk.site.signed_in("senior")
    night = {"login": "ivanova", "day": "2026-11-24", "begins": "20:00", "ends": "08:00"}
    for _ in range(2):  # pressed twice
        assert (await senior.ask("PUT", "/api/shifts", json={"shifts": [night]}))[0] == 200
    next_day = {**night, "day": "2026-11-25", "begins": "07:00", "ends": "15:00"}
    status, told = await senior.ask("PUT", "/api/shifts", json={"shifts": [next_day]})
    assert (status, error(told)) == (409, ("overlaps", "begins"))
    for span in ("25.11 07:00 – 25.11 15:00", "24.11 20:00 – 25.11 08:00"):
        assert span in told["error"]["message"]
    for login in ("nobody", "boss"):  # an administrator takes no calls
        status, told = await senior.ask("PUT", "/api/shifts", json={"shifts": [night | {"login": login}]})
        assert (status, error(told)) == (422, ("nobody", "login"))


async def test_only_those_who_may_keep_numbers_away(desk: Desk) -> None:
    anna, _, senior = await desk.people()
    block = {"phone": PHONE, "reason": "угрозы", "call_id": "c1"}
    for method, path, body in (("GET", "", None), ("POST", "", block), ("DELETE", "/1", None)):
        assert (await anna.ask(method, f"/api/blocked{path}", json=body))[0] == 403
    status, made = await senior.ask("POST", "/api/blocked", json=block)
    assert (status, made["phone"], made["blocked_by"]) == (201, PHONE, "senior")
    assert desk.bench.work.blocklist.is_blocked(PHONE)
    bad = await senior.ask("POST", "/api/blocked", json=block | {"until": "2029-01-01T00:00:00+03:00"})
    assert (bad[0], error(bad[1])) == (422, ("bad-end", "until"))
    assert len((await senior.ask("GET", "/api/blocked"))[1]["blocked"]) == 1
    assert (await senior.ask("DELETE", f"/api/blocked/{made['id']}"))[0] == 204
    assert (await senior.ask("DELETE", f"/api/blocked/{made['id']}"))[0] == 404
    assert not desk.bench.work.blocklist.is_blocked(PHONE)
    assert len(await desk.audit.find(Selection(login="senior", action=Action.CHANGED))) == 2


async def test_only_who_talks_with_him_says_that_a_caller_agrees(desk: Desk) -> None:
    anna, vera, _ = await desk.people()
    desk.bench.comes("c1")
    desk.bench.is_answered("c1", "ivanova")
    denied = await vera.ask("POST", "/api/calls/c1/survey", json={"agreed": True})
    assert (denied[0], error(denied[1])) == (403, ("not-your-call", None))
    assert (await anna.ask("POST", "/api/calls/c9/survey", json={"agreed": True}))[0] == 403
    assert (await anna.ask("POST", "/api/calls/c1/survey", json={"agreed": True}))[0] == 204
    desk.bench.talk_ends("c1", LegEnd.AGENT, "ivanova")
    survey = await desk.bench.work.surveys.of_call("c1")
    assert survey is not None
    assert (survey.agreed, survey.agent) == (True, "ivanova")
