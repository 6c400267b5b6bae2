"""Messages before, after and instead of the calls of a campaign, over real gateways that go away meanwhile.

An engine is killed while a message is handed over: nobody gets anything twice, nothing is lost.
"""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web

from ivr.campaigns.channels import rows
from ivr.campaigns.channels.model import Channel, Message, MessageState
from ivr.campaigns.channels.proof import Proofs
from ivr.campaigns.entries import NewTarget
from ivr.clock import SystemClock
from ivr.store import Database
from tests.contract.campaigns.channels.test_mail import Mailbox, mail_server
from tests.contract.campaigns.channels.test_smpp_servers import Rust
from tests.real.campaigns.exchange import said
from tests.real.campaigns.running import Dialling, dialling
from tests.real.campaigns.subscribers import SPEAKING, Temper, town
from tests.real.instances import free_port

pytestmark = pytest.mark.real
smpp34: Any = pytest.importorskip("smpp34")

TEMPERS = [Temper.NO_ANSWER] * 4 + [Temper.PERSON, Temper.BUSY]
SILENT = TEMPERS.count(Temper.NO_ANSWER)
SECRET = "receipts-of-the-cabinet"
TEXT = "Долг {target.amount|amount}, счёт {target.account|text}."
OVERRIDES = {
    "retries": {
        "no-answer": {
            "delay_minutes": 0,
            "times": 1,
            "other_number": False,
            "other_time": False,
            "channel": "sms",
        },
        "busy": None,
        "person": None,
        "abandoned": None,
        "most_tries": 3,
    },
    "messages": [
        {"channel": "account", "moment": "before", "subject": "Скоро позвоним", "text": TEXT},
        {"channel": "email", "moment": "after", "subject": "Задолженность", "text": TEXT},
        {"channel": "sms", "moment": "instead", "text": TEXT},
    ],
}


class Centre(Rust):
    """A message centre that may take messages without an answer."""

    answers = False

    def __init__(self, port: int) -> None:
        super().__init__(smpp34, port)
        self.port = port
        self.came = asyncio.Event()

    async def _serve(self) -> None:
        while True:
            event = await self._server.next()
            if isinstance(event, smpp34.Esme):
                self.session = event
            elif isinstance(event, smpp34.SubmitSmEvent):
                self.taken.append(event)
                self.came.set()
                if self.answers:
                    event.accept(f"r{len(self.taken)}")


@dataclass
class Cabinet:
    """The personal account: takes notices by HTTP, when it is there."""

    away: int = 3
    posted: Counter[str] = field(default_factory=Counter)
    taken: set[str] = field(default_factory=set)

    async def take(self, request: web.Request) -> web.Response:
        key = request.headers["webhook-id"]
        self.posted[key] += 1
        if self.away:
            self.away -= 1
            return web.Response(status=503)
        self.taken.add(key)
        return web.Response(status=204)


@asynccontextmanager
async def listening(cabinet: Cabinet) -> AsyncIterator[int]:
    application = web.Application()
    application.router.add_post("/hooks", cabinet.take)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


def channels(smpp: int, mail: int, cabinet: int) -> dict[str, Any]:
    """Settings of the company, by the gateways' ports."""
    return {
        "smpp": {
            "name": "centre",
            "host": "127.0.0.1",
            "port": smpp,
            "system_id": "ivr",
            "password": "secret",
            "sender": "Energosbyt",
            "window": 1,
            "timeout_seconds": 8,
            "reconnect_at_most_seconds": 2,
        },
        "mail": {
            "host": "127.0.0.1",
            "port": mail,
            "security": "none",
            "sender": "info@example.ru",
            "timeout_seconds": 8,
        },
        "account": {
            "name": "cabinet",
            "url": f"http://127.0.0.1:{cabinet}/hooks",
            "timeout_seconds": 8,
            "secret": "a-key-of-sixteen-letters",
            "receipts": True,
            "callback": {"secret": SECRET},
        },
        "first_pause_seconds": 1,
        "longest_pause_seconds": 2,
    }


@dataclass(frozen=True)
class Gateways:
    """Where everything is sent to."""

    centre: Centre
    mailbox: Mailbox
    cabinet: Cabinet
    dials: Dialling


@pytest.fixture
async def gateways(tmp_path: Path) -> AsyncIterator[Gateways]:
    """All three, and then the company."""
    port, cabinet, mailbox = free_port(socket.SOCK_STREAM), Cabinet(), Mailbox()
    centre = Centre(port)
    await centre.start()
    async with listening(cabinet) as hooks, mail_server(mailbox) as mail:
        company = dialling(tmp_path / "company", channels=channels(port, mail, hooks))
        dials = await asyncio.to_thread(company.__enter__)
        try:
            yield Gateways(centre, mailbox, cabinet, dials)
        finally:
            await asyncio.to_thread(company.__exit__, None, None, None)


@asynccontextmanager
async def database_of(dials: Dialling) -> AsyncIterator[Database]:
    opened = await Database.open(dials.company.stack.settings.store.model_copy(update={"busy_seconds": 30}))
    try:
        yield opened
    finally:
        await opened.close()


