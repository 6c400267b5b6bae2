"""Listening to a talk, whispering and joining in a real Asterisk: who hears whom, by the note of each.

Anna talks with the client; Boris is the supervisor.
"""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Collection, Iterator
from dataclasses import dataclass, field
from uuid import uuid4

import pytest

from ivr.asterisk.ami import AmiLink
from ivr.asterisk.desk import SNAPSHOT_VARIABLES, AsteriskListening, SwitchboardSettings
from ivr.asterisk.host import AsteriskHost
from ivr.asterisk.settings import AsteriskSettings
from ivr.calls.legs import LegRole
from ivr.desk.ports import CallNotThere, Order, Target, TargetKind
from ivr.desk.ports_listening import ListenMode, ListenOrder
from tests.real.desk_exchange import (
    ANNA,
    ANNAS,
    BORIS,
    BORISS,
    CLIENT,
    OUTSIDE_NUMBER,
    Scene,
    Talk,
    desk_settings,
    hear_each_other,
    scene,
    talk_on,
    until,
)
from tests.real.instances import free_port, running
from tests.real.softphone import TelephoneCall
from tests.real.test_ami_real import ami_settings
from tests.real.tones import seconds_of

pytestmark = pytest.mark.real


@dataclass
class Ear:
    """Notes what it is told."""

    began_with: list[str] = field(default_factory=list)
    ended_with: list[str] = field(default_factory=list)
    seen_last: list[str] = field(default_factory=list)

    def began(self, order_id: str) -> None:
        self.began_with.append(order_id)

    def ended(self, order_id: str) -> None:
        self.ended_with.append(order_id)

    def seen(self, order_ids: Collection[str]) -> None:
        self.seen_last = list(order_ids)


@dataclass
class Supervision:
    """Boris with his telephone."""

    people: Scene
    ear: Ear
    post: AsteriskListening

    async def listen(self, talk: Talk, mode: ListenMode) -> tuple[str, TelephoneCall]:
        return await self.listen_at(talk.call_id, talk.leg.leg_id, mode)

    async def listen_at(self, call_id: str, leg_id: str, mode: ListenMode) -> tuple[str, TelephoneCall]:
        order = ListenOrder(order_id=str(uuid4()), phone=BORISS, call_id=call_id, leg_id=leg_id, mode=mode)
        await self.post.listen(order)
        call = await self.people.boris.taken()
        await until(lambda: order.order_id in self.ear.began_with)
        return order.order_id, call

    async def ended(self, order_id: str, call: TelephoneCall) -> None:
        await call.ended.wait()
        await until(lambda: order_id in self.ear.ended_with)


@dataclass(frozen=True)
class Place:
    """A running Asterisk, and the port of the telephone outside."""

    settings: AsteriskSettings
    host: AsteriskHost
    outside_port: int


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    port = free_port(socket.SOCK_DGRAM)
    settings = desk_settings(tmp_path_factory.mktemp("listening"), f"127.0.0.1:{port}")
    with running(settings) as host:
        yield Place(settings, host, port)


@pytest.fixture
async def supervision(place: Place) -> AsyncIterator[Supervision]:
    async with scene(place.settings, place.outside_port) as people:
        link = AmiLink(
            ami_settings(place.settings).model_copy(update={"snapshot_variables": SNAPSHOT_VARIABLES})
        )
        ear, post = Ear(), AsteriskListening(link, SwitchboardSettings())
        post.watch(ear)
        await link.start()
        await link.ready(10)
        yield Supervision(people, ear, post)
        await link.stop()
    await until(lambda: place.host.status().channels == 0)


def _forget(*calls: TelephoneCall) -> None:
    for call in calls:
        del call.sound[:]


def _heard(call: TelephoneCall, hertz: int) -> bool:
    return seconds_of(call.sound, hertz) > 0


async def _whispers(talk: Talk, boris: TelephoneCall) -> None:
    await until(lambda: talk.anna.hears(BORIS))
    await hear_each_other(talk.client, talk.anna)
    assert boris.hears(CLIENT)


