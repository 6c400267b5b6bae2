"""Reports that are made by themselves: in a folder, by a real mail server, once, and until they arrive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from openpyxl import load_workbook
from pydantic import SecretStr

from ivr.calls.pending import note
from ivr.kpi.papers.book import Book
from ivr.kpi.papers.deliveries import Delivery, State, late, listed
from ivr.kpi.papers.kinds import Form
from ivr.kpi.papers.posting import Post
from ivr.kpi.papers.settings import DeliverySettings, MailSettings, Order, Security
from ivr.kpi.papers.spans import Days, Span
from ivr.kpi.papers.worker import HELD_SECONDS, ReportDelivery
from ivr.store import Database
from tests.contract.kpi.conftest import StillClock, put
from tests.unit.kpi.papers.books import DAYS, ZONE, book
from tests.unit.kpi.stories import served

MORNING = datetime(2026, 12, 1, 8, tzinfo=ZONE)
SETTINGS = DeliverySettings(first_pause_seconds=60, longest_pause_seconds=150, attempts=4)
NOVEMBER = Days(date(2026, 11, 1), date(2026, 11, 30))
PASSWORD = "тайна"


class Mailbox:
    """Takes mail, unless it is told to refuse; knows one user."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refuses = ""

    async def handle_RCPT(  # noqa: N802  # the name of the library
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuses and self.refuses in address:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 OK"


def known(server: SMTP, session: Session, envelope: Envelope, mechanism: str, who: Any) -> AuthResult:
    right = isinstance(who, LoginPassword) and who.password.decode() == PASSWORD
    return AuthResult(success=right)


@asynccontextmanager
async def mail_server(mailbox: Mailbox, **options: Any) -> AsyncIterator[int]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(mailbox, loop=loop, **options), "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
async def port(mailbox: Mailbox) -> AsyncIterator[int]:
    async with mail_server(mailbox) as port:
        yield port


def mail(port: int, **more: Any) -> MailSettings:
    return MailSettings(
        host="127.0.0.1",
        port=port,
        security=Security.NONE,
        sender="ivr@example.ru",
        timeout_seconds=5,
        **more,
    )


class Kitchen:
    """Makes the same book again and again, and counts."""

    def __init__(self) -> None:
        self.made: list[tuple[str, Days]] = []
        self.fails = False
        self.blocks = False
        self.asked = asyncio.Event()

    async def __call__(self, order: Order, days: Days) -> Book:
        self.made.append((order.name, days))
        self.asked.set()
        if self.blocks:
            await asyncio.Event().wait()
        if self.fails:
            raise ZeroDivisionError
        return book(DAYS)


class Shop:
    """Deliveries with a clock by hand."""

    def __init__(self, database: Database, *orders: Order, server: MailSettings | None = None) -> None:
        self.database = database
        self.clock = StillClock(MORNING)
        self.kitchen = Kitchen()
        self.orders = orders
        self.server = server

    def worker(self) -> ReportDelivery:
        return ReportDelivery(
            self.database,
            self.orders,
            SETTINGS,
            self.clock,
            ZONE,
            make=self.kitchen,
            post=Post(self.server),
        )

    async def known(self) -> list[Delivery]:
        return await self.database.read(lambda connection: listed(connection, 100))

    async def states(self) -> list[State]:
        return [each.state for each in await self.known()]


def to_folder(folder: Path, **more: Any) -> Order:
    return Order(name="monthly", folder=folder, formats=(Form.XLSX, Form.HTML), **more)


def by_mail(*addresses: str) -> Order:
    return Order(name="monthly", email=addresses or ("boss@example.ru",), formats=(Form.XLSX, Form.CSV))


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    return tmp_path / "reports"


def endings(folder: Path) -> list[str]:
    return sorted(each.suffix for each in folder.iterdir())


def block(folder: Path) -> None:
    folder.write_text("a file, no folder")


def clear(folder: Path) -> None:
    folder.unlink()


async def test_a_report_is_in_its_folder_once(database: Database, reports: Path) -> None:
    shop = Shop(database, to_folder(reports))
    worker = shop.worker()
    assert await worker.work() == 1
    assert await worker.work() == 0
    assert await shop.worker().work() == 0  # a new start
    assert shop.kitchen.made == [("monthly", NOVEMBER)]
    assert endings(reports) == [".html", ".xlsx"]
    assert await shop.states() == [State.DONE]


async def test_what_was_missed_is_made_good(database: Database, reports: Path) -> None:
    shop = Shop(database, to_folder(reports, period=Span.DAY))
    await shop.worker().work()
    shop.clock.moment += timedelta(days=3)
    await shop.worker().work()
    assert [days.first.day for _, days in shop.kitchen.made] == [30, 1, 2, 3]


async def test_a_folder_that_is_away_is_tried_again_after_longer_and_longer_pauses(
    database: Database, reports: Path
) -> None:
    block(reports)
    shop = Shop(database, to_folder(reports))
    worker = shop.worker()
    attempts = []
    for minute in range(8):
        before = len(shop.kitchen.made)
        await worker.work()
        attempts += [minute] * (len(shop.kitchen.made) - before)
        shop.clock.moment += timedelta(minutes=1)
    assert attempts == [0, 1, 3, 6]  # after 60, 120 and 150 s; then it is given up
    assert await shop.states() == [State.GIVEN_UP]
    assert worker.late == 1
    assert (await shop.known())[0].error == "the folder: File exists"


async def test_a_folder_that_comes_back_has_the_report(database: Database, reports: Path) -> None:
    block(reports)
    shop = Shop(database, to_folder(reports))
    await shop.worker().work()
    assert await shop.states() == [State.FAILING]
    clear(reports)
    shop.clock.moment += timedelta(minutes=1)
    assert await shop.worker().work() == 1
    assert await database.read(late) == 0
    assert endings(reports) == [".html", ".xlsx"]


async def test_a_letter_tells_what_is_not_kept_and_bears_the_files(
    database: Database, mailbox: Mailbox, port: int
) -> None:
    shop = Shop(database, by_mail(), server=mail(port))
    assert await shop.worker().work() == 1
    (letter,) = mailbox.letters
    assert letter["Subject"] == "Отчёт о соблюдении стандарта: 01.11.2026 – 04.11.2026"
    assert (letter["To"], letter["From"]) == ("boss@example.ru", "ivr@example.ru")
    assert letter["Auto-Submitted"] == "auto-generated"
    body = letter.get_body()
    assert body is not None
    assert "Доля потерянных звонков: 15,1\N{NO-BREAK SPACE}%" in body.get_content()
    sheet, table = letter.iter_attachments()
    assert isinstance(sheet, EmailMessage)
    assert sheet.get_filename() == "monthly-2026-11-01--2026-11-04.xlsx"
    assert load_workbook(BytesIO(sheet.get_content())).sheetnames[0] == "Показатели"
    assert table.get_content_type() == "text/csv"


async def test_one_address_that_is_refused_keeps_no_other_from_it(
    database: Database, mailbox: Mailbox, port: int
) -> None:
    mailbox.refuses = "gone@"
    shop = Shop(database, by_mail("boss@example.ru", "gone@example.ru"), server=mail(port))
    assert await shop.worker().work() == 1
    assert len(shop.kitchen.made) == 1
    assert {each.destination: each.state for each in await shop.known()} == {
        "email:boss@example.ru": State.DONE,
        "email:gone@example.ru": State.FAILING,
    }
    failing = (await shop.known())[0]
    assert failing.error == "the mail server answers 550"
    mailbox.refuses = ""
    shop.clock.moment += timedelta(minutes=1)
    assert await shop.worker().work() == 1
    assert [letter["To"] for letter in mailbox.letters] == ["boss@example.ru", "gone@example.ru"]


async def test_a_mail_server_that_is_down(database: Database, mailbox: Mailbox) -> None:
    async with mail_server(mailbox) as port:
        pass
    shop = Shop(database, by_mail(), server=mail(port))
    assert await shop.worker().work() == 0
    assert await shop.states() == [State.FAILING]
    assert "SMTPConnectError" in str((await shop.known())[0].error)


@pytest.mark.parametrize(("password", "state"), [(PASSWORD, State.DONE), ("falsch", State.FAILING)])
async def test_whoever_sends_signs_in(
    database: Database, mailbox: Mailbox, password: str, state: State
) -> None:
    options = {"authenticator": known, "auth_required": True, "auth_require_tls": False}
    async with mail_server(mailbox, **options) as port:
        server = mail(port, user="ivr", password=SecretStr(password))
        shop = Shop(database, by_mail(), server=server)
        await shop.worker().work()
    assert await shop.states() == [state]
    assert len(mailbox.letters) == (state is State.DONE)


async def test_nothing_goes_in_the_clear_where_privacy_is_asked_for(
    database: Database, mailbox: Mailbox, port: int
) -> None:
    server = mail(port).model_copy(update={"security": Security.STARTTLS})
    shop = Shop(database, by_mail(), server=server)
    await shop.worker().work()
    assert await shop.states() == [State.FAILING]
    assert mailbox.letters == []


async def test_the_same_letter_once_more_bears_the_same_name(mailbox: Mailbox, port: int) -> None:
    post, of = Post(mail(port)), book()
    for address in ("a@example.ru", "a@example.ru", "b@example.ru"):
        await post.deliver(f"email:{address}", "monthly", of, [])
    first, again, other = (letter["Message-ID"] for letter in mailbox.letters)
    assert first == again != other


async def test_calls_of_the_period_are_counted_first(database: Database, reports: Path) -> None:
    await put(database, served("c1", MORNING - timedelta(days=2)))
    await database.write(lambda connection: note(connection, ["c1"]))
    shop = Shop(database, to_folder(reports))
    assert await shop.worker().work() == 0
    assert shop.kitchen.made == []
    assert await shop.states() == [State.WAITING]


async def test_calls_after_the_period_need_not_be(database: Database, reports: Path) -> None:
    await put(database, served("c1", MORNING))
    await database.write(lambda connection: note(connection, ["c1"]))
    assert await Shop(database, to_folder(reports)).worker().work() == 1


async def test_a_fault_in_one_report_keeps_no_other_from_being_made(
    database: Database, reports: Path
) -> None:
    shop = Shop(database, to_folder(reports))
    shop.kitchen.fails = True
    await shop.worker().work()
    assert (await shop.known())[0].error == "ZeroDivisionError"


async def test_it_works_until_it_is_stopped(database: Database, reports: Path) -> None:
    shop = Shop(database, to_folder(reports))
    task = asyncio.create_task(shop.worker().run())
    await asyncio.wait_for(shop.kitchen.asked.wait(), 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_of_two_engines_one_delivers(database: Database, mailbox: Mailbox, port: int) -> None:
    shop = Shop(database, by_mail(), server=mail(port))
    both = await asyncio.gather(shop.worker().work(), shop.worker().work())
    assert sorted(both) == [0, 1]
    assert len(mailbox.letters) == 1


async def test_what_a_killed_engine_had_taken_is_delivered_by_the_next(
    database: Database, mailbox: Mailbox, port: int
) -> None:
    shop = Shop(database, by_mail(), server=mail(port))
    shop.kitchen.blocks = True
    killed = asyncio.create_task(shop.worker().work())
    await shop.kitchen.asked.wait()
    killed.cancel()
    shop.kitchen.blocks = False
    assert await shop.worker().work() == 0
    shop.clock.moment += timedelta(seconds=HELD_SECONDS + 1)
    assert await shop.worker().work() == 1
    assert len(mailbox.letters) == 1
