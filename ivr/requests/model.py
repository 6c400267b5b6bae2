"""Requests as a caller hears of them, appointments, and when a caller wants to be called."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A registered request. Moments are aware.

    Attributes:
        topic: Of `kb/`, or empty.
        due_at: When the answer is owed; None when none is.
        answer_channel: How the answer goes out, or empty.
        answered_at: None until it has gone.
    """

    number: str
    account_number: str
    kind: RequestKind
    topic: str
    registered_at: datetime
    due_at: datetime | None
    status: RequestStatus
    answer_channel: str
    answered_at: datetime | None

    def is_overdue(self, now: datetime) -> bool:
        """Whether the answer is owed and late."""
        return self.status.is_open and self.due_at is not None and self.due_at < now


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """A visit to an office; `starts_at` is aware."""

    id: int
    office: str
    starts_at: datetime
    account_number: str
    topic: str
    status: str
    booked_at: datetime

    @property
    def number(self) -> str:
        """What the client names in the office."""
        return f"{self.id:04d}"


class Wish(StrEnum):
    """When a caller wants to be called."""

    SOON = "asap"
    WORKING_HOURS = "working_hours"
    TIME = "time"
