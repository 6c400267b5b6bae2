"""Deferred answers: their term, reminders, history; and the calls about them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from ivr.access.model import Role
from ivr.calls.legs import LegEnd
from ivr.desk.conflicts import Conflict, NotThere
from ivr.desk.task_rows import NewTask, TaskFilter, TaskKind, TaskStatus, TaskWhat
from ivr.dialogue.ports import CallFacts
from ivr.requests.demo import demo_requests
from ivr.requests.model import Request
from tests.contract.desk_work.bench import PHONE, Bench
from tests.unit.customers.samples import facts

HOUR = 3600.0


def new(bench: Bench, key: str = "k1", **known: Any) -> NewTask:
    task = NewTask(
        key=key,
        kind=TaskKind.DEFERRED,
        question="Почему вырос ОДН?",
        topic="bill.explain",
        phone=PHONE,
        account_number="320145678",
        call_id="c1",
        assignee="anna",
        channel="phone",
        due_at=bench.clock.now() + timedelta(hours=20),
        created_by="anna",
    )
    return replace(task, **known)


async def test_a_deferred_answer_is_planned_once(bench: Bench) -> None:
    told: list[int] = []
    bench.work.tasks.news.subscribe(lambda task: told.append(task.id))
    first = await bench.work.tasks.defer(new(bench), "kostroma")
    again = await bench.work.tasks.defer(new(bench, question="другое"), "kostroma")
    assert again == first
    assert (first.status, first.question) == (TaskStatus.OPEN, "Почему вырос ОДН?")
    assert [each.what for each in await bench.work.tasks.history(first.id)] == [TaskWhat.CREATED]
    assert set(told) == {first.id}


@pytest.mark.parametrize(
    ("hours", "why"), [(25, "too-late"), (-1, "past")], ids=["beyond the standard", "past"]
)
@pytest.mark.parametrize("field", ["due_at", "call_at"])
async def test_nothing_is_promised_beyond_the_standard(
    bench: Bench, field: str, hours: int, why: str
) -> None:
    known: dict[str, Any] = {field: bench.clock.now() + timedelta(hours=hours)}
    with pytest.raises(Conflict) as refused:
        await bench.work.tasks.defer(new(bench, **known), "kostroma")
    assert refused.value.why == why
    assert await bench.work.tasks.listed(TaskFilter()) == []


async def test_the_term_is_the_profiles_or_the_settings(bench: Bench) -> None:
    day = timedelta(days=1)
    assert bench.work.tasks.due_at("kostroma") == bench.clock.now() + day
    assert bench.work.tasks.due_at("omsk") == bench.clock.now() + day * bench.settings.tasks.working_days


async def test_reminded_once_before_the_time_and_once_when_it_is_over(bench: Bench) -> None:
    told: list[tuple[int, bool]] = []
    bench.work.tasks.reminders.subscribe(lambda task: told.append((task.id, task.overdue_at is not None)))
    call_at = bench.clock.now() + timedelta(hours=2)
    task = await bench.work.tasks.defer(new(bench, call_at=call_at), "kostroma")
    await bench.work.tasks.remind()
    assert told == []
    bench.clock.pass_by(HOUR)
    for _ in range(2):
        await bench.work.tasks.remind()
    assert told == [(task.id, False)]
    bench.clock.pass_by(HOUR + 1)
    for _ in range(2):
        await bench.work.tasks.remind()
    assert told == [(task.id, False), (task.id, True)]
    (late,) = await bench.work.tasks.listed(TaskFilter(overdue_at=bench.clock.now()))
    assert late.is_overdue(bench.clock.now())
    later = bench.clock.now() + timedelta(hours=3)
    await bench.work.tasks.postpone(task.id, later, "anna", "перезвонить позже")
    bench.clock.pass_by(2.5 * HOUR)
    await bench.work.tasks.remind()
    assert told[2:] == [(task.id, False)]
    what = [each.what for each in await bench.work.tasks.history(task.id)]
    assert what == [
        TaskWhat.CREATED,
        TaskWhat.REMINDED,
        TaskWhat.OVERDUE,
        TaskWhat.POSTPONED,
        TaskWhat.REMINDED,
    ]


async def test_what_was_late_all_at_once_is_told_once(bench: Bench) -> None:
    told: list[int] = []
    bench.work.tasks.reminders.subscribe(lambda task: told.append(task.id))
    task = await bench.work.tasks.defer(new(bench), "kostroma")
    bench.clock.pass_by(21 * HOUR)
    await bench.work.tasks.remind()
    await bench.work.tasks.remind()
    assert told == [task.id]


async def test_the_returning_caller_is_matched_by_number_or_account(bench: Bench) -> None:
    task = await bench.work.tasks.defer(new(bench), "kostroma")
    tasks = bench.work.tasks
    assert await tasks.of_client(PHONE) == [task]
    assert await tasks.of_client("", ["320145678"]) == [task]
    assert await tasks.of_client("+74830000000", ["1"]) == []
    assert await tasks.of_client("") == []
    await tasks.finish(task.id, "anna", "объяснила")
    assert await tasks.of_client(PHONE) == []
    with pytest.raises(Conflict):
        await tasks.finish(task.id, "boris", "и я")
    with pytest.raises(NotThere):
        await tasks.finish(999, "boris", "?")
    closed = await tasks.find(task.id)
    assert (closed.status, closed.result, closed.closed_by) == (TaskStatus.DONE, "объяснила", "anna")


async def test_lists_are_by_person_and_role(bench: Bench) -> None:
    tasks = bench.work.tasks
    mine = await tasks.defer(new(bench, "k1"), "kostroma")
    seniors = await tasks.defer(new(bench, "k2", assignee=None, role=Role.SENIOR), "kostroma")
    anybodys = await tasks.defer(new(bench, "k3", assignee=None), "kostroma")
    anna = await tasks.listed(TaskFilter(mine="anna", role=Role.OPERATOR))
    assert {each.id for each in anna} == {mine.id, anybodys.id}
    olga = await tasks.listed(TaskFilter(mine="olga", role=Role.SENIOR))
    assert {each.id for each in olga} == {seniors.id, anybodys.id}
    await tasks.assign(anybodys.id, "olga", None, "olga")
    assert {each.id for each in await tasks.listed(TaskFilter(mine="anna", role=Role.OPERATOR))} == {mine.id}


def complaint(moment: datetime) -> Request:
    return demo_requests(moment)[2]


async def test_a_closed_complaint_is_asked_about_once(bench: Bench) -> None:
    request, due_at = complaint(bench.clock.now()), bench.clock.now() + timedelta(days=3)
    for _ in range(2):
        await bench.work.tasks.plan(request, due_at)
    (task,) = await bench.work.tasks.listed(TaskFilter())
    assert (task.kind, task.request_number, task.role, task.due_at) == (
        TaskKind.CONTROL_CALL,
        request.number,
        Role.SENIOR,
        due_at,
    )
    assert request.number in task.question


async def test_a_call_about_a_task_stands_in_its_history(bench: Bench) -> None:
    task = await bench.work.tasks.defer(new(bench), "kostroma")
    bench.people.ready("anna")
    placed = await bench.work.task_calls.call(task.id, "anna")
    assert await bench.work.task_calls.call(task.id, "anna") == placed  # pressed again
    bench.people.ready("boris")
    with pytest.raises(Conflict, match="taken"):
        await bench.work.task_calls.call(task.id, "boris")
    bench.client_is(LegEnd.BUSY, await bench.ordered(1))
    await bench.until(lambda: noted(bench, task.id))
    event = (await bench.work.tasks.history(task.id))[-1]
    assert (event.what, event.who, event.text) == (TaskWhat.CALLED, "anna", "busy")


async def test_what_is_known_speaks_for_serving_a_caller_first(bench: Bench) -> None:
    known: CallFacts = facts("c7", caller=PHONE)
    claims = bench.work.acquaintances.claims
    assert not (await claims(known)).returning
    await bench.work.tasks.defer(new(bench), "kostroma")
    await bench.promise("c1", when="18:00")
    found = await claims(known)
    assert (found.returning, found.promised) == (True, True)
    assert not (await claims(facts("c1", caller=PHONE))).promised
    assert not (await claims(facts("c7", caller=""))).returning


async def noted(bench: Bench, id: int) -> bool:
    return any(each.what is TaskWhat.CALLED for each in await bench.work.tasks.history(id))
