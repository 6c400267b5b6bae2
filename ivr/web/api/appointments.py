"""Appointments at an office: free times, booking, moving, cancelling, and who came."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

from pydantic import AwareDatetime, BaseModel, Field

from ivr.access.audit import Action, Audit
from ivr.access.model import Right
from ivr.requests.appointments import Appointments, Booking, NotBooked
from ivr.requests.model import Appointment, AppointmentStatus
from ivr.web.api.audited import entry_of
from ivr.web.api.masks import initials, tail
from ivr.web.api.route import Asked, Refused, Route

_NO_OFFICE = "Такого офиса нет. Выберите офис из списка."
_NO_CLIENT = "Укажите лицевой счёт, а если он неизвестен — имя и телефон клиента."
_TAKEN = "Это время уже занято, или офис тогда не принимает. Выберите другое."
_NOT_BOOKED = "Этой записи нет, или она уже отменена."

_Segment = Field(default="private", pattern="^(private|corporate|any)$")


@dataclass(frozen=True, slots=True)
class OfficePlace:
    """Where an office is, as an operator reads it out."""

    title: str
    address: str


class SlotsQuery(BaseModel):
    """Whose time, and when."""

    office: str = Field(max_length=64)
    segment: str = _Segment
    day: date | None = Field(default=None, description="Without it: the next ones, a few of each day.")


class SlotTold(BaseModel):
    """A time that is free."""

    starts_at: AwareDatetime


class SlotsTold(BaseModel):
    """The soonest first."""

    slots: list[SlotTold]


class DayQuery(BaseModel):
    """Which visits."""

    office: str | None = Field(default=None, max_length=64)
    day: date


class Booked(BaseModel):
    """What the client has chosen. The same client at the same time is booked once."""

    office: str = Field(max_length=64)
    segment: str = _Segment
    starts_at: AwareDatetime
    account: str = Field(default="", max_length=32, repr=False)
    name: str = Field(default="", max_length=200, repr=False)
    phone: str = Field(default="", max_length=32, pattern=r"^[0-9+() -]*$", repr=False)
    topic: str = Field(default="", max_length=64)
    call_id: str = Field(default="", max_length=64)
    key: str = Field(default="", max_length=64, description="Of the form; not needed.")


class Moved(BaseModel):
    """The new time."""

    starts_at: AwareDatetime
    segment: str = _Segment


class Met(BaseModel):
    """Whether the client came."""

    came: bool


class AppointmentTold(BaseModel):
    """A visit. Client and account can't be made out but for those who see all cards."""

    number: str
    office: str
    office_title: str
    address: str
    starts_at: AwareDatetime
    topic: str
    status: AppointmentStatus
    client: str
    account: str
    phone: str


class AppointmentsTold(BaseModel):
    """By office and time."""

    appointments: list[AppointmentTold]


def routes(
    appointments: Appointments, *, audit: Audit, offices: Callable[[], Mapping[str, OfficePlace]]
) -> list[Route]:
    """`/appointments`; `offices` are those of the company, by id."""
    does = _Appointments(appointments, audit, offices)
    route = partial(Route, right=Right.WORK)
    told = partial(route, method="POST", answer=AppointmentTold)
    return [
        route(
            method="GET",
            path="/appointments",
            title="Visits of a day",
            run=does.of_day,
            query=DayQuery,
            answer=AppointmentsTold,
        ),
        route(
            method="GET",
            path="/appointments/slots",
            title="Free times of an office",
            run=does.slots,
            query=SlotsQuery,
            answer=SlotsTold,
        ),
        told(path="/appointments", title="Book a visit to an office", run=does.book, body=Booked, status=201),
        told(
            path="/appointments/{number}/move", title="Put a visit to another time", run=does.move, body=Moved
        ),
        told(path="/appointments/{number}/cancel", title="Give a visit back", run=does.cancel),
        told(path="/appointments/{number}/met", title="Note whether the client came", run=does.met, body=Met),
    ]


