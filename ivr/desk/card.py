"""The card: all that an operator is shown of a call and of who calls. Data only, ready to be shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from ivr.customers.model import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Titled:
    """Something with an id and a title for people."""

    id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardZone:
    """A tariff zone; `last` in kWh, `digits` that the meter shows."""

    id: str
    name: str
    last: int | None
    last_at: date | None
    digits: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CardMeter:
    """A meter of an account."""

    id: str
    serial: str
    zones: tuple[CardZone, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardAccount:
    """An account; roubles, below zero for a debt.

    Attributes:
        masked: Whether it is shown in part only, as the caller is not identified for it.
        id: Billing's id.
    """

    id: str
    number: str = field(repr=False)
    address: str = field(repr=False)
    holder: str = field(repr=False)
    balance: Decimal | None = None
    balance_at: datetime | date | None = None
    meters: tuple[CardMeter, ...] = ()
    masked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CardCaller:
    """Who calls, as far as he may be shown.

    Attributes:
        number: In E.164; None when withheld.
        known: Whether the number belongs to an account.
        accessible: Whether he needs it easier.
    """

    number: str | None = field(repr=False)
    name: str | None = field(repr=False)
    known: bool
    accessible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CardIdentification:
    """The highest level that the caller has for an account, and how he came to it; `by` is a name."""

    level: Level
    how: str | None = None
    at: datetime | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardWords:
    """What was said to the robot or by it."""

    who: str
    text: str = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRobot:
    """What the robot has learned.

    Attributes:
        said: The wish in the caller's own words.
        silent: Whether he said nothing and pressed nothing.
    """

    topic: Titled | None
    said: tuple[str, ...] = field(repr=False)
    transcript: tuple[CardWords, ...] = field(repr=False)
    outcome: str | None
    silent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CardEarlier:
    """A call of the client before this one; topic, operator and result are titles."""

    call_id: str
    at: datetime
    topic: str | None
    operator: str | None
    result: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CardCallback:
    """A promise to call the client."""

    id: int
    due_from: datetime
    topic: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardTask:
    """Something that is owed to the client."""

    id: int
    asked: str = field(repr=False)
    due_at: datetime
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRequest:
    """A request of the client."""

    number: str
    kind: str
    topic: str
    topic_title: str
    status: str
    due_at: datetime | None
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CardVisit:
    """A visit that the client has before him.

    Attributes:
        office: Title of the office; None for a visit to his home.
        window: Part of the day of such a visit, or empty.
        topic: Title, or None.
    """

    number: str
    office: str | None
    starts_at: datetime
    window: str
    topic: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """What the standard says of a call of this kind, seconds; None where it is silent.

    Attributes:
        kind: `readings`, `general`, `personal` or `corporate`.
        seconds: Of the talk.
        search_seconds: Of the search for the client.
        preparation_seconds: From here on the client is named a time to be called back.
        wrap_up_seconds: Of what follows the talk.
    """

    kind: str
    seconds: int | None = None
    search_seconds: int | None = None
    preparation_seconds: int | None = None
    wrap_up_seconds: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """The card of a call.

    Attributes:
        kind: `inbound`, `outbound`, `callback`, or `consult` for who is asked by a colleague.
        queue: As Asterisk names it, or None.
        recording: `on`, `paused` or `off`.
        since: When the call began.
        waited_seconds: In queues, all waits together.
        brought_by: Name of the colleague who handed the call over, or None.
        note: What he has noted so far.
        missing: Titles of what could not be asked in time.
    """

    call_id: str
    kind: str
    line: dict[str, str] | None
    segment: str | None
    queue: str | None
    queue_title: str | None
    caller: CardCaller
    identification: CardIdentification
    accounts: tuple[CardAccount, ...]
    robot: CardRobot
    previous: tuple[CardEarlier, ...]
    callbacks: tuple[CardCallback, ...]
    tasks: tuple[CardTask, ...]
    requests: tuple[CardRequest, ...]
    visits: tuple[CardVisit, ...]
    greeting: str
    recording: str
    norm: Norm
    since: datetime
    waited_seconds: float
    brought_by: str | None = None
    note: str | None = field(default=None, repr=False)
    missing: tuple[str, ...] = ()

    @property
    def disclosed(self) -> tuple[str, ...]:
        """Numbers of the accounts that it shows in full."""
        return tuple(account.number for account in self.accounts if not account.masked)
