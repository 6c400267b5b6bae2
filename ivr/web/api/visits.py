"""Visits to the homes of clients with limited mobility: free times, booking, and what became of them."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from functools import partial
from typing import TypeVar

from pydantic import AwareDatetime, BaseModel, Field

from ivr.access.audit import Action, Audit
from ivr.access.model import Right
from ivr.requests.home_visits import HomeVisits, NewVisit, VisitRefusal, VisitRefused
from ivr.requests.model import AppointmentStatus, HomeVisit
from ivr.web.api.audited import entry_of
from ivr.web.api.masks import initials, tail
from ivr.web.api.route import Asked, Refused, Route

T = TypeVar("T")
_REFUSALS = {
    VisitRefusal.NOT_OFFERED: "Выездов на дом нет. Предложите приём в офисе или решение по телефону.",
    VisitRefusal.BOOKED_ALREADY: "У клиента уже назначен выезд на {day}.",
    VisitRefusal.TOO_OFTEN: "С прошлого выезда прошло мало времени: следующий возможен с {day}.",
    VisitRefusal.OUTSIDE: "В этот день выезда нет. Ближайший возможный день — {day}.",
    VisitRefusal.TAKEN: "Это время только что заняли. Выберите другое.",
    VisitRefusal.NOT_BOOKED: "Этого выезда нет, или он уже отменён.",
}
_STATUSES = {VisitRefusal.NOT_BOOKED: 404, VisitRefusal.OUTSIDE: 422}
_FIELDS = {VisitRefusal.OUTSIDE: "starts_at", VisitRefusal.TAKEN: "starts_at"}
_CONFLICT = 409


class RoomsQuery(BaseModel):
    """For whom, and when; without an account only room is looked for."""

    account: str = Field(default="", max_length=32)
    address: str = Field(default="", max_length=500)
    day: date | None = Field(default=None, description="Without it: the next ones.")


class RoomTold(BaseModel):
    """A part of a day at which a visit can be booked."""

    starts_at: AwareDatetime
    window: str


class RoomsTold(BaseModel):
    """The soonest first."""

    slots: list[RoomTold]


class DaysQuery(BaseModel):
    """Which visits, both days included."""

    since: date
    until: date


class VisitMade(BaseModel):
    """What the client asks for. The same client at the same time is booked once."""

    account: str = Field(min_length=1, max_length=32, repr=False)
    person: str = Field(min_length=1, max_length=200, repr=False)
    phone: str = Field(min_length=3, max_length=32, pattern=r"^[0-9+() -]*$", repr=False)
    address: str = Field(min_length=5, max_length=500, repr=False)
    reason: str = Field(min_length=3, max_length=2_000, description="Why he can't come.", repr=False)
    starts_at: AwareDatetime = Field(description="Beginning of a part of a day, as it was offered.")
    topic: str = Field(default="", max_length=64)
    call_id: str = Field(default="", max_length=64)
    key: str = Field(default="", max_length=64, description="Of the form; not needed.")


class Met(BaseModel):
    """Whether it took place."""

    took_place: bool


class VisitTold(BaseModel):
    """A visit. Client and address are told to those who see all cards."""

    number: str
    starts_at: AwareDatetime
    window: str
    status: AppointmentStatus
    remote: bool
    topic: str
    client: str
    account: str
    phone: str
    address: str
    reason: str


class VisitsTold(BaseModel):
    """By time."""

    visits: list[VisitTold]


def routes(visits: HomeVisits, *, profile: str, audit: Audit, zone: tzinfo) -> list[Route]:
    """`/visits`; `profile` is the standard that is kept, `zone` the company's time zone."""
    does = _Visits(visits, profile, audit, zone)
    route = partial(Route, right=Right.WORK)
    told = partial(route, method="POST", answer=VisitTold)
    return [
        route(
            method="GET",
            path="/visits",
            title="Home visits",
            run=does.of_days,
            query=DaysQuery,
            answer=VisitsTold,
        ),
        route(
            method="GET",
            path="/visits/slots",
            title="When a home visit is possible",
            run=does.rooms,
            query=RoomsQuery,
            answer=RoomsTold,
        ),
        told(path="/visits", title="Book a home visit", run=does.book, body=VisitMade, status=201),
        told(path="/visits/{number}/cancel", title="Give a home visit back", run=does.cancel),
        told(path="/visits/{number}/met", title="Note whether it took place", run=does.met, body=Met),
    ]


