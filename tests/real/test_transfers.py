"""Consultation, conference, transfers, calling out, in a real Asterisk: everybody is heard and recorded.

Each telephone whistles its own note, so that ears and recordings tell who is connected with whom.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from ivr.asterisk.host import AsteriskHost
from ivr.asterisk.settings import AsteriskSettings
from ivr.calls.legs import LegEnd, LegRole
from ivr.calls.records import parse
from ivr.desk.ports import CallNotThere, Order, Target, TargetKind
from tests.real.desk_exchange import (
    ANNA,
    ANNAS,
    BORIS,
    CLIENT,
    GREETING_SECONDS,
    NOTICE,
    OUTSIDE,
    OUTSIDE_NUMBER,
    Scene,
    desk_exchange,
    desk_settings,
    hear_each_other,
    scene,
    talk_on,
    until,
)
from tests.real.instances import free_port, running
from tests.real.tones import seconds_of

pytestmark = pytest.mark.real

TO_BORIS = Target(TargetKind.COLLEAGUE, "boris")
TO_OUTSIDE = Target(TargetKind.OUTSIDE, OUTSIDE_NUMBER)


@dataclass(frozen=True)
class Place:
    """A running Asterisk, and the port of the telephone outside."""

    settings: AsteriskSettings
    host: AsteriskHost
    outside_port: int


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    port = free_port(socket.SOCK_DGRAM)
    settings = desk_settings(tmp_path_factory.mktemp("desk"), f"127.0.0.1:{port}")
    with running(settings) as host:
        yield Place(settings, host, port)
    records = parse((settings.log_folder / "calls.csv").read_text().splitlines()).records
    assert len({record.call_id for record in records}) == len(records)


@pytest.fixture
async def people(place: Place) -> AsyncIterator[Scene]:
    async with scene(place.settings, place.outside_port) as people:
        yield people
    await until(lambda: place.host.status().channels == 0)


# --- asking somebody first ---


async def test_a_consultation_is_completed(people: Scene) -> None:
    talk = await people.talk()
    asked = await people.consultation(talk, TO_BORIS, people.boris)
    assert not asked.asked.hears(CLIENT)
    await people.exchange.board.complete(talk.call_id, talk.leg.leg_id)
    await hear_each_other(talk.client, asked.asked)
    await talk.anna.ended.wait()
    await asked.line.ended.wait()
    await talk_on()
    asked.asked.hang_up()
    await talk.client.ended.wait()
    await people.recorded(talk.call_id, CLIENT, BORIS, but=ANNA)
    assert await people.ended(talk.leg) is LegEnd.TRANSFERRED
    assert await people.ended(asked.leg) is LegEnd.AGENT
    assert "after-talk" in people.exchange.routes


async def test_a_consultation_is_withdrawn_and_the_talk_goes_on(people: Scene) -> None:
    talk = await people.talk()
    asked = await people.consultation(talk, TO_OUTSIDE, people.outside)
    await people.exchange.board.withdraw(talk.call_id, talk.leg.leg_id)
    await people.ended(asked.leg)
    talk.anna.resume()
    await hear_each_other(talk.client, talk.anna)
    with pytest.raises(CallNotThere):
        await people.exchange.board.complete(talk.call_id, talk.leg.leg_id)
    talk.client.hang_up()
    assert await people.ended(talk.leg) is LegEnd.CALLER
    assert len(talk.leg.holds) == 1


async def test_a_queue_is_asked_and_takes_the_caller(people: Scene) -> None:
    talk = await people.talk()
    asked = await people.consultation(talk, Target(TargetKind.QUEUE, "clients.billing"), people.boris)
    assert (asked.leg.agent, asked.leg.queue) == ("boris", "clients.billing")
    await people.exchange.board.complete(talk.call_id, talk.leg.leg_id)
    await hear_each_other(talk.client, asked.asked)
    await talk_on()
    talk.client.hang_up()
    await asked.asked.ended.wait()
    await people.recorded(talk.call_id, CLIENT, BORIS, but=ANNA)


async def test_three_hear_each_other_and_two_go_on_when_the_operator_leaves(people: Scene) -> None:
    talk = await people.talk()
    asked = await people.consultation(talk, TO_OUTSIDE, people.outside)
    await people.exchange.board.conference(talk.call_id, talk.leg.leg_id)
    talk.anna.resume()
    await hear_each_other(talk.client, talk.anna, asked.asked)
    await talk_on()
    await people.exchange.board.hang_up(talk.call_id, talk.leg.leg_id)
    await talk.anna.ended.wait()
    assert await people.ended(talk.leg) is LegEnd.AGENT
    await until(lambda: not talk.client.hears(ANNA))
    await hear_each_other(talk.client, asked.asked)
    asked.asked.hang_up()
    await talk.client.ended.wait()
    await people.recorded(talk.call_id, CLIENT, ANNA, OUTSIDE, client=None)


# --- sending the caller on ---


async def test_a_colleague_takes_a_transferred_caller(people: Scene) -> None:
    talk = await people.talk()
    await people.exchange.board.transfer(talk.call_id, talk.leg.leg_id, TO_BORIS)
    boris = await people.boris.taken()
    assert boris.invite["X-Ivr-Call"] == talk.call_id
    await hear_each_other(talk.client, boris)
    await talk.anna.ended.wait()
    await talk_on()
    talk.client.hang_up()
    await boris.ended.wait()
    await people.recorded(talk.call_id, CLIENT, BORIS)
    leg = await people.leg(LegRole.TRANSFER)
    assert (leg.agent, await people.ended(leg)) == ("boris", LegEnd.CALLER)
    assert await people.ended(talk.leg) is LegEnd.TRANSFERRED


async def test_a_caller_whom_the_colleague_does_not_take_comes_back_to_people(people: Scene) -> None:
    talk = await people.talk()
    await people.exchange.board.leave("clients", ANNAS)
    await people.exchange.board.join("clients", ANNAS, "anna", None)  # no pause after the talk
    await people.exchange.board.transfer(talk.call_id, talk.leg.leg_id, TO_BORIS)
    (await people.boris.rung()).decline()
    again = await people.anna.taken()
    await hear_each_other(talk.client, again)
    await talk_on()
    talk.client.hang_up()
    await again.ended.wait()
    await people.recorded(talk.call_id, CLIENT, ANNA)
    assert await people.ended(await people.leg(LegRole.TRANSFER)) is LegEnd.DECLINED
    assert people.exchange.routes.count("waiting/clients") == 2


async def test_another_queue_takes_a_transferred_caller(people: Scene) -> None:
    talk = await people.talk()
    billing = Target(TargetKind.QUEUE, "clients.billing")
    await people.exchange.board.transfer(talk.call_id, talk.leg.leg_id, billing)
    boris = await people.boris.taken()
    await hear_each_other(talk.client, boris)
    await talk.anna.ended.wait()
    await talk_on()
    boris.hang_up()
    await talk.client.ended.wait()
    await people.recorded(talk.call_id, CLIENT, BORIS, but=ANNA)
    leg = await people.leg(LegRole.QUEUE)
    assert (leg.agent, leg.queue, await people.ended(leg)) == ("boris", "clients.billing", LegEnd.AGENT)
    assert await people.ended(talk.leg) is LegEnd.TRANSFERRED


async def test_a_number_outside_takes_a_transferred_caller(people: Scene) -> None:
    talk = await people.talk()
    await people.exchange.board.transfer(talk.call_id, talk.leg.leg_id, TO_OUTSIDE)
    outside = await people.outside.taken()
    assert outside.invite["X-Ivr-Call"] == ""  # only our own telephones are told
    await hear_each_other(talk.client, outside)
    await talk_on()
    outside.hang_up()
    await talk.client.ended.wait()
    await people.recorded(talk.call_id, CLIENT, OUTSIDE)
    leg = await people.leg(LegRole.TRANSFER)
    assert (leg.device, leg.agent) == ("", None)


async def test_a_caller_is_sent_to_the_robot(people: Scene) -> None:
    talk = await people.talk()
    await people.exchange.board.transfer(talk.call_id, talk.leg.leg_id, Target(TargetKind.ROBOT, "readings"))
    await talk.client.ended.wait()
    assert "flow/readings" in people.exchange.routes
    assert await people.ended(talk.leg) is LegEnd.TRANSFERRED


# --- calling out ---


def order(call_id: str, role: LegRole = LegRole.OUT) -> Order:
    return Order(
        order_id=f"order-{call_id}",
        call_id=call_id,
        phone=ANNAS,
        agent="anna",
        number=OUTSIDE_NUMBER,
        role=role,
        profile="bryansk",
    )


async def test_a_client_who_is_called_hears_the_notice_before_anything_is_recorded(people: Scene) -> None:
    await people.exchange.board.call_out(order("out-1"))
    anna = await people.anna.taken()
    assert anna.invite["X-Ivr-Order"] == "order-out-1"
    client = await people.outside.taken()
    assert "sip:4832000000@" in client.invite["from"]
    await until(lambda: client.hears(NOTICE))
    assert not client.hears(ANNA)
    await hear_each_other(anna, client)
    await talk_on()
    anna.hang_up()
    await client.ended.wait()
    await people.recorded("out-1", ANNA, OUTSIDE, but=NOTICE, client=OUTSIDE)
    assert seconds_of(client.sound, NOTICE) >= 0.9
    assert await people.ended(await people.leg(LegRole.OUT)) is LegEnd.AGENT
    assert await people.ended(await people.leg(LegRole.CLIENT)) is LegEnd.CALLER
    record = await people.record("out-1")
    assert (record.kind, record.answered, record.line, record.trunk) == ("outbound", True, "", "out")
    assert record.agent == ANNAS.device
    assert timedelta() < record.ended_at - record.started_at < timedelta(seconds=30)


async def test_a_client_who_was_called_can_be_sent_on(people: Scene) -> None:
    await people.exchange.board.call_out(order("out-2"))
    anna = await people.anna.taken()
    client = await people.outside.taken()
    await hear_each_other(anna, client)
    await until(lambda: people.exchange.channels.caller("out-2"))
    await people.exchange.board.transfer("out-2", "order-out-2", TO_BORIS)
    boris = await people.boris.taken()
    await hear_each_other(client, boris)
    await anna.ended.wait()
    await talk_on()
    client.hang_up()
    await boris.ended.wait()
    await people.recorded("out-2", OUTSIDE, BORIS, client=OUTSIDE)
    assert (await people.record("out-2")).answered


async def test_a_client_who_is_busy(people: Scene) -> None:
    await people.exchange.board.call_out(order("out-3", LegRole.CALLBACK))
    anna = await people.anna.taken()
    (await people.outside.rung()).decline("486 Busy Here")
    assert await people.ended(await people.leg(LegRole.CLIENT)) is LegEnd.BUSY
    anna.hang_up()
    assert await people.ended(await people.leg(LegRole.CALLBACK)) is LegEnd.AGENT
    await until(lambda: any(told[:2] == ("hung_up", "out-3") for told in people.exchange.book.told))
    record = await people.record("out-3")
    assert (record.kind, record.answered, record.agent) == ("callback", False, ANNAS.device)


async def test_an_operator_who_does_not_answer_has_called_nobody(people: Scene) -> None:
    await people.exchange.board.call_out(order("out-4"))
    (await people.anna.rung()).decline("480 Temporarily Unavailable")
    assert await people.ended(await people.leg(LegRole.OUT)) is not None
    record = await people.record("out-4")
    assert (record.kind, record.answered, record.trunk) == ("outbound", False, "")


# --- recordings, ends, losses ---


async def test_a_paused_recording_holds_nobody(people: Scene) -> None:
    talk = await people.talk()
    await people.exchange.board.record(talk.call_id, False)
    await asyncio.sleep(1.2)
    await people.exchange.board.record(talk.call_id, True)
    await talk_on()
    talk.client.hang_up()
    await talk.anna.ended.wait()
    await people.recorded(talk.call_id, CLIENT, ANNA)
    heard = seconds_of(talk.client.sound, ANNA)
    assert people.in_recordings(talk.call_id, ANNA) <= heard - 1.0
    assert people.in_recordings(talk.call_id, CLIENT) <= heard + GREETING_SECONDS - 1.0


async def test_an_abusive_caller_hears_the_prompt_and_the_call_ends(people: Scene) -> None:
    talk = await people.talk()
    await people.exchange.board.end_call(talk.call_id, "abusive-end")
    await talk.client.ended.wait()
    assert seconds_of(talk.client.sound, NOTICE) >= 0.8
    assert await people.ended(talk.leg) is LegEnd.AGENT
    assert "after-talk" not in people.exchange.routes


async def test_a_page_that_says_so_in_its_last_request_is_lost(people: Scene) -> None:
    talk = await people.talk()
    talk.anna.hang_up('Q.850;cause=41;text="page lost"')
    assert await people.ended(talk.leg) is LegEnd.LOST
    await until(lambda: "after-talk" in people.exchange.routes)


async def test_a_telephone_that_sends_nothing_any_more_is_lost(people: Scene) -> None:
    talk = await people.talk()
    talk.anna.vanish()
    await until(lambda: talk.leg.ended_at, 12)
    assert talk.leg.end is LegEnd.LOST
    await until(lambda: "after-talk" in people.exchange.routes)


async def test_a_talk_that_began_before_the_engine_is_found_with_its_times(
    place: Place, people: Scene
) -> None:
    talk = await people.talk()
    asked = await people.consultation(talk, TO_BORIS, people.boris)
    async with desk_exchange(place.settings, agi=False) as later:
        found = later.book.legs[talk.leg.leg_id]
        assert found.answered_at is not None
        assert talk.leg.answered_at is not None
        assert abs((found.answered_at - talk.leg.answered_at).total_seconds()) < 0.5
        assert later.book.legs[asked.leg.leg_id].talking
        assert later.floor.seen[-1].talks["PJSIP/desk-201"] == talk.leg.leg_id
        await later.board.complete(talk.call_id, talk.leg.leg_id)
        await hear_each_other(talk.client, asked.asked)
        talk.client.hang_up()
        await asked.asked.ended.wait()
