"""Who said what and when in a recording, and what of it is to be looked at. Times are in milliseconds."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Side(StrEnum):
    """Whose channel it was heard on."""

    CLIENT = "client"
    PERSON = "person"  # who answered for the company
    MIXED = "mixed"  # a recording with one channel: nobody can say who


class State(StrEnum):
    """How far a recording is."""

    WAITING = "waiting"
    DONE = "done"
    GIVEN_UP = "given-up"  # tried too often; `ivr quality again` begins anew


class MarkKind(StrEnum):
    """What is to be looked at."""

    FORBIDDEN = "forbidden"  # a phrase that the standard forbids
    GREETING = "greeting"  # no greeting
    COMPANY = "company"  # the company was not named
    NAME = "name"  # the operator did not name himself
    SILENCE = "silence"  # nobody spoke for long
    OVERLAP = "overlap"  # both spoke at once for long


class Verdict(StrEnum):
    """What a supervisor found a mark to be."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    FALSE = "false"  # nothing of the kind was said


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a recording, from its beginning."""

    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Window:
    """When a person of the company was connected with the client, from the beginning of the recording.

    Attributes:
        agent: Login, or None where nobody knows.
        fresh: Whether the talk begins here: its greeting has to be in the recording.
    """

    begin: int
    end: int
    agent: str | None = None
    fresh: bool = True


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something that was said; its text is empty where no word was made out."""

    side: Side
    begin: int
    end: int
    text: str = field(repr=False)
    confidence: float = 0.0
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to be looked at.

    Attributes:
        at: Where in the recording.
        rule: What was asked or forbidden, for people.
        clause: Clause of the standard; empty: the company asks so by itself.
        words: What was said there; personal.
    """

    kind: MarkKind
    at: int
    agent: str | None
    rule: str = ""
    clause: str = ""
    words: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What was said in a recording, in order of time.

    Attributes:
        state: How far it is; utterances are there when it is done.
        reason: Why the last attempt failed; empty where none did.
    """

    recording_id: str
    call_id: str
    state: State
    reason: str
    done_at: datetime | None
    utterances: tuple[Utterance, ...] = ()
