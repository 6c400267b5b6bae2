"""Profiles: what each company's standard of service states, with the clause it stands in.

A profile is one YAML file (`metrics/standards/<id>.yaml`). A figure that is absent is one on which the
standard is silent: the company's settings decide, and nothing is attributed to the standard.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedBase
from ruamel.yaml.error import YAMLError

from ivr.errors import Fault
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


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Source(_Part):
    """Where the standard says so."""

    clause: str = Field(description="Clause of the standard, as it numbers them.")
    line: int = Field(ge=1, description="Line of the standard's text where the clause begins.")


class OperatorHours(_Part):
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


class OutsideHours(_Part):
    """Who serves when people do not."""

    robot: Annotated[str, Field(pattern="^required$")]
    source: Source


class Retention(_Part):
    """How long a recording is kept."""

    days_at_least: int = Field(ge=1, description="Calendar days.")
    source: Source


class Recording(_Part):
    """What is said of the recording of conversations."""

    warn_at_start: bool | None = Field(None, description="Whether the caller is to be told at the start.")
    retention: Retention | None = None
    source: Source


class ReadingWindow(_Part):
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


class CallBack(_Part):
    """When the answer takes time, the caller is told when it will be ready."""

    segment: Segment = Field(Segment.ANY, description="Clients that the rule is stated for.")
    when_answer_takes_seconds: int = Field(ge=1, description="Preparation that counts as long, seconds.")
    working_days_at_most: int | None = Field(None, ge=1, description="Term of the answer, working days.")
    source: Source


class Told(StrEnum):
    """What a client is told whose answer is not ready."""

    TERM = "term"
    FORM = "form"  # how the answer will reach him


class Deferral(_Part):
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


class PhoneAnswer(_Part):
    """A client who is satisfied by telephone needs no written answer."""

    suffices: Literal[True]
    source: Source


class RequestsPart(_Part):
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


class ControlCall(_Part):
    """Closed complaints are checked by a call."""

    source: Source


class Target(_Part):
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


class Profile(_Part):
    """One company's standard; see `metrics/standards/`."""

    id: str = Field(pattern="^[a-z][a-z0-9-]*$")
    company: str
    standard: str = Field(description="Title of the document.")
    operator_hours: tuple[OperatorHours, ...] = ()
    outside_hours: OutsideHours | None = None
    recording: Recording | None = None
    reading_window: ReadingWindow | None = None
    call_back: CallBack | None = None
    deferral: Deferral | None = None
    requests: RequestsPart = RequestsPart()
    home_visits: HomeVisitPart | None = None
    control_call: ControlCall | None = None
    targets: tuple[Target, ...] = ()

    @property
    def title(self) -> str:
        """The document and whose it is, for people."""
        return f"{self.standard}, {self.company}"

    @property
    def retention_days(self) -> int | None:
        """Least number of calendar days that a recording is kept; None where the standard is silent."""
        retention = self.recording.retention if self.recording else None
        return retention.days_at_least if retention else None

    def target(self, name: str) -> Target | None:
        """The target of an id; None where the standard is silent."""
        return next((each for each in self.targets if each.id == name), None)


def load_profile(path: Path) -> Profile:
    """Read one profile.

    Raises:
        Fault: The file can't be read, is not YAML, or states something else than a profile may;
            names file, line and field.
    """
    tree = _tree(path)
    try:
        profile = Profile.model_validate(tree)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        raise Fault(
            f"{place or 'the profile'}: {first['msg']}.",
            f"{path}:{_line_of(tree, first['loc'])}",
            "See the fields in ivr/kpi/profiles.py.",
        ) from error
    if profile.id != path.stem:
        raise Fault(f"The id {profile.id!r} differs from the file's name.", f"{path}", "Make them the same.")
    return profile


def load_profiles(folder: Path) -> Mapping[str, Profile]:
    """Read every profile of a folder, by id.

    Raises:
        Fault: There is none, or one of them is wrong.
    """
    profiles = {profile.id: profile for profile in _profiles(folder)}
    if not profiles:
        raise Fault("There is no profile.", str(folder), "Put the company's standard there as <id>.yaml.")
    return profiles


def request_rules(profiles: Mapping[str, Profile]) -> Mapping[str, RequestRules]:
    """What each standard says of requests, by profile."""
    return {name: profile.requests.rules() for name, profile in profiles.items()}


def visit_rules(profiles: Mapping[str, Profile]) -> Mapping[str, HomeVisitRule]:
    """What each standard says of home visits, by profile; those that are silent are left out."""
    return {name: profile.home_visits for name, profile in profiles.items() if profile.home_visits}


def _profiles(folder: Path) -> Iterator[Profile]:
    for path in sorted(folder.glob("*.yaml")):
        yield load_profile(path)


def _tree(path: Path) -> Any:
    try:
        return YAML(typ="rt", pure=True).load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Fault(f"The profile can't be read: {error}.", str(path), "Check the file.") from error
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark else str(path)
        raise Fault(f"This is not YAML: {getattr(error, 'problem', error)}.", place, "") from error


def _line_of(tree: Any, location: tuple[int | str, ...]) -> int:
    """Line (from 1) of the innermost node on the way to a fault that has a position."""
    line = 1
    for step in location:
        if not isinstance(tree, CommentedBase):
            break
        try:
            line = tree.lc.data[step][0] + 1
            tree = tree[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            break
    return line
