from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from ivr.customers.actions import actions
from ivr.customers.billing import BillingUnavailable
from ivr.customers.model import Address, Level
from ivr.customers.service import Customers, NotIdentified
from ivr.customers.settings import CustomersSettings
from ivr.dialogue.ports import CallFacts, Result, Value
from tests.unit.customers.samples import BillingInMemory, ClockByHand, account, facts
from tests.unit.customers.test_disclosure import assert_fits

OTHERS = (account("320145679", phones=("+74832000002",)), account("320145680", phones=("+74832000002",)))


class Scenario:
    """Calls actions as the interpreter does, and checks that the data have the declared shape."""

    def __init__(self, settings: CustomersSettings | None = None) -> None:
        self.billing = BillingInMemory((account(), *OTHERS))
        self.customers = Customers(self.billing, settings or CustomersSettings())
        self.clock = ClockByHand()
        self._actions = {action.name: action for action in actions(self.customers, self.clock)}

    async def do(self, name: str, of: CallFacts | None = None, **inputs: Value) -> Result:
        action = self._actions[f"customers.{name}"]
        assert inputs.keys() == action.inputs.keys()
        result = await action.run(of or facts(), **inputs)
        shape = action.outcomes[result.outcome]
        if shape is None:
            assert result.data is None
        else:
            assert_fits(result.data, shape)
        return result


@pytest.mark.parametrize(
    ("caller", "outcome"),
    [("+74832000001", "one"), ("+74832000002", "several"), ("+74832009999", "none"), ("", "none")],
)
async def test_accounts_of_the_calling_number(caller: str, outcome: str) -> None:
    scenario = Scenario()
    assert (await scenario.do("accounts_of_caller", facts(caller=caller))).outcome == outcome


@pytest.mark.parametrize(
    ("number", "outcome"), [("320145678", "found"), ("999999999", "unknown"), ("12", "malformed")]
)
async def test_finding_an_account(number: str, outcome: str) -> None:
    scenario = Scenario()
    assert (await scenario.do("find_account", number=number)).outcome == outcome
    assert ("number" in scenario.billing.questions) is (outcome != "malformed")


async def test_nothing_personal_is_told_before_the_confirmation() -> None:
    scenario = Scenario()
    await scenario.do("accounts_of_caller")
    found = await scenario.do("find_account", number="320145678")
    with pytest.raises(NotIdentified):
        await scenario.do("balance", account=found.data)


async def test_one_question_to_billing_serves_the_call() -> None:
    scenario = Scenario()
    found = await scenario.do("find_account", number="320145678")
    identified = await scenario.do("identify", account=found.data)
    balance = await scenario.do("balance", account=identified.data)
    assert balance == Result(
        "known", {"amount": Decimal("738.58"), "debt": True, "as_of": date(2026, 10, 24), "stale": False}
    )
    assert scenario.billing.questions == ["number"]


async def test_a_remembered_balance_says_of_when_it_is() -> None:
    scenario = Scenario()
    scenario.billing.accounts = (replace(account(), balance_as_of=None),)
    scenario.billing.as_of = datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
    scenario.billing.stale = True
    found = await scenario.do("find_account", number="320145678")
    await scenario.do("identify", account=found.data)
    balance = await scenario.do("balance", account=found.data)
    assert isinstance(balance.data, dict)
    assert balance.data["as_of"] == date(2026, 11, 23)  # in Moscow it was already the next day
    assert balance.data["stale"] is True


async def test_identification_is_for_one_account_of_one_call() -> None:
    scenario = Scenario()
    found = await scenario.do("find_account", number="320145678")
    await scenario.do("identify", account=found.data)
    other = await scenario.do("find_account", number="320145679")
    with pytest.raises(NotIdentified):
        await scenario.do("balance", account=other.data)
    with pytest.raises(NotIdentified):
        await scenario.do("balance", facts("c2"), account=found.data)