@dataclass(frozen=True, slots=True)
class _Appointments:
    appointments: Appointments
    audit: Audit
    offices: Callable[[], Mapping[str, OfficePlace]]

    async def of_day(self, asked: Asked) -> AppointmentsTold:
        query: DayQuery = asked.query
        found = await self.appointments.of_day(query.office, query.day)
        shown = asked.user.may(Right.CARDS)
        if shown and found:
            await self.audit.record(entry_of(asked, Action.VIEWED, "appointments of a day"))
        return AppointmentsTold(appointments=[self._told(each, shown=shown) for each in found])

    async def slots(self, asked: Asked) -> SlotsTold:
        query: SlotsQuery = asked.query
        self._require_office(query.office)
        if query.day is None:
            free = await self.appointments.free(query.office, query.segment)
        else:
            free = await self.appointments.free_on(query.office, query.segment, query.day)
        return SlotsTold(slots=[SlotTold(starts_at=at) for at in free])

    async def book(self, asked: Asked) -> AppointmentTold:
        made: Booked = asked.body
        self._require_office(made.office)
        if not (made.account or (made.name.strip() and made.phone.strip())):
            raise Refused(422, "no-client", _NO_CLIENT, "account")
        booked = await self.appointments.book(
            Booking(
                office=made.office,
                segment=made.segment,
                starts_at=made.starts_at,
                account_number=made.account,
                call_id=made.call_id,
                topic=made.topic,
                client_name=made.name.strip(),
                phone=made.phone,
                by=asked.user.login,
            )
        )
        return await self._changed(asked, booked)

    async def move(self, asked: Asked) -> AppointmentTold:
        made: Moved = asked.body
        moving = self.appointments.move(asked.path["number"], made.starts_at, made.segment, asked.user.login)
        try:
            return await self._changed(asked, await moving)
        except NotBooked as error:
            raise Refused(404, "not-booked", _NOT_BOOKED) from error

    async def cancel(self, asked: Asked) -> AppointmentTold:
        try:
            ended = await self.appointments.cancel(asked.path["number"], asked.user.login)
        except NotBooked as error:
            raise Refused(404, "not-booked", _NOT_BOOKED) from error
        return await self._changed(asked, ended)

    async def met(self, asked: Asked) -> AppointmentTold:
        made: Met = asked.body
        try:
            ended = await self.appointments.met(asked.path["number"], made.came, asked.user.login)
        except NotBooked as error:
            raise Refused(404, "not-booked", _NOT_BOOKED) from error
        return await self._changed(asked, ended)

    async def _changed(self, asked: Asked, appointment: Appointment | None) -> AppointmentTold:
        if appointment is None:
            raise Refused(409, "slot-taken", _TAKEN, "starts_at")
        subject = appointment.account_number or appointment.phone
        await self.audit.record(
            entry_of(
                asked,
                Action.CHANGED,
                f"appointment {appointment.number}",
                subject=subject,
                call_id=appointment.call_id,
            )
        )
        return self._told(appointment, shown=asked.user.may(Right.CARDS))

    def _require_office(self, office: str) -> None:
        if office not in self.offices():
            raise Refused(422, "unknown-office", _NO_OFFICE, "office")

    def _told(self, appointment: Appointment, *, shown: bool) -> AppointmentTold:
        place = self.offices().get(appointment.office, OfficePlace(appointment.office, ""))
        name, account, phone = appointment.client_name, appointment.account_number, appointment.phone
        return AppointmentTold(
            number=appointment.number,
            office=appointment.office,
            office_title=place.title,
            address=place.address,
            starts_at=appointment.starts_at,
            topic=appointment.topic,
            status=AppointmentStatus(appointment.status),
            client=name if shown else initials(name),
            account=account if shown else tail(account),
            phone=phone if shown else tail(phone),
        )
