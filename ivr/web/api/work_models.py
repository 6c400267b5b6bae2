"""What the resources of call-backs, lost callers and tasks take and tell.

Lists never show personal data in full but to whom it concerns; `masked` says so.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from ivr.access.model import Right, Role, User
from ivr.desk.attempts import Attempt, AttemptOutcome
from ivr.desk.lost_rows import LostCaller, LostEnd, LostStage, LostStatus
from ivr.desk.task_rows import Task, TaskEvent, TaskKind, TaskStatus, TaskWhat
from ivr.requests.callback_model import Callback, CallbackEnd, CallbackSource, CallbackStatus
from ivr.requests.model import AnswerChannel, Wish
from ivr.web.api.masks import initials, tail

Login = Annotated[str, Field(min_length=1, max_length=64)]
Phone = Annotated[str, Field(max_length=32, pattern=r"^[0-9+() -]*$", repr=False)]
Account = Annotated[str, Field(max_length=32, pattern=r"^[0-9A-Za-zА-Яа-яЁё/-]*$", repr=False)]
Note = Annotated[str, Field(min_length=1, max_length=500, repr=False)]


class Closed(BaseModel):
    """Why somebody has not to be called any more."""

    note: Note


class Postponed(BaseModel):
    """Another time that the client has agreed to."""

    at: AwareDatetime
    note: str = Field(default="", max_length=500, repr=False)


class OrderTold(BaseModel):
    """A call that was ordered: the operator's telephone rings with `X-Ivr-Order: order_id`."""

    order_id: str
    call_id: str


class AttemptTold(BaseModel):
    """An attempt to call."""

    agent: str
    began_at: AwareDatetime
    settled_at: AwareDatetime | None
    outcome: AttemptOutcome | None

    @classmethod
    def of(cls, attempt: Attempt) -> AttemptTold:
        """As JSON has it."""
        return cls(
            agent=attempt.agent,
            began_at=attempt.began_at,
            settled_at=attempt.settled_at,
            outcome=attempt.outcome,
        )


class CallbackTold(BaseModel):
    """A promise to call."""

    id: int
    phone: str = Field(repr=False)
    account_number: str = Field(repr=False)
    said: str = Field(repr=False)
    masked: bool
    topic: str
    wish: Wish
    source: CallbackSource
    queue: str
    status: CallbackStatus
    asked_at: AwareDatetime
    due_from: AwareDatetime
    next_at: AwareDatetime | None
    failures: int
    taken_by: str | None
    closed_at: AwareDatetime | None
    closed_as: CallbackEnd | None
    call_id: str

    @classmethod
    def of(cls, promise: Callback, user: User | None) -> CallbackTold:
        """As this user may see it; None: as everybody may."""
        full = _concerns(user, promise.taken_by)
        names = set(cls.model_fields) - {"phone", "account_number", "said", "masked"}
        return cls(
            phone=promise.phone if full else tail(promise.phone),
            account_number=promise.account_number if full else tail(promise.account_number),
            said=promise.said if full else "",
            masked=not full,
            **{name: getattr(promise, name) for name in names},
        )


class LostTold(BaseModel):
    """A lost caller."""

    id: int
    phone: str = Field(repr=False)
    masked: bool
    status: LostStatus
    first_at: AwareDatetime
    last_at: AwareDatetime
    calls: int
    waited_seconds: int
    stage: LostStage
    line: str
    queue: str
    call_id: str
    taken_by: str | None
    closed_at: AwareDatetime | None
    closed_as: LostEnd | None
    closed_by: str | None

    @classmethod
    def of(cls, caller: LostCaller, user: User | None) -> LostTold:
        """As this user may see it; None: as everybody may."""
        full = _concerns(user, caller.taken_by)
        names = set(cls.model_fields) - {"phone", "masked"}
        return cls(
            phone=caller.phone if full else tail(caller.phone),
            masked=not full,
            **{name: getattr(caller, name) for name in names},
        )


class TaskEventTold(BaseModel):
    """A line of a task's history."""

    at: AwareDatetime
    who: str
    what: TaskWhat
    text: str = Field(repr=False)

    @classmethod
    def of(cls, event: TaskEvent) -> TaskEventTold:
        """As JSON has it."""
        return cls(at=event.at, who=event.who, what=event.what, text=event.text)


class TaskRow(BaseModel):
    """A task in a list."""

    id: int
    kind: TaskKind
    status: TaskStatus
    question: str = Field(repr=False)
    phone: str = Field(repr=False)
    client_name: str = Field(repr=False)
    account_number: str = Field(repr=False)
    masked: bool
    topic: str
    call_id: str
    request_number: str
    assignee: str | None
    role: Role | None
    channel: str
    due_at: AwareDatetime
    call_at: AwareDatetime | None
    overdue: bool
    created_by: str
    created_at: AwareDatetime
    closed_by: str | None
    closed_at: AwareDatetime | None

    @classmethod
    def of(cls, task: Task, user: User | None, now: AwareDatetime) -> TaskRow:
        """As this user may see it; None: as everybody may. What is asked is shown to all who may answer."""
        full = may_see(user, task)
        shown = {"phone", "client_name", "account_number", "masked", "overdue"}
        return cls(
            phone=task.phone if full else tail(task.phone),
            client_name=task.client_name if full else initials(task.client_name),
            account_number=task.account_number if full else tail(task.account_number),
            masked=not full,
            overdue=task.is_overdue(now),
            **{name: getattr(task, name) for name in set(TaskRow.model_fields) - shown},
        )


class TaskTold(BaseModel):
    """A task with its history."""

    task: TaskRow
    result: str = Field(repr=False)
    history: list[TaskEventTold]


class TaskMade(BaseModel):
    """A deferred answer."""

    key: str = Field(min_length=8, max_length=64, description="Of the form: a repeat does nothing.")
    question: str = Field(min_length=1, max_length=4_000, repr=False)
    topic: str = Field(default="", max_length=64)
    phone: Phone = ""
    client_name: str = Field(default="", max_length=200, repr=False)
    account_number: Account = ""
    call_id: str = Field(default="", max_length=64)
    assignee: Login | None = None
    role: Role | None = None
    channel: AnswerChannel
    due_at: AwareDatetime | None = Field(default=None, description="None: the term of the standard.")
    call_at: AwareDatetime | None = Field(default=None, description="When he wants to be called.")


def may_see(user: User | None, task: Task) -> bool:
    """Whether a user sees whom a task is about: who answers, who has planned it, holders of all cards."""
    return _concerns(user, task.assignee) or (user is not None and user.login == task.created_by)


def _concerns(user: User | None, login: str | None) -> bool:
    return user is not None and (user.login == login or user.may(Right.CARDS))
