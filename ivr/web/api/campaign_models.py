"""What the API tells of campaigns, and what it is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from typing import Annotated, Any, Literal, Self

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from ivr.campaigns.model import Campaign, CampaignState, Disposition, Mode, TargetState
from ivr.campaigns.needed import FieldKind, Owner
from ivr.campaigns.report.course import Course
from ivr.campaigns.report.courses import Size
from ivr.campaigns.report.evidence import Evidence
from ivr.campaigns.service import Severity

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{1,63}$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


class FieldTold(BaseModel):
    """A field that the text of a kind needs; `clause`: of the standard that asks for it."""

    name: str
    of: Owner = Field(description="Whether it is told once for the campaign, or for each target.")
    title: str
    type: FieldKind
    clause: str
    optional: bool
    personal: bool


class KindTold(BaseModel):
    """A kind of campaigns; `results`: what the data are called that its talks leave."""

    id: str
    title: str
    personal: bool
    debt: bool
    mode: Mode = Field(description="How it is usually dialled.")
    fields: list[FieldTold]
    results: Mapping[str, str]


class Choice(BaseModel):
    """One of what may be chosen."""

    id: str
    title: str


class CampaignWords(BaseModel):
    """What a new campaign is chosen from, and what things are called."""

    kinds: list[KindTold]
    queues: list[Choice]
    caller_ids: list[Choice]
    dispositions: Mapping[str, str]
    outcomes: Mapping[str, str]
    abandoned_at_most: float = Field(description="The bound on abandoned calls, a fraction.")
    upload_bytes: int = Field(description="Largest file of targets.")


class NewCampaignTold(BaseModel):
    """A campaign to be made; it is a draft at first."""

    name: Name | None = Field(None, description="For commands; made up of the kind and the day if not told.")
    kind: str = Field(max_length=64)
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    first_day: date
    last_day: date
    mode: Mode = Mode.AGENTLESS
    opens: time | None = None
    closes: time | None = None
    lines: int = Field(10, ge=1, le=1_000)
    calls_per_second: float = Field(2.0, gt=0, le=100)
    queue: str = Field("", max_length=64)
    caller_id: str = Field("", max_length=64)
    fields: Mapping[str, str] = Field(default_factory=dict)


class CampaignTold(BaseModel):
    """A campaign; days are the company's, hours the subscriber's."""

    id: int
    name: str
    kind: str
    kind_title: str
    title: str
    state: CampaignState
    why: str
    first_day: date
    last_day: date
    mode: Mode
    opens: time | None
    closes: time | None
    lines: int
    calls_per_second: float
    queue: str
    caller_id: str
    fields: Mapping[str, Any]
    total: int = Field(description="Targets.")
    over: int = Field(description="Targets that are over.")

    @classmethod
    def of(cls, campaign: Campaign, kind_title: str, size: Size) -> Self:
        """As the room tells it."""
        names = set(cls.model_fields) - {"id", "kind_title", "total", "over"}
        return cls(
            id=campaign.campaign_id,
            kind_title=kind_title,
            total=size.total,
            over=size.over,
            **{name: getattr(campaign, name) for name in names},
        )


class CampaignsTold(BaseModel):
    """All campaigns, the latest first."""

    campaigns: list[CampaignTold]


class CourseTold(BaseModel):
    """How it goes; the funnel counts targets, each of them once."""

    total: int
    tried: int
    answered: int
    reached: int
    left: int
    states: Mapping[TargetState, int]
    outcomes: Mapping[str, int]
    dispositions: Mapping[Disposition, int]
    open: int
    per_minute: float = Field(description="Attempts, over the last ten minutes.")
    persons: int
    abandoned: float | None = Field(description="A fraction; null: no person has answered yet.")

    @classmethod
    def of(cls, course: Course, lately_minutes: float) -> Self:
        """As the report counts it."""
        names = set(cls.model_fields) - {"per_minute"}
        values = {name: getattr(course, name) for name in names}
        return cls(per_minute=course.lately / lately_minutes, **values)


class StepTold(BaseModel):
    """A step of a campaign; `by`: a name, or empty for the engine itself."""

    at: AwareDatetime
    by: str
    state: CampaignState
    why: str


class ForecastTold(BaseModel):
    """When it will be over at its pace, the hours of calls kept; null: nobody can tell yet."""

    ends_at: AwareDatetime | None
    in_time: bool | None = Field(description="Whether that is before the end of its last day.")


class CampaignNow(BaseModel):
    """One campaign as it stands."""

    campaign: CampaignTold
    course: CourseTold
    forecast: ForecastTold
    history: list[StepTold]


class FindingTold(BaseModel):
    """What stands in the way of a start, or might; `where` names a field, a file, or nothing."""

    severity: Severity
    what: str
    where: str
    fix: str


class Checked(BaseModel):
    """What a check has found; `ready`: nothing stands in the way."""

    ready: bool
    findings: list[FindingTold]
    opens_at: AwareDatetime | None = Field(description="The first moment at which somebody may be called.")


class Rehearsal(BaseModel):
    """Which telephone is called as if it were a target's; the values stand for those of a target."""

    own: bool = Field(False, description="One's own telephone on the desk; the number is left out then.")
    number: Annotated[str, StringConstraints(strip_whitespace=True, max_length=32)] = Field("", repr=False)
    fields: Mapping[str, str] = Field(default_factory=dict, repr=False)


class Rehearsed(BaseModel):
    """Id of the call."""

    call_id: str


class Why(BaseModel):
    """Why a campaign is paused or stopped."""

    why: Words = ""


class AttemptsQuery(BaseModel):
    """Which attempts, the latest first; `before` is the `next` of the part before."""

    disposition: Disposition | None = None
    outcome: str | None = Field(None, max_length=64)
    account: str = Field("", max_length=32, pattern=r"^\d*$")
    number: str = Field("", max_length=16, pattern=r"^(\d{4,16})?$", description="Its last digits.")
    target: int = Field(0, ge=0)
    before: int = Field(0, ge=0)
    limit: int = Field(100, ge=1, le=500)


class AttemptTold(BaseModel):
    """One attempt; `call_id` leads to the conversation and its recording."""

    id: int
    call_id: str
    target_id: int
    account: str = Field(repr=False)
    number: str = Field(repr=False)
    trunk: str
    written_at: AwareDatetime
    dialled_at: AwareDatetime | None
    answered_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    talk_seconds: float | None
    disposition: Disposition | None
    cause: int
    outcome: str
    result: Mapping[str, Any] = Field(repr=False)
    gathered: str = Field(repr=False, description="The `result` in the words of the campaign's kind.")
    target_state: TargetState
    target_outcome: str
    recorded: bool = Field(description="Whether the archive has a recording of the call.")

    @classmethod
    def of(cls, one: Evidence, gathered: str) -> Self:
        """As the report tells it."""
        names = set(cls.model_fields) - {"call_id", "gathered"}
        told = {name: getattr(one, name) for name in names}
        return cls(call_id=one.attempt_id, gathered=gathered, **told)


class AttemptsTold(BaseModel):
    """A part of the attempts; `next` is null with the last one."""

    attempts: list[AttemptTold]
    next: int | None


class ReportQuery(BaseModel):
    """In which form."""

    form: Literal["xlsx", "csv"] = "xlsx"


class ProofQuery(BaseModel):
    """Of whom; 0: of all."""

    target: int = Field(0, ge=0)
