"""Settings of requests, appointments and call-backs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ivr.requests.terms import Form, HomeVisitRule, Term, by_law

_File = Annotated[Path, AfterValidator(Path.absolute)]
_Window = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")]


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AppointmentsSettings(_Settings):
    """Appointments at an office."""

    slot_minutes: int = Field(default=30, ge=5, le=240, description="Length of an appointment, minutes.")
    capacity: int = Field(default=1, ge=0, description="Clients at once in one office.")
    office_capacity: Mapping[str, int] = Field(
        default={}, description="Clients at once in offices that differ, by the office's id; 0 takes none."
    )
    notice_minutes: int = Field(
        default=120, ge=0, description="Shortest time between the call and the visit, minutes."
    )
    ahead_days: int = Field(default=14, ge=1, le=90, description="How far ahead visits are offered, days.")
    offered: int = Field(default=5, ge=1, le=20, description="Most visits that are offered at once.")
    offered_a_day: int = Field(
        default=2, ge=1, le=20, description="Most visits of one day that are offered at once."
    )

    def capacity_of(self, office: str) -> int:
        """Clients at once in an office."""
        return self.office_capacity.get(office, self.capacity)


class CallbacksSettings(_Settings):
    """Promises to call."""

    step_minutes: int = Field(
        default=15, ge=1, le=60, description="Promised times are multiples of this, minutes."
    )
    ahead_days: int = Field(
        default=14, ge=1, le=60, description="How far ahead a call may be promised, days."
    )
    said_characters: int = Field(
        default=500, ge=0, description="How much of what the caller said is kept, characters."
    )


class CalendarSettings(_Settings):
    """Working days."""

    file: _File = Field(
        default=Path("metrics/calendars/ru.yaml"), description="What the library of holidays does not tell."
    )
    days_off: frozenset[date] = Field(
        default=frozenset(), description="Days on which the company rests besides, as holidays of its region."
    )
    working_days: frozenset[date] = Field(
        default=frozenset(), description="Days on which the company works though others rest."
    )


class TermsSettings(_Settings):
    """Terms of requests where the standard is silent, and what is done about them."""

    default: tuple[Term, ...] = Field(
        default=by_law(),
        description="Terms where the standard is silent; default: those of 59-ФЗ, art. 8, 12.",
    )
    telephone_as: Form = Field(
        default=Form.WRITTEN,
        description="Form whose terms hold for requests by telephone, which no standard has terms for.",
    )
    remind_working_days: int = Field(
        default=3,
        ge=0,
        le=30,
        description="How long before its term a request is called to mind, working days.",
    )
    control_working_days: int = Field(
        default=3,
        ge=1,
        le=30,
        description="A closed complaint is checked by a call within so many working days.",
    )


class HomeVisitsSettings(_Settings):
    """Visits to the homes of clients with limited mobility."""

    rule: HomeVisitRule | None = Field(
        default=None,
        description="How often and how soon, where the standard is silent; none: not offered then.",
    )
    windows: Mapping[_Window, int] = Field(
        default={"09:00-13:00": 2, "13:00-17:00": 2},
        description="Parts of a working day, and visits in each.",
    )
    notice_working_days: int = Field(
        default=1, ge=0, le=30, description="Shortest time between request and visit, working days."
    )
    remote: frozenset[str] = Field(
        default=frozenset(),
        description="Hard-to-reach settlements, which the longest term does not hold for.",
    )
    remote_within_days: int = Field(
        default=90, ge=1, le=365, description="How far ahead visits there are offered, calendar days."
    )
    offered: int = Field(default=6, ge=1, le=50, description="Most visits that are offered at once.")


class RequestsSettings(_Settings):
    """Requests, appointments and call-backs."""

    titles: Path | None = Field(
        default=None, description="YAML with the titles of kinds and states; default: those of the program."
    )
    told_days: int = Field(default=60, ge=0, description="How long after its answer a request is told, days.")
    told_most: int = Field(default=3, ge=1, le=10, description="Most requests that are told at once.")
    terms: TermsSettings = Field(default=TermsSettings(), description="Terms of requests.")
    calendar: CalendarSettings = Field(default=CalendarSettings(), description="Working days.")
    home_visits: HomeVisitsSettings = Field(default=HomeVisitsSettings(), description="Visits at home.")
    appointments: AppointmentsSettings = Field(
        default=AppointmentsSettings(), description="Appointments at an office."
    )
    callbacks: CallbacksSettings = Field(default=CallbacksSettings(), description="Promises to call.")
