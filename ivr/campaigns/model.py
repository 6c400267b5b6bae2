"""Campaigns, their targets, and the attempts to reach them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any


class CampaignState(StrEnum):
    """Where a campaign stands; it dials while it is RUNNING alone."""

    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    DONE = "done"


class TargetState(StrEnum):
    """Where a target stands: CALLING while an attempt is under way; the last four are ends."""

    WAITING = "waiting"
    CALLING = "calling"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    EXPIRED = "expired"


class Mode(StrEnum):
    """How a campaign dials (`ivr.campaigns.pacing`)."""

    AGENTLESS = "agentless"
    PROGRESSIVE = "progressive"
    PREDICTIVE = "predictive"
    PREVIEW = "preview"


class Disposition(StrEnum):
    """How an attempt ended, by cause and by who answered."""

    PERSON = "person"
    ABANDONED = "abandoned"
    MACHINE = "machine"
    MESSAGE_LEFT = "message-left"
    FAX = "fax"
    ANNOUNCEMENT = "announcement"
    BUSY = "busy"
    NO_ANSWER = "no-answer"
    REJECTED = "rejected"
    CONGESTION = "congestion"
    UNKNOWN_NUMBER = "unknown-number"
    FAULT = "fault"
    LOST = "lost"
    """Nobody can tell: the engine and Asterisk were away. It counts as made, and is never made again."""

    NOT_DIALLED = "not-dialled"
    """Written, and then certainly not dialled: no trunk was free, or a rule forbade it at the last moment."""


class Who(StrEnum):
    """Who answered; a person wherever that is not sure."""

    PERSON = "person"
    MACHINE = "machine"
    FAX = "fax"
    ANNOUNCEMENT = "announcement"


class AttemptState(StrEnum):
    """An attempt is WRITTEN before anything is dialled."""

    WRITTEN = "written"
    DIALLED = "dialled"
    ANSWERED = "answered"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Campaign:
    """One campaign.

    Attributes:
        campaign_id: Number; `name` is unique, too.
        kind: Of `scenarios/campaigns/kinds.yaml`.
        why: Why it was paused or stopped, in words for the supervisor; empty while it runs.
        first_day, last_day: Both included, in the company's zone.
        opens, closes: Narrower hours than the rules give, in the subscriber's zone; None: the rules' hours.
        lines: Calls at once, over all trunks.
        calls_per_second: Originates a second.
        queue: Of the operators, for every mode but agentless; empty: nobody.
        caller_id: Name in the white list of the settings.
        fields: Values of the campaign that its text needs (`ground`, `date`, the seven of an outage, …).
        overrides: Own retry and channel rules, as in the kind's own.
    """

    campaign_id: int
    name: str
    kind: str
    title: str
    state: CampaignState
    first_day: date
    last_day: date
    mode: Mode = Mode.AGENTLESS
    why: str = ""
    opens: time | None = None
    closes: time | None = None
    lines: int = 10
    calls_per_second: float = 2.0
    queue: str = ""
    caller_id: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    overrides: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """Whom a campaign wants to reach.

    Attributes:
        target_id: Number.
        person: Key of the person over all campaigns: `account:<number>`, else `number:<E.164>`.
        numbers: E.164, the best first.
        zones: IANA names of all zones in which the person may be.
        fields: What the text says to this person (`name`, `amount`, …).
        due_at: No attempt before; UTC.
        tries: Attempts so far, those NOT_DIALLED left out.
        outcome: How the talk ended (an outcome of the flow), or why the target ended without one.
    """

    target_id: int
    campaign_id: int
    person: str
    numbers: tuple[str, ...]
    zones: tuple[str, ...]
    state: TargetState
    due_at: datetime
    account: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    tries: int = 0
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call, or what came of the wish for one.

    Attributes:
        attempt_id: UUID: id of the channel in Asterisk and of the call in the ledger, too.
        cause: Of the hang-up, Q.850; 0 is unknown.
        result: What the flow has gathered, as data.
        outcome: How the talk ended, an outcome of the flow; empty where none has told.
    """

    attempt_id: str
    campaign_id: int
    target_id: int
    person: str
    number: str
    trunk: str
    state: AttemptState
    written_at: datetime
    dialled_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    disposition: Disposition | None = None
    cause: int = 0
    result: Mapping[str, Any] = field(default_factory=dict)
    outcome: str = ""
