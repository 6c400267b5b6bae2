"""Requests as a caller hears of them, appointments, and when a caller wants to be called."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class RequestKind(StrEnum):
    """What a client wants (standards, 7)."""

    QUESTION = "question"
    APPLICATION = "application"
    COMPLAINT = "complaint"
    PROPOSAL = "proposal"
    THANKS = "thanks"


class RequestStatus(StrEnum):
    """How a request stands; `prolonged` once an interim answer has put its term off."""

    REGISTERED = "registered"
    IN_PROGRESS = "in_progress"
    PROLONGED = "prolonged"
    ANSWERED = "answered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @property
    def is_open(self) -> bool:
        """Whether an answer is still owed."""
        return self in {RequestStatus.REGISTERED, RequestStatus.IN_PROGRESS, RequestStatus.PROLONGED}


class AnswerChannel(StrEnum):
    """How an answer reaches the client."""

    PHONE = "phone"
    POST = "post"
    EMAIL = "email"
    CABINET = "cabinet"  # personal account on the site
    OFFICE = "office"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A registered request. Moments are aware; texts are empty where nothing is known.

    Attributes:
        account_number: Empty while the client is known by name and telephone alone.
        topic: Of `kb/`.
        due_at: When the answer is owed; None when none is.
        answer_channel: How the client wants the answer.
        answer_to: Postal or e-mail address for it.
        answered_at: When it was closed: answered, refused or withdrawn; None until then.
        received_at: When the client has asked; None in files of other programs.
        register_due_at: Until when it had to have its number.
        prolonged_at: When the interim answer went out.
        form: How it has come, a `Form`.
        profile: Standard whose terms hold.
        text: What the client wants, in his words.
        call_id: Call in which it was made: its recording is found by it.
        registered_by: Login of who took it.
        responsible: Login of who answers.
        ground: Id of the ground of refusal.
        answer: What was answered, or why it was refused.
        control_due_at: Until when the client is asked whether he is satisfied; None: he is not.
        control_planned_at: When that call was planned.
    """

    number: str
    account_number: str = field(repr=False)
    kind: RequestKind
    topic: str
    registered_at: datetime
    due_at: datetime | None
    status: RequestStatus
    answer_channel: str
    answered_at: datetime | None
    received_at: datetime | None = None
    register_due_at: datetime | None = None
    prolonged_at: datetime | None = None
    form: str = ""
    profile: str = ""
    segment: str = ""
    client_name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    answer_to: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    call_id: str = ""
    registered_by: str = ""
    responsible: str = ""
    ground: str = ""
    answer: str = field(default="", repr=False)
    control_due_at: datetime | None = None
    control_planned_at: datetime | None = None

    def is_overdue(self, now: datetime) -> bool:
        """Whether the answer is owed and late."""
        return self.status.is_open and self.due_at is not None and self.due_at < now

    @property
    def was_registered_late(self) -> bool:
        """Whether it had its number later than the standard allows."""
        return self.register_due_at is not None and self.registered_at > self.register_due_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that was done with a request.

    Attributes:
        at: When, aware.
        by: Login, or the name of a program.
        step: What was done, a `StepKind`.
        status: How the request stood afterwards.
        note: What was written down; may be personal.
    """

    at: datetime
    by: str
    step: str
    status: RequestStatus
    note: str = field(default="", repr=False)


class AppointmentStatus(StrEnum):
    """What became of a visit to an office or a client's home."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    CAME = "came"  # the visit took place
    NO_SHOW = "no-show"


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """A visit to an office; `starts_at` is aware. Texts are empty where nothing is known."""

    id: int
    office: str
    starts_at: datetime
    account_number: str = field(repr=False)
    topic: str
    status: str
    booked_at: datetime
    call_id: str = ""
    client_name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    booked_by: str = ""

    @property
    def number(self) -> str:
        """What the client names in the office."""
        return f"{self.id:04d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeVisit:
    """A visit to the home of a client with limited mobility.

    Attributes:
        day: In the company's calendar.
        window: Part of the day, `09:00-13:00`.
        asked_at: When the client asked, aware.
        remote: Whether the place is hard to reach, so that the term does not hold.
    """

    id: int
    account_number: str = field(repr=False)
    client_name: str = field(repr=False)
    phone: str = field(repr=False)
    address: str = field(repr=False)
    remote: bool
    day: date
    window: str
    topic: str
    note: str = field(repr=False)
    status: str
    call_id: str
    booked_by: str
    asked_at: datetime

    def is_ahead(self, today: date) -> bool:
        """Whether it is still to take place."""
        return self.status == AppointmentStatus.BOOKED and self.day >= today

    @property
    def number(self) -> str:
        """What the client is told."""
        return f"В{self.id:04d}"


class Wish(StrEnum):
    """When a caller wants to be called."""

    SOON = "asap"
    WORKING_HOURS = "working_hours"
    TIME = "time"
