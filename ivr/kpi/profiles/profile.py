"""One company's standard as a whole."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from ivr.kpi.profiles.duties import (
    Analysis,
    ComplaintAnalysis,
    Line,
    Notice,
    NoticeKind,
    ReadingIntake,
    Survey,
)
from ivr.kpi.profiles.parts import (
    CallBack,
    ControlCall,
    Deferral,
    Greeting,
    HomeVisitPart,
    OneContact,
    OperatorHours,
    OutsideHours,
    Part,
    Pauses,
    ReadingWindow,
    Recording,
    RequestsPart,
    Target,
)


class Profile(Part):
    """One company's standard; see `metrics/standards/`."""

    id: str = Field(pattern="^[a-z][a-z0-9-]*$")
    company: str
    standard: str = Field(description="Title of the document.")
    lines: tuple[Line, ...] = ()
    operator_hours: tuple[OperatorHours, ...] = ()
    outside_hours: OutsideHours | None = None
    recording: Recording | None = None
    reading_window: ReadingWindow | None = None
    reading_intake: tuple[ReadingIntake, ...] = ()
    call_back: CallBack | None = None
    deferral: Deferral | None = None
    requests: RequestsPart = RequestsPart()
    home_visits: HomeVisitPart | None = None
    control_call: ControlCall | None = None
    one_contact: OneContact | None = None
    greetings: tuple[Greeting, ...] = ()
    pauses: Pauses | None = None
    surveys: tuple[Survey, ...] = ()
    complaint_analysis: ComplaintAnalysis | None = None
    analyses: tuple[Analysis, ...] = ()
    notices: tuple[Notice, ...] = ()
    targets: tuple[Target, ...] = ()

    @model_validator(mode="after")
    def _said_once(self) -> Self:
        for parts in (self.targets, self.surveys, self.analyses):
            names = [part.id for part in parts]
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"stated twice: {', '.join(twice)}")
        return self

    @property
    def title(self) -> str:
        """The document and whose it is, for people."""
        return f"{self.standard}, {self.company}"

    @property
    def retention_days(self) -> int | None:
        """Least number of calendar days that a recording is kept; None where the standard is silent."""
        retention = self.recording.retention if self.recording else None
        return retention.days_at_least if retention else None

    def notices_of(self, kind: NoticeKind) -> tuple[Notice, ...]:
        """What is said of notices of one kind; none where the standard is silent."""
        return tuple(each for each in self.notices if each.kind is kind)

    def greeting(self, *, outgoing: bool) -> Greeting | None:
        """How calls of one direction begin; None where the standard is silent."""
        direction = "outgoing" if outgoing else "incoming"
        return next((each for each in self.greetings if each.calls == direction), None)

    def target(self, name: str) -> Target | None:
        """The target of an id; None where the standard is silent."""
        return next((each for each in self.targets if each.id == name), None)
