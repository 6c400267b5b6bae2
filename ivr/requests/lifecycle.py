"""The life of a request, from its number to its answer. Pure.

```
registered ── assigned ──▶ in progress ── interim answer ──▶ prolonged
     │                          │                               │
     └──────────────────────────┴───────────────┬───────────────┘
                                                ▼
                                  answered · refused · withdrawn
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from ivr.requests.model import AnswerChannel, Request, RequestKind, RequestStatus
from ivr.requests.terms import Form, RequestRules, Stage
from ivr.requests.workdays import WorkCalendar, end_of


class StepKind(StrEnum):
    """What is done with a request."""

    REGISTERED = "registered"
    IMPORTED = "imported"
    ASSIGNED = "assigned"
    PROLONGED = "prolonged"
    ANSWERED = "answered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    NOTED = "noted"


_OPEN = frozenset(status for status in RequestStatus if status.is_open)
_NEXT: Mapping[StepKind, Mapping[RequestStatus, RequestStatus]] = {
    StepKind.ASSIGNED: {
        RequestStatus.REGISTERED: RequestStatus.IN_PROGRESS,
        RequestStatus.IN_PROGRESS: RequestStatus.IN_PROGRESS,
        RequestStatus.PROLONGED: RequestStatus.PROLONGED,
    },
    StepKind.PROLONGED: {
        RequestStatus.REGISTERED: RequestStatus.PROLONGED,
        RequestStatus.IN_PROGRESS: RequestStatus.PROLONGED,
    },
    StepKind.ANSWERED: dict.fromkeys(_OPEN, RequestStatus.ANSWERED),
    StepKind.REFUSED: dict.fromkeys(_OPEN, RequestStatus.REFUSED),
    StepKind.WITHDRAWN: dict.fromkeys(_OPEN, RequestStatus.WITHDRAWN),
    StepKind.NOTED: {status: status for status in RequestStatus},
}


class Obstacle(StrEnum):
    """Why a step can't be taken."""

    CLOSED = "closed"  # the request has its answer already
    PROLONGED_ALREADY = "prolonged-already"  # the term is put off once
    UNKNOWN_GROUND = "unknown-ground"  # the standard has no such ground of refusal
    OTHER_CHANNEL = "other-channel"  # the client has named another channel for the answer


class NotPossible(Exception):
    """The step can't be taken as the request stands."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(obstacle.value)
        self.obstacle = obstacle


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a step is judged by: the moment, the company's calendar, the standard of the request.

    Attributes:
        control_working_days: A complaint that is closed is checked by a call within so many working days.
    """

    now: datetime
    calendar: WorkCalendar
    rules: RequestRules
    telephone_as: Form
    control_working_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Something that is done with a request.

    Attributes:
        by: Login of who does it.
        text: What is written down.
        key: The page's own of this step: a repeat does nothing.
    """

    KIND: ClassVar[StepKind] = StepKind.NOTED

    by: str
    text: str = field(default="", repr=False)
    key: str | None = None

    def taken(self, request: Request, given: Circumstances) -> Request:
        """The request afterwards.

        Raises:
            NotPossible: As it stands, this can't be done.
        """
        return replace(request, status=_next(request.status, self.KIND))


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(Step):
    """Something is added to the history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign(Step):
    """Somebody is to answer.

    Attributes:
        responsible: His login.
    """

    KIND = StepKind.ASSIGNED

    responsible: str

    def taken(self, request: Request, given: Circumstances) -> Request:
        """See `Step`."""
        return replace(Step.taken(self, request, given), responsible=self.responsible)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interim(Step):
    """The client is told why the answer takes longer; the term is put off, once (omsk 2.2.2)."""

    KIND = StepKind.PROLONGED

    def taken(self, request: Request, given: Circumstances) -> Request:
        """See `Step`."""
        extension = given.rules.term(Stage.EXTENSION, _form(request, given.telephone_as))
        due = extension and extension.end(request.due_at or given.now, given.calendar)
        prolonged = Step.taken(self, request, given)
        return replace(prolonged, due_at=due or request.due_at, prolonged_at=given.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(Step):
    """The answer has gone out.

    Attributes:
        channel: By which it has.
        satisfied: Whether the client was answered by telephone, is satisfied and wants nothing in writing
            (krasnoyarsk 5.2).
        unreachable: Whether the channel that the client has named does not reach him (bryansk п. 173).
    """

    KIND = StepKind.ANSWERED

    channel: AnswerChannel
    satisfied: bool = False
    unreachable: bool = False

    def taken(self, request: Request, given: Circumstances) -> Request:
        """See `Step`."""
        closed = _closed(Step.taken(self, request, given), given, self.text)
        if not self._reaches(request, given.rules):
            raise NotPossible(Obstacle.OTHER_CHANNEL)
        return replace(closed, answer_channel=self.channel.value)

    def _reaches(self, request: Request, rules: RequestRules) -> bool:
        """An answer goes by the channel that the client has named (omsk 2.2, bryansk п. 173)."""
        if self.unreachable or request.answer_channel in {"", self.channel}:
            return True
        return self.satisfied and self.channel is AnswerChannel.PHONE and rules.phone_answer_suffices


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse(Step):
    """The request is not considered.

    Attributes:
        ground: Id of one of the standard's grounds.
    """

    KIND = StepKind.REFUSED

    ground: str

    def taken(self, request: Request, given: Circumstances) -> Request:
        """See `Step`."""
        closed = _closed(Step.taken(self, request, given), given, self.text)
        if self.ground not in {each.id for each in given.rules.grounds}:
            raise NotPossible(Obstacle.UNKNOWN_GROUND)
        return replace(closed, ground=self.ground)


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw(Step):
    """The client has taken it back."""

    KIND = StepKind.WITHDRAWN

    def taken(self, request: Request, given: Circumstances) -> Request:
        """See `Step`."""
        return replace(Step.taken(self, request, given), answered_at=given.now)


def with_terms(request: Request, given: Circumstances) -> Request:
    """A request that has just been registered, with its terms."""
    form = _form(request, given.telephone_as)
    received = request.received_at or request.registered_at
    register = given.rules.term(Stage.REGISTRATION, form)
    answer = given.rules.term(Stage.ANSWER, form)
    return replace(
        request,
        register_due_at=register.end(received, given.calendar) if register else None,
        due_at=answer.end(request.registered_at, given.calendar) if answer else None,
    )


def _next(status: RequestStatus, step: StepKind) -> RequestStatus:
    after = _NEXT[step].get(status)
    if after is None:
        raise NotPossible(Obstacle.PROLONGED_ALREADY if status.is_open else Obstacle.CLOSED)
    return after


def _form(request: Request, telephone_as: Form) -> Form:
    form = Form(request.form or telephone_as)
    return telephone_as if form is Form.TELEPHONE else form


def _closed(request: Request, given: Circumstances, answer: str) -> Request:
    """The request with its answer; a complaint is checked by a control call (krasnoyarsk 7.4)."""
    control = given.calendar.add_working_days(given.now.date(), given.control_working_days)
    complaint = request.kind is RequestKind.COMPLAINT
    return replace(
        request,
        answered_at=given.now,
        answer=answer,
        control_due_at=end_of(control, given.now) if complaint else None,
    )
