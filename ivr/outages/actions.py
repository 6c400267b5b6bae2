"""What scenarios may ask of the register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ivr.customers.addresses import split_street
from ivr.customers.model import Address, Level
from ivr.customers.service import Customers, NotIdentified
from ivr.customers.settings import AccountField
from ivr.dialogue.ports import Action, CallFacts, Clock, Kind, Result, Shape, Value
from ivr.outages.model import Outage, OutageKind
from ivr.outages.service import Outages

Record = Mapping[str, Value]

_TEXT, _BOOL, _TIME = Shape(Kind.TEXT), Shape(Kind.BOOL), Shape(Kind.TIME)
_ACCOUNT = Shape(Kind.RECORD, {"id": _TEXT})

OUTAGE = Shape(
    Kind.RECORD,
    {
        "planned": _BOOL,
        "reason": _TEXT,
        "works": _TEXT,
        "organisation": _TEXT,
        "responsible": _TEXT,
        "phone": _TEXT,
        "begins": _TIME,
        "begins_today": _BOOL,
        "begins_tomorrow": _BOOL,
        "until": _TIME,
        "until_today": _BOOL,
        "known_until": _BOOL,
        "late": _BOOL,
    },
)
"""An outage. `reason` is never empty, the other texts are where nothing was given.

`until` is none and `known_until` false where the end is being clarified: none was given, or it has passed
(`late`).
"""


def actions(outages: Outages, customers: Customers, clock: Clock) -> list[Action]:
    """The actions `outages.…`; no answer of them names an address."""
    does = _Actions(outages, customers, clock)
    outcomes = {"now": OUTAGE, "planned": OUTAGE, "none": None}
    return [
        Action(
            name="outages.at_account", inputs={"account": _ACCOUNT}, outcomes=outcomes, run=does.at_account
        ),
        Action(
            name="outages.at_address",
            inputs={"settlement": _TEXT, "street": _TEXT, "house": _TEXT},
            outcomes=outcomes,
            run=does.at_address,
        ),
    ]


@dataclass(frozen=True, slots=True)
class _Actions:
    outages: Outages
    customers: Customers
    clock: Clock

    async def at_account(self, facts: CallFacts, account: Record) -> Result:
        account_id = str(account["id"])
        found = self.customers.found(facts.call_id, account_id)
        level = self.customers.level(facts.call_id, account_id)
        street_is_open = AccountField.STREET in self.customers.settings.fields(level)
        if level is Level.UNKNOWN and not street_is_open:
            raise NotIdentified
        return await self._at(found.address)

    async def at_address(
        self, facts: CallFacts, settlement: str | None, street: str, house: str | None
    ) -> Result:
        street_type, name = split_street(street)
        town = self.customers.settlement(settlement)
        return await self._at(Address(town, name, house or "", street_type))

    async def _at(self, address: Address) -> Result:
        situation, now = await self.outages.at(address), self.clock.now()
        if situation.now is not None:
            return Result("now", self._data(situation.now, now))
        if situation.planned is not None:
            return Result("planned", self._data(situation.planned, now))
        return Result("none")

    def _data(self, outage: Outage, now: datetime) -> Record:
        late = outage.is_late(now)
        until = None if late else outage.expected_end
        begins_in = (outage.begins_at.date() - now.date()).days
        return {
            "planned": outage.kind is OutageKind.PLANNED,
            "reason": outage.reason or outage.works or self.outages.settings.reasons.get(outage.kind, ""),
            "works": outage.works,
            "organisation": outage.organisation,
            "responsible": outage.responsible,
            "phone": outage.phone,
            "begins": outage.begins_at,
            "begins_today": begins_in == 0,
            "begins_tomorrow": begins_in == 1,
            "until": until,
            "until_today": until is not None and until.date() == now.date(),
            "known_until": until is not None,
            "late": late,
        }
