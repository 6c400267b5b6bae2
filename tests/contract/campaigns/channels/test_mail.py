"""E-mail by a real mail server that takes, refuses, hangs up and is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from ivr.campaigns.channels.mail import MailGateway
from ivr.campaigns.channels.model import Channel, MessageState
from ivr.campaigns.channels.settings import MailSettings
from ivr.store import Database
from tests.contract.campaigns.channels.office import Office, RestlessClock

PASSWORD = "тайна"


class Mailbox:
    """Takes mail; answers as it is told, and may hang up after a letter was taken."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.recipient = "250 OK"
        self.content = "250 OK"
        self.hangs_up = False

    async def handle_RCPT(  # noqa: N802  # the name of the library
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=default)
        assert isinstance(letter, EmailMessage)
        if self.content.startswith("250"):
            self.letters.append(letter)
        if self.hangs_up:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return self.content


def known(server: SMTP, session: Session, envelope: Envelope, mechanism: str, who: Any) -> AuthResult:
    right = isinstance(who, LoginPassword) and who.password.decode() == PASSWORD
    return AuthResult(success=right)


@asynccontextmanager
async def mail_server(mailbox: Mailbox, **options: Any) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(mailbox, loop=loop, **options), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def office_at(database: Database, clock: RestlessClock, port: int, **more: Any) -> Office:
    told = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "energo@example.ru"}
    gateway = MailGateway(
        MailSettings(**{**told, "sender_name": "Энергосбыт", "timeout_seconds": 20, **more})
    )
    return Office(database, clock, gateway, channel=Channel.EMAIL, name="mail", receipts=False)


async def letter(office: Office) -> None:
    await office.write(address="anna@example.ru", subject="Уведомление", text="Долг 1 250,50 руб.")


@pytest.fixture
def clock() -> RestlessClock:
    return RestlessClock()


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
async def office(database: Database, clock: RestlessClock, mailbox: Mailbox) -> AsyncIterator[Office]:
    async with mail_server(mailbox) as port:
        yield office_at(database, clock, port)


async def test_a_letter_arrives_in_russian(office: Office, mailbox: Mailbox) -> None:
    await letter(office)
    await office.work()
    (came,) = mailbox.letters
    assert (came["Subject"], came["To"]) == ("Уведомление", "anna@example.ru")
    assert came["From"] == "Энергосбыт <energo@example.ru>"
    assert came.get_content().strip() == "Долг 1 250,50 руб."
    assert came["Auto-Submitted"] == "auto-generated"
    message = await office.only()
    assert message.key in came["Message-ID"]
    assert message.state is MessageState.SENT


async def test_without_receipts_sent_is_the_end(office: Office, clock: RestlessClock) -> None:
    await letter(office)
    await office.work()
    clock.pass_by(1_000_000)
    await office.work()
    assert await office.state() is MessageState.SENT


@pytest.mark.parametrize("where", ["recipient", "content"])
async def test_refused_for_good(office: Office, mailbox: Mailbox, where: str) -> None:
    setattr(mailbox, where, "550 5.1.1 no such user")
    await letter(office)
    await office.work()
    message = await office.only()
    assert (message.state, message.why) == (MessageState.FAILED, "smtp 550")


async def test_grey_listed_it_comes_later(office: Office, mailbox: Mailbox, clock: RestlessClock) -> None:
    mailbox.recipient = "451 4.7.1 come again"
    await letter(office)
    await office.work()
    assert await office.state() is MessageState.WAITING
    mailbox.recipient = "250 OK"
    clock.pass_by(30)
    await office.work()
    assert len(mailbox.letters) == 1


async def test_hung_up_after_the_letter_nobody_can_tell_and_it_is_not_sent_again(
    office: Office, mailbox: Mailbox, clock: RestlessClock
) -> None:
    mailbox.hangs_up = True
    await letter(office)
    await office.work()
    clock.pass_by(100_000)
    await office.work()
    assert len(mailbox.letters) == 1
    assert await office.state() is MessageState.UNKNOWN


async def test_a_server_that_is_away_blames_no_letter(database: Database, clock: RestlessClock) -> None:
    async with mail_server(Mailbox()) as port:
        pass
    office = office_at(database, clock, port)
    await letter(office)
    await office.work()
    message = await office.only()
    assert (message.state, message.tries) == (MessageState.WAITING, 0)


async def test_it_signs_in(database: Database, clock: RestlessClock, mailbox: Mailbox) -> None:
    options = {"authenticator": known, "auth_required": True, "auth_require_tls": False}
    async with mail_server(mailbox, **options) as port:
        await letter(wrong := office_at(database, clock, port, user="ivr", password="x", timeout_seconds=0.5))
        await wrong.work()
        assert mailbox.letters == []
        clock.pass_by(60)
        right = office_at(database, clock, port, user="ivr", password=PASSWORD)
        await right.work()
        assert len(mailbox.letters) == 1
