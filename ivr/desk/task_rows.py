"""Tasks as rows; jobs for the database, so that other rooms can do several in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from ivr.access.model import Role
from ivr.desk.news import local
from ivr.desk.work_tables import task_events, tasks


class TaskKind(StrEnum):
    """Why something is owed."""

    DEFERRED = "deferred"  # the answer takes longer than a call
    CONTROL_CALL = "control-call"  # is the client content with the answer to his complaint
    CALLBACK_FAILED = "callback-failed"
    SURVEY = "survey"  # the client is to be asked a questionnaire


class TaskStatus(StrEnum):
    """How a task stands."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class TaskWhat(StrEnum):
    """What happened to a task."""

    CREATED = "created"
    ASSIGNED = "assigned"
    POSTPONED = "postponed"
    NOTED = "noted"
    CALLED = "called"  # the text is an `AttemptOutcome`
    REMINDED = "reminded"
    OVERDUE = "overdue"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """What is to be done. Texts are empty where not known; moments are aware.

    Attributes:
        key: Of whoever plans it: the same key plans the same task once.
        question: What was asked; personal.
        topic: Of `kb/`.
        phone: In E.164; personal.
        assignee: Login of who answers, or None.
        role: Of whoever may answer, where nobody is named.
        channel: How the client hears the answer.
        due_at: When he has it at the latest.
        call_at: When he wants to be called, or None.
        created_by: Login, or `system`.
    """

    key: str
    kind: TaskKind
    question: str
    topic: str = ""
    phone: str = ""
    client_name: str = ""
    account_number: str = ""
    call_id: str = ""
    request_number: str = ""
    assignee: str | None = None
    role: Role | None = None
    channel: str
    due_at: datetime
    call_at: datetime | None = None
    created_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(NewTask):
    """A task as it stands.

    Attributes:
        result: What became of it, for people; personal.
        reminded_at: When people were reminded of it, or None.
        overdue_at: When people were told that it is late, or None.
    """

    id: int
    status: TaskStatus
    created_at: datetime
    closed_by: str | None
    closed_at: datetime | None
    result: str
    reminded_at: datetime | None
    overdue_at: datetime | None

    @property
    def at(self) -> datetime:
        """When something has to happen: the agreed time, or the term."""
        return min(self.call_at, self.due_at) if self.call_at else self.due_at

    def is_overdue(self, now: datetime) -> bool:
        """Whether it is open and late."""
        return self.status is TaskStatus.OPEN and self.at < now


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEvent:
    """A line of a task's history; `text` may be personal."""

    at: datetime
    who: str
    what: TaskWhat
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """Which tasks are wanted; None leaves a condition out.

    Attributes:
        mine: Login: those that he is to answer, and those of his role that nobody is named for.
        role: His role.
    """

    status: TaskStatus | None = TaskStatus.OPEN
    kind: TaskKind | None = None
    mine: str | None = None
    role: Role | None = None
    overdue_at: datetime | None = None
    phone: str | None = None
    account_number: str | None = None
    limit: int = 200


SYSTEM = "system"
"""Stands for a login where nobody did it."""

_COLUMNS = [tasks.c[each.name] for each in fields(Task)]
_OPEN = tasks.c.status == TaskStatus.OPEN


def plan(connection: Connection, new: NewTask, now: datetime) -> Task:
    """Write a task down; one whose key is known is left as it is."""
    mine = tasks.c.key == new.key
    row = connection.execute(select(*_COLUMNS).where(mine)).mappings().first()
    if row is not None:
        return _task(row, now)
    values = {each.name: getattr(new, each.name) for each in fields(NewTask)}
    fresh = {"status": TaskStatus.OPEN, "created_at": now, "result": ""}
    made = connection.execute(insert(tasks).values({**values, **fresh}).returning(*_COLUMNS))
    task = _task(made.mappings().one(), now)
    note(connection, task.id, now, new.created_by, TaskWhat.CREATED)
    return task


def change(
    connection: Connection,
    id: int,
    now: datetime,
    who: str,
    what: TaskWhat,
    text: str,
    values: Mapping[str, Any],
) -> bool:
    """Change an open task, and note that; False when it is not open."""
    mine = (tasks.c.id == id) & _OPEN
    if connection.execute(select(tasks.c.id).where(mine)).first() is None:
        return False
    if values:
        connection.execute(update(tasks).where(mine).values(values))
    note(connection, id, now, who, what, text)
    return True


