"""The card as the pages have it: `ivr.desk.card` in JSON."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from ivr.customers.model import Level

_OUT = ConfigDict(from_attributes=True)


class TitledTold(BaseModel):
    """Something with a title."""

    model_config = _OUT

    id: str
    title: str


class ZoneTold(BaseModel):
    """A tariff zone; kWh."""

    model_config = _OUT

    id: str
    name: str
    last: int | None
    last_at: date | None
    digits: int


class MeterTold(BaseModel):
    """A meter."""

    model_config = _OUT

    id: str
    serial: str
    zones: list[ZoneTold]


class AccountTold(BaseModel):
    """An account; roubles, below zero for a debt. Masked: in part only."""

    model_config = _OUT

    number: str
    address: str
    holder: str
    balance: Decimal | None
    balance_at: datetime | date | None
    meters: list[MeterTold]
    masked: bool


class CallerTold(BaseModel):
    """Who calls."""

    model_config = _OUT

    number: str | None
    name: str | None
    known: bool
    accessible: bool


class IdentificationTold(BaseModel):
    """How well the caller is known."""

    model_config = _OUT

    level: Level
    how: str | None
    at: datetime | None
    by: str | None


class WordsTold(BaseModel):
    """What was said in the talk with the robot."""

    model_config = _OUT

    who: str
    text: str
    at: datetime


class RobotTold(BaseModel):
    """What the robot has learned."""

    model_config = _OUT

    topic: TitledTold | None
    said: list[str]
    transcript: list[WordsTold]
    outcome: str | None
    silent: bool


class EarlierTold(BaseModel):
    """An earlier call."""

    model_config = _OUT

    call_id: str
    at: datetime
    topic: str | None
    operator: str | None
    result: str | None


class CallbackOwed(BaseModel):
    """A promise to call."""

    model_config = _OUT

    id: int
    due_from: datetime
    topic: str
    status: str


class TaskOwed(BaseModel):
    """Something that is owed to the client."""

    model_config = _OUT

    id: int
    asked: str
    due_at: datetime
    status: str


class RequestOfClient(BaseModel):
    """A request of the client."""

    model_config = _OUT

    number: str
    kind: str
    topic: str
    topic_title: str
    status: str
    due_at: datetime | None
    overdue: bool


class VisitAhead(BaseModel):
    """A visit before the client; one to his home has no `office`, but a part of the day, `window`."""

    model_config = _OUT

    number: str
    office: str | None
    starts_at: datetime
    window: str
    topic: str | None


class NormTold(BaseModel):
    """What the standard says of such a call, seconds; null where it is silent."""

    model_config = _OUT

    kind: str
    seconds: int | None
    search_seconds: int | None
    preparation_seconds: int | None
    wrap_up_seconds: int | None


class CardTold(BaseModel):
    """The card of a call."""

    model_config = _OUT

    call_id: str
    kind: str
    line: dict[str, str] | None
    segment: str | None
    queue: str | None
    queue_title: str | None
    caller: CallerTold
    identification: IdentificationTold
    accounts: list[AccountTold]
    robot: RobotTold
    previous: list[EarlierTold]
    callbacks: list[CallbackOwed]
    tasks: list[TaskOwed]
    requests: list[RequestOfClient]
    visits: list[VisitAhead]
    greeting: str
    recording: str
    norm: NormTold
    since: datetime
    waited_seconds: float
    brought_by: str | None
    note: str | None
    missing: list[str]
