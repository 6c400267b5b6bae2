"""Messages are handed over once, whatever fails in between; receipts hold however they come."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from ivr.campaigns.channels.gateways import NotSent, Unsure
from ivr.campaigns.channels.model import MessageState, PartState, Receipt
from ivr.campaigns.verdicts import Never, NotBefore
from ivr.store import Database
from tests.contract.campaigns.channels.office import Office, RestlessClock, Scripted

LEASE = 200


@pytest.fixture
def clock() -> RestlessClock:
    return RestlessClock()


@pytest.fixture
def gateway() -> Scripted:
    return Scripted()


@pytest.fixture
def office(database: Database, clock: RestlessClock, gateway: Scripted) -> Office:
    return Office(database, clock, gateway)


def receipt(gateway_id: str, state: PartState, code: str = "") -> Receipt:
    return Receipt("centre", gateway_id, state, None, code)


async def test_a_message_is_written_once_and_sent_once(office: Office, gateway: Scripted) -> None:
    assert await office.write()
    assert not await office.write(key="f" * 32)
    assert await office.work() == 1
    assert await office.work() == 0
    assert gateway.taken == [("Здравствуйте", 1)]
    assert await office.state() is MessageState.SENT


async def test_a_message_that_cannot_go_tells_why_and_is_not_sent(office: Office, gateway: Scripted) -> None:
    await office.write(why="no-address")
    assert await office.work() == 0
    message = await office.only()
    assert (message.state, message.why) == (MessageState.FAILED, "no-address")
    assert gateway.taken == []


async def test_what_was_certainly_not_taken_is_tried_again_later_and_later(
    office: Office, gateway: Scripted, clock: RestlessClock
) -> None:
    gateway.does = [NotSent("refused for now"), NotSent("refused for now")]
    await office.write()
    await office.work()
    clock.pass_by(29)
    assert await office.work() == 0
    clock.pass_by(1)
    assert await office.work() == 1
    clock.pass_by(59)
    assert await office.work() == 0
    clock.pass_by(1)
    await office.work()
    assert len(gateway.taken) == 1
    assert await office.state() is MessageState.SENT


async def test_it_is_given_up_after_so_many_tries(
    office: Office, gateway: Scripted, clock: RestlessClock
) -> None:
    gateway.does = [NotSent("no", code="x")] * 3
    await office.write()
    for _ in range(3):
        await office.work()
        clock.pass_by(500)
    assert await office.work() == 0
    message = await office.only()
    assert (message.state, message.why) == (MessageState.FAILED, "x")


async def test_a_final_refusal_ends_it(office: Office, gateway: Scripted, clock: RestlessClock) -> None:
    gateway.does = [NotSent("no such number", final=True, code="smpp 0x0b")]
    await office.write()
    await office.work()
    clock.pass_by(10_000)
    assert await office.work() == 0
    assert (await office.only()).why == "smpp 0x0b"


async def test_a_gateway_that_wants_it_slower_gets_nothing_for_a_while_and_no_message_is_blamed(
    office: Office, gateway: Scripted, clock: RestlessClock
) -> None:
    gateway.does = [NotSent("slower", pause=5)] * 4
    await office.write(1)
    for _ in range(4):
        await office.work()
        await office.write(2)
        assert await office.work() == 0  # nothing else either
        clock.pass_by(5)
    await office.work()
    assert sorted(message.tries for message in await office.messages()) == [0, 0]
    assert len(gateway.taken) == 2


async def test_what_nobody_can_tell_is_never_sent_again(
    office: Office, gateway: Scripted, clock: RestlessClock
) -> None:
    gateway.does = [Unsure("smpp: cut")]
    await office.write()
    await office.work()
    clock.pass_by(100_000)
    assert await office.work() == 0
    message = await office.only()
    assert (message.state, message.why) == (MessageState.UNKNOWN, "smpp: cut")


async def test_a_gateway_that_knows_repeats_gets_it_again(
    database: Database, clock: RestlessClock, gateway: Scripted
) -> None:
    office = Office(database, clock, gateway, repeatable=True)
    gateway.does = [Unsure("http 500")]
    await office.write()
    await office.work()
    clock.pass_by(30)
    assert await office.work() == 1
    assert await office.state() is MessageState.SENT


@pytest.mark.parametrize("repeatable", [False, True])
async def test_an_engine_that_dies_between_handing_over_and_answer(
    database: Database, clock: RestlessClock, gateway: Scripted, repeatable: bool
) -> None:
    dying = Office(database, clock, gateway, repeatable=repeatable)
    gateway.hold = asyncio.Event()
    await dying.write()
    await dying.delivery.work()
    await gateway.asked.wait()
    for task in list(dying.delivery._busy):
        task.cancel()
    await dying.delivery.settled()

    gateway.hold = None
    heir = Office(database, clock, gateway, repeatable=repeatable)
    assert await heir.work() == 0  # the lease of the first one still holds
    clock.pass_by(LEASE)
    await heir.work()
    assert len(gateway.taken) == (1 if repeatable else 0)
    assert await heir.state() is (MessageState.SENT if repeatable else MessageState.UNKNOWN)


async def test_an_engine_that_dies_before_handing_over_forgets_nothing(
    database: Database, clock: RestlessClock, gateway: Scripted
) -> None:
    dying = Office(database, clock, gateway)
    await dying.write()
    await dying.delivery.work()
    for task in list(dying.delivery._busy):
        task.cancel()
    await dying.delivery.settled()
    assert gateway.taken == []
    clock.pass_by(LEASE)
    heir = Office(database, clock, gateway)
    await heir.work()
    assert len(gateway.taken) == 1


async def test_an_answer_that_comes_after_the_lease_counts_and_nothing_is_sent_twice(
    database: Database, clock: RestlessClock, gateway: Scripted
) -> None:
    slow = Office(database, clock, gateway)
    gateway.hold = asyncio.Event()
    await slow.write()
    await slow.delivery.work()
    await gateway.asked.wait()
    clock.pass_by(LEASE)
    heir = Office(database, clock, gateway)
    await heir.work()
    assert await heir.state() is MessageState.UNKNOWN
    gateway.hold.set()
    await slow.delivery.settled()
    assert await heir.state() is MessageState.SENT
    assert len(gateway.taken) == 1


async def test_two_engines_send_each_message_once(
    database: Database, clock: RestlessClock, gateway: Scripted
) -> None:
    offices = [Office(database, clock, gateway) for _ in range(2)]
    for target in range(1, 31):
        await offices[0].write(target, text=str(target))
    for _ in range(4):
        await asyncio.gather(*(office.work() for office in offices))
    assert sorted(int(text) for text, _ in gateway.taken) == list(range(1, 31))


async def test_of_a_long_message_only_the_missing_parts_are_handed_over_again(
    database: Database, clock: RestlessClock
) -> None:
    gateway = Scripted(parts=3)
    office = Office(database, clock, gateway)
    gateway.does = ["a", NotSent("away", pause=5)]
    await office.write()
    await office.work()
    clock.pass_by(5)
    await office.work()
    assert [part for _, part in gateway.taken] == [1, 2, 3]
    for part in await office.parts():
        await office.receipts.take(receipt(part.gateway_id, PartState.DELIVERED))
    assert await office.state() is MessageState.DELIVERED


async def test_receipts_late_repeated_and_in_another_order(office: Office, clock: RestlessClock) -> None:
    await office.write()
    await office.work()
    await office.receipts.take(receipt("g1", PartState.DELIVERED))
    await office.receipts.take(receipt("g1", PartState.ACCEPTED))
    await office.receipts.take(receipt("g1", PartState.DELIVERED))
    await office.receipts.take(receipt("g1", PartState.UNDELIVERED, "EXPIRED"))
    assert await office.state() is MessageState.DELIVERED


async def test_without_a_receipt_it_is_unknown_and_a_late_one_still_counts(
    office: Office, clock: RestlessClock
) -> None:
    await office.write()
    await office.work()
    clock.pass_by(71 * 3600)
    await office.work()
    assert await office.state() is MessageState.SENT
    clock.pass_by(2 * 3600)
    await office.work()
    message = await office.only()
    assert (message.state, message.why) == (MessageState.UNKNOWN, "no-receipt")
    await office.receipts.take(receipt("g1", PartState.UNDELIVERED, "EXPIRED"))
    message = await office.only()
    assert (message.state, message.why) == (MessageState.FAILED, "EXPIRED")


async def test_a_receipt_that_overtakes_the_answer_is_not_lost(office: Office, gateway: Scripted) -> None:
    gateway.hold = asyncio.Event()
    await office.write()
    await office.delivery.work()
    await gateway.asked.wait()
    await office.receipts.take(receipt("g1", PartState.DELIVERED))
    gateway.hold.set()
    await office.delivery.settled()
    assert await office.state() is MessageState.DELIVERED


async def test_receipts_of_strangers_change_nothing(office: Office) -> None:
    await office.write()
    await office.work()
    await office.receipts.take(receipt("never-heard-of", PartState.DELIVERED))
    await office.receipts.take(Receipt("another-gateway", "g1", PartState.DELIVERED))
    assert await office.state() is MessageState.SENT


async def test_an_old_receipt_of_a_number_that_is_used_anew_is_not_the_new_messages(
    office: Office, clock: RestlessClock
) -> None:
    await office.receipts.take(receipt("g1", PartState.UNDELIVERED))
    clock.pass_by(86_400)
    await office.write()
    await office.work()
    assert await office.state() is MessageState.SENT


async def test_forbidden_hours_put_it_off_and_a_refusal_withdraws_it(
    office: Office, gateway: Scripted, clock: RestlessClock
) -> None:
    await office.write()
    morning = clock.now() + timedelta(hours=10)
    office.permission.says = lambda message, now: NotBefore(morning, "hours")
    assert await office.work() == 0
    office.permission.says = lambda message, now: Never("refused")
    assert await office.work() == 0  # not even asked before the morning
    assert await office.state() is MessageState.WAITING
    clock.pass_by(36_000)
    await office.work()
    message = await office.only()
    assert (message.state, message.why, gateway.taken) == (MessageState.WITHDRAWN, "refused", [])


async def test_a_long_row_of_messages_does_not_wait_for_the_next_look(
    database: Database, clock: RestlessClock, gateway: Scripted
) -> None:
    class Asleep(RestlessClock):
        async def sleep(self, seconds: float) -> None:
            if seconds >= 1:
                await asyncio.Event().wait()

    office = Office(database, Asleep(), gateway, window=2)
    for target in range(1, 8):
        await office.write(target)
    running = asyncio.create_task(office.delivery.run())
    async with asyncio.timeout(30):
        while len(gateway.taken) < 7:  # noqa: ASYNC110  # what is waited for has no event
            await asyncio.sleep(0.005)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
