"""What a standard says of requests and home visits: terms, grounds of refusal. Pure.

The values stand in `metrics/standards/`; where a standard is silent, in the settings.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from ivr.requests.workdays import WorkCalendar, end_of


class Stage(StrEnum):
    """What a term is set for."""

    REGISTRATION = "registration"  # from receipt to the number
    ANSWER = "answer"  # from registration to the answer
    EXTENSION = "extension"  # from the old term to the new one, with an interim answer


class Form(StrEnum):
    """How a request has come."""

    TELEPHONE = "telephone"
    WRITTEN = "written"
    ELECTRONIC = "electronic"  # form of the site, e-mail, personal account
    SOCIAL = "social"  # social networks, messengers


class Counted(StrEnum):
    """Which days a term is counted in."""

    WORKING = "working"
    CALENDAR = "calendar"


class Bound(StrEnum):
    """Whether each request has to keep a term, or all of a period on the average."""

    LIMIT = "limit"
    AVERAGE = "average"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Term(_Part):
    """A term for requests that have come in some form."""

    stage: Stage = Field(description="What it is set for: registration, answer or extension.")
    forms: tuple[Form, ...] = Field(default=(), description="Requests that it holds for; empty: all.")
    days: int = Field(ge=1, le=365, description="Length, days.")
    counted: Counted = Field(description="In working or calendar days.")
    bound: Bound = Field(default=Bound.LIMIT, description="Kept by each request, or on the average.")

    def end(self, since: datetime, calendar: WorkCalendar) -> datetime:
        """The last moment of the term, in the time zone of the moment that has set it going."""
        add = calendar.add_working_days if self.counted is Counted.WORKING else calendar.add_calendar_days
        return end_of(add(since.date(), self.days), since)


class Ground(_Part):
    """A reason for which a request is not considered."""

    id: str = Field(pattern="^[a-z][a-z-]*$", description="Stable name.")
    title: str = Field(min_length=1, description="For people, in Russian.")
    tell_within_days: int | None = Field(
        default=None, ge=1, description="The client is told within so many calendar days of registration."
    )


class HomeVisitRule(_Part):
    """When people with limited mobility are visited at home."""

    months_between: int = Field(ge=1, le=60, description="At most once in so many months.")
    within_days: int = Field(ge=1, le=365, description="Latest after the request, calendar days.")
    remote_excepted: bool = Field(description="Whether hard-to-reach places are excepted from the term.")


class RequestRules(_Part):
    """What one standard says; what it leaves out is filled from the settings.

    Attributes:
        terms: The first one that fits a stage and a form holds.
        grounds: Of refusal.
        phone_answer_suffices: Whether a client satisfied by telephone needs no written answer.
    """

    terms: tuple[Term, ...] = ()
    grounds: tuple[Ground, ...] = ()
    phone_answer_suffices: bool = False

    def term(self, stage: Stage, form: Form) -> Term | None:
        """The term that holds; None where nothing is said."""
        fits = (each for each in self.terms if each.stage is stage and form in (each.forms or Form))
        return next(fits, None)

    def or_else(self, default: RequestRules) -> RequestRules:
        """These rules, completed by others where they are silent."""
        return RequestRules(
            terms=(*self.terms, *default.terms),
            grounds=self.grounds or default.grounds,
            phone_answer_suffices=self.phone_answer_suffices or default.phone_answer_suffices,
        )


def by_law() -> tuple[Term, ...]:
    """Terms of the law on requests of citizens (59-ФЗ of 2 May 2006, art. 8 and 12)."""
    return (
        Term(stage=Stage.REGISTRATION, days=3, counted=Counted.CALENDAR),
        Term(stage=Stage.ANSWER, days=30, counted=Counted.CALENDAR),
        Term(stage=Stage.EXTENSION, days=30, counted=Counted.CALENDAR),
    )
