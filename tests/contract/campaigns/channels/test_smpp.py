"""SMS by SMPP against a centre over a real socket that fails in every way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ivr.campaigns.channels import rows
from ivr.campaigns.channels.model import MessageState, PartState, Receipt
from ivr.campaigns.channels.settings import SmppSettings
from ivr.campaigns.channels.smpp.gateway import SmppGateway
from ivr.campaigns.channels.smpp.pdu import Status, Tag
from ivr.store import Database, StoreUnavailable
from tests.contract.campaigns.channels.centre import Centre, Does, centre
from tests.contract.campaigns.channels.office import Office, RestlessClock

LONG = "Уведомляем об ограничении режима потребления. " * 4
RECEIPT = "id:{id} sub:001 dlvrd:001 submit date:2611241000 done date:2611241001 stat:{stat} err:000 text:"
MOSCOW = ZoneInfo("Europe/Moscow")


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not true():  # noqa: ASYNC110  # what is waited for has no event
            await asyncio.sleep(0.005)


class Line:
    """A bound gateway, its centre, and the office that sends by it."""

    def __init__(self, office: Office, gateway: SmppGateway, centre: Centre) -> None:
        self.office = office
        self.gateway = gateway
        self.centre = centre
        self.replies: list[tuple[str, str]] = []

    async def back(self) -> None:
        await until(lambda: self.gateway.is_up)

    async def take_reply(self, number: str, text: str) -> None:
        self.replies.append((number, text))


@asynccontextmanager
async def opened(
    database: Database,
    clock: RestlessClock,
    *,
    take: Callable[[Receipt], Awaitable[None]] | None = None,
    bound: bool = True,
    **more: Any,
) -> AsyncIterator[Line]:
    async with centre() as found:
        told = {"name": "centre", "host": "127.0.0.1", "port": found.port, "system_id": "ivr"}
        settings = SmppSettings(**{**told, "sender": "Energosbyt", "timeout_seconds": 20, **more})
        office = Office(database, clock, gateway=None)  # type: ignore[arg-type]
        line = Line(office, None, found)  # type: ignore[arg-type]
        line.gateway = SmppGateway(
            settings,
            clock,
            zone=MOSCOW,
            take_receipt=take or office.receipts.take,
            take_reply=line.take_reply,
        )
        line.office = Office(database, clock, line.gateway)
        keeping = asyncio.create_task(line.gateway.run())
        try:
            if bound:
                await line.back()
            yield line
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)


@pytest.fixture
def clock() -> RestlessClock:
    return RestlessClock()


@pytest.fixture
async def line(database: Database, clock: RestlessClock) -> AsyncIterator[Line]:
    async with opened(database, clock) as made:
        yield made


async def test_a_message_is_submitted_in_russian_and_delivered(line: Line) -> None:
    await line.office.write(text="Ёлка и 😀")
    await line.office.work()
    (sent,) = line.centre.taken
    assert sent.content.decode("utf-16-be") == "Ёлка и 😀"
    assert (sent.data_coding, sent.registered_delivery, sent.esm_class) == (8, 1, 0)
    assert (sent.source.ton, sent.source.digits) == (5, "Energosbyt")
    assert (sent.destination.ton, sent.destination.npi, sent.destination.digits) == (1, 1, "79031234567")
    assert await line.centre.deliver(RECEIPT.format(id="m1", stat="DELIVRD")) == Status.OK
    assert await line.office.state() is MessageState.DELIVERED


async def test_a_long_message_goes_in_parts_that_belong_together(line: Line) -> None:
    await line.office.write(text=LONG)
    await line.office.work()
    parts = line.centre.taken
    assert len(parts) == 3
    assert all(part.esm_class == 0x40 for part in parts)
    assert [part.content[3:6][1:] for part in parts] == [bytes((3, number)) for number in (1, 2, 3)]
    assert len({part.content[3] for part in parts}) == 1
    assert "".join(part.content[6:].decode("utf-16-be") for part in parts) == LONG
    for number in (3, 1, 2):
        assert await line.office.state() is MessageState.SENT
        await line.centre.deliver(RECEIPT.format(id=f"m{number}", stat="DELIVRD"))
    assert await line.office.state() is MessageState.DELIVERED


async def test_a_long_message_goes_as_a_whole_where_the_centre_takes_it_apart(
    database: Database, clock: RestlessClock
) -> None:
    async with opened(database, clock, long="payload") as line:
        await line.office.write(text=LONG)
        await line.office.work()
        (sent,) = line.centre.taken
        assert sent.optional[Tag.MESSAGE_PAYLOAD].decode("utf-16-be") == LONG


async def test_a_long_message_goes_with_parameters(database: Database, clock: RestlessClock) -> None:
    async with opened(database, clock, long="sar") as line:
        await line.office.write(text=LONG)
        await line.office.work()
        numbers = [part.optional[Tag.SAR_NUMBER][0] for part in line.centre.taken]
        assert numbers == [1, 2, 3]
        assert {part.optional[Tag.SAR_TOTAL] for part in line.centre.taken} == {b"\x03"}


@pytest.mark.parametrize(("does", "patience"), [(Does.CUT, 20), (Does.SILENCE, 0.4)])
async def test_cut_between_submit_and_answer_it_stays_unknown_and_is_not_sent_again(
    database: Database, clock: RestlessClock, does: Does, patience: float
) -> None:
    async with opened(database, clock, timeout_seconds=patience) as line:
        line.centre.does = [does]
        await line.office.write()
        await line.office.work()
        assert await line.office.state() is MessageState.UNKNOWN
        await line.back()
        clock.pass_by(100_000)
        assert await line.office.work() == 0
        assert line.centre.asked == 1


async def test_without_a_link_messages_wait_and_no_one_is_blamed(line: Line, clock: RestlessClock) -> None:
    line.centre.refuses_bind = True
    line.centre.cut()
    await until(lambda: not line.gateway.is_up)
    await line.office.write()
    await line.office.work()
    message = await line.office.only()
    assert (message.state, message.tries) == (MessageState.WAITING, 0)
    line.centre.refuses_bind = False
    await line.back()
    clock.pass_by(60)
    await line.office.work()
    assert len(line.centre.taken) == 1


@pytest.mark.parametrize("status", [Status.THROTTLED, Status.QUEUE_FULL])
async def test_throttled_it_waits_and_then_sends_everything_once(
    line: Line, clock: RestlessClock, status: Status
) -> None:
    line.centre.does = [status, status]
    for target in (1, 2, 3):
        await line.office.write(target)
    await line.office.work()
    clock.pass_by(4)
    assert await line.office.work() == 0
    clock.pass_by(1)
    await line.office.work()
    assert {message.state for message in await line.office.messages()} == {MessageState.SENT}
    assert len(line.centre.taken) == 3
    assert {message.tries for message in await line.office.messages()} == {0}


@pytest.mark.parametrize("does", [0x0B, Does.NACK])
async def test_a_refusal_is_final(line: Line, does: int | Does) -> None:
    line.centre.does = [does]
    await line.office.write()
    await line.office.work()
    message = await line.office.only()
    assert (message.state, message.why[:5]) == (MessageState.FAILED, "smpp ")


async def test_a_fault_of_the_centre_is_tried_again(line: Line, clock: RestlessClock) -> None:
    line.centre.does = [Status.SYSTEM_ERROR]
    await line.office.write()
    await line.office.work()
    clock.pass_by(30)
    await line.office.work()
    assert await line.office.state() is MessageState.SENT


async def test_a_receipt_that_cannot_be_kept_is_told_again(database: Database, clock: RestlessClock) -> None:
    away = [True]

    async def take(receipt: Receipt) -> None:
        if away.pop():
            raise StoreUnavailable("locked")

    async with opened(database, clock, take=take) as line:
        told = RECEIPT.format(id="m1", stat="DELIVRD")
        assert await line.centre.deliver(told) == Status.TEMPORARY_HERE
        away.append(False)
        assert await line.centre.deliver(told) == Status.OK


async def test_what_a_subscriber_writes_is_handed_on(line: Line) -> None:
    assert await line.centre.deliver("СТОП", esm_class=0, data_coding=8) == Status.OK
    assert line.replies == [("+79031234567", "СТОП")]


async def test_a_receipt_that_tells_nothing_is_taken_and_changes_nothing(line: Line) -> None:
    await line.office.write()
    await line.office.work()
    assert await line.centre.deliver("nonsense") == Status.OK
    assert await line.centre.deliver(RECEIPT.format(id="stranger", stat="DELIVRD")) == Status.OK
    assert await line.office.state() is MessageState.SENT


async def test_a_silent_link_is_tried(database: Database, clock: RestlessClock) -> None:
    async with opened(database, clock, enquire_seconds=0.05) as line:
        await asyncio.wait_for(line.centre.enquired.wait(), 30)
        assert line.gateway.is_up


@pytest.mark.parametrize("octets", [b"\0\0\0\4" + b"\0" * 12, b"HTTP/1.1 400 Bad Request\r\n\r\n"])
async def test_who_does_not_speak_smpp_is_left_and_called_again(line: Line, octets: bytes) -> None:
    binds = line.centre.binds
    line.centre.say(octets)
    await until(lambda: line.centre.binds > binds)
    await line.back()


async def test_it_says_goodbye(database: Database, clock: RestlessClock) -> None:
    async with opened(database, clock) as line:
        found = line.centre
    assert found.unbound.is_set()


async def test_many_messages_are_under_way_at_once_and_answers_come_in_any_order(line: Line) -> None:
    line.centre.gathers = 10
    for target in range(1, 31):
        await line.office.write(target, text=f"номер {target}")
    for _ in range(3):
        assert await line.office.work() == 10
    given = {}
    for message in await line.office.messages():
        (part,) = await line.office.database.read(partial(rows.parts_of, message_id=message.message_id))
        given[part.gateway_id] = message.text
    taken = {f"m{n}": part.content.decode("utf-16-be") for n, part in enumerate(line.centre.taken, 1)}
    assert given == taken


async def test_parts_of_a_message_that_was_cut_follow(line: Line, clock: RestlessClock) -> None:
    line.centre.does = [Status.OK, Status.QUEUE_FULL]
    await line.office.write(text=LONG)
    await line.office.work()
    clock.pass_by(10)
    await line.office.work()
    assert [part.content[5] for part in line.centre.taken] == [1, 2, 3]
    assert [part.state for part in await line.office.parts()] == [PartState.ACCEPTED] * 3
