"""A history of calls from another system: the columns of its file, and the story that its rows tell. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from ivr.calls.legs import Leg, LegEnd, LegRole, Mark
from ivr.calls.lines import Lines
from ivr.calls.story import BLOCKED_OUTCOME, Origin, Party, QueueMark, Story
from ivr.calls.wrapups import WrapUp
from ivr.customers.sheets import Moment
from ivr.dialogue.ports import EndingKind
from ivr.kpi.circumstances import IMPORTED
from ivr.kpi.facts import Recorded

_YES = frozenset({"yes", "да", "true", "1"})
_NO = frozenset({"", "no", "нет", "false", "0"})
_UNNAMED_QUEUE = "queue"
_SERVED = "completed"


def _flag(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    word = value.strip().lower()
    if word not in _YES | _NO:
        raise ValueError("has to be yes or no")
    return word in _YES


Flag = Annotated[bool, BeforeValidator(_flag)]


class EndedBy(StrEnum):
    """Who ended the call."""

    CALLER = "caller"
    AGENT = "agent"
    ROBOT = "robot"


class Row(BaseModel):
    """One line of the file: a call, or a further talk of the call that an earlier line names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    call_id: str = Field(
        min_length=1,
        max_length=64,
        description="id of the call; lines of the same id are its talks in order of time",
    )
    came_at: Moment = Field(
        description="when it came: ISO 8601; without an offset in the company's time zone"
    )
    line: str | None = Field(
        None, max_length=64, description="name of the line; this or number_called is needed"
    )
    number_called: str | None = Field(None, max_length=32, description="number called; tells the line")
    caller_number: str | None = Field(None, max_length=32, description="who called, E.164")
    segment: str | None = Field(
        None, pattern="^(private|corporate|any)$", description="private, corporate, any"
    )
    topic: str | None = Field(None, max_length=64, description="of the knowledge base")
    ended_at: Moment | None = Field(None, description="default: the last moment that the line names")
    robot_outcome: str | None = Field(None, max_length=64, description="how the robot's part ended")
    robot_completed: Flag = Field(False, description="yes: the robot did all that the caller wanted")
    queue: str | None = Field(None, max_length=64, description="queue that the caller waited in")
    queued_at: Moment | None = Field(None, description="when he entered it")
    abandoned_at: Moment | None = Field(None, description="when he left it unanswered")
    agent: str | None = Field(
        None, max_length=64, description="who answered; without agent_answered_at: whose telephone rang last"
    )
    agent_answered_at: Moment | None = Field(None, description="when the person answered")
    agent_ended_at: Moment | None = Field(None, description="when the talk ended; default: with the call")
    ended_by: EndedBy | None = Field(None, description="caller, agent or robot")
    hold_seconds: float | None = Field(None, ge=0, description="hold within the talk")
    wrapup_seconds: float | None = Field(None, ge=0, description="work after the talk")
    personal: Flag | None = Field(None, description="yes: personal data were spoken of")
    alone: Flag | None = Field(None, description="yes: answered without anybody's help")
    transfers: int | None = Field(
        None, ge=0, description="how often the call was handed on; in its first line"
    )
    score: int | None = Field(None, ge=1, le=5, description="answer to the survey, 1 to 5")
    blocked: Flag = Field(False, description="yes: turned away, the number is blocked")
    callback_promised_at: Moment | None = Field(None, description="when a call was promised to him")
    callback_kept_at: Moment | None = Field(
        None, description="when he was called; empty: the promise is broken"
    )
    recording: str | None = Field(
        None, max_length=200, description="yes, no, or the reason why there is none; empty: no"
    )

    @model_validator(mode="after")
    def _names_a_line(self) -> Self:
        if not (self.line or self.number_called):
            raise ValueError("line or number_called has to be given")
        return self

    @model_validator(mode="after")
    def _in_order_of_time(self) -> Self:
        for earlier, later in _ORDER:
            first, second = getattr(self, earlier), getattr(self, later)
            if first is not None and second is not None and second < first:
                raise ValueError(f"{later} is before {earlier}")
        return self

    @model_validator(mode="after")
    def _whole(self) -> Self:
        for name, needed in _NEEDS:
            if getattr(self, name) is not None and getattr(self, needed) is None:
                raise ValueError(f"{name} is given without {needed}")
        return self

    @property
    def last_moment(self) -> datetime:
        """The last moment of the call that the line names."""
        named = (
            self.ended_at,
            self.agent_ended_at,
            self.abandoned_at,
            self.agent_answered_at,
            self.queued_at,
        )
        return max((moment for moment in named if moment is not None), default=self.came_at)


