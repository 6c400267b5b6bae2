"""What scenarios may do with customers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from ivr.customers.addresses import split_street
from ivr.customers.disclosure import account_shape, visible
from ivr.customers.model import Address, Level
from ivr.customers.service import Customers, Known
from ivr.customers.streets import StreetList
from ivr.dialogue.ports import Action, CallFacts, Clock, Kind, Result, Shape, Value

Record = Mapping[str, Value]

TEXT = Shape(Kind.TEXT)

ACCOUNT = Shape(Kind.RECORD, {"id": TEXT})
"""What an action needs of an account's record."""

BALANCE = Shape(
    Kind.RECORD,
    {
        "amount": Shape(Kind.NUMBER),
        "debt": Shape(Kind.BOOL),
        "as_of": Shape(Kind.DATE),
        "stale": Shape(Kind.BOOL),
    },
)
"""Roubles without sign, whether they are owed, the day they are of; stale while billing can't be asked."""


def actions(customers: Customers, clock: Clock) -> list[Action]:
    """The actions `customers.…`."""
    does = _Actions(customers, clock, StreetList(customers, clock))
    unknown, recognised, identified = (account_shape(level, customers.settings) for level in Level)
    return [
        Action(
            name="customers.accounts_of_caller",
            inputs={},
            outcomes={"none": None, "one": recognised, "several": Shape(Kind.LIST, item=recognised)},
            run=does.accounts_of_caller,
        ),
        Action(
            name="customers.find_account",
            inputs={"number": Shape(Kind.TEXT)},
            outcomes={"found": unknown, "unknown": None, "malformed": None},
            run=does.find_account,
        ),
        Action(
            name="customers.find_by_address",
            inputs={"settlement": TEXT, "street": TEXT, "house": TEXT, "flat": TEXT},
            outcomes={"found": unknown, "several": None, "unknown": None},
            run=does.find_by_address,
        ),
        Action(
            name="customers.streets",
            inputs={},
            outcomes={"known": Shape(Kind.LIST, item=TEXT), "none": None},
            run=does.streets,
        ),
        Action(
            name="customers.identify",
            inputs={"account": ACCOUNT},
            outcomes={"identified": identified},
            run=does.identify,
        ),
        Action(
            name="customers.balance",
            inputs={"account": ACCOUNT},
            outcomes={"known": BALANCE, "unknown": None},
            run=does.balance,
            personal=True,
        ),
    ]


@dataclass(frozen=True, slots=True)
class _Actions:
    customers: Customers
    clock: Clock
    street_list: StreetList

    async def accounts_of_caller(self, facts: CallFacts) -> Result:
        found = await self.customers.of_caller(facts.call_id, facts.caller_number)
        records = [visible(account, Level.RECOGNISED, self.customers.settings) for account in found]
        if not records:
            return Result("none")
        return Result("one", records[0]) if len(records) == 1 else Result("several", records)

    async def find_account(self, facts: CallFacts, number: str) -> Result:
        if not self.customers.is_well_formed(number):
            return Result("malformed")
        account = await self.customers.find(facts.call_id, number)
        if account is None:
            return Result("unknown")
        return Result("found", visible(account, Level.UNKNOWN, self.customers.settings))

    async def find_by_address(
        self, facts: CallFacts, settlement: str | None, street: str, house: str, flat: str | None
    ) -> Result:
        street_type, name = split_street(street)
        town = self.customers.settlement(settlement)
        own_flat = flat if flat and flat.strip(" 0") else ""  # who lives in a house of his own says zero
        address = Address(town, name, house, street_type, own_flat)
        found = await self.customers.at_address(facts.call_id, address)
        if not found:
            return Result("unknown")
        if len(found) > 1:
            return Result("several")
        return Result("found", visible(found[0], Level.UNKNOWN, self.customers.settings))

    async def streets(self, facts: CallFacts) -> Result:
        names = await self.street_list.names()
        return Result("known", names) if names else Result("none")

    async def identify(self, facts: CallFacts, account: Record) -> Result:
        known = await self.customers.identify(facts.call_id, str(account["id"]))
        return Result("identified", visible(known.account, Level.IDENTIFIED, self.customers.settings))

    async def balance(self, facts: CallFacts, account: Record) -> Result:
        known = self.customers.require(facts.call_id, str(account["id"]))
        amount = known.account.balance
        return Result("unknown") if amount is None else Result("known", self._balance(known, amount))

    def _balance(self, known: Known, amount: Decimal) -> Record:
        now = self.clock.now()
        told = now if known.as_of is None else known.as_of.astimezone(now.tzinfo)
        return {
            "amount": abs(amount),
            "debt": amount < 0,
            "as_of": known.account.balance_as_of or told.date(),
            "stale": known.stale,
        }
