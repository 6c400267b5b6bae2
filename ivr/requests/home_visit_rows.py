"""Home visits as rows of the table. Jobs of the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select, update

from ivr.requests.model import AppointmentStatus, HomeVisit
from ivr.requests.tables import home_visits

_c = home_visits.c
_COLUMNS = [_c[each.name] for each in fields(HomeVisit)]
_BOOKED = AppointmentStatus.BOOKED.value
_COUNTED = [_BOOKED, AppointmentStatus.CAME.value]
_PREFIX = "В"
_LONGEST_NUMBER = 15


def taken(first: date, connection: Connection) -> Counter[tuple[date, str]]:
    """How many visits are booked in each part of the days from one on."""
    query = (
        select(_c.day, _c.window, func.count())
        .where(_c.status == _BOOKED, _c.day >= first)
        .group_by(_c.day, _c.window)
    )
    return Counter({(row[0], row[1]): int(row[2]) for row in connection.execute(query)})


def booked(account_number: str, now: datetime, connection: Connection) -> HomeVisit | None:
    """The visit that an account has before it."""
    ahead = (_c.status == _BOOKED) & (_c.day >= now.date())
    query = select(*_COLUMNS).where(_c.account_number == account_number, ahead)
    return _first(query, now, connection)


def latest(account_number: str, now: datetime, connection: Connection) -> HomeVisit | None:
    """The last visit of an account that is booked or took place."""
    query = (
        select(*_COLUMNS)
        .where(_c.account_number == account_number, _c.status.in_(_COUNTED))
        .order_by(_c.day.desc())
        .limit(1)
    )
    return _first(query, now, connection)


def book(values: Mapping[str, Any], places: int, now: datetime, connection: Connection) -> HomeVisit | None:
    """Take a place, or find the one that the account has; None when there is none left."""
    known = booked(values["account_number"], now, connection)
    if known is not None:
        return known
    mine = (_c.day == values["day"]) & (_c.window == values["window"]) & (_c.status == _BOOKED)
    given = set(connection.scalars(select(_c.seat).where(mine)))
    seat = next((number for number in range(places) if number not in given), None)
    if seat is None:
        return None
    when = {"asked_at": now, "changed_at": now, "changed_by": values["booked_by"]}
    row = {**values, **when, "seat": seat, "status": _BOOKED}
    statement = insert(home_visits).values(row).returning(*_COLUMNS)
    return _visit(connection.execute(statement).mappings().one(), now)


def end(
    number: str, status: AppointmentStatus, now: datetime, by: str, connection: Connection
) -> HomeVisit | None:
    """Note what became of a visit that is booked, or became of it already; None: it became something else."""
    as_it_may_be = _c.status.in_([_BOOKED, status.value])
    statement = (
        update(home_visits)
        .where(_c.id == _id(number), as_it_may_be)
        .values(status=status.value, changed_at=now, changed_by=by)
        .returning(*_COLUMNS)
    )
    row = connection.execute(statement).mappings().first()
    return None if row is None else _visit(row, now)


def of_days(first: date, last: date, now: datetime, connection: Connection) -> list[HomeVisit]:
    """The visits from one day to another."""
    query = select(*_COLUMNS).where(_c.day.between(first, last)).order_by(_c.day, _c.window, _c.id)
    return [_visit(row, now) for row in connection.execute(query).mappings()]


def of_client(
    accounts: Collection[str], phone: str, now: datetime, connection: Connection
) -> list[HomeVisit]:
    """The visits that a client has booked for today and later."""
    mine = _c.account_number.in_([each for each in accounts if each])
    of_phone = (_c.phone == phone) & (_c.phone != "")
    ahead = (_c.status == _BOOKED) & (_c.day >= now.date())
    query = select(*_COLUMNS).where(ahead, mine | of_phone)
    return [_visit(row, now) for row in connection.execute(query).mappings()]


def _first(query: Select[Any], now: datetime, connection: Connection) -> HomeVisit | None:
    row = connection.execute(query).mappings().first()
    return None if row is None else _visit(row, now)


def _id(number: str) -> int:
    digits = number.upper().removeprefix(_PREFIX)
    return int(digits) if digits.isdecimal() and len(digits) <= _LONGEST_NUMBER else 0


def _visit(row: Mapping[Any, Any], now: datetime) -> HomeVisit:
    values = {str(name): value for name, value in row.items()}
    values["asked_at"] = values["asked_at"].astimezone(now.tzinfo)
    return HomeVisit(**values)