_ORDER = (
    ("came_at", "queued_at"),
    ("came_at", "agent_answered_at"),
    ("came_at", "ended_at"),
    ("queued_at", "abandoned_at"),
    ("queued_at", "agent_answered_at"),
    ("agent_answered_at", "agent_ended_at"),
    ("abandoned_at", "ended_at"),
    ("agent_ended_at", "ended_at"),
    ("callback_promised_at", "callback_kept_at"),
)
_NEEDS = (
    ("abandoned_at", "queued_at"),
    ("agent_answered_at", "agent"),
    ("agent_ended_at", "agent_answered_at"),
    ("hold_seconds", "agent_answered_at"),
    ("wrapup_seconds", "agent_answered_at"),
    ("callback_kept_at", "callback_promised_at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastCall:
    """A call as the ledger and its neighbours are to have it.

    Attributes:
        digest: Of the rows: the same rows make the same one.
        promised_at: When a call was promised; None without a promise.
        kept_at: When the promise was kept; None where it was broken.
    """

    story: Story
    digest: str
    wrapups: Sequence[WrapUp] = ()
    score: int | None = None
    promised_at: datetime | None = None
    kept_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What a file leaves to the settings, and which columns it has.

    Attributes:
        profile: Standard of calls whose line is not in the settings.
    """

    lines: Lines
    profile: str
    columns: frozenset[str] = field(default=frozenset())


def past_call(rows: Sequence[Row], known: Known) -> PastCall:
    """The call that these rows tell, in order of time.

    Raises:
        ValueError: They don't fit together; says which line is wrong how.
    """
    first = rows[0]
    if any(row.agent is None or row.agent_answered_at is None for row in rows[1:]):
        raise ValueError("a further line of a call has to tell agent and agent_answered_at")
    digest = hashlib.sha256(repr((rows, sorted(known.columns))).encode()).hexdigest()
    story = _story(rows, known)
    story.data = {IMPORTED: _told(first, known.columns, digest)}
    _put_legs(story, rows)
    return PastCall(
        story=story,
        digest=digest,
        wrapups=_wrapups(rows, story),
        score=first.score,
        promised_at=first.callback_promised_at,
        kept_at=first.callback_kept_at,
    )


def _story(rows: Sequence[Row], known: Known) -> Story:
    first = rows[0]
    line = known.lines.by_name(first.line or "") or known.lines.by_number(first.number_called or "")
    ending, outcome = _ending(first)
    return Story(
        call_id=first.call_id,
        origin=Origin.IMPORTED,
        came_at=first.came_at,
        line=line.name if line else first.line or first.number_called,
        number_called=first.number_called,
        caller_number=first.caller_number,
        segment=first.segment or (line.segment if line else None),
        profile=line.profile if line else known.profile,
        answered_at=None if first.blocked else first.came_at,
        ending=ending,
        outcome=outcome,
        topic=first.topic,
        queued_at=first.queued_at,
        queue=first.queue or (_UNNAMED_QUEUE if first.queued_at else None),
        queue_marks=sorted(mark for row in rows for mark in _marks(row)),
        abandoned_at=rows[-1].abandoned_at,
        ended_at=max(row.last_moment for row in rows),
    )


def _ending(row: Row) -> tuple[EndingKind | None, str | None]:
    if row.blocked:
        return EndingKind.ENDED, BLOCKED_OUTCOME
    if row.robot_completed:
        return EndingKind.COMPLETED, row.robot_outcome or _SERVED
    to_people = row.queued_at is not None or row.agent_answered_at is not None
    if to_people:
        return (EndingKind.QUEUED, row.robot_outcome) if row.robot_outcome else (None, None)
    left = EndingKind.ENDED if row.ended_by is EndedBy.ROBOT else EndingKind.HUNG_UP
    return left, row.robot_outcome


def _marks(row: Row) -> list[QueueMark]:
    if row.queued_at is None:
        return []
    marks = [QueueMark(row.queued_at, row.queue or _UNNAMED_QUEUE)]
    return marks if row.abandoned_at is None else [*marks, QueueMark(row.abandoned_at)]


def _told(first: Row, columns: frozenset[str], digest: str) -> dict[str, Any]:
    """What the ledger has no place for; keys are there for columns that the file has."""
    told: dict[str, Any] = {"digest": digest}
    if "recording" in columns:
        told["recording"] = _recorded(first.recording or "").value
    if "alone" in columns:
        told["alone"] = True
    if "transfers" in columns:
        told["transfers"] = first.transfers or 0
    return told


def _recorded(text: str) -> Recorded:
    word = text.strip().lower()
    if word in _YES:
        return Recorded.YES
    return Recorded.NO if word in _NO else Recorded.EXCUSED


def _put_legs(story: Story, rows: Sequence[Row]) -> None:
    for number, row in enumerate(rows, start=1):
        if row.agent is not None:
            leg = _leg(story, row, f"{story.call_id}/{number}", row is rows[-1])
            story.legs[leg.leg_id] = leg
    answered = [row for row in rows if row.agent_answered_at is not None]
    if answered:
        story.agent, story.agent_answered_at = answered[0].agent, answered[0].agent_answered_at
        story.agent_ended_at = answered[-1].agent_ended_at or story.ended_at
        story.agent_ended_by = Party(answered[-1].ended_by.value) if answered[-1].ended_by else None


def _leg(story: Story, row: Row, leg_id: str, last: bool) -> Leg:
    since = row.agent_answered_at
    leg = Leg(
        call_id=story.call_id,
        leg_id=leg_id,
        role=LegRole.TRANSFER if row.queued_at is None else LegRole.QUEUE,
        agent=row.agent,
        queue=row.queue,
        rang_at=since or row.queued_at or row.came_at,
        answered_at=since,
        ended_at=(row.agent_ended_at if since else None) or story.ended_at,
        end=_end(row, last),
    )
    if since is not None and row.hold_seconds:
        leg.marks = [Mark(since, False), Mark(since + timedelta(seconds=row.hold_seconds), True)]
    return leg


def _end(row: Row, last: bool) -> LegEnd:
    if not last:
        return LegEnd.TRANSFERRED
    return LegEnd.AGENT if row.ended_by is EndedBy.AGENT else LegEnd.CALLER


def _wrapups(rows: Sequence[Row], story: Story) -> list[WrapUp]:
    """One an operator; what a further line leaves open is as the first one says."""
    first = rows[0]
    found: dict[str, WrapUp] = {}
    for row in rows:
        if row.agent is None or row.agent_answered_at is None:
            continue
        ended = row.agent_ended_at or story.ended_at or row.agent_answered_at
        known = row.wrapup_seconds is not None
        found[row.agent] = WrapUp(
            call_id=story.call_id,
            agent=row.agent,
            topic=row.topic or first.topic,
            personal=bool(first.personal if row.personal is None else row.personal),
            alone=bool(first.alone if row.alone is None else row.alone),
            began_at=ended if known else None,
            saved_at=ended + timedelta(seconds=row.wrapup_seconds or 0.0),
        )
    return list(found.values())
