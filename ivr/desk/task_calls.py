"""Calling a client about a task: ordered once, and how it went stands in the task's history."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from ivr.desk import task_rows
from ivr.desk.attempts import Attempt, Attempts, Matter, MatterKind, NotPlaced
from ivr.desk.conflicts import Conflict
from ivr.desk.task_rows import TaskStatus, TaskWhat
from ivr.desk.tasks import Tasks
from ivr.dialogue.ports import Clock


class TaskCalls:
    """Makes the calls that tasks ask for."""

    def __init__(self, attempts: Attempts, tasks: Tasks, clock: Clock, default_profile: str) -> None:
        self._attempts = attempts
        self._tasks = tasks
        self._clock = clock
        self._default_profile = default_profile
        attempts.handle(MatterKind.TASK, _settle, lambda attempt: None)

    async def call(self, id: int, login: str) -> Attempt:
        """Ring this operator, then the client of the task.

        Raises:
            NotThere: There is no such task.
            Conflict: It is closed (`closed`), has no number (`no-phone`), is called about now (`taken`),
                or the operator can't be rung (`not-ready`).
            StoreUnavailable: Nothing was written or ordered.
        """
        task = await self._tasks.find(id)
        if task.status is not TaskStatus.OPEN:
            raise Conflict("closed")
        if not task.phone:
            raise Conflict("no-phone")
        claim = partial(_claim, id, self._clock.now())
        matter = Matter(MatterKind.TASK, id)
        try:
            return await self._attempts.place(
                matter, login, task.phone, self._default_profile, claim, by_hand=True
            )
        except NotPlaced as error:
            raise Conflict(error.why) from error


def _claim(id: int, now: datetime, connection: Connection) -> bool:
    task = task_rows.one(connection, id, now)
    return task is not None and task.status is TaskStatus.OPEN


def _settle(connection: Connection, attempt: Attempt, now: datetime) -> None:
    outcome = attempt.outcome.value if attempt.outcome else ""
    task_rows.note(connection, attempt.matter.id, now, attempt.agent, TaskWhat.CALLED, outcome)