@dataclass(frozen=True, slots=True)
class _Visits:
    visits: HomeVisits
    profile: str
    audit: Audit
    zone: tzinfo

    async def of_days(self, asked: Asked) -> VisitsTold:
        query: DaysQuery = asked.query
        found = await self.visits.of_days(query.since, query.until)
        shown = asked.user.may(Right.CARDS)
        if shown and found:
            await self._record(asked, Action.VIEWED, "home visits")
        return VisitsTold(visits=[self._told(each, shown=shown) for each in found])

    async def rooms(self, asked: Asked) -> RoomsTold:
        query: RoomsQuery = asked.query
        free = await _or_refused(self.visits.free(self.profile, query.account, query.address, query.day))
        rooms = [RoomTold(starts_at=self._begins(each.day, each.window), window=each.window) for each in free]
        return RoomsTold(slots=rooms)

    async def book(self, asked: Asked) -> VisitTold:
        made: VisitMade = asked.body
        at = made.starts_at.astimezone(self.zone)
        new = NewVisit(
            account_number=made.account,
            client_name=made.person.strip(),
            phone=made.phone,
            address=made.address.strip(),
            day=at.date(),
            window=self.visits.window_at(at.time()) or "",
            profile=self.profile,
            by=asked.user.login,
            topic=made.topic,
            note=made.reason.strip(),
            call_id=made.call_id,
        )
        return await self._changed(asked, await _or_refused(self.visits.book(new)))

    async def cancel(self, asked: Asked) -> VisitTold:
        ended = self.visits.cancel(asked.path["number"], asked.user.login)
        return await self._changed(asked, await _or_refused(ended))

    async def met(self, asked: Asked) -> VisitTold:
        made: Met = asked.body
        ended = self.visits.met(asked.path["number"], made.took_place, asked.user.login)
        return await self._changed(asked, await _or_refused(ended))

    async def _changed(self, asked: Asked, visit: HomeVisit) -> VisitTold:
        await self._record(
            asked, Action.CHANGED, f"home visit {visit.number}", visit.account_number, visit.call_id
        )
        return self._told(visit, shown=asked.user.may(Right.CARDS) or visit.booked_by == asked.user.login)

    async def _record(
        self, asked: Asked, action: Action, what: str, subject: str = "", call_id: str = ""
    ) -> None:
        await self.audit.record(entry_of(asked, action=action, subject=subject, call_id=call_id, what=what))

    def _begins(self, day: date, window: str) -> datetime:
        return datetime.combine(day, time.fromisoformat(window.partition("-")[0]), self.zone)

    def _told(self, visit: HomeVisit, *, shown: bool) -> VisitTold:
        return VisitTold(
            number=visit.number,
            starts_at=self._begins(visit.day, visit.window),
            window=visit.window,
            status=AppointmentStatus(visit.status),
            remote=visit.remote,
            topic=visit.topic,
            client=visit.client_name if shown else initials(visit.client_name),
            account=visit.account_number if shown else tail(visit.account_number),
            phone=visit.phone if shown else tail(visit.phone),
            address=visit.address if shown else "",
            reason=visit.note if shown else "",
        )


async def _or_refused(asking: Awaitable[T]) -> T:
    try:
        return await asking
    except VisitRefused as error:
        day = f"{error.from_day:%d.%m.%Y}" if error.from_day else ""
        message = _REFUSALS[error.why].format(day=day)
        raise Refused(
            _STATUSES.get(error.why, _CONFLICT), error.why.value, message, _FIELDS.get(error.why)
        ) from error
