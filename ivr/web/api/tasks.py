"""Tasks: deferred answers, control calls, promises that could not be kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

from pydantic import AwareDatetime, BaseModel, Field

from ivr.access.audit import Action, Audit
from ivr.access.model import Right, Role
from ivr.calls.blocklist import e164
from ivr.desk.task_calls import TaskCalls
from ivr.desk.task_rows import NewTask, Task, TaskFilter, TaskKind, TaskStatus
from ivr.desk.tasks import Tasks
from ivr.dialogue.ports import Clock
from ivr.web.api.audited import entry_of
from ivr.web.api.route import Asked, Refused, Route
from ivr.web.api.work_faults import id_of, told
from ivr.web.api.work_models import (
    Login,
    Note,
    OrderTold,
    Postponed,
    TaskEventTold,
    TaskMade,
    TaskRow,
    TaskTold,
    may_see,
)

NOT_YOURS = "Эту задачу ведёт другой сотрудник."
_BAD_NUMBER = "Это не телефонный номер. Введите его с кодом города."
_NO_CLIENT = "Укажите телефон или лицевой счёт клиента."
_NO_PHONE = "Чтобы перезвонить, нужен телефон клиента."

ProfileOf = Callable[[str], Awaitable[str]]
"""The standard of a call, by our id; the company's own where the call is not known."""


class TasksQuery(BaseModel):
    """Which tasks; what is left out does not matter."""

    status: TaskStatus | None = TaskStatus.OPEN
    kind: TaskKind | None = None
    mine: bool = Field(default=True, description="Mine, and those that nobody is named for.")
    overdue: bool = False
    account_number: str | None = Field(default=None, max_length=32)
    limit: int = Field(default=100, ge=1, le=500)


class TasksTold(BaseModel):
    """Tasks, the most urgent first."""

    tasks: list[TaskRow]


class WordsQuery(BaseModel):
    """For which call the form is."""

    call_id: str = Field(default="", max_length=64)


class WordsTold(BaseModel):
    """What the form offers: channels with their titles, and the latest moment by the standard."""

    channels: Mapping[str, str]
    due_at: AwareDatetime


class Assigned(BaseModel):
    """Who answers; neither given: anybody."""

    login: Login | None = None
    role: Role | None = None


class Noted(BaseModel):
    """A line for the history."""

    text: Note


class Finished(BaseModel):
    """What became of it; `done` false: the client needs no answer any more."""

    result: Note
    done: bool = True


def routes(
    tasks: Tasks,
    calls: TaskCalls,
    *,
    channels: Mapping[str, str],
    audit: Audit,
    clock: Clock,
    profile_of: ProfileOf,
) -> list[Route]:
    """`/tasks`."""
    does = _Tasks(tasks, calls, channels, audit, clock, profile_of)
    route = partial(Route, right=Right.WORK)
    post = partial(route, method="POST", answer=TaskTold)
    return [
        route(method="GET", path="/tasks", title="Tasks", run=does.all, query=TasksQuery, answer=TasksTold),
        post(path="/tasks", title="Defer an answer", run=does.defer, body=TaskMade, status=201),
        route(
            method="GET",
            path="/tasks/words",
            title="What the form of a deferred answer offers",
            run=does.words,
            query=WordsQuery,
            answer=WordsTold,
        ),
        route(
            method="GET", path="/tasks/{id}", title="A task with its history", run=does.one, answer=TaskTold
        ),
        post(path="/tasks/{id}/take", title="Answer it myself", run=does.take),
        route(
            method="POST",
            path="/tasks/{id}/call",
            title="Call the client: my telephone rings, then his",
            run=does.call,
            answer=OrderTold,
        ),
        post(path="/tasks/{id}/assign", title="Say who answers", run=does.assign, body=Assigned),
        post(path="/tasks/{id}/postpone", title="Agree upon a time", run=does.postpone, body=Postponed),
        post(path="/tasks/{id}/note", title="Add to its history", run=does.note, body=Noted),
        post(path="/tasks/{id}/close", title="The client has his answer", run=does.finish, body=Finished),
    ]