async def until(dials: Dialling, campaign_id: int, channel: Channel, *states: MessageState) -> list[Message]:
    """Those of a channel, once each of them is in one of the states and nobody's is missing."""
    wanted = SILENT if channel is Channel.SMS else len(TEMPERS)
    async with database_of(dials) as database, asyncio.timeout(90):
        while True:
            every = await database.read(partial(rows.listed, campaign_id=campaign_id))
            mine = [each for each in every if each.channel is channel]
            if len(mine) == wanted and all(each.state in states for each in mine):
                return mine
            await asyncio.sleep(0.2)


async def test_everybody_gets_each_message_once_whatever_goes_away(
    gateways: Gateways, tmp_path: Path
) -> None:
    centre, mailbox, cabinet, dials = gateways.centre, gateways.mailbox, gateways.cabinet, gateways.dials
    people = [
        _with_a_mobile(each, f"client{place}@example.ru")
        for place, each in enumerate(dials.debtors(TEMPERS, first=6000))
    ]
    sounds = {temper: said(tmp_path / "sounds", temper) for temper in SPEAKING}
    async with town(dials.place, tmp_path / "town", sounds, talk_seconds=40) as subscribers:
        campaign_id = await dials.campaign("сообщения", people, overrides=OVERRIDES)
        async with asyncio.timeout(90):
            await centre.came.wait()
        dials.kill_engine()  # a message was handed over, its answer has not come
        await centre.stop()
        held = centre.taken
        after = Centre(centre.port)
        after.answers = True
        await dials.done(campaign_id, seconds=150)
        await asyncio.sleep(2)  # the others wait for a centre that is away
        await after.start()
        handed = (MessageState.SENT, MessageState.UNKNOWN)
        await until(dials, campaign_id, Channel.SMS, *handed)
        for told, state in (("r1", "DELIVRD"), ("r1", "DELIVRD"), ("r2", "UNDELIV"), ("r9", "DELIVRD")):
            assert (await after.tell(told, state)).is_success
        notices = await until(dials, campaign_id, Channel.ACCOUNT, MessageState.SENT)
        await _tell_of_two(dials, notices)
        letters = await until(dials, campaign_id, Channel.EMAIL, *handed)
        messages = await until(
            dials,
            campaign_id,
            Channel.SMS,
            *handed,
            MessageState.DELIVERED,
            MessageState.FAILED,
        )
        count = subscribers.count()
        await after.stop()

    numbers = [event.destination_addr for event in (*held, *after.taken)]
    silent = sorted(each.numbers[0][1:] for each in people[:SILENT])
    assert sorted(numbers) == silent, "each of them one SMS, nobody two"
    assert len(held) == 1
    assert Counter(each.state for each in messages) == {
        MessageState.UNKNOWN: 1,
        MessageState.DELIVERED: 1,
        MessageState.FAILED: 1,
        MessageState.SENT: 1,
    }
    (unknown,) = [each for each in messages if each.state is MessageState.UNKNOWN]
    assert unknown.address == f"+{held[0].destination_addr}"
    arrived = Counter(str(letter["To"]) for letter in mailbox.letters)
    assert max(arrived.values()) == 1
    assert set(arrived) >= {each.address for each in letters if each.state is MessageState.SENT}
    assert len(cabinet.taken) == len(people) == len(notices)
    assert sum(cabinet.posted.values()) >= len(people) + 3, "it was away for the first three"
    assert all(count.called[number] <= 2 for number in count.called)
    await _is_proved(dials, unknown, tmp_path)


def _with_a_mobile(of: NewTarget, email: str) -> NewTarget:
    number = of.numbers[0].replace("+74832", "+79103")
    return replace(of, person=f"number:{number}", numbers=(number,), fields={**of.fields, "email": email})


async def _tell_of_two(dials: Dialling, notices: list[Message]) -> None:
    """The cabinet tells of two notices, of one of them twice; of the others never."""
    url = f"http://127.0.0.1:{dials.company.stack.settings.web.port}/api/message-receipts/cabinet/{SECRET}"
    async with ClientSession() as http:
        for notice in (notices[0], notices[1], notices[0]):
            async with http.post(url, json={"id": notice.key, "status": "delivered"}) as answer:
                assert answer.status == 204
    async with database_of(dials) as database:
        job = partial(rows.listed, campaign_id=notices[0].campaign_id)
        every = {each.message_id: each.state for each in await database.read(job)}
    told = [every[notice.message_id] for notice in notices]
    assert told == [MessageState.DELIVERED] * 2 + [MessageState.SENT] * (len(notices) - 2)


async def _is_proved(dials: Dialling, message: Message, folder: Path) -> None:
    """All channels stand in one history of the person, as a page."""
    zone = dials.company.stack.settings.company.zone
    async with database_of(dials) as database:
        proofs = Proofs(
            database,
            SystemClock(zone),
            zone=zone,
            company="Энергосбыт",
            outcome_title=str,
            heard=lambda outcome: False,
        )
        page = (await proofs.of_person(message.person, "Вера Лебедева")).decode()
    (folder / "proof.html").write_text(page, encoding="utf-8")
    assert page.count("Телефонный звонок") >= 2
    assert page.count("счёт ") == 3, "the account's notice, the SMS, the letter"
    assert page.count("передача начата") >= 1
