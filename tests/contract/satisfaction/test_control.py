"""Control calls: their results, what follows for the complaint, and the figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial

import pytest

from ivr.desk.conflicts import Conflict, NotThere
from ivr.desk.settings_work import TasksSettings
from ivr.desk.task_rows import TaskFilter, TaskKind, TaskStatus
from ivr.desk.tasks import Tasks, Terms
from ivr.kpi.definitions import Value
from ivr.kpi.periods import Period
from ivr.kpi.sums import Selection
from ivr.requests.cases import NewRequest
from ivr.requests.lifecycle import Answer
from ivr.requests.model import AnswerChannel, Request, RequestKind, RequestStatus
from ivr.requests.service import Requests
from ivr.requests.settings import RequestsSettings
from ivr.satisfaction import control
from ivr.satisfaction.control import ControlFigures, ControlResults
from ivr.satisfaction.opinions import SurveyOpinions
from ivr.satisfaction.outcomes import ControlResult, Satisfied
from ivr.satisfaction.results import Wanted
from ivr.satisfaction.settings import SatisfactionSettings
from ivr.store import Database
from tests.contract.requests.desk import OneOffice, at_work
from tests.unit.customers.samples import ClockByHand

DAY = 86_400.0
YES = ControlResult(reached=True, satisfied=Satisfied.YES, score=5)
NO = ControlResult(reached=True, satisfied=Satisfied.NO, score=1, words="Счёт так и не исправили")
NOBODY = ControlResult(reached=False)


class House:
    """Requests whose complaints are checked by tasks of the desk."""

    def __init__(self, database: Database, clock: ClockByHand) -> None:
        self.database, self.clock = database, clock
        self.requests = Requests(database, RequestsSettings(), clock, OneOffice(), at_work)
        terms = Terms(TasksSettings(), {}, lambda moment, days: moment + timedelta(days=days))
        self.tasks = Tasks(database, TasksSettings(), clock, terms)
        self.requests.cases.plan_with(self.tasks)
        self.control = ControlResults(database, SatisfactionSettings(), clock, self.requests.cases)

    async def complaint(self, key: str) -> tuple[str, int]:
        """A complaint that was answered: its number, and the task of its control call."""
        new = NewRequest(
            key=key,
            by="anna",
            kind=RequestKind.COMPLAINT,
            text="Неверный счёт",
            answer_channel=AnswerChannel.PHONE,
            topic="bills.wrong",
            account_number="320145678",
            phone="+74832000001",
            segment="private",
            profile="krasnoyarsk",
        )
        number = (await self.requests.cases.register(new)).number
        await self.requests.cases.do(number, Answer(by="anna", text="Исправим", channel=AnswerChannel.PHONE))
        tasks = await self.tasks.listed(TaskFilter(kind=TaskKind.CONTROL_CALL))
        return number, next(task.id for task in tasks if task.request_number == number)

    async def figures(self, **wanted: str) -> ControlFigures:
        job = partial(control.figures, wanted=Wanted(**wanted), now=self.clock.now())  # type: ignore[arg-type]
        return await self.database.read(job)


@pytest.fixture
def house(database: Database, clock: ClockByHand) -> House:
    return House(database, clock)


async def find(house: House, number: str) -> tuple[Request, list[str]]:
    request, changes = await house.requests.cases.find(number)
    return request, [change.note for change in changes]


async def test_a_satisfied_client_closes_the_call(house: House) -> None:
    number, task_id = await house.complaint("1")
    assert await house.control.finish(task_id, "vera", YES) is None
    task = await house.tasks.find(task_id)
    assert (task.status, task.closed_by) == (TaskStatus.DONE, "vera")
    assert task.result == "Клиент удовлетворён. Оценка: 5."
    (told,) = await house.database.read(partial(control.told, wanted=Wanted()))
    assert (told.request_number, told.satisfied, told.score, told.in_time) == (number, Satisfied.YES, 5, True)


async def test_who_is_not_satisfied_has_a_complaint_that_follows(house: House) -> None:
    number, task_id = await house.complaint("1")
    follows = await house.control.finish(task_id, "vera", NO)
    assert follows is not None
    assert follows != number
    before, notes = await find(house, number)
    assert before.status is RequestStatus.ANSWERED  # its answer and its term stay what they were
    assert any(follows in note for note in notes)
    after, _ = await find(house, follows)
    assert (after.kind, after.topic, after.account_number) == (
        RequestKind.COMPLAINT,
        "bills.wrong",
        "320145678",
    )
    assert number in after.text
    assert "Счёт так и не исправили" in after.text
    assert after.due_at is not None


async def test_a_complaint_that_is_missing_after_a_crash_is_registered_once(house: House) -> None:
    _, task_id = await house.complaint("1")
    task = await house.tasks.find(task_id)
    await house.database.write(partial(house.control._close, task, "vera", NO))  # and here the engine died
    assert await house.control.catch_up() == 1
    assert await house.control.catch_up() == 0
    (told,) = await house.database.read(partial(control.told, wanted=Wanted()))
    assert told.continued_as is not None


async def test_a_call_is_closed_once_and_only_control_calls_are(house: House) -> None:
    _, task_id = await house.complaint("1")
    await house.control.finish(task_id, "vera", NOBODY)
    assert (await house.tasks.find(task_id)).result == "Клиент не ответил."
    with pytest.raises(Conflict):
        await house.control.finish(task_id, "vera", YES)
    with pytest.raises(NotThere):
        await house.control.finish(task_id + 1, "vera", YES)


async def test_the_shares_of_reached_satisfied_and_in_time(house: House) -> None:
    ids = [(await house.complaint(str(number)))[1] for number in range(6)]
    await house.control.finish(ids[0], "vera", YES)
    await house.control.finish(ids[1], "vera", ControlResult(reached=True, satisfied=Satisfied.PARTLY))
    await house.control.finish(ids[2], "vera", NO)
    await house.control.finish(ids[3], "vera", NOBODY)
    assert (await house.figures()).in_time.answers == 4  # the others still have time
    house.clock.pass_by(60 * DAY)
    await house.control.finish(ids[4], "vera", YES)  # late; the last one is never made
    found = await house.figures(segment="private")
    assert found.in_time.value == pytest.approx(4 / 6)
    assert found.in_time.answers == 6
    assert (found.reached.value, found.reached.answers) == (0.8, 5)
    assert (found.satisfied.value, found.partly.value, found.satisfied.answers) == (0.5, 0.25, 4)
    assert found.score.value == pytest.approx(11 / 3)
    assert found.continued == 1
    assert (await house.figures(segment="corporate")).reached.answers == 0


async def test_the_kpis_tell_the_same(house: House) -> None:
    _, task_id = await house.complaint("1")
    await house.control.finish(task_id, "vera", YES)
    zone = house.clock.now().tzinfo
    assert zone is not None
    november = Period(date(2026, 11, 1), date(2026, 11, 30), zone)

    async def kpis(**narrower: str) -> Mapping[str, Value]:
        selection = Selection(period=november, **narrower)  # type: ignore[arg-type]
        job = partial(SurveyOpinions().figures, selection=selection, now=house.clock.now())
        return await house.database.read(job)

    assert (await kpis())["control-satisfied"] == Value(1.0, 1)
    assert (await kpis(segment="corporate"))["control-satisfied"] == Value(None)
    assert (await kpis())["survey-csat"] == Value(None)
