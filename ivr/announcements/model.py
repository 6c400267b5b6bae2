"""Announcements and closed lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Effect(StrEnum):
    """What becomes of callers who have heard it."""

    TELL = "tell"  # the call goes on
    CLOSE = "close"  # the call ends, unless there is danger to life


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """Something that callers are told for a time. Moments are aware.

    Attributes:
        id: Rising.
        line: Name of the line whose callers are told, or None: all.
        until: It is told until then, unless somebody ends it.
    """

    id: int
    effect: Effect
    line: str | None
    text: str
    begins_at: datetime
    until: datetime
    made_by: str
    made_at: datetime
    ended_by: str | None = None
    ended_at: datetime | None = None

    def concerns(self, line: str) -> bool:
        """Whether callers of a line are told."""
        return self.line is None or self.line == line

    def over(self, now: datetime) -> bool:
        """Whether it is told no more, and will not be again."""
        return self.ended_at is not None or self.until <= now

    def in_force(self, now: datetime) -> bool:
        """Whether it is told now."""
        return self.begins_at <= now and not self.over(now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An announcement that is to be made; `begins_at` None: at once, `until` None: to the end of that day."""

    effect: Effect
    text: str
    line: str | None = None
    begins_at: datetime | None = None
    until: datetime | None = None


class Fault(StrEnum):
    """What is wrong with a draft."""

    EMPTY = "empty"
    TOO_LONG = "too-long"
    UNSPEAKABLE = "unspeakable"  # characters that no voice can say
    FORBIDDEN = "forbidden"  # a phrase that the standard forbids
    NO_LINE = "no-line"
    BACKWARDS = "backwards"  # it would end before it begins, or has ended already
    TOO_FAR = "too-far"
    TOO_MANY = "too-many"  # callers of the line are told enough
    NO_VOICE = "no-voice"  # it can't be spoken now


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """Why a draft is not announced.

    Attributes:
        what: The phrase, or the characters, or a limit; empty where there is none.
        instead: What to say, or an empty string.
        clause: Of the standard, or an empty string.
    """

    fault: Fault
    what: str = field(default="")
    instead: str = ""
    clause: str = ""


class NotAnnounced(Exception):
    """It is not in force.

    Attributes:
        objections: At least one.
    """

    def __init__(self, *objections: Objection) -> None:
        super().__init__(", ".join(objection.fault.value for objection in objections))
        self.objections = objections
