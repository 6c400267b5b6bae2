"""Lists of requests: by what they are, by whom they wait for, by when they are due."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select, true

from ivr.dialogue.ports import Clock
from ivr.requests import rows
from ivr.requests.model import Request, RequestKind, RequestStatus
from ivr.requests.tables import requests
from ivr.requests.workdays import WorkCalendar, end_of
from ivr.store import Database

_OPEN = [status.value for status in RequestStatus if status.is_open]
_c = requests.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for; whatever is left out does not matter.

    Attributes:
        status: Any of these.
        overdue: Only those that are owed and late; or only those that are not.
        text: Part of the number, the name, the account or the words, in any letters.
        since: First day of registration, in the company's calendar.
        until: Last day of registration.
    """

    status: Collection[RequestStatus] = ()
    kind: RequestKind | None = None
    topic: str | None = None
    responsible: str | None = None
    overdue: bool | None = None
    account: str | None = field(default=None, repr=False)
    text: str | None = field(default=None, repr=False)
    call_id: str | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list, and how many there are altogether."""

    requests: Sequence[Request]
    total: int


class Lists:
    """Reads requests in lists."""

    def __init__(self, database: Database, clock: Clock, calendar: WorkCalendar, remind_days: int) -> None:
        """Build it; `remind_days` is how long before its term a request is called to mind, working days."""
        self._database = database
        self._clock = clock
        self._calendar = calendar
        self._remind_days = remind_days

    async def search(self, wanted: Wanted, limit: int = 50, offset: int = 0) -> Page:
        """The requests that are wanted: those that are owed first, by term; then the rest, newest first.

        Raises:
            StoreUnavailable: They can't be read.
        """
        now = self._clock.now()
        return await self._database.read(partial(_page, _condition(wanted, now), now, limit, offset))

    async def of_client(self, accounts: Collection[str], phone: str, limit: int = 5) -> list[Request]:
        """The latest requests of a client, known by his accounts or his telephone, newest first.

        Raises:
            StoreUnavailable: They can't be read.
        """
        mine = _c.account_number.in_([each for each in accounts if each])
        of_phone = and_(_c.phone == phone, _c.phone != "")
        return await self._database.read(partial(_newest, or_(mine, of_phone), self._clock.now(), limit))

    def is_overdue(self, request: Request) -> bool:
        """Whether its answer is owed and late now."""
        return request.is_overdue(self._clock.now())

    async def due_soon(self, now: datetime) -> list[Request]:
        """The open requests whose term is over or ends within the days of reminding, the most urgent first.

        Raises:
            StoreUnavailable: They can't be read.
        """
        last = end_of(self._calendar.add_working_days(now.date(), self._remind_days), now)
        soon = and_(_c.status.in_(_OPEN), _c.due_at <= last)
        page = await self._database.read(partial(_page, soon, now, None, 0))
        return list(page.requests)


def _condition(wanted: Wanted, now: datetime) -> ColumnElement[bool]:
    equal = {
        _c.kind: wanted.kind and wanted.kind.value,
        _c.topic: wanted.topic,
        _c.responsible: wanted.responsible,
        _c.account_number: wanted.account,
        _c.call_id: wanted.call_id,
    }
    parts = [column == value for column, value in equal.items() if value is not None]
    if wanted.status:
        parts.append(_c.status.in_([each.value for each in wanted.status]))
    if wanted.text:
        parts.append(_c.sought.contains(wanted.text.lower().strip(), autoescape=True))
    return and_(true(), *parts, *_in_time(wanted, now))


def _in_time(wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    parts: list[ColumnElement[bool]] = []
    if wanted.since is not None:
        parts.append(_c.registered_at >= datetime.combine(wanted.since, time.min, now.tzinfo))
    if wanted.until is not None:
        after = wanted.until + timedelta(days=1)
        parts.append(_c.registered_at < datetime.combine(after, time.min, now.tzinfo))
    if wanted.overdue is not None:
        late = and_(_c.status.in_(_OPEN), func.coalesce(_c.due_at < now, False))
        parts.append(late if wanted.overdue else ~late)
    return parts


def _page(
    condition: ColumnElement[bool], now: datetime, limit: int | None, offset: int, connection: Connection
) -> Page:
    total = connection.execute(select(func.count()).select_from(requests).where(condition)).scalar_one()
    owed = case((_c.status.in_(_OPEN), _c.due_at))
    query = (
        select(*rows.COLUMNS)
        .where(condition)
        .order_by(owed.is_(None), owed, _c.registered_at.desc(), _c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return Page([rows.request_of(row, now.tzinfo) for row in connection.execute(query).mappings()], total)


def _newest(
    condition: ColumnElement[bool], now: datetime, limit: int, connection: Connection
) -> list[Request]:
    query = (
        select(*rows.COLUMNS).where(condition).order_by(_c.registered_at.desc(), _c.id.desc()).limit(limit)
    )
    return [rows.request_of(row, now.tzinfo) for row in connection.execute(query).mappings()]
