"""Billing's live API, against a reference server with faults."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from ivr.customers.api import BillingApi
from ivr.customers.billing import BillingUnavailable
from ivr.customers.model import Account, AccountKind, Address, Meter, Segment, Zone
from ivr.customers.settings import BillingApiSettings
from tests.unit.customers.samples import ClockByHand

ACCOUNT = {
    "id": "a/1",
    "number": "320145678",
    "kind": "person",
    "segment": "private",
    "name": "Берестова Анна Юрьевна",
    "address": {
        "settlement": "Дебрянск",
        "street_type": "улица",
        "street": "Пушкина",
        "house": "1",
        "flat": "19",
    },
    "phones": ["+74832000001"],
    "balance": "-738.58",
    "balance_as_of": "2026-10-24",
    "meters": [
        {
            "id": "m1",
            "serial": "04512873",
            "digits": 5,
            "zones": [
                {"code": "single", "last_value": 11950, "last_date": "2026-10-24", "usual_monthly": 200}
            ],
        }
    ],
    "field_of_a_later_version": True,
}


@dataclass
class BillingServer:
    """The reference server: answers as docs/billing-api.md says, or as `fault` says."""

    fault: str = ""
    faults_left: int = 1_000_000
    requests: list[str] = field(default_factory=list)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request.path_qs)
        if request.headers.get("Authorization") != "Bearer secret":
            return web.Response(status=401)
        if self.fault and self.faults_left:
            self.faults_left -= 1
            return await self._faulty(request)
        return web.json_response({"accounts": [ACCOUNT] if self._asks_for_it(request) else []})

    async def tell_streets(self, request: web.Request) -> web.Response:
        self.requests.append(request.path_qs)
        if self.fault:
            return web.Response(status=int(self.fault))
        return web.json_response({"streets": ["Пушкина", "Садовая", "Пушкина", "Лесная"]})

    def _asks_for_it(self, request: web.Request) -> bool:
        if "name" in request.query:  # of a name it tells whatever it has
            return True
        wanted = {"number": "320145678", "phone": "+74832000001", "house": "1"}
        asked = {name: value for name, value in request.query.items() if name in wanted}
        return request.path.endswith("/accounts/a/1") or any(
            wanted[name] == value for name, value in asked.items()
        )

    async def _faulty(self, request: web.Request) -> web.StreamResponse:
        if self.fault.isdigit():
            return web.Response(status=int(self.fault))
        if self.fault == "silent":
            await self.released.wait()
        if self.fault == "cut":
            assert request.transport
            request.transport.close()
        bodies = {
            "no-json": "<html>",
            "not-agreed": '{"accounts": [{"id": 1}]}',
            "nine-digits": '{"accounts": [], "x": 1}'.replace("[]", "[null]"),
            "long": '{"accounts": []}' + " " * 2_000_000,
        }
        return web.Response(text=bodies.get(self.fault, ""), content_type="application/json")


@pytest.fixture
def server() -> BillingServer:
    return BillingServer()


@pytest.fixture
def clock() -> ClockByHand:
    return ClockByHand()


@pytest.fixture
async def billing(server: BillingServer, clock: ClockByHand) -> AsyncIterator[BillingApi]:
    app = web.Application()
    app.router.add_get("/v1/accounts", server.answer)
    app.router.add_get("/v1/accounts/{id:.*}", server.answer)
    app.router.add_get("/v1/streets", server.tell_streets)
    async with TestServer(app) as listening:
        settings = BillingApiSettings(
            url=str(listening.make_url("/v1/")),
            token=SecretStr("secret"),
            attempt_seconds=0.3,
            failures_to_pause=2,
            pause_seconds=10,
            fresh_seconds=60,
            stale_seconds=3_600,
        )
        api = await BillingApi.open(settings, clock)
        yield api
        server.released.set()
        await api.close()


async def test_an_account_is_found_by_each_way(billing: BillingApi, server: BillingServer) -> None:
    address = Address("Дебрянск", "Пушкина", "1", flat="19")
    expected = Account(
        id="a/1",
        number="320145678",
        kind=AccountKind.PERSON,
        segment=Segment.PRIVATE,
        name="Берестова Анна Юрьевна",
        address=Address("Дебрянск", "Пушкина", "1", "улица", "19"),
        phones=("+74832000001",),
        balance=Decimal("-738.58"),
        balance_as_of=date(2026, 10, 24),
        meters=(
            Meter(
                id="m1",
                serial="04512873",
                digits=5,
                zones=(
                    Zone(code="single", last_value=11_950, last_date=date(2026, 10, 24), usual_monthly=200),
                ),
            ),
        ),
    )
    for answer in (
        await billing.by_number("320145678"),
        await billing.by_phone("+74832000001"),
        await billing.by_address(address),
        await billing.by_id("a/1"),
    ):
        assert answer.accounts == (expected,)
        assert answer.as_of is None
    assert server.requests[1] == "/v1/accounts?phone=%2B74832000001"
    assert server.requests[3] == "/v1/accounts/a%2F1"


async def test_accounts_are_found_by_name_and_what_has_another_name_is_left_out(
    billing: BillingApi, server: BillingServer
) -> None:
    (found,) = (await billing.by_name("БЕРЁСТ а.", 20)).accounts
    assert found.number == "320145678"
    (asked,) = server.requests
    assert parse_qs(urlsplit(asked).query) == {"name": ["берест а"], "limit": ["20"]}
    assert (await billing.by_name("Берестов", 20)).accounts
    assert (await billing.by_name("Иванова", 20)).accounts == ()
    assert (await billing.by_name("Бе", 20)).accounts == ()
    assert len(server.requests) == 3


async def test_billing_that_offers_no_search_by_name_is_not_down(
    billing: BillingApi, server: BillingServer
) -> None:
    server.fault = "404"
    for _ in range(3):
        assert (await billing.by_name("Берестова", 20)).accounts == ()
    server.fault = ""
    assert (await billing.by_number("320145678")).accounts


async def test_nobody_is_found(billing: BillingApi, server: BillingServer) -> None:
    assert (await billing.by_number("1")).accounts == ()
    server.fault = "404"
    assert (await billing.by_id("gone")).accounts == ()


@pytest.mark.parametrize("fault", ["500", "503", "429", "cut", "silent"])
async def test_a_passing_fault_is_tried_again(billing: BillingApi, server: BillingServer, fault: str) -> None:
    server.fault, server.faults_left = fault, 1
    assert len((await billing.by_number("320145678")).accounts) == 1
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "fault", ["400", "403", "404", "302", "no-json", "not-agreed", "nine-digits", "long"]
)
async def test_a_lasting_fault_is_not_tried_again(
    billing: BillingApi, server: BillingServer, fault: str
) -> None:
    server.fault = fault
    with pytest.raises(BillingUnavailable) as caught:
        await billing.by_number("320145678")
    assert len(server.requests) == 1
    assert "320145678" not in str(caught.value)


async def test_while_billing_is_down_the_last_answer_is_given_with_its_age(
    billing: BillingApi, server: BillingServer, clock: ClockByHand
) -> None:
    told_at = clock.now()
    await billing.by_number("320145678")
    clock.pass_by(30)
    fresh = await billing.by_number("320145678")
    assert (fresh.as_of, fresh.stale, len(server.requests)) == (told_at, False, 1)
    server.fault = "503"
    clock.pass_by(31)
    stale = await billing.by_number("320145678")
    assert (stale.as_of, stale.stale) == (told_at, True)
    assert len(stale.accounts) == 1
    clock.pass_by(3_600)
    with pytest.raises(BillingUnavailable):
        await billing.by_number("320145678")
    server.fault = ""
    clock.pass_by(10)
    healed = await billing.by_number("320145678")
    assert (healed.as_of, healed.stale) == (None, False)


async def test_after_failures_callers_do_not_wait_for_billing(
    billing: BillingApi, server: BillingServer, clock: ClockByHand
) -> None:
    server.fault = "500"
    for _ in range(5):
        with pytest.raises(BillingUnavailable):
            await billing.by_number("320145678")
    assert len(server.requests) == 4  # two questions of two attempts, then the pause
    server.fault = ""
    clock.pass_by(10)
    assert (await billing.by_number("320145678")).accounts


async def test_the_streets_are_told_each_once(billing: BillingApi, server: BillingServer) -> None:
    assert await billing.streets(2) == ("Пушкина", "Садовая")
    assert server.requests == ["/v1/streets"]


async def test_streets_need_not_be_offered(billing: BillingApi, server: BillingServer) -> None:
    server.fault = "404"
    assert await billing.streets(2) == ()


async def test_streets_are_not_asked_of_who_does_not_answer(
    billing: BillingApi, server: BillingServer
) -> None:
    server.fault = "500"
    for _ in range(3):
        with pytest.raises(BillingUnavailable):
            await billing.streets(2)
    assert len(server.requests) == 4  # two attempts twice, then the pause
