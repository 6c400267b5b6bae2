"""What scenarios may do with requests, appointments and call-backs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ivr.customers.service import Customers
from ivr.dialogue.ports import Action, CallFacts, Clock, Kind, Result, Shape, Value
from ivr.requests.appointments import Booking
from ivr.requests.callbacks import Plea
from ivr.requests.model import Request
from ivr.requests.service import Requests

Record = Mapping[str, Value]

_TEXT, _BOOL = Shape(Kind.TEXT), Shape(Kind.BOOL)
_DATE, _TIME = Shape(Kind.DATE), Shape(Kind.TIME)
_ACCOUNT = Shape(Kind.RECORD, {"id": _TEXT})

REQUEST = Shape(
    Kind.RECORD,
    {
        "number": _TEXT,
        "kind_title": _TEXT,
        "registered_on": _DATE,
        "due_on": _DATE,
        "status": _TEXT,
        "status_title": _TEXT,
        "answered_on": _DATE,
        "overdue": _BOOL,
    },
)
"""A request; `due_on` and `answered_on` are none where there is no such day."""

SLOT = Shape(Kind.RECORD, {"id": _TEXT, "day": _DATE, "time": _TIME})
"""A visit that is free."""

BOOKED = Shape(Kind.RECORD, {"number": _TEXT, "day": _DATE, "time": _TIME})
"""A visit that is booked, and what to name in the office."""

PROMISE = Shape(Kind.RECORD, {"day": _DATE, "from_time": _TIME, "today": _BOOL, "soon": _BOOL})
"""From when on the caller is called; `soon` when that is now."""


def actions(requests: Requests, customers: Customers, clock: Clock) -> list[Action]:
    """The actions `requests.…`, `appointments.…` and `callbacks.…`."""
    does = _Actions(requests, customers, clock)
    return [
        Action(
            name="requests.status",
            inputs={"account": _ACCOUNT},
            outcomes={"one": REQUEST, "several": Shape(Kind.LIST, item=REQUEST), "none": None},
            run=does.status,
            personal=True,
        ),
        Action(
            name="requests.find",
            inputs={"account": _ACCOUNT, "number": _TEXT},
            outcomes={"one": REQUEST, "none": None},
            run=does.find,
            personal=True,
        ),
        Action(
            name="appointments.slots",
            inputs={"office": _TEXT},
            outcomes={"free": Shape(Kind.LIST, item=SLOT), "none": None},
            run=does.slots,
        ),
        Action(
            name="appointments.book",
            inputs={"office": _TEXT, "slot": Shape(Kind.RECORD, {"id": _TEXT}), "account": _ACCOUNT},
            outcomes={"booked": BOOKED, "taken": None},
            run=does.book,
            personal=True,
            commits=True,
        ),
        Action(
            name="callbacks.request",
            inputs={"topic": _TEXT, "when": _TEXT, "said": _TEXT},
            outcomes={"promised": PROMISE, "already": PROMISE, "no_number": None},
            run=does.call_back,
            commits=True,
        ),
    ]


@dataclass(frozen=True, slots=True)
class _Actions:
    requests: Requests
    customers: Customers
    clock: Clock

    async def status(self, facts: CallFacts, account: Record) -> Result:
        known = self.customers.require(facts.call_id, str(account["id"])).account
        found = [self._request(each) for each in await self.requests.register.of_account(known.number)]
        if not found:
            return Result("none")
        return Result("one", found[0]) if len(found) == 1 else Result("several", found)

    async def find(self, facts: CallFacts, account: Record, number: str) -> Result:
        known = self.customers.require(facts.call_id, str(account["id"])).account
        found = await self.requests.register.of_account_by_number(known.number, number)
        return Result("none") if found is None else Result("one", self._request(found))

    async def slots(self, facts: CallFacts, office: str) -> Result:
        free = await self.requests.appointments.free(office, facts.segment)
        slots: list[Record] = [{"id": at.isoformat(), "day": at.date(), "time": at} for at in free]
        return Result("free", slots) if slots else Result("none")

    async def book(self, facts: CallFacts, office: str, slot: Record, account: Record) -> Result:
        known = self.customers.require(facts.call_id, str(account["id"])).account
        booked = await self.requests.appointments.book(
            Booking(
                office=office,
                segment=facts.segment,
                starts_at=datetime.fromisoformat(str(slot["id"])),
                account_number=known.number,
                call_id=facts.call_id,
            )
        )
        if booked is None:
            return Result("taken")
        at = booked.starts_at
        return Result("booked", {"number": booked.number, "day": at.date(), "time": at})

    async def call_back(
        self, facts: CallFacts, topic: str | None, when: str | None, said: str | None
    ) -> Result:
        if not facts.caller_number:
            return Result("no_number")
        accounts = self.customers.identified(facts.call_id)
        now = self.clock.now()
        promise = await self.requests.callbacks.ask(
            Plea(
                phone=facts.caller_number,
                call_id=facts.call_id,
                when=when or "",
                topic=topic or "",
                account_number=accounts[0].number if len(accounts) == 1 else "",
                said=said or "",
            )
        )
        due = promise.due_from
        today = due.date() == now.date()
        data: Record = {"day": due.date(), "from_time": due, "today": today, "soon": due <= now}
        return Result("already" if promise.renewed else "promised", data)

    def _request(self, request: Request) -> Record:
        titles = self.requests.titles
        return {
            "number": request.number,
            "kind_title": titles.kinds[request.kind],
            "registered_on": request.registered_at.date(),
            "due_on": request.due_at and request.due_at.date(),
            "status": request.status.value,
            "status_title": titles.statuses[request.status],
            "answered_on": request.answered_at and request.answered_at.date(),
            "overdue": request.is_overdue(self.clock.now()),
        }
