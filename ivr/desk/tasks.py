"""Tasks: what was asked, who answers, when and how the client hears it; reminders before it is late."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from ivr.access.model import Role
from ivr.desk import task_rows
from ivr.desk.conflicts import Conflict, NotThere
from ivr.desk.news import News
from ivr.desk.settings_work import TasksSettings
from ivr.desk.task_rows import SYSTEM, NewTask, Task, TaskEvent, TaskFilter, TaskKind, TaskStatus, TaskWhat
from ivr.dialogue.ports import Clock
from ivr.requests.callback_model import Callback
from ivr.requests.model import Request
from ivr.store import Database, StoreUnavailable

log = structlog.get_logger(__name__)
PHONE = "phone"

TermEnd = Callable[[datetime, int], datetime]
"""When a term of so many working days ends that begins at a moment; aware."""


class Terms:
    """When deferred answers are due, by the standard of the line."""

    def __init__(
        self, settings: TasksSettings, working_days: Mapping[str, int], add_working_days: TermEnd
    ) -> None:
        """Args: `working_days` by id of the profile, for those that state a term."""
        self._settings = settings
        self._working_days = working_days
        self._add_working_days = add_working_days

    def due_at(self, profile: str, now: datetime) -> datetime:
        """The latest moment."""
        days = self._working_days.get(profile, self._settings.working_days)
        return self._add_working_days(now, days)


class Tasks:
    """All tasks.

    Attributes:
        news: Tells of every task that is new or changed.
        reminders: Tells of open tasks whose time has nearly come, and again when it has passed.
    """

    def __init__(self, database: Database, settings: TasksSettings, clock: Clock, terms: Terms) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._terms = terms
        self._reminding: asyncio.Task[None] | None = None
        self.news: News[Task] = News()
        self.reminders: News[Task] = News()

    async def start(self) -> None:
        """Begin to remind."""
        self._reminding = asyncio.create_task(self._remind(), name="task-reminders")

    async def close(self) -> None:
        """Remind no more."""
        if self._reminding is not None:
            self._reminding.cancel()
            await asyncio.gather(self._reminding, return_exceptions=True)

    def due_at(self, profile: str) -> datetime:
        """When an answer that is deferred now is due, by the standard."""
        return self._terms.due_at(profile, self._clock.now())

    async def defer(self, new: NewTask, profile: str) -> Task:
        """Plan a deferred answer; durable on return. The same key plans it once.

        Args:
            new: Its `due_at` is at most the term of the standard.
            profile: Id of the standard.

        Raises:
            Conflict: The agreed time or the term is past (`past`) or later than the standard allows
                (`too-late`).
            StoreUnavailable: Nothing was written.
        """
        now = self._clock.now()
        latest = self._terms.due_at(profile, now)
        for moment in (new.call_at, new.due_at):
            if moment is not None and moment > latest:
                raise Conflict("too-late")
            if moment is not None and moment < now:
                raise Conflict("past")
        return await self._plan(new)

    async def plan(self, request: Request, due_at: datetime) -> None:
        """Plan the control call for a complaint; see `ControlCalls`. Once for each request.

        Raises:
            StoreUnavailable: Nothing was written.
        """
        await self._plan(
            NewTask(
                key=f"control-call:{request.number}",
                kind=TaskKind.CONTROL_CALL,
                question=self._settings.control_call.format(number=request.number),
                topic=request.topic,
                phone=request.phone,
                client_name=request.client_name,
                account_number=request.account_number,
                request_number=request.number,
                role=Role.SENIOR,
                channel=PHONE,
                due_at=due_at,
                created_by=SYSTEM,
            )
        )

    def break_promise(self, connection: Connection, promise: Callback, now: datetime) -> None:
        """Somebody has to see to a promise that could not be kept; in the transaction that breaks it."""
        said = f" {promise.said}" if promise.said else ""
        new = NewTask(
            key=f"callback-failed:{promise.id}",
            kind=TaskKind.CALLBACK_FAILED,
            question=f"{self._settings.callback_failed}{said}",
            topic=promise.topic,
            phone=promise.phone,
            account_number=promise.account_number,
            call_id=promise.call_id,
            channel=PHONE,
            due_at=self._terms.due_at("", now),
            created_by=SYSTEM,
        )
        task_rows.plan(connection, new, now)

    async def find(self, id: int) -> Task:
        """A task by its id.

        Raises:
            NotThere: There is none.
            StoreUnavailable: It cannot be read.
        """
        task = await self._database.read(partial(task_rows.one, id=id, now=self._clock.now()))
        if task is None:
            raise NotThere
        return task

    async def history(self, id: int) -> list[TaskEvent]:
        """What happened to it, in order.

        Raises:
            StoreUnavailable: It cannot be read.
        """
        return await self._database.read(partial(task_rows.history, id=id, now=self._clock.now()))

    async def listed(self, wanted: TaskFilter) -> list[Task]:
        """The tasks that are wanted, the most urgent first.

        Raises:
            StoreUnavailable: They cannot be read.
        """
        now = self._clock.now()
        return await self._database.read(partial(task_rows.listed, wanted=wanted, now=now))

    async def of_client(self, phone: str, account_numbers: Sequence[str] = ()) -> list[Task]:
        """The open tasks of a number (empty when withheld) or of one of these accounts.

        Raises:
            StoreUnavailable: They cannot be read.
        """
        now = self._clock.now()
        job = partial(task_rows.of_client, phone=phone, accounts=account_numbers, now=now)
        return await self._database.read(job)

    async def assign(self, id: int, login: str | None, role: Role | None, by: str) -> Task:
        """Say who answers: a person, a role, or (neither) anybody.

        Raises:
            NotThere: There is none.
            Conflict: It is not open (`closed`).
            StoreUnavailable: Nothing was written.
        """
        text = login or (role.value if role else "")
        return await self._change(id, by, TaskWhat.ASSIGNED, text, assignee=login, role=role)

    async def postpone(self, id: int, call_at: datetime, by: str, note: str) -> Task:
        """Agree with the client upon another time. The term of the answer stays. Raises as `assign`."""
        return await self._change(
            id, by, TaskWhat.POSTPONED, note, call_at=call_at, reminded_at=None, overdue_at=None
        )

    async def note(self, id: int, by: str, text: str) -> Task:
        """Add a line to its history. Raises as `assign`."""
        return await self._change(id, by, TaskWhat.NOTED, text)

    async def finish(self, id: int, by: str, result: str, *, done: bool = True) -> Task:
        """The client has his answer, or needs none any more (`done` false). Raises as `assign`."""
        what, status = (
            (TaskWhat.DONE, TaskStatus.DONE) if done else (TaskWhat.CANCELLED, TaskStatus.CANCELLED)
        )
        closed = {"status": status, "closed_by": by, "closed_at": self._clock.now(), "result": result}
        return await self._change(id, by, what, result, **closed)

    async def remind(self) -> None:
        """Tell of every open task whose time has nearly come or has passed, once each.

        Raises:
            StoreUnavailable: Those told until then are noted.
        """
        now = self._clock.now()
        soon = now + timedelta(minutes=self._settings.remind_minutes)
        late = await self._database.read(partial(task_rows.to_call_late, now=now))
        nearly = await self._database.read(partial(task_rows.to_remind, until=soon, now=now))
        for task in late:
            await self._told(task, TaskWhat.OVERDUE, now)
        told = {task.id for task in late}
        for task in nearly:
            if task.id not in told:
                await self._told(task, TaskWhat.REMINDED, now)

    async def _told(self, task: Task, what: TaskWhat, now: datetime) -> None:
        told = await self._database.write(partial(task_rows.told, task=task, what=what, now=now))
        if told is not None:
            self.reminders.tell(told)

    async def _remind(self) -> None:
        while True:
            try:
                await self.remind()
            except StoreUnavailable:
                log.warning("tasks.wait_for_store")
            await self._clock.sleep(self._settings.poll_seconds)

    async def _plan(self, new: NewTask) -> Task:
        job = partial(task_rows.plan, new=new, now=self._clock.now())
        try:
            task = await self._database.write(job)
        except IntegrityError:  # the same key at the same moment
            task = await self._database.write(job)
        log.info("tasks.planned", task=task.id, kind=task.kind.value)
        self.news.tell(task)
        return task

    async def _change(self, id: int, by: str, what: TaskWhat, text: str = "", **values: object) -> Task:
        now = self._clock.now()
        changed = await self._database.write(
            lambda connection: task_rows.change(connection, id, now, by, what, text, values)
        )
        task = await self.find(id)
        if not changed:
            raise Conflict("closed")
        self.news.tell(task)
        return task