@dataclass(frozen=True, slots=True)
class _Tasks:
    tasks: Tasks
    calls: TaskCalls
    channels: Mapping[str, str]
    audit: Audit
    clock: Clock
    profile_of: ProfileOf

    async def all(self, asked: Asked) -> TasksTold:
        query: TasksQuery = asked.query
        everything = not query.mine and asked.user.may(Right.DESK)
        now = self.clock.now()
        found = await self.tasks.listed(
            TaskFilter(
                status=query.status,
                kind=query.kind,
                mine=None if everything else asked.user.login,
                role=asked.user.role,
                overdue_at=now if query.overdue else None,
                account_number=query.account_number,
                limit=query.limit,
            )
        )
        return TasksTold(tasks=[TaskRow.of(each, asked.user, now) for each in found])

    async def words(self, asked: Asked) -> WordsTold:
        query: WordsQuery = asked.query
        return WordsTold(
            channels=self.channels, due_at=self.tasks.due_at(await self.profile_of(query.call_id))
        )

    async def defer(self, asked: Asked) -> TaskTold:
        made: TaskMade = asked.body
        _check(made)
        profile = await self.profile_of(made.call_id)
        values = made.model_dump(exclude={"key", "phone", "due_at", "assignee", "channel"})
        new = NewTask(
            **values,
            key=f"{asked.user.login}:{made.key}",
            kind=TaskKind.DEFERRED,
            phone=_number(made.phone),
            channel=made.channel.value,
            assignee=made.assignee or (None if made.role else asked.user.login),
            due_at=made.due_at or self.tasks.due_at(profile),
            created_by=asked.user.login,
        )
        with told():
            task = await self.tasks.defer(new, profile)
        await self._record(asked, task, Action.CHANGED)
        return await self._whole(asked, task)

    async def one(self, asked: Asked) -> TaskTold:
        with told():
            task = await self.tasks.find(id_of(asked))
        if may_see(asked.user, task):
            await self._record(asked, task, Action.VIEWED)
        return await self._whole(asked, task)

    async def take(self, asked: Asked) -> TaskTold:
        with told():
            task = await self.tasks.find(id_of(asked))
            if not _may_take(asked, task):
                raise Refused(403, "not-yours", NOT_YOURS)
            task = await self.tasks.assign(task.id, asked.user.login, task.role, asked.user.login)
        await self._record(asked, task, Action.VIEWED)
        return await self._whole(asked, task)

    async def call(self, asked: Asked) -> OrderTold:
        with told():
            task = await self._mine(asked)
            attempt = await self.calls.call(task.id, asked.user.login)
        return OrderTold(order_id=attempt.order_id, call_id=attempt.call_id)

    async def assign(self, asked: Asked) -> TaskTold:
        body: Assigned = asked.body
        with told():
            task = await self._mine(asked)
            task = await self.tasks.assign(task.id, body.login, body.role, asked.user.login)
        return await self._whole(asked, task)

    async def postpone(self, asked: Asked) -> TaskTold:
        body: Postponed = asked.body
        with told():
            task = await self._mine(asked)
            task = await self.tasks.postpone(task.id, body.at, asked.user.login, body.note)
        return await self._whole(asked, task)

    async def note(self, asked: Asked) -> TaskTold:
        body: Noted = asked.body
        with told():
            task = await self._mine(asked)
            task = await self.tasks.note(task.id, asked.user.login, body.text)
        return await self._whole(asked, task)

    async def finish(self, asked: Asked) -> TaskTold:
        body: Finished = asked.body
        with told():
            task = await self._mine(asked)
            task = await self.tasks.finish(task.id, asked.user.login, body.result, done=body.done)
        await self._record(asked, task, Action.CHANGED)
        return await self._whole(asked, task)

    async def _mine(self, asked: Asked) -> Task:
        """The task, if it is the user's to change."""
        task = await self.tasks.find(id_of(asked))
        if not (may_see(asked.user, task) or asked.user.may(Right.DESK)):
            raise Refused(403, "not-yours", NOT_YOURS)
        return task

    async def _whole(self, asked: Asked, task: Task) -> TaskTold:
        full = may_see(asked.user, task)
        history = await self.tasks.history(task.id) if full else []
        return TaskTold(
            task=TaskRow.of(task, asked.user, self.clock.now()),
            result=task.result if full else "",
            history=[TaskEventTold.of(each) for each in history],
        )

    async def _record(self, asked: Asked, task: Task, action: Action) -> None:
        await self.audit.record(
            entry_of(
                asked,
                action=action,
                subject=task.account_number or task.phone,
                call_id=task.call_id,
                what=f"task {task.id}",
            )
        )


def _may_take(asked: Asked, task: Task) -> bool:
    """Whether nobody is named for it and the user is of the role, or he is the one, or leads the desk."""
    free = task.assignee is None and task.role in {None, asked.user.role}
    return free or task.assignee == asked.user.login or asked.user.may(Right.DESK)


def _check(made: TaskMade) -> None:
    if not (made.phone.strip() or made.account_number):
        raise Refused(422, "no-client", _NO_CLIENT, "phone")
    if made.call_at is not None and not made.phone.strip():
        raise Refused(422, "no-phone", _NO_PHONE, "phone")


def _number(text: str) -> str:
    try:
        return e164(text) if text.strip() else ""
    except ValueError as error:
        raise Refused(422, "bad-number", _BAD_NUMBER, "phone") from error
