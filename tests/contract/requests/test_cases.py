"""Requests are registered once, taken step by step, and nothing that was done is lost."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from ivr.kpi.profiles import load_profiles, request_rules
from ivr.requests.cases import Cases, NewRequest, UnknownRequest
from ivr.requests.lifecycle import Answer, Assign, Interim, Note, NotPossible, Refuse, Withdraw
from ivr.requests.model import AnswerChannel, Request, RequestKind, RequestStatus
from ivr.requests.search import Wanted
from ivr.requests.service import Requests
from ivr.requests.settings import RequestsSettings
from ivr.requests.slots import NoOffices
from ivr.store import Database, StoreSettings, StoreUnavailable
from tests.contract.requests.desk import Desk, at_work, record
from tests.unit.customers.samples import ClockByHand, facts

RULES = request_rules(load_profiles(Path(__file__).parents[3] / "metrics" / "standards"))
DAY = 24 * 3_600.0
NEW = NewRequest(
    key="a-registration",
    by="anna",
    kind=RequestKind.COMPLAINT,
    text="Мигает свет по вечерам",
    answer_channel=AnswerChannel.PHONE,
    topic="quality.voltage",
    account_number="320145678",
    client_name="Иванова Мария",
    phone="+74832000001",
    segment="private",
    profile="omsk",
    call_id="c1",
)


@dataclass
class Planner:
    """Implements `ControlCalls`."""

    planned: list[tuple[str, datetime]] = field(default_factory=list)
    fails: bool = False

    async def plan(self, request: Request, due_at: datetime) -> None:
        if self.fails:
            raise StoreUnavailable("away")
        self.planned.append((request.number, due_at))


def room(database: Database, planner: Planner | None = None, clock: ClockByHand | None = None) -> Requests:
    return Requests(
        database,
        RequestsSettings(),
        clock or ClockByHand(),  # Tuesday, 24 November 2026, 10:00
        NoOffices(),
        at_work,
        rules=RULES,
        control_calls=planner,
    )


@pytest.fixture
def cases(database: Database) -> Cases:
    return room(database).cases


async def test_a_request_has_number_term_and_history(cases: Cases) -> None:
    heard: list[Request] = []
    cases.subscribe(heard.append)
    registered = await cases.register(NEW)
    assert (registered.number, registered.status) == ("2600001", RequestStatus.REGISTERED)
    assert registered.due_at is not None
    assert registered.due_at.isoformat() == "2026-12-14T23:59:59+03:00"
    found, history = await cases.find("№ 26-00001")
    assert found == registered
    assert [(each.by, each.step, each.status.value) for each in history] == [
        ("anna", "registered", "registered")
    ]
    assert heard == [registered]


async def test_a_double_click_registers_once(cases: Cases) -> None:
    heard: list[Request] = []
    cases.subscribe(heard.append)
    done = await asyncio.gather(*(cases.register(NEW) for _ in range(5)))
    assert {each.number for each in done} == {"2600001"}
    assert len(heard) == 1
    assert (await cases.register(replace(NEW, key="another"))).number == "2600002"


async def test_numbers_are_unique_and_pass_over_those_of_other_programs(database: Database) -> None:
    requests = room(database)
    taken = await requests.cases.register(NEW)
    await requests.register.take([replace(taken, number="2600002")])
    many = await asyncio.gather(*(requests.cases.register(replace(NEW, key=f"k{n}")) for n in range(8)))
    assert sorted(each.number for each in many) == [f"26000{n:02d}" for n in range(3, 11)]


async def test_each_year_has_its_series(database: Database) -> None:
    clock = ClockByHand()
    requests = room(database, clock=clock)
    await requests.cases.register(NEW)
    clock.pass_by(60 * DAY)
    assert (await requests.cases.register(replace(NEW, key="next-year"))).number == "2700001"


async def test_two_processes_register_without_harm(database: Database, settings: StoreSettings) -> None:
    other = await Database.open(settings)
    try:
        rooms = [room(each).cases for each in (database, other)]
        same = await asyncio.gather(*(each.register(NEW) for each in rooms))
        apart = await asyncio.gather(
            *(each.register(replace(NEW, key=f"p{n}")) for n, each in enumerate(rooms))
        )
        assert len({each.number for each in same}) == 1
        assert len({each.number for each in (*same, *apart)}) == 3
    finally:
        await other.close()


async def test_the_way_to_the_answer(cases: Cases) -> None:
    number = (await cases.register(NEW)).number
    await cases.do(number, Assign(by="boss", responsible="ivan"))
    prolonged = await cases.do(number, Interim(by="ivan", text="ждём замер"))
    assert prolonged.due_at is not None
    assert prolonged.due_at.date() == date(2027, 1, 11)
    await cases.do(number, Note(by="ivan", text="замер сделан"))
    closed = await cases.do(number, Answer(by="ivan", channel=AnswerChannel.PHONE, text="исправлено"))
    found, history = await cases.find(number)
    assert found == closed
    assert (found.status, found.responsible, found.answer) == (RequestStatus.ANSWERED, "ivan", "исправлено")
    assert [(each.step, each.note) for each in history] == [
        ("registered", ""),
        ("assigned", ""),
        ("prolonged", "ждём замер"),
        ("noted", "замер сделан"),
        ("answered", "исправлено"),
    ]


async def test_a_step_that_is_repeated_is_taken_once(cases: Cases) -> None:
    number = (await cases.register(NEW)).number
    step = Answer(by="ivan", channel=AnswerChannel.PHONE, key="a-step")
    done = await asyncio.gather(*(cases.do(number, step) for _ in range(3)))
    assert {each.status for each in done} == {RequestStatus.ANSWERED}
    assert [each.step for each in (await cases.find(number))[1]] == ["registered", "answered"]
    with pytest.raises(NotPossible):
        await cases.do(number, replace(step, key="another"))


async def test_what_is_refused_changes_nothing(cases: Cases) -> None:
    number = (await cases.register(NEW)).number
    with pytest.raises(NotPossible):
        await cases.do(number, Refuse(by="ivan", ground="secret"))
    found, history = await cases.find(number)
    assert (found.status, len(history)) == (RequestStatus.REGISTERED, 1)
    with pytest.raises(UnknownRequest):
        await cases.do("1", Withdraw(by="ivan"))
    with pytest.raises(UnknownRequest):
        await cases.find("1")


async def test_a_closed_complaint_gets_one_control_call(database: Database) -> None:
    planner = Planner()
    requests = room(database, planner)
    number = (await requests.cases.register(NEW)).number
    await requests.cases.do(number, Answer(by="ivan", channel=AnswerChannel.PHONE))
    await requests.cases.do(number, Note(by="ivan", text="ещё"))
    assert [(each, at.date()) for each, at in planner.planned] == [(number, date(2026, 11, 27))]
    assert await requests.cases.plan_control_calls() == 0


async def test_a_control_call_that_could_not_be_planned_is_not_forgotten(database: Database) -> None:
    planner = Planner(fails=True)
    requests = room(database, planner)
    number = (await requests.cases.register(NEW)).number
    with capture_logs() as logs:
        closed = await requests.cases.do(number, Answer(by="ivan", channel=AnswerChannel.PHONE))
    assert closed.status is RequestStatus.ANSWERED
    assert [each["event"] for each in logs if each["log_level"] == "error"] == [
        "requests.control_call_not_planned"
    ]
    planner.fails = False
    again = room(database, planner)  # the engine was started again
    assert await again.cases.plan_control_calls() == 1
    assert [each for each, _ in planner.planned] == [number]
    assert await again.cases.plan_control_calls() == 0


async def test_nothing_personal_is_logged(cases: Cases) -> None:
    with capture_logs() as logs:
        number = (await cases.register(NEW)).number
        await cases.do(number, Note(by="ivan", text="клиент Иванова"))
    assert logs
    assert not [
        each for each in logs if "Иванов" in repr(each) or "+7483" in repr(each) or "Мигает" in repr(each)
    ]
    assert "Иванова" not in repr(NEW)


async def test_a_file_leaves_what_it_does_not_tell(database: Database) -> None:
    requests = room(database)
    registered = await requests.cases.register(NEW)
    told = replace(registered, status=RequestStatus.IN_PROGRESS, text="", client_name="")
    await requests.register.take([told])
    found, history = await requests.cases.find(registered.number)
    assert (found.status, found.text) == (RequestStatus.IN_PROGRESS, NEW.text)
    assert [(each.by, each.step) for each in history] == [("anna", "registered"), ("import", "imported")]


async def test_lists_and_their_filters(database: Database) -> None:
    clock = ClockByHand()
    requests = room(database, clock=clock)
    social = replace(
        NEW, key="k2", kind=RequestKind.QUESTION, profile="bryansk", account_number="", text="Тариф 50%"
    )
    first = await requests.cases.register(NEW)
    clock.pass_by(2 * DAY)
    second = await requests.cases.register(replace(social, topic="tariff.current", call_id="c2"))
    closed = await requests.cases.register(replace(NEW, key="k3", responsible="ivan"))
    await requests.cases.do(closed.number, Withdraw(by="ivan"))

    async def found(**wanted: Any) -> list[str]:
        return [each.number for each in (await requests.lists.search(Wanted(**wanted))).requests]

    everything = [first.number, second.number, closed.number]
    assert await found() == everything  # owed first, by term
    assert await found(status=[RequestStatus.REGISTERED]) == everything[:2]
    assert await found(kind=RequestKind.QUESTION) == [second.number]
    assert await found(responsible="ivan") == [closed.number]
    assert await found(topic="tariff.current") == [second.number]
    assert await found(account="320145678") == [first.number, closed.number]
    assert await found(text="ИВАНОВА") == everything
    assert await found(text="50%") == [second.number]
    assert await found(text="%") == [second.number]  # no pattern
    assert await found(text=first.number[-3:]) == [first.number]
    assert await found(call_id="c2") == [second.number]
    assert await found(until=date(2026, 11, 25)) == [first.number]
    assert await found(since=date(2026, 11, 26)) == everything[1:]
    assert await found(overdue=True) == []
    clock.pass_by(20 * DAY)  # 16 December
    assert await found(overdue=True) == [first.number]
    assert await found(overdue=False) == everything[1:]
    page = await requests.lists.search(Wanted(), limit=1, offset=1)
    assert ([each.number for each in page.requests], page.total) == ([second.number], 3)


async def test_what_is_due_soon_is_called_to_mind(database: Database) -> None:
    clock = ClockByHand()
    requests = room(database, clock=clock)
    await requests.cases.register(NEW)  # due on Monday, 14 December
    closed = await requests.cases.register(replace(NEW, key="k2"))
    await requests.cases.do(closed.number, Withdraw(by="ivan"))
    now = clock.now()
    for day, expected in ((14, 0), (15, 1), (19, 1), (25, 1)):  # from 9 December on: three working days
        due = await requests.lists.due_soon(now + timedelta(days=day))
        assert len(due) == expected


async def test_the_requests_of_a_client(database: Database) -> None:
    requests = room(database)
    first = await requests.cases.register(NEW)
    unknown = replace(NEW, key="k2", account_number="", phone="+74832000002")
    second = await requests.cases.register(unknown)
    lists = requests.lists
    assert [each.number for each in await lists.of_client(["320145678"], "")] == [first.number]
    assert [each.number for each in await lists.of_client([], "+74832000002")] == [second.number]
    assert await lists.of_client([], "") == []


async def test_an_old_request_is_told_by_its_number_to_its_owner_alone(desk: Desk) -> None:
    registered = await desk.requests.cases.register(NEW)
    await desk.requests.cases.do(registered.number, Withdraw(by="ivan"))
    desk.clock.pass_by(100 * DAY)
    mine = await desk.identify()
    assert (await desk.do("requests.status", account=mine)).outcome == "none"
    told = record(await desk.do("requests.find", account=mine, number=registered.number))
    assert told["status"] == "withdrawn"
    other = await desk.identify("c2", "679")
    stranger = await desk.do("requests.find", facts("c2"), account=other, number=registered.number)
    assert stranger.outcome == "none"


async def test_a_database_that_takes_nothing_registers_nothing(cases: Cases, database: Database) -> None:
    await database.close()
    with pytest.raises(StoreUnavailable):
        await cases.register(NEW)