async def test_who_hears_whom_in_each_mode(supervision: Supervision) -> None:
    people = supervision.people
    talk = await people.talk()
    order_id, boris = await supervision.listen(talk, ListenMode.LISTEN)
    await until(lambda: boris.hears(CLIENT) and boris.hears(ANNA))
    await talk_on()
    assert not _heard(talk.client, BORIS)
    assert not _heard(talk.anna, BORIS)

    await supervision.post.set_mode(order_id, talk.leg.leg_id, ListenMode.WHISPER)
    await until(lambda: talk.anna.hears(BORIS))
    await until(lambda: boris.hears(CLIENT) and boris.hears(ANNA))
    await talk_on()
    assert talk.client.hears(ANNA)
    assert not _heard(talk.client, BORIS)
    assert people.in_recordings(talk.call_id, BORIS) == 0

    await supervision.post.set_mode(order_id, talk.leg.leg_id, ListenMode.JOIN)
    await until(lambda: talk.client.hears(BORIS) and talk.anna.hears(BORIS))
    await until(lambda: boris.hears(CLIENT) and boris.hears(ANNA))
    await hear_each_other(talk.client, talk.anna)
    await until(lambda: people.in_recordings(talk.call_id, BORIS) > 1)

    await supervision.post.set_mode(order_id, talk.leg.leg_id, ListenMode.LISTEN)
    await until(lambda: not talk.client.hears(BORIS) and not talk.anna.hears(BORIS))
    recorded = people.in_recordings(talk.call_id, BORIS)
    await hear_each_other(talk.client, talk.anna)

    await supervision.post.stop(order_id)
    await supervision.ended(order_id, boris)
    await hear_each_other(talk.client, talk.anna)
    assert people.in_recordings(talk.call_id, BORIS) == recorded
    talk.client.hang_up()
    await people.recorded(talk.call_id, CLIENT, ANNA)
    assert [leg.role for leg in people.exchange.book.legs.values()] == [LegRole.QUEUE]


async def test_it_ends_with_the_talk(supervision: Supervision) -> None:
    talk = await supervision.people.talk()
    order_id, boris = await supervision.listen(talk, ListenMode.WHISPER)
    await until(lambda: talk.anna.hears(BORIS))
    talk.client.hang_up()
    await supervision.ended(order_id, boris)
    with pytest.raises(CallNotThere):
        await supervision.post.set_mode(order_id, talk.leg.leg_id, ListenMode.JOIN)
    await supervision.post.stop(order_id)


async def test_a_talk_that_has_ended_is_not_waited_for(supervision: Supervision) -> None:
    talk = await supervision.people.talk()
    talk.client.hang_up()
    await supervision.people.ended(talk.leg)
    order_id, boris = await supervision.listen(talk, ListenMode.LISTEN)
    await supervision.ended(order_id, boris)


async def test_it_ends_when_the_operator_hands_the_client_over(supervision: Supervision) -> None:
    people = supervision.people
    talk = await people.talk()
    order_id, boris = await supervision.listen(talk, ListenMode.JOIN)
    await until(lambda: talk.client.hears(BORIS))
    await people.exchange.board.transfer(
        talk.call_id, talk.leg.leg_id, Target(TargetKind.OUTSIDE, OUTSIDE_NUMBER)
    )
    outside = await people.outside.taken()
    await supervision.ended(order_id, boris)
    await hear_each_other(talk.client, outside)
    await until(lambda: not talk.client.hears(BORIS))
    talk.client.hang_up()
    await outside.ended.wait()


async def test_an_outgoing_talk_is_listened_to(supervision: Supervision) -> None:
    people = supervision.people
    order = Order(
        order_id=str(uuid4()),
        call_id=str(uuid4()),
        phone=ANNAS,
        agent="anna",
        number=OUTSIDE_NUMBER,
        role=LegRole.OUT,
        profile="bryansk",
    )
    await people.exchange.board.call_out(order)
    anna = await people.anna.taken()
    outside = await people.outside.taken()
    await hear_each_other(anna, outside)
    order_id, boris = await supervision.listen_at(order.call_id, order.order_id, ListenMode.LISTEN)
    await until(lambda: boris.hears(ANNA))
    assert not outside.hears(BORIS)
    anna.hang_up()
    await supervision.ended(order_id, boris)


async def test_a_stray_listener_is_found_after_the_link_was_away(
    place: Place, supervision: Supervision
) -> None:
    talk = await supervision.people.talk()
    order_id, boris = await supervision.listen(talk, ListenMode.LISTEN)
    link = AmiLink(ami_settings(place.settings).model_copy(update={"snapshot_variables": SNAPSHOT_VARIABLES}))
    ear, post = Ear(), AsteriskListening(link, SwitchboardSettings())
    post.watch(ear)
    await link.start()
    await link.ready(10)
    await until(lambda: ear.seen_last == [order_id])
    await post.stop(order_id)
    await until(lambda: order_id in ear.ended_with)
    await link.stop()
    await boris.ended.wait()
    await hear_each_other(talk.client, talk.anna)
    talk.client.hang_up()
