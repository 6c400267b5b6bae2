"""What is known of a call and of a talk once they are counted: plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum

from ivr.calls.identifications import Identification
from ivr.calls.story import Story
from ivr.calls.wrapups import WrapUp
from ivr.kpi.measures import Counted

HALF_HOUR = timedelta(minutes=30)
DIMENSIONS = ("profile", "line", "segment", "topic", "queue", "agent")


class Promised(StrEnum):
    """How a promise to call stands."""

    OWED = "owed"
    KEPT = "kept"
    BROKEN = "broken"


class Recorded(StrEnum):
    """Whether a conversation has its recording."""

    YES = "yes"
    EXCUSED = "excused"
    NO = "no"
    UNKNOWN = "unknown"  # of a call of another system whose recordings nobody has told of


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What else is known of a call besides its story.

    Attributes:
        wrapups: Finished ones, the first to be finished first.
        identifications: In order.
        promised: How the promise stands that was given in it; None without one.
        score: Of the survey, 1 to 5, or None.
        recorded: Whether there is a recording.
        transfers: How often it was handed on, where another system has told so.
        alone_known: Whether the wrap-ups tell that an operator answered alone.
    """

    wrapups: Sequence[WrapUp] = ()
    identifications: Sequence[Identification] = ()
    promised: Promised | None = None
    score: int | None = None
    recorded: Recorded = Recorded.NO
    transfers: int | None = None
    alone_known: bool = True


NOTHING_ELSE = Circumstances()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How calls are counted; see `KpiSettings`."""

    zone: tzinfo
    service_level_seconds: float = 20.0
    short_abandon_seconds: float = 5.0
    readings_topics: frozenset[str] = frozenset({"readings.submit"})

    def day(self, moment: datetime) -> date:
        """The company's day."""
        return moment.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What calls and talks have in common. Names are empty where nothing is known.

    Attributes:
        half_hour: Its beginning, in UTC, of the moment when the call came.
        day: The company's, of the same moment.
        counted: Measures that are not 0 (`ivr.kpi.measures`).
    """

    call_id: str
    kind: str
    profile: str
    line: str
    segment: str
    topic: str
    queue: str
    agent: str
    half_hour: datetime
    day: date
    counted: Counted = field(default_factory=dict)

    def keys(self) -> Mapping[str, str]:
        """Values by dimension."""
        return {name: getattr(self, name) for name in DIMENSIONS}


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFact(Fact):
    """One call that has ended."""

    came_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkFact(Fact):
    """One person's talk; `kind` is that of `ivr.kpi.norms.CallKind`."""

    leg_id: str
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class CountedCall:
    """A call with its talks."""

    call: CallFact
    talks: tuple[TalkFact, ...] = ()


def half_hour(moment: datetime) -> datetime:
    """The beginning of the half-hour, in UTC."""
    utc = moment.astimezone(UTC)
    return utc.replace(minute=utc.minute // 30 * 30, second=0, microsecond=0)


def microseconds(span: timedelta) -> int:
    """A length, as a whole number of microseconds; never below 0."""
    return max(0, span // timedelta(microseconds=1))


def topic_of(story: Story, wrapups: Sequence[WrapUp]) -> str:
    """What a call was about: the last person's word wins over the robot's."""
    noted = [wrapup.topic for wrapup in wrapups if wrapup.topic]
    return noted[-1] if noted else story.topic or ""
