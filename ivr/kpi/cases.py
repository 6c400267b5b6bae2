"""Figures of requests and complaints; jobs for `Database.read`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, select

from ivr.kpi.definitions import NO_DATA, Value
from ivr.kpi.periods import Period
from ivr.kpi.sums import Selection
from ivr.requests.model import RequestKind, RequestStatus
from ivr.requests.tables import requests

_DAY = timedelta(days=1)
_WITHDRAWN = RequestStatus.WITHDRAWN.value


def figures(
    connection: Connection, selection: Selection, now: datetime, repeat_error_days: int
) -> Mapping[str, Value]:
    """All figures of requests by their names."""
    mine = _of(selection)
    complaints = _complaints(connection, selection.period, mine)
    before = _complaints(connection, selection.period.before(), mine)
    change = Value(complaints / before, complaints) if before else NO_DATA
    return {
        "requests-registered-in-time": _registered_in_time(connection, selection.period, mine),
        "requests-in-time": _in_time(connection, selection.period, mine, now),
        "requests-answer-days": _answer_days(connection, selection.period, mine),
        "complaints": Value(complaints, complaints),
        "complaints-change": change,
        "complaints-repeated": _repeated(connection, selection.period, mine, repeat_error_days),
    }


def _of(selection: Selection) -> list[ColumnElement[bool]]:
    """Requests of the standards that are meant; one that names none is everybody's."""
    if selection.profiles is None:
        return []
    return [requests.c.profile.in_(("", *selection.profiles))]


def _within(column: Any, period: Period) -> ColumnElement[bool]:
    return and_(column >= period.since, column < period.until)


def _registered_in_time(connection: Connection, period: Period, mine: list[ColumnElement[bool]]) -> Value:
    columns = requests.c
    query = select(func.count(), _count(columns.registered_at <= columns.register_due_at)).where(
        _within(columns.registered_at, period), columns.register_due_at.is_not(None), *mine
    )
    return _share(connection, query)


def _in_time(connection: Connection, period: Period, mine: list[ColumnElement[bool]], now: datetime) -> Value:
    """Of the requests whose term has come; one that was withdrawn owed nobody an answer."""
    columns = requests.c
    query = select(func.count(), _count(columns.answered_at <= columns.due_at)).where(
        _within(columns.due_at, period),
        columns.status != _WITHDRAWN,
        (columns.due_at <= now) | columns.answered_at.is_not(None),
        *mine,
    )
    return _share(connection, query)


def _answer_days(connection: Connection, period: Period, mine: list[ColumnElement[bool]]) -> Value:
    columns = requests.c
    query = select(columns.registered_at, columns.answered_at).where(
        _within(columns.answered_at, period), columns.status != _WITHDRAWN, *mine
    )
    took = [row.answered_at - row.registered_at for row in connection.execute(query)]
    return Value(sum(took, timedelta()) / _DAY / len(took), len(took)) if took else NO_DATA


def _complaints(connection: Connection, period: Period, mine: list[ColumnElement[bool]]) -> int:
    columns = requests.c
    query = select(func.count()).where(
        columns.kind == RequestKind.COMPLAINT, _within(columns.registered_at, period), *mine
    )
    return connection.execute(query).scalar_one()


def _repeated(connection: Connection, period: Period, mine: list[ColumnElement[bool]], days: int) -> Value:
    """Complaints of a client who had complained of the same before."""
    columns, earlier = requests.c, requests.alias()
    since = period.since - timedelta(days=days)
    candidates = select(columns.registered_at, columns.account_number, columns.topic).where(
        columns.kind == RequestKind.COMPLAINT,
        columns.account_number != "",
        _within(columns.registered_at, period),
        exists().where(
            earlier.c.account_number == columns.account_number,
            earlier.c.topic == columns.topic,
            earlier.c.kind == RequestKind.COMPLAINT,
            earlier.c.registered_at < columns.registered_at,
            earlier.c.registered_at >= since,
        ),
        *mine,
    )
    found = connection.execute(candidates).all()
    count = sum(_has_earlier(connection, row, timedelta(days=days)) for row in found)
    return Value(count, count)


def _has_earlier(connection: Connection, row: Any, within: timedelta) -> bool:
    columns = requests.c
    query = select(func.count()).where(
        columns.account_number == row.account_number,
        columns.topic == row.topic,
        columns.kind == RequestKind.COMPLAINT,
        columns.registered_at < row.registered_at.astimezone(UTC),
        columns.registered_at >= row.registered_at.astimezone(UTC) - within,
    )
    return connection.execute(query).scalar_one() > 0


def _count(condition: Any) -> Any:
    """How many rows fulfil it; what is not known does not."""
    return func.count().filter(condition)


def _share(connection: Connection, query: Any) -> Value:
    all_of_them, good = connection.execute(query).one()
    return Value(good / all_of_them, all_of_them) if all_of_them else NO_DATA
