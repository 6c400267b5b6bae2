"""Control calls on complaints: what they came to, and what follows when the client is not satisfied.

A complaint that has its answer is not opened again: what the client says is a complaint of its own, on the
same topic, with its own number and terms, and both name each other. So answer and term of the first one stay
as they were, and the second one counts as a repeated error.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Column, ColumnElement, Connection, Row, func, insert, select, update

from ivr.desk import task_rows
from ivr.desk.conflicts import Conflict, NotThere
from ivr.desk.task_rows import Task, TaskKind, TaskStatus, TaskWhat
from ivr.desk.work_tables import tasks
from ivr.dialogue.ports import Clock
from ivr.requests.cases import Cases, NewRequest
from ivr.requests.lifecycle import Note
from ivr.requests.model import AnswerChannel, Request, RequestKind
from ivr.requests.tables import requests
from ivr.satisfaction.formulas import Figure, mean_score, share
from ivr.satisfaction.outcomes import ControlResult, Satisfied
from ivr.satisfaction.results import Wanted
from ivr.satisfaction.settings import SatisfactionSettings
from ivr.satisfaction.tables import control_results
from ivr.store import Database

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ControlFigures:
    """How control calls went.

    Attributes:
        in_time: Made by their term, of those whose term is in the period and has come.
        reached: Clients reached, of the calls made in the period.
        satisfied: Satisfied wholly, of the clients who were reached.
        partly: Satisfied partly, likewise.
        score: Mean of the scores that they gave.
        continued: How many led to a complaint that follows.
    """

    in_time: Figure
    reached: Figure
    satisfied: Figure
    partly: Figure
    score: Figure
    continued: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlTold:
    """A control call and what it came to; `words` are personal."""

    task_id: int
    request_number: str
    at: datetime
    by: str
    in_time: bool
    reached: bool
    satisfied: Satisfied | None
    score: int | None
    words: str
    continued_as: str | None


class ControlResults:
    """Closes control calls with what they came to."""

    def __init__(
        self, database: Database, settings: SatisfactionSettings, clock: Clock, cases: Cases
    ) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._cases = cases

    async def finish(self, task_id: int, by: str, result: ControlResult) -> str | None:
        """Close a control call with its result; durable on return.

        Returns:
            Number of the complaint that follows, where the client is not satisfied.

        Raises:
            NotThere: There is no such control call.
            Conflict: It is closed already (`closed`).
            StoreUnavailable: Nothing was written.
        """
        task = await self.task(task_id)
        if result.follows:
            await self._note(task.request_number, result.follows, task_id, by)
        if not await self._database.write(partial(self._close, task, by, result)):
            raise Conflict("closed")
        log.info("satisfaction.control", reached=result.reached, satisfied=result.satisfied or "")
        if result.satisfied is not Satisfied.NO:
            return None
        return await self._continue(task_id) if result.follows is None else result.follows or None

    async def of_request(self, number: str) -> int | None:
        """The control call of a complaint; None: there is none.

        Raises:
            StoreUnavailable: It can't be read.
        """
        return await self._database.read(partial(_of_request, number=number))

    async def task(self, task_id: int) -> Task:
        """A control call.

        Raises:
            NotThere: There is no such control call.
            StoreUnavailable: It can't be read.
        """
        task = await self._database.read(partial(task_rows.one, id=task_id, now=self._clock.now()))
        if task is None or task.kind is not TaskKind.CONTROL_CALL:
            raise NotThere
        return task

    async def catch_up(self) -> int:
        """Register the complaints that follow and are missing, as after a crash; tells how many.

        Raises:
            StoreUnavailable: They can't be read or written now.
        """
        waiting = await self._database.read(_unsatisfied)
        for task_id in waiting:
            await self._continue(task_id)
        return len(waiting)

    def _close(self, task: Task, by: str, result: ControlResult, connection: Connection) -> bool:
        now = self._clock.now()
        said = self._settings.said(result)
        values = {"status": TaskStatus.DONE, "closed_by": by, "closed_at": now, "result": said}
        if not task_rows.change(connection, task.id, now, by, TaskWhat.DONE, said, values):
            return False
        of = connection.execute(
            select(requests.c.profile, requests.c.segment).where(requests.c.number == task.request_number)
        ).first()
        row = {
            "task_id": task.id,
            "request_number": task.request_number,
            "profile": of.profile if of else "",
            "segment": of.segment if of else "",
            "at": now,
            "by": by,
            "due_at": task.due_at,
            "reached": result.reached,
            "satisfied": result.satisfied,
            "score": result.score,
            "words": result.words,
            "continued_as": result.follows,
        }
        connection.execute(insert(control_results).values(row))
        return True

    async def _continue(self, task_id: int) -> str:
        row = await self._database.read(partial(_result, task_id=task_id))
        before, _ = await self._cases.find(row.request_number)
        follows = await self._cases.register(self._follows(before, task_id, row.by, row.words))
        await self._note(before.number, follows.number, task_id, row.by)
        await self._database.write(partial(_continued, task_id=task_id, number=follows.number))
        return follows.number

    async def _note(self, number: str, follows: str, task_id: int, by: str) -> None:
        note = self._settings.continued.format(number=follows)
        await self._cases.do(number, Note(by=by, text=note, key=f"control:{task_id}:note"))

    def _follows(self, before: Request, task_id: int, by: str, words: str) -> NewRequest:
        return NewRequest(
            key=f"control:{task_id}",
            by=by,
            kind=RequestKind.COMPLAINT,
            text=self._settings.complaint.format(number=before.number, words=words).strip(),
            answer_channel=AnswerChannel(before.answer_channel or AnswerChannel.PHONE),
            topic=before.topic,
            account_number=before.account_number,
            client_name=before.client_name,
            phone=before.phone,
            answer_to=before.answer_to,
            segment=before.segment,
            profile=before.profile,
        )


def _of_request(connection: Connection, number: str) -> int | None:
    of_it = (tasks.c.request_number == number) & (tasks.c.request_number != "")
    query = select(tasks.c.id).where(of_it, tasks.c.kind == TaskKind.CONTROL_CALL)
    found: int | None = connection.execute(query).scalar()
    return found


def _unsatisfied(connection: Connection) -> Sequence[int]:
    columns = control_results.c
    query = select(columns.task_id).where(
        columns.satisfied == Satisfied.NO.value, columns.continued_as.is_(None)
    )
    return connection.execute(query).scalars().all()


def _result(connection: Connection, task_id: int) -> Row[Any]:
    return connection.execute(select(control_results).where(control_results.c.task_id == task_id)).one()


def _continued(connection: Connection, task_id: int, number: str) -> None:
    mine = control_results.c.task_id == task_id
    connection.execute(update(control_results).where(mine).values(continued_as=number))


# --- figures ---


def figures(connection: Connection, wanted: Wanted, now: datetime) -> ControlFigures:
    """How control calls went; a job for `Database.read`."""
    made = told(connection, wanted)
    reached = [each for each in made if each.reached]
    judged = [each.satisfied for each in reached if each.satisfied is not None]
    return ControlFigures(
        in_time=_in_time(connection, wanted, now),
        reached=share(len(reached), len(made)),
        satisfied=share(judged.count(Satisfied.YES), len(judged)),
        partly=share(judged.count(Satisfied.PARTLY), len(judged)),
        score=mean_score([each.score for each in reached if each.score is not None]),
        continued=sum(bool(each.continued_as) for each in made),
    )


def told(connection: Connection, wanted: Wanted, limit: int | None = None) -> list[ControlTold]:
    """The control calls of a period, the newest first."""
    columns = control_results.c
    query = select(control_results).order_by(columns.at.desc()).limit(limit)
    for bound in _bounds(columns.at, wanted):
        query = query.where(bound)
    if wanted.profiles is not None:
        query = query.where(columns.profile.in_(("", *wanted.profiles)))
    if wanted.segment is not None:
        query = query.where(columns.segment == wanted.segment)
    return [
        ControlTold(
            task_id=row.task_id,
            request_number=row.request_number,
            at=row.at,
            by=row.by,
            in_time=row.at <= row.due_at,
            reached=row.reached,
            satisfied=None if row.satisfied is None else Satisfied(row.satisfied),
            score=row.score,
            words=row.words,
            continued_as=row.continued_as or None,
        )
        for row in connection.execute(query)
    ]


def _in_time(connection: Connection, wanted: Wanted, now: datetime) -> Figure:
    """Of the calls whose term has come, and of those that were made before it."""
    columns = tasks.c
    good = func.count().filter(columns.closed_at <= columns.due_at)
    query = (
        select(func.count(), good)
        .join(requests, requests.c.number == columns.request_number, isouter=True)
        .where(
            columns.kind == TaskKind.CONTROL_CALL,
            columns.status != TaskStatus.CANCELLED,
            (columns.due_at <= now) | columns.closed_at.is_not(None),
        )
    )
    for bound in _bounds(columns.due_at, wanted):
        query = query.where(bound)
    if wanted.profiles is not None:
        query = query.where(requests.c.profile.in_(("", *wanted.profiles)))
    if wanted.segment is not None:
        query = query.where(requests.c.segment == wanted.segment)
    all_of_them, in_time = connection.execute(query).one()
    return share(in_time, all_of_them)


def _bounds(column: Column[Any], wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.since is not None:
        yield column >= wanted.since
    if wanted.until is not None:
        yield column < wanted.until