def told(connection: Connection, task: Task, what: TaskWhat, now: datetime) -> Task | None:
    """Note that people are reminded of a task, or told that it is late; None when they were already."""
    mark = tasks.c.overdue_at if what is TaskWhat.OVERDUE else tasks.c.reminded_at
    mine = (tasks.c.id == task.id) & _OPEN & mark.is_(None)
    marks = {"reminded_at": task.reminded_at or now}
    if what is TaskWhat.OVERDUE:
        marks["overdue_at"] = now
    statement = update(tasks).where(mine).values(marks).returning(*_COLUMNS)
    row = connection.execute(statement).mappings().first()
    if row is None:
        return None
    note(connection, task.id, now, SYSTEM, what)
    return _task(row, now)


def note(connection: Connection, id: int, now: datetime, who: str, what: TaskWhat, text: str = "") -> None:
    """Add a line to the history."""
    row = {"task_id": id, "at": now, "who": who, "what": what, "text": text}
    connection.execute(insert(task_events).values(row))


def one(connection: Connection, id: int, now: datetime) -> Task | None:
    """A task by its id."""
    row = connection.execute(select(*_COLUMNS).where(tasks.c.id == id)).mappings().first()
    return None if row is None else _task(row, now)


def history(connection: Connection, id: int, now: datetime) -> list[TaskEvent]:
    """What happened to a task, in order."""
    query = select(task_events.c.at, task_events.c.who, task_events.c.what, task_events.c.text)
    rows = connection.execute(query.where(task_events.c.task_id == id).order_by(task_events.c.id)).mappings()
    return [TaskEvent(**{**local(row, now.tzinfo), "what": TaskWhat(row["what"])}) for row in rows]


def listed(connection: Connection, wanted: TaskFilter, now: datetime) -> list[Task]:
    """The tasks that are wanted, the most urgent first."""
    query = select(*_COLUMNS).where(*_conditions(wanted)).limit(wanted.limit)
    return _all(connection, query.order_by(tasks.c.due_at, tasks.c.id), now)


def of_client(connection: Connection, phone: str, accounts: Sequence[str], now: datetime) -> list[Task]:
    """The open tasks of a number or of one of these accounts, the most urgent first."""
    mine = (tasks.c.phone == phone) & (phone != "")
    if accounts:
        mine |= tasks.c.account_number.in_(list(accounts))
    return _all(connection, select(*_COLUMNS).where(_OPEN, mine).order_by(tasks.c.due_at), now)


def to_remind(connection: Connection, until: datetime, now: datetime) -> list[Task]:
    """Open tasks whose time comes before `until`, and that nobody was reminded of."""
    soon = (tasks.c.due_at <= until) | (tasks.c.call_at <= until)
    return _all(connection, select(*_COLUMNS).where(_OPEN, soon, tasks.c.reminded_at.is_(None)), now)


def to_call_late(connection: Connection, now: datetime) -> list[Task]:
    """Open tasks that are late, and that nobody was told so of."""
    late = (tasks.c.due_at < now) | (tasks.c.call_at < now)
    return _all(connection, select(*_COLUMNS).where(_OPEN, late, tasks.c.overdue_at.is_(None)), now)


def _conditions(wanted: TaskFilter) -> list[Any]:
    equal = {
        tasks.c.status: wanted.status,
        tasks.c.kind: wanted.kind,
        tasks.c.phone: wanted.phone,
        tasks.c.account_number: wanted.account_number,
    }
    conditions: list[Any] = [column == value for column, value in equal.items() if value is not None]
    if wanted.mine is not None:
        of_role = tasks.c.assignee.is_(None) & (tasks.c.role.is_(None) | (tasks.c.role == wanted.role))
        conditions.append((tasks.c.assignee == wanted.mine) | of_role)
    if wanted.overdue_at is not None:
        conditions.append((tasks.c.due_at < wanted.overdue_at) | (tasks.c.call_at < wanted.overdue_at))
    return conditions


def _all(connection: Connection, query: Select[Any], now: datetime) -> list[Task]:
    return [_task(row, now) for row in connection.execute(query).mappings()]


def _task(row: Mapping[Any, Any], now: datetime) -> Task:
    values = local(row, now.tzinfo)
    role = values.pop("role")
    return Task(
        kind=TaskKind(values.pop("kind")),
        status=TaskStatus(values.pop("status")),
        role=None if role is None else Role(role),
        **values,
    )
