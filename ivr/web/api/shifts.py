"""The shift plan."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import partial

from pydantic import AwareDatetime, BaseModel, Field

from ivr.access.model import Right, User
from ivr.desk.shifts import Overlap, Shift, Shifts, shift_of
from ivr.dialogue.ports import Clock
from ivr.web.api.cards import AuditTrail
from ivr.web.api.floor import workers
from ivr.web.api.leading import Leading
from ivr.web.api.route import Asked, Refused, Route
from ivr.web.api.work_models import Login

_LONGEST_DAYS = 62
_DAYS_AN_ENTRY = 15
_NO_SUCH = "На этот день смена не назначена."
_WRONG_BREAKS = "Перерывы должны лежать внутри смены и не пересекаться."
_TOO_LONG = "Выберите срок не длиннее двух месяцев."
_OVERLAPS = "Смена {shift} пересекается со сменой {other} того же сотрудника."
_NOBODY = "Такого сотрудника нет, или он больше не работает: {login}."
_NO_DAY = "Укажите день как ГГГГ-ММ-ДД."


class BreakTold(BaseModel):
    """A break."""

    since: AwareDatetime
    until: AwareDatetime


class ShiftTold(BaseModel):
    """A shift."""

    login: str
    day: date
    begins_at: AwareDatetime
    ends_at: AwareDatetime
    breaks: list[BreakTold]

    @classmethod
    def of(cls, shift: Shift) -> ShiftTold:
        """As JSON has it."""
        breaks = [BreakTold(since=since, until=until) for since, until in shift.breaks]
        return cls(
            login=shift.login,
            day=shift.day,
            begins_at=shift.begins_at,
            ends_at=shift.ends_at,
            breaks=breaks,
        )


class ShiftsTold(BaseModel):
    """A plan, by day and hour."""

    shifts: list[ShiftTold]


class BreakMade(BaseModel):
    """A break, by the clock on the wall."""

    since: time
    until: time


class ShiftMade(BaseModel):
    """A shift, by the clock on the wall; an end that is not after the beginning is on the next day."""

    login: Login
    day: date
    begins: time
    ends: time
    breaks: list[BreakMade] = Field(default=[], max_length=10)


class PlanMade(BaseModel):
    """Shifts, each instead of what was planned for that person and day."""

    shifts: list[ShiftMade] = Field(min_length=1, max_length=2_000)


class ShiftsQuery(BaseModel):
    """Which days, both included; default: this week from today."""

    first: date | None = None
    last: date | None = None
    everybody: bool = Field(default=False, description="Not only mine; for those who lead the desk.")


def routes(
    shifts: Shifts, clock: Clock, users: Callable[[], Awaitable[list[User]]], audit: AuditTrail
) -> list[Route]:
    """`/shifts`; `users` tells everybody who is known."""
    does = _Shifts(shifts, clock, users, Leading(audit))
    work, desk = partial(Route, right=Right.WORK), partial(Route, right=Right.DESK)
    return [
        work(
            method="GET",
            path="/shifts",
            title="The plan, mine or everybody's",
            run=does.all,
            query=ShiftsQuery,
            answer=ShiftsTold,
        ),
        desk(
            method="GET",
            path="/shifts/here",
            title="Who should be here now",
            run=does.here,
            answer=ShiftsTold,
        ),
        desk(
            method="PUT",
            path="/shifts",
            title="Plan shifts",
            run=does.put,
            body=PlanMade,
            answer=ShiftsTold,
        ),
        desk(
            method="DELETE",
            path="/shifts/{login}/{day}",
            title="Take a shift off the plan",
            run=does.remove,
        ),
    ]


@dataclass(frozen=True, slots=True)
class _Shifts:
    shifts: Shifts
    clock: Clock
    users: Callable[[], Awaitable[list[User]]]
    leading: Leading

    async def all(self, asked: Asked) -> ShiftsTold:
        query: ShiftsQuery = asked.query
        first = query.first or self.clock.now().date()
        last = query.last or first + timedelta(days=6)
        if last - first > timedelta(days=_LONGEST_DAYS):
            raise Refused(422, "too-long", _TOO_LONG, "last")
        everybody = query.everybody and asked.user.may(Right.DESK)
        found = await self.shifts.between(first, last, None if everybody else asked.user.login)
        return ShiftsTold(shifts=[ShiftTold.of(each) for each in found])

    async def here(self, asked: Asked) -> ShiftsTold:
        return ShiftsTold(shifts=[ShiftTold.of(each) for each in await self.shifts.here()])

    async def put(self, asked: Asked) -> ShiftsTold:
        made: PlanMade = asked.body
        try:
            planned = [self._planned(each) for each in made.shifts]
        except ValueError as error:
            raise Refused(422, "wrong-breaks", _WRONG_BREAKS, "breaks") from error
        await self._require_known(planned)
        try:
            await self.shifts.put(planned)
        except Overlap as error:
            words = _OVERLAPS.format(shift=_span(error.shift), other=_span(error.other))
            raise Refused(409, "overlaps", words, "begins") from error
        await self.leading.did(asked, *_days_of_each(planned))
        return ShiftsTold(shifts=[ShiftTold.of(each) for each in planned])

    async def remove(self, asked: Asked) -> None:
        try:
            day = date.fromisoformat(asked.path["day"])
        except ValueError as error:
            raise Refused(404, "not-there", _NO_DAY) from error
        login = asked.path["login"]
        if not await self.shifts.remove(login, day):
            raise Refused(404, "not-there", _NO_SUCH)
        await self.leading.did(asked, (login, f"shift {day} removed"))

    async def _require_known(self, planned: Iterable[Shift]) -> None:
        known = {user.login for user in await workers(self.users)}
        for shift in planned:
            if shift.login not in known:
                raise Refused(422, "nobody", _NOBODY.format(login=shift.login), "login")

    def _planned(self, made: ShiftMade) -> Shift:
        breaks = [(each.since, each.until) for each in made.breaks]
        return shift_of(made.login, made.day, (made.begins, made.ends), breaks, self.shifts.zone)


def _days_of_each(planned: Iterable[Shift]) -> list[tuple[str, str]]:
    """Login, and the days that were planned for him: so many together as an entry of the audit takes."""
    days: dict[str, list[date]] = {}
    for shift in sorted(planned, key=lambda each: (each.login, each.day)):
        days.setdefault(shift.login, []).append(shift.day)
    return [
        (login, " ".join(["shifts", *map(str, of_one[first : first + _DAYS_AN_ENTRY])]))
        for login, of_one in days.items()
        for first in range(0, len(of_one), _DAYS_AN_ENTRY)
    ]


def _span(shift: Shift) -> str:
    return f"{shift.begins_at:%d.%m %H:%M} – {shift.ends_at:%d.%m %H:%M}"
