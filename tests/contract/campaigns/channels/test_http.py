"""SMS by HTTP and signed webhooks, against a server over a real socket."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from ivr.campaigns.channels.callbacks import Callbacks, receipt_of
from ivr.campaigns.channels.gateways import Gateway
from ivr.campaigns.channels.http import SmsHttpGateway, Webhook
from ivr.campaigns.channels.model import Channel, MessageState, PartState
from ivr.campaigns.channels.settings import CallbackSettings, SmsHttpSettings, WebhookSettings
from ivr.store import Database
from tests.contract.campaigns.channels.office import NUMBER, Office, RestlessClock

SECRET = "a-secret-of-sixteen-and-more"
BODY = {
    "messages": [{"to": "{number}", "from": "{sender}", "body": "{text}", "ref": "id-{key}"}],
    "flash": False,
}


class Service:
    """Answers as it is told, in order, then takes everything."""

    def __init__(self) -> None:
        self.posts: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[web.Response | str] = []
        self.url = ""

    async def post(self, request: web.Request) -> web.StreamResponse:
        self.posts.append((dict(request.headers), await request.read()))
        answer = self.answers.pop(0) if self.answers else web.json_response({"messages": [{"id": 77}]})
        if answer == "cut":
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if answer == "silent":
            await asyncio.sleep(0.6)
            return web.Response()
        assert isinstance(answer, web.Response)
        return answer


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    made = Service()
    app = web.Application()
    app.router.add_post("/send", made.post)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/send"
    yield made
    await runner.cleanup()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def clock() -> RestlessClock:
    return RestlessClock()


def sms(service: Service, session: aiohttp.ClientSession, **more: Any) -> SmsHttpGateway:
    told = {"name": "centre", "url": service.url, "body": BODY, "sender": "Energo", "timeout_seconds": 20}
    told |= {"headers": {"Authorization": "Bearer x"}, "id_path": "messages.0.id"}
    return SmsHttpGateway(SmsHttpSettings(**{**told, **more}), session)


def office_of(database: Database, clock: RestlessClock, gateway: Gateway, **own: Any) -> Office:
    return Office(database, clock, gateway, **own)


async def test_a_message_is_posted_as_the_operator_describes(
    database: Database, clock: RestlessClock, service: Service, session: aiohttp.ClientSession
) -> None:
    office = office_of(database, clock, sms(service, session))
    await office.write(text='Долг "до {завтра}"')
    await office.work()
    ((headers, body),) = service.posts
    assert headers["Authorization"] == "Bearer x"
    key = (await office.only()).key
    assert json.loads(body) == {
        "messages": [{"to": NUMBER[1:], "from": "Energo", "body": 'Долг "до {завтра}"', "ref": f"id-{key}"}],
        "flash": False,
    }
    assert [part.gateway_id for part in await office.parts()] == ["77"]


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (web.Response(status=400), MessageState.FAILED),
        (web.Response(status=403), MessageState.FAILED),
        (web.Response(status=429), MessageState.WAITING),
        (web.Response(status=503, headers={"Retry-After": "120"}), MessageState.WAITING),
        (web.Response(status=500), MessageState.UNKNOWN),
        ("cut", MessageState.UNKNOWN),
        ("silent", MessageState.UNKNOWN),
        (web.Response(status=200, text="not json"), MessageState.SENT),
    ],
)
async def test_what_follows_from_an_answer(
    database: Database,
    clock: RestlessClock,
    service: Service,
    session: aiohttp.ClientSession,
    answer: web.Response | str,
    state: MessageState,
) -> None:
    patience = 0.3 if answer == "silent" else 20
    office = office_of(database, clock, sms(service, session, timeout_seconds=patience))
    service.answers = [answer]
    await office.write()
    await office.work()
    assert await office.state() is state
    clock.pass_by(100)
    await office.work()
    posts = {MessageState.WAITING: 2}.get(state, 1)
    if isinstance(answer, web.Response) and "Retry-After" in answer.headers:
        posts = 1  # a hundred seconds are not enough
    assert len(service.posts) == posts


async def test_a_gateway_that_knows_repeats_gets_the_same_key_again(
    database: Database, clock: RestlessClock, service: Service, session: aiohttp.ClientSession
) -> None:
    office = office_of(database, clock, sms(service, session), repeatable=True)
    service.answers = ["cut"]
    await office.write()
    await office.work()
    clock.pass_by(30)
    await office.work()
    assert await office.state() is MessageState.SENT
    assert len({body for _, body in service.posts}) == 1


async def test_an_error_in_a_good_answer_is_a_refusal(
    database: Database, clock: RestlessClock, service: Service, session: aiohttp.ClientSession
) -> None:
    office = office_of(database, clock, sms(service, session, error_path="error"))
    service.answers = [web.json_response({"error": "no money"})]
    await office.write()
    await office.work()
    assert (await office.only()).why == "no money"


async def test_a_gateway_that_is_away_blames_nobody(
    database: Database, clock: RestlessClock, service: Service, session: aiohttp.ClientSession
) -> None:
    office = office_of(database, clock, sms(service, session, url="http://127.0.0.1:1/send"))
    await office.write()
    await office.work()
    message = await office.only()
    assert (message.state, message.tries) == (MessageState.WAITING, 0)


async def test_a_webhook_is_signed_and_repeated_under_its_id(
    database: Database, clock: RestlessClock, service: Service, session: aiohttp.ClientSession
) -> None:
    settings = WebhookSettings(name="cabinet", url=service.url, secret=SECRET)
    webhook = Webhook(settings, session, clock, Channel.ACCOUNT)
    office = office_of(
        database, clock, webhook, channel=Channel.ACCOUNT, name="cabinet", repeatable=True, receipts=False
    )
    service.answers = [web.Response(status=500)]
    await office.write(address="100200300", subject="Ограничение", text="Уведомляем")
    await office.work()
    clock.pass_by(30)
    await office.work()
    assert await office.state() is MessageState.SENT
    assert len({headers["webhook-id"] for headers, _ in service.posts}) == 1
    for headers, body in service.posts:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        right = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
        assert headers["webhook-signature"] == f"v1,{right}"
        assert json.loads(body)["data"] == {
            "account": "100200300",
            "title": "Ограничение",
            "text": "Уведомляем",
        }


CALLBACK = CallbackSettings(
    id_path="id",
    state_path="state.name",
    code_path="state.code",
    at_path="at",
    states={"OK": PartState.DELIVERED, "NO": PartState.UNDELIVERED},
    secret="s",
)


async def test_receipts_that_are_posted_hold(
    database: Database, clock: RestlessClock, service: Service, session: aiohttp.ClientSession
) -> None:
    office = office_of(database, clock, sms(service, session))
    callbacks = Callbacks({"centre": CALLBACK}, office.receipts)
    assert callbacks.knows("centre", "s")
    assert not callbacks.knows("centre", "t")
    assert not callbacks.knows("nobody", "s")
    await office.write()
    await office.work()
    told = [{"id": 77, "state": {"name": "OK"}, "at": 1_764_000_000}, {"id": 77, "state": {"name": "?"}}, "x"]
    assert await callbacks.take("centre", told) == 1
    assert await office.state() is MessageState.DELIVERED


@pytest.mark.parametrize("at", ["2026-11-24T10:00:00+03:00", "1795503600", 1795503600, 1795503600000])
def test_moments_of_gateways(at: object) -> None:
    found = receipt_of("c", CALLBACK, {"id": "1", "state": {"name": "NO", "code": "12"}, "at": at})
    assert found is not None
    assert found.at is not None
    assert found.at.timestamp() == 1795503600
    assert found.code == "12"