async def test_levels_rise_and_end_with_the_call() -> None:
    customers = Scenario().customers
    assert customers.level("c1", "678") is Level.UNKNOWN
    await customers.of_caller("c1", "+74832000001")
    assert customers.level("c1", "678") is Level.RECOGNISED
    await customers.identify("c1", "678")
    assert customers.level("c1", "678") is Level.IDENTIFIED
    customers.forget("c1")
    assert customers.level("c1", "678") is Level.UNKNOWN


async def test_an_account_that_is_not_there_cannot_be_identified() -> None:
    customers = Scenario().customers
    with pytest.raises(LookupError):
        await customers.identify("c1", "nobody")
    assert customers.level("c1", "nobody") is Level.UNKNOWN


async def test_the_memory_of_calls_is_bounded() -> None:
    customers = Scenario(CustomersSettings(calls_limit=2)).customers
    for call in ("c1", "c2", "c3"):
        await customers.identify(call, "678")
    levels = [customers.level(call, "678") for call in ("c1", "c2", "c3")]
    assert levels == [Level.UNKNOWN, Level.IDENTIFIED, Level.IDENTIFIED]


@pytest.mark.parametrize(
    ("address", "outcome"),
    [
        (("Дебрянск", "Пушкина", "1", "19"), "several"),
        (("г. Дебрянск", "ул. Пушкина", "дом 2", None), "found"),
        ((None, "пушкина", "2", "7"), "found"),
        (("", "Пушкина", "2", "0"), "found"),
        (("", "Пушкина", "2", "8"), "unknown"),
        (("", "Пушкина", "3", ""), "unknown"),
    ],
)
async def test_an_account_is_found_by_its_address(
    address: tuple[str | None, str, str, str | None], outcome: str
) -> None:
    scenario = Scenario(CustomersSettings(home_settlement="Дебрянск"))
    moved = replace(account("320145681"), address=Address("Дебрянск", "Пушкина", "2", "улица", "7"))
    scenario.billing.accounts += (moved,)
    settlement, street, house, flat = address
    result = await scenario.do(
        "find_by_address", settlement=settlement, street=street, house=house, flat=flat
    )
    assert result.outcome == outcome
    if outcome == "found":
        assert result.data == {"id": "681", "street_type": "улица", "street": "Пушкина"}
        identified = await scenario.do("identify", account=result.data)
        assert identified.outcome == "identified"
        assert [each.id for each in scenario.customers.identified("c1")] == ["681"]
        assert scenario.customers.identified("c2") == ()


async def test_a_settlement_must_be_named_where_the_company_has_no_own() -> None:
    scenario = Scenario()
    with pytest.raises(LookupError, match="home_settlement"):
        await scenario.do("find_by_address", settlement="", street="Пушкина", house="1", flat="")
    assert scenario.billing.questions == []


async def test_an_account_that_was_found_is_known_to_other_rooms() -> None:
    customers = Scenario().customers
    with pytest.raises(LookupError):
        customers.found("c1", "678")
    await customers.find("c1", "320145678")
    assert customers.found("c1", "678").number == "320145678"
    with pytest.raises(LookupError):
        customers.found("c2", "678")


async def test_the_streets_are_asked_once_in_a_while() -> None:
    scenario = Scenario(CustomersSettings(streets_fresh_seconds=60))
    assert await scenario.do("streets") == Result("known", ("Пушкина",))
    scenario.clock.pass_by(59)
    await scenario.do("streets")
    assert scenario.billing.questions == ["streets"]
    scenario.clock.pass_by(2)
    scenario.billing.down = True
    assert await scenario.do("streets") == Result("known", ("Пушкина",))
    assert scenario.billing.questions == ["streets", "streets"]


async def test_without_any_answer_about_streets_the_action_fails() -> None:
    scenario = Scenario()
    scenario.billing.down = True
    with pytest.raises(BillingUnavailable):
        await scenario.do("streets")


async def test_streets_need_not_be_known() -> None:
    assert (await Scenario(CustomersSettings(streets_limit=0)).do("streets")).outcome == "none"
