"""Gateways tell of receipts without a session, and nobody else does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientSession, web

from ivr.store import StoreUnavailable
from ivr.web.frame import BASE, errors_as_json
from ivr.web.message_receipts import MessageReceipts
from ivr.web.settings import LimitSettings

SECRET = "s3cret"


class Taken:
    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []
        self.away = False

    def knows(self, gateway: str, secret: str) -> bool:
        return (gateway, secret) == ("centre", SECRET)

    async def take(self, gateway: str, told: Any) -> int:
        if self.away:
            raise StoreUnavailable("Locked.")
        self.told.append((gateway, told))
        return 1


@pytest.fixture
def taken() -> Taken:
    return Taken()


@pytest.fixture
async def url(taken: Taken) -> AsyncIterator[str]:
    application = web.Application(middlewares=[errors_as_json])
    for call in MessageReceipts(taken, LimitSettings()).calls():
        application.router.add_route(call.method, BASE + call.path, call.run)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}{BASE}/message-receipts/centre"
    await runner.cleanup()


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


async def test_json_a_form_and_an_address_tell_the_same(http: ClientSession, url: str, taken: Taken) -> None:
    told = {"id": "77", "status": "delivered"}
    async with http.post(f"{url}/{SECRET}", json=told) as answer:
        assert answer.status == 204
    async with http.post(f"{url}/{SECRET}", data=told) as answer:
        assert answer.status == 204
    async with http.get(f"{url}/{SECRET}", params=told) as answer:
        assert answer.status == 204
    assert taken.told == [("centre", told)] * 3


async def test_strangers_are_told_nothing(http: ClientSession, url: str, taken: Taken) -> None:
    for path in (f"{url}/wrong", f"{url}x/{SECRET}"):
        async with http.post(path, json={"id": "77"}) as answer:
            assert answer.status == 404
    assert taken.told == []


async def test_nonsense_is_refused(http: ClientSession, url: str, taken: Taken) -> None:
    async with http.post(f"{url}/{SECRET}", data=b"\xff{") as answer:
        assert answer.status == 400
    assert taken.told == []


async def test_what_cannot_be_kept_is_told_again(http: ClientSession, url: str, taken: Taken) -> None:
    taken.away = True
    async with http.post(f"{url}/{SECRET}", json={"id": "77"}) as answer:
        assert answer.status == 503
