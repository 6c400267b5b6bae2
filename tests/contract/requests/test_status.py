"""How the requests of an account stand, once a file has told it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from ivr.customers.files import BadLine
from ivr.customers.service import NotIdentified
from ivr.customers.sheets import Imported
from ivr.errors import Fault
from ivr.requests.demo import demo_requests, write_demo_requests
from ivr.requests.importing import import_requests
from ivr.requests.model import Request, RequestKind, RequestStatus
from tests.contract.requests.desk import Desk, record, records
from tests.unit.customers.samples import MOSCOW, ClockByHand

NOW = ClockByHand().now()
REQUEST = Request(
    number="1",
    account_number="320145678",
    kind=RequestKind.COMPLAINT,
    topic="quality.voltage",
    registered_at=NOW - timedelta(days=31),
    due_at=NOW - timedelta(days=1),
    status=RequestStatus.IN_PROGRESS,
    answer_channel="email",
    answered_at=None,
)
CSV = """number;account;kind;topic;registered_at;due_at;status;answer_channel;answered_at;clerk
1;320145678;complaint;quality.voltage;2026-11-01;2026-11-24;in_progress;email;;x
2;320145678;question;;20.11.2026 15:30;;answered;phone;21.11.2026 10:00;x
"""


def answered(number: str, days_ago: int) -> Request:
    at = NOW - timedelta(days=days_ago)
    return replace(REQUEST, number=number, status=RequestStatus.ANSWERED, answered_at=at)


async def test_nothing_is_told_before_the_caller_is_identified(desk: Desk) -> None:
    await desk.requests.register.take([REQUEST])
    with pytest.raises(NotIdentified):
        await desk.do("requests.status", account={"id": "678"})


async def test_one_request_with_its_term(desk: Desk) -> None:
    mine = await desk.identify()
    assert (await desk.do("requests.status", account=mine)).outcome == "none"
    await desk.requests.register.take([REQUEST, replace(REQUEST, number="2", account_number="320145679")])
    told = await desk.do("requests.status", account=mine)
    assert told.outcome == "one"
    assert record(told) == {
        "number": "1",
        "kind_title": "жалоба",
        "registered_on": date(2026, 10, 24),
        "due_on": date(2026, 11, 23),
        "status": "in_progress",
        "status_title": "рассматривается",
        "answered_on": None,
        "overdue": True,
    }


async def test_the_newest_are_told_and_old_answers_are_not(desk: Desk) -> None:
    mine = await desk.identify()
    newest = replace(REQUEST, number="9", registered_at=NOW, due_at=NOW + timedelta(days=30))
    await desk.requests.register.take([REQUEST, answered("2", 59), answered("3", 61), newest])
    told = records(await desk.do("requests.status", account=mine))
    assert [each["number"] for each in told] == ["9", "2", "1"]
    assert [each["overdue"] for each in told] == [False, False, True]
    await desk.requests.register.take([replace(newest, number=str(number)) for number in (10, 11, 12)])
    told = records(await desk.do("requests.status", account=mine))
    assert [each["number"] for each in told] == ["12", "11", "10"]


async def take(desk: Desk, folder: Path, text: str, bad: list[BadLine]) -> Imported:
    file = folder / "requests.csv"
    file.write_text(text, encoding="utf-8")
    return await import_requests(desk.requests.register, file, MOSCOW, bad.append)


async def test_a_file_is_taken_once_and_its_changes_again(desk: Desk, tmp_path: Path) -> None:
    bad: list[BadLine] = []
    first = await take(desk, tmp_path, CSV, bad)
    assert (first.added, first.changed, first.unchanged, first.ignored) == (2, 0, 0, ("clerk",))
    again = await take(desk, tmp_path, CSV.replace("in_progress", "prolonged"), bad)
    assert (again.added, again.changed, again.unchanged) == (0, 1, 1)
    second, first_registered = await desk.requests.register.latest(5, "320145678")
    assert first_registered.due_at is not None
    assert first_registered.due_at.isoformat() == "2026-11-24T23:59:59+03:00"
    assert not first_registered.is_overdue(NOW)
    assert second.answered_at is not None
    assert second.answered_at.isoformat() == "2026-11-21T10:00:00+03:00"
    assert bad == []


async def test_bad_lines_are_told_and_left_out(desk: Desk, tmp_path: Path) -> None:
    bad: list[BadLine] = []
    lines = [
        "3;320145678;whim;;2026-11-01;;registered;;;",
        "4;;question;;2026-11-01;;registered;;;",
        "5;320145678;question;;позавчера;;registered;;;",
        "6;320145678;question;;2026-11-01;;answered;;;",
        "7;320145678;question;;2026-11-01;;registered;;2026-11-02;",
        "1;320145678;question;;2026-11-01;;registered;;;",
        "8",
    ]
    done = await take(desk, tmp_path, CSV + "\n".join(lines), bad)
    assert (done.added, done.bad) == (2, 7)
    assert [(each.line, each.column) for each in bad] == [
        (4, "kind"),
        (5, "account"),
        (6, "registered_at"),
        (7, ""),
        (8, ""),
        (9, "number"),
        (10, ""),
    ]
    assert not [each for each in bad if "320145678" in each.reason]


async def test_a_file_without_its_columns_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(Fault, match="account"):
        await take(desk, tmp_path, "number;kind\n1;question\n", [])


async def test_the_invented_requests(desk: Desk) -> None:
    register = desk.requests.register
    await write_demo_requests(register, NOW)
    await write_demo_requests(register, NOW)
    assert len(await register.latest(10)) == 3
    first = await desk.do("requests.status", account=await desk.identify())
    assert [each["status"] for each in records(first)] == ["in_progress", "answered"]
    other = await desk.do("requests.status", account=await desk.identify(account_id="679"))
    assert record(other)["overdue"] is True
    assert {each.account_number for each in demo_requests(NOW)} == {"320145678", "320145679"}
