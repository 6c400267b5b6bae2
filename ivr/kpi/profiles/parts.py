"""What standards state of hours, recordings, readings, requests and targets: each part with its clause."""

from __future__ import annotations

from datetime import time
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ivr.requests.terms import Ground, HomeVisitRule, RequestRules, Term


class Day(StrEnum):
    """A day of the week."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


class Segment(StrEnum):
    """A kind of client."""

    PRIVATE = "private"
    CORPORATE = "corporate"
    ANY = "any"


class Measure(StrEnum):
    """What of the calls is held against a figure."""

    AVERAGE = "average"  # all of the period together; a single call may exceed it
    LIMIT = "limit"  # each one
    RECOMMENDED = "recommended"  # each one, without obligation


class Unit(StrEnum):
    """Unit of a target."""

    SECONDS = "seconds"
    SHARE = "share"


class Part(BaseModel):
    """What every part of a profile is: fixed once read, without fields nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(Part):
    """Where the standard says so."""

    clause: str = Field(description="Clause of the standard, as it numbers them.")
    line: int = Field(ge=1, description="Line of the standard's text where the clause begins.")


class OperatorHours(Part):
    """When people answer: a number of hours, or an opening and a closing time."""

    segment: Segment = Field(description="Clients that the hours are for.")
    days: tuple[Day, ...] = Field(min_length=1, description="Days of the week.")
    hours_at_least: int | None = Field(None, ge=1, le=24, description="Least number of hours a day.")
    opens: time | None = Field(None, description="Local time.")
    closes: time | None = Field(None, description="Local time.")
    public_holidays: bool | None = Field(None, description="Whether public holidays count as such days.")
    source: Source

    @model_validator(mode="after")
    def _one_way_of_saying_it(self) -> Self:
        times = (self.opens is not None) + (self.closes is not None)
        if times == 1 or (times == 2) == (self.hours_at_least is not None):
            raise ValueError("give either hours_at_least, or opens and closes")
        return self


class OutsideHours(Part):
    """Who serves when people do not."""

    robot: Annotated[str, Field(pattern="^required$")]
    source: Source


class Retention(Part):
    """How long a recording is kept."""

    days_at_least: int = Field(ge=1, description="Calendar days.")
    source: Source


class Archive(Part):
    """What the archive of recordings has to be."""

    complete: Literal[True] = Field(description="Every conversation is in it.")
    central: Literal[True]
    export: Literal[True] = Field(description="Recordings can be taken out.")
    source: Source


class Recording(Part):
    """What is said of the recording of conversations."""

    warn_at_start: bool | None = Field(None, description="Whether the caller is to be told at the start.")
    retention: Retention | None = None
    archive: Archive | None = None
    source: Source


class ReadingWindow(Part):
    """Days of the month on which readings are taken without an operator, both included."""

    from_day: int = Field(ge=1, le=31)
    to_day: int = Field(ge=1, le=31)
    certain: bool = Field(description="False where the text leaves it open which channel is meant.")
    source: Source

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_day > self.to_day:
            raise ValueError("from_day is after to_day")
        return self


class CallBack(Part):
    """When the answer takes time, the caller is told when it will be ready."""

    segment: Segment = Field(Segment.ANY, description="Clients that the rule is stated for.")
    when_answer_takes_seconds: int = Field(ge=1, description="Preparation that counts as long, seconds.")
    working_days_at_most: int | None = Field(None, ge=1, description="Term of the answer, working days.")
    source: Source


class Told(StrEnum):
    """What a client is told whose answer is not ready."""

    TERM = "term"
    FORM = "form"  # how the answer will reach him


class Deferral(Part):
    """What a client is told when the answer needs more than the talk."""

    segment: Segment = Field(Segment.ANY, description="Clients that the rule is stated for.")
    told: tuple[Told, ...] = Field(min_length=1, description="Term, form of the answer.")
    source: Source


class RequestTerm(Term):
    """A term of requests that the standard states."""

    source: Source


class RequestGround(Ground):
    """A ground of refusal that the standard states."""

    source: Source


class PhoneAnswer(Part):
    """A client who is satisfied by telephone needs no written answer."""

    suffices: Literal[True]
    source: Source


class RequestsPart(Part):
    """What is said of requests (обращения)."""

    terms: tuple[RequestTerm, ...] = ()
    grounds: tuple[RequestGround, ...] = ()
    phone_answer: PhoneAnswer | None = None

    def rules(self) -> RequestRules:
        """The same without the places where it stands."""
        return RequestRules(
            terms=self.terms,
            grounds=self.grounds,
            phone_answer_suffices=self.phone_answer is not None,
        )


class HomeVisitPart(HomeVisitRule):
    """Visits to clients with limited mobility, as the standard has them."""

    source: Source


class OneContact(Part):
    """A question is settled in one contact: a goal without a figure."""

    source: Source


class ControlCall(Part):
    """Closed complaints are checked by a call."""

    source: Source


class Salutation(StrEnum):
    """What an operator says at the beginning of a talk."""

    HELLO = "hello"
    COMPANY = "company"  # names the company
    NAME = "name"  # names himself


class Greeting(Part):
    """How a talk by telephone begins."""

    calls: Literal["incoming", "outgoing"]
    says: tuple[Salutation, ...] = Field(min_length=1)
    source: Source


class Pauses(Part):
    """Long pauses are to be avoided; the standard gives no figure."""

    avoided: Literal[True]
    source: Source


class Target(Part):
    """A figure to keep; exactly one bound."""

    id: str = Field(pattern="^[a-z][a-z0-9-]*$")
    title: str = Field(description="For reports, in Russian.")
    unit: Unit = Field(description="seconds, or share (a fraction of one).")
    measure: Measure = Field(description="average over the period, limit of each call, or recommended.")
    segment: Segment = Segment.ANY
    at_most: float | None = Field(None, ge=0)
    at_least: float | None = Field(None, ge=0)
    source: Source

    @model_validator(mode="after")
    def _one_bound(self) -> Self:
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError("give either at_most or at_least")
        return self
