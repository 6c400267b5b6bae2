"""What is put into the book of campaigns, and what it tells beside campaigns, targets and attempts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Generic, TypeVar

from ivr.campaigns.model import CampaignState, Disposition, Mode, TargetState

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCampaign:
    """A campaign to be written down; the fields are those of `Campaign`, `by` is who wants it."""

    name: str
    kind: str
    title: str
    first_day: date
    last_day: date
    by: str
    mode: Mode = Mode.AGENTLESS
    opens: time | None = None
    closes: time | None = None
    lines: int = 10
    calls_per_second: float = 2.0
    queue: str = ""
    caller_id: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    overrides: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTarget:
    """Whom to reach; the fields are those of `Target`.

    Attributes:
        numbers: E.164, at least one.
        zones: IANA names, at least one.
        due_at: Aware; None: as soon as the rules allow.
    """

    person: str
    numbers: tuple[str, ...]
    zones: tuple[str, ...]
    account: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """How many targets are new, and how many the campaign had already."""

    new: int
    known: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a campaign is.

    Attributes:
        total: Targets.
        targets: How many stand so; states without a target are left out.
        attempts: How many ended so; those under way and empty ones are left out.
        open: Attempts under way.
        answered: Attempts that somebody or something answered.
        abandoned: Persons who answered and found nobody.
    """

    total: int
    targets: Mapping[TargetState, int]
    attempts: Mapping[Disposition, int]
    open: int
    answered: int
    abandoned: int


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """A step of a campaign: who did what, when (aware) and why."""

    at: datetime
    by: str
    state: CampaignState
    why: str


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list; `next` is handed in again as `after` for the part behind it, None: there is none."""

    items: Sequence[T]
    next: int | None


class ContactKind(StrEnum):
    """What came of an attempt for the limits of a person."""

    TALK = "talk"
    VOICE_MESSAGE = "voice-message"
    UNDECIDED = "undecided"
    """Under way, or nobody can tell (LOST): it may have been either, so it counts as both."""


@dataclass(frozen=True, slots=True)
class Whom:
    """One person under several keys, as of `Target.person`, and at several numbers (E.164)."""

    persons: frozenset[str]
    numbers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Contact:
    """One attempt that reached a person or a machine, or may still do so; `at` is when it was written."""

    at: datetime
    kind: ContactKind
    campaign_id: int


@dataclass(frozen=True, slots=True)
class Swept:
    """What the end of windows has done: targets that expired, campaigns that are over."""

    expired: int
    done: tuple[int, ...]
