"""Appointments as rows of the table. Jobs of the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from ivr.requests.model import Appointment, AppointmentStatus
from ivr.requests.tables import appointments

_c = appointments.c
_IS_BOOKED = _c.status == AppointmentStatus.BOOKED.value
_LONGEST_NUMBER = 15
_COLUMNS = [_c[each.name] for each in fields(Appointment)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """What a client has chosen. Texts are empty where nothing is known.

    Attributes:
        office: Id of the office.
        segment: Whose hours count.
        starts_at: Beginning of the slot, aware.
        account_number: Whose visit it is.
        call_id: Of the call in which it is booked.
        topic: Of `kb/`.
        by: Login of who books it; empty: the robot.
    """

    office: str
    segment: str
    starts_at: datetime
    account_number: str = field(repr=False)
    call_id: str
    topic: str = ""
    client_name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    by: str = ""


def taken(office: str, now: datetime, connection: Connection) -> Counter[datetime]:
    """How many clients come at each beginning; instants are equal whatever their zone."""
    query = (
        select(_c.starts_at, func.count())
        .where(_c.office == office, _IS_BOOKED, _c.starts_at >= now)
        .group_by(_c.starts_at)
    )
    return Counter({row[0]: int(row[1]) for row in connection.execute(query)})


def same(booking: Booking, now: datetime, connection: Connection) -> Appointment | None:
    """The very visit, when the same call or (outside of calls) the same client has booked it already."""
    of_client = (_c.account_number == booking.account_number) & (_c.phone == booking.phone)
    mine = _c.call_id == booking.call_id if booking.call_id else of_client
    row = (
        connection.execute(select(*_COLUMNS).where(_slot(booking.office, booking.starts_at), mine))
        .mappings()
        .first()
    )
    return None if row is None else _appointment(row, now)


def book(booking: Booking, capacity: int, now: datetime, connection: Connection) -> Appointment | None:
    """Take a seat; None when there is none left."""
    known = same(booking, now, connection)
    if known is not None:
        return known
    seat = _free_seat(booking.office, booking.starts_at, capacity, connection)
    if seat is None:
        return None
    values = {
        "office": booking.office,
        "starts_at": booking.starts_at,
        "seat": seat,
        "account_number": booking.account_number,
        "topic": booking.topic,
        "status": AppointmentStatus.BOOKED.value,
        "call_id": booking.call_id,
        "booked_at": now,
        "client_name": booking.client_name,
        "phone": booking.phone,
        "booked_by": booking.by,
        "changed_by": "",
    }
    statement = insert(appointments).values(values).returning(*_COLUMNS)
    return _appointment(connection.execute(statement).mappings().one(), now)


def move(
    booked: Appointment, starts_at: datetime, capacity: int, now: datetime, by: str, connection: Connection
) -> Appointment | None:
    """Take a seat at another time and give the old one back; None when there is none left."""
    if booked.starts_at == starts_at:
        return booked
    seat = _free_seat(booked.office, starts_at, capacity, connection)
    if seat is None:
        return None
    changed = {"starts_at": starts_at, "seat": seat, "changed_at": now, "changed_by": by}
    return _change(booked.id, changed, [_IS_BOOKED], now, connection)


def end(
    number: str, status: AppointmentStatus, now: datetime, by: str, connection: Connection
) -> Appointment | None:
    """Note what became of a visit that is booked, or became of it already; None: it became something else."""
    as_it_may_be = _c.status.in_([AppointmentStatus.BOOKED.value, status.value])
    changed = {"status": status.value, "changed_at": now, "changed_by": by}
    return _change(_id(number), changed, [as_it_may_be], now, connection)


def find(number: str, now: datetime, connection: Connection) -> Appointment | None:
    """The appointment of a number."""
    row = connection.execute(select(*_COLUMNS).where(_c.id == _id(number))).mappings().first()
    return None if row is None else _appointment(row, now)


def coming(midnight: datetime, connection: Connection, *conditions: ColumnElement[bool]) -> list[Appointment]:
    """The visits that are booked from a moment on."""
    return _ordered([_IS_BOOKED, _c.starts_at >= midnight, *conditions], midnight, connection)


def of_client(
    accounts: Collection[str], phone: str, now: datetime, connection: Connection
) -> list[Appointment]:
    """The visits that a client has booked for today and later."""
    mine = _c.account_number.in_([each for each in accounts if each])
    of_phone = (_c.phone == phone) & (_c.phone != "")
    return coming(now.replace(hour=0, minute=0, second=0, microsecond=0), connection, mine | of_phone)


def of_day(office: str | None, midnight: datetime, connection: Connection) -> list[Appointment]:
    """The visits of a day, in one office or all."""
    conditions = [_c.starts_at >= midnight, _c.starts_at < midnight + timedelta(days=1)]
    if office is not None:
        conditions.append(_c.office == office)
    return _ordered(conditions, midnight, connection)


def _ordered(
    conditions: list[ColumnElement[bool]], moment: datetime, connection: Connection
) -> list[Appointment]:
    query = select(*_COLUMNS).where(*conditions).order_by(_c.office, _c.starts_at, _c.seat)
    return [_appointment(row, moment) for row in connection.execute(query).mappings()]


def _slot(office: str, starts_at: datetime) -> ColumnElement[bool]:
    return (_c.office == office) & (_c.starts_at == starts_at) & _IS_BOOKED


def _free_seat(office: str, starts_at: datetime, capacity: int, connection: Connection) -> int | None:
    given = set(connection.scalars(select(_c.seat).where(_slot(office, starts_at))))
    return next((number for number in range(capacity) if number not in given), None)


def _change(
    row_id: int,
    values: dict[str, Any],
    conditions: list[ColumnElement[bool]],
    now: datetime,
    connection: Connection,
) -> Appointment | None:
    statement = update(appointments).where(_c.id == row_id, *conditions).values(values).returning(*_COLUMNS)
    row = connection.execute(statement).mappings().first()
    return None if row is None else _appointment(row, now)


def _id(number: str) -> int:
    return int(number) if number.isdecimal() and len(number) <= _LONGEST_NUMBER else 0


def _appointment(row: Mapping[Any, Any], now: datetime) -> Appointment:
    values = {str(name): value for name, value in row.items()}
    for name in ("starts_at", "booked_at"):
        values[name] = values[name].astimezone(now.tzinfo)
    return Appointment(**values)
