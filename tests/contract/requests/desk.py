"""The room with its actions, one office and people at work from 8 to 20."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from ivr.customers.service import Customers
from ivr.customers.settings import CustomersSettings
from ivr.dialogue.ports import CallFacts, Result
from ivr.requests.actions import actions
from ivr.requests.service import Requests
from ivr.requests.settings import RequestsSettings
from ivr.requests.slots import Opening
from ivr.store import Database
from tests.unit.customers.samples import BillingInMemory, ClockByHand, account, facts
from tests.unit.customers.test_disclosure import assert_fits

HOUR = 3_600.0
WEEKEND = 5


class OneOffice:
    """Implements `Offices`: `kovrov` receives private clients on weekdays from 9 to 10 and from 13 to 14."""

    def opening(self, office: str, segment: str, day: date) -> Opening | None:
        if office != "kovrov" or segment == "corporate":
            return None
        if day.weekday() >= WEEKEND:
            return ()
        return ((time(9), time(10)), (time(13), time(14)))


def at_work(moment: datetime) -> bool:
    return 8 <= moment.hour < 20


class Desk:
    """Calls actions as the interpreter does, and checks that the data have the declared shape."""

    def __init__(self, database: Database, settings: RequestsSettings | None = None) -> None:
        self.database = database
        self.clock = ClockByHand()  # Tuesday, 24 November 2026, 10:00
        self.settings = settings or RequestsSettings()
        self.requests = Requests(database, self.settings, self.clock, OneOffice(), at_work)
        self.customers = Customers(
            BillingInMemory((account(), account("320145679", phones=()))), CustomersSettings()
        )
        self._actions = {each.name: each for each in actions(self.requests, self.customers, self.clock)}

    async def do(self, name: str, of: CallFacts | None = None, **inputs: Any) -> Result:
        action = self._actions[name]
        assert inputs.keys() == action.inputs.keys()
        result = await action.run(of or facts(), **inputs)
        shape = action.outcomes[result.outcome]
        if shape is None:
            assert result.data is None
        else:
            assert_fits(result.data, shape)
        return result

    async def identify(self, call_id: str = "c1", account_id: str = "678") -> dict[str, str]:
        await self.customers.identify(call_id, account_id)
        return {"id": account_id}


def record(result: Result) -> dict[str, Any]:
    assert isinstance(result.data, dict)
    return result.data


def records(result: Result) -> list[dict[str, Any]]:
    assert isinstance(result.data, list)
    return result.data
