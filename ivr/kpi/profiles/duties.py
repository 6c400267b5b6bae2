"""What standards state of lines, surveys, analytics and notices: each part with its clause."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from ivr.kpi.profiles.parts import Part, Segment, Source


class LineKind(StrEnum):
    """What is said of the company's numbers."""

    SINGLE = "single"  # one number for the whole region
    FREE = "free"  # the caller pays nothing
    SEGMENT = "segment"  # a number of its own for one kind of client
    READINGS = "readings"  # a number of its own for readings


class Line(Part):
    """A rule for the numbers that are called."""

    kind: LineKind
    segment: Segment = Field(Segment.ANY, description="Clients that it is stated for.")
    source: Source

    @model_validator(mode="after")
    def _of_a_segment(self) -> Self:
        if self.kind is LineKind.SEGMENT and self.segment is Segment.ANY:
            raise ValueError("a number of a segment names the segment")
        return self


class Way(StrEnum):
    """How readings are taken, or who takes them."""

    OPERATOR = "operator"
    ROBOT = "robot"


class IntakeHours(StrEnum):
    """When readings are taken."""

    WORKING = "working"  # while the unit works
    ALWAYS = "always"  # round the clock


class ReadingIntake(Part):
    """When readings are taken by telephone; days of the month stand in the reading window."""

    way: Way
    hours: IntakeHours
    source: Source


class Cycle(StrEnum):
    """How often something is done."""

    CONTINUOUS = "continuous"
    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half-year"
    YEAR = "year"
    UNSTATED = "unstated"  # a duty without a term


class SurveyWay(StrEnum):
    """Where clients are asked."""

    OFFICE = "office"
    WEB = "web"
    TELEPHONE = "telephone"
    POST = "post"
    EMAIL = "email"
    ANY = "any"  # the standard names none


class Survey(Part):
    """Clients are asked how satisfied they are."""

    id: str = Field(pattern="^[a-z][a-z0-9-]*$")
    title: str = Field(description="For reports, in Russian.")
    cycle: Cycle = Field(description="The period in which it is due.")
    times: int = Field(1, ge=1, description="How often in each period, at least.")
    ways: tuple[SurveyWay, ...] = Field(min_length=1)
    per_segment: bool = Field(
        False, description="Whether each kind of client has a questionnaire of its own."
    )
    act_within_working_days: int | None = Field(None, ge=1, description="Measures are taken, working days.")
    source: Source


class Complaints(StrEnum):
    """What is told of complaints about the service."""

    REASONS = "reasons"
    AGAINST_PREVIOUS = "against-previous"
    MISMATCH = "mismatch"  # of what was expected and what is
    REPEATED = "repeated"  # the company's errors


class ComplaintAnalysis(Part):
    """Complaints are analysed by indicators."""

    cycle: Cycle
    indicators: tuple[Complaints, ...] = Field(min_length=1)
    source: Source


class Analysis(Part):
    """The quality of the service is measured or reported."""

    id: str = Field(pattern="^[a-z][a-z0-9-]*$")
    title: str = Field(description="For reports, in Russian.")
    cycles: tuple[Cycle, ...] = Field(min_length=1)
    source: Source


class NoticeKind(StrEnum):
    """What clients are told of."""

    PLANNED_OUTAGE = "planned-outage"
    RESTRICTION = "restriction"
    DEBT = "debt"


class Channel(StrEnum):
    """How a notice reaches the client."""

    WRITTEN = "written"  # handed over against signature, or posted
    REGISTERED_POST = "registered-post"
    BILL = "bill"
    TELEPHONE = "telephone"
    FAX = "fax"
    SMS = "sms"
    EMAIL = "email"
    EDI = "edi"  # electronic document interchange
    ACCOUNT = "account"  # personal account
    PUSH = "push"
    SITE = "site"
    MEDIA = "media"
    POSTER = "poster"


class NoticeField(StrEnum):
    """What a notice states."""

    ORGANISATION = "organisation"
    WORKS = "works"
    REASON = "reason"
    STARTS = "starts"
    DURATION = "duration"
    RESPONSIBLE = "responsible"  # position and name
    PHONE = "phone"
    GROUND = "ground"
    AMOUNT = "amount"


class Notice(Part):
    """A notice: when, with what in it, by which channels."""

    kind: NoticeKind
    days_before: int | None = Field(None, ge=1, description="Latest, calendar days before the event.")
    hours_after_known: int | None = Field(None, ge=1, description="Latest after the company has learned it.")
    states: tuple[NoticeField, ...] = Field((), description="What it has to state.")
    channels: tuple[Channel, ...] = Field((), description="Those that the standard lists; empty: none named.")
    additional: tuple[Channel, ...] = Field((), description="Beside the others, which they do not replace.")
    source: Source
