"""Campaigns with operators: a person is connected at once, or told that nobody is there."""

from __future__ import annotations

import asyncio
import os
import statistics
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from ivr.asterisk.config import workplace_secret
from ivr.asterisk.settings import AsteriskSettings
from ivr.bench.sipp import Endpoint
from ivr.calls.story import Disposition
from ivr.campaigns.model import Who
from ivr.campaigns.ports import CallEnd, NotDialled
from tests.real.campaigns.exchange import DEVICES, NOTICE, Exchange
from tests.real.campaigns.subscribers import Temper, Town, number_of
from tests.real.exchange import until
from tests.real.recorded import spooled
from tests.real.softphone import Softphone, TelephoneCall, softphone
from tests.real.tones import RATE, seconds_of

pytestmark = pytest.mark.real

ANNA, BORIS, CLIENT = 500, 900, 1300
JOINS = 24
long = pytest.mark.skipif(os.environ.get("LOAD") != "full", reason="takes a minute: LOAD=full")


@asynccontextmanager
async def telephone(settings: AsteriskSettings, login: str, hertz: int) -> AsyncIterator[Softphone]:
    """An operator's, on the desk."""
    user = DEVICES[login].partition("/")[2]
    async with softphone(
        (str(settings.sip.host), settings.sip.port), login, hertz, first_packet=40_000
    ) as phone:
        await phone.register(user, workplace_secret(settings, user).get_secret_value())
        yield phone


@asynccontextmanager
async def operator(
    ours: Exchange, settings: AsteriskSettings, login: str = "anna", hertz: int = ANNA
) -> AsyncIterator[Softphone]:
    """Somebody who serves the queue."""
    device = DEVICES[login]
    async with telephone(settings, login, hertz) as phone:
        await ours.link.actions.action("QueueAdd", Queue="clients", Interface=device, MemberName=login)
        try:
            yield phone
        finally:
            await ours.link.actions.action("QueueRemove", Queue="clients", Interface=device)


@asynccontextmanager
async def client(settings: AsteriskSettings, place: Endpoint) -> AsyncIterator[Softphone]:
    """Whoever is called: greets for half a second, and says nothing more until he is spoken to."""
    sip = (str(settings.sip.host), settings.sip.port)
    async with softphone(sip, "client", CLIENT, first_packet=10, port=place.port) as phone:
        phone.loses = lambda frame: frame > 25
        yield phone


async def talked(ours: Exchange, attempt_id: str, clients: Softphone, at_desk: TelephoneCall) -> CallEnd:
    """The telephone on the desk has answered: both hear each other, and both are recorded."""
    at_client = next(iter(clients.calls.values()))
    await until(lambda: "connected" in ours.ear.told(attempt_id))
    clients.loses = lambda frame: False
    await until(lambda: at_desk.hears(CLIENT) and at_client.hears(clients_hear(at_desk)), 15)
    joined = len(at_client.sound)
    await at_client.until_heard(joined / RATE + 1)
    at_desk.hang_up()
    [end] = await ours.ends(attempt_id)
    [part] = spooled(ours.settings.recordings_spool, attempt_id)
    assert part.name.endswith("p.raw"), "on the operator's channel, from the join on"
    assert seconds_of(part.client, CLIENT) > 0.8
    assert seconds_of(part.others, clients_hear(at_desk)) > 0.8
    assert seconds_of(part.client, clients_hear(at_desk)) == 0
    return end


def clients_hear(at_desk: TelephoneCall) -> int:
    """The note of who is at the desk."""
    return at_desk.phone.hertz


async def test_a_person_is_connected_with_an_operator_and_the_talk_is_recorded(
    ours: Exchange, settings: AsteriskSettings, place: Endpoint
) -> None:
    async with operator(ours, settings) as anna, client(settings, place) as clients:
        attempt_id = await ours.dial(number_of(1, Temper.PERSON), queue="clients")
        await clients.taken()
        call = await anna.rung()
        assert "answer-after=0" in call.invite["call-info"]
        assert call.invite["x-ivr-campaign"] == attempt_id
        call.answer()
        end = await talked(ours, attempt_id, clients, call)
    assert ours.ear.told(attempt_id) == ["answered", "reached", "connected", "ended"]
    assert end.who is Who.PERSON
    times = ours.ear.times
    assert times["reached", attempt_id] >= times["answered", attempt_id]
    assert times["connected", attempt_id] >= times["reached", attempt_id]


async def test_who_was_chosen_by_an_operator_is_his_although_others_wait(
    ours: Exchange, settings: AsteriskSettings, place: Endpoint
) -> None:
    async with (
        operator(ours, settings) as anna,
        telephone(settings, "boris", BORIS) as boris,
        client(settings, place) as clients,
    ):
        attempt_id = await ours.dial(number_of(4, Temper.PERSON), queue="clients", operator="boris")
        await clients.taken()
        call = await boris.rung()
        assert "answer-after=0" in call.invite["call-info"]
        assert (call.invite["x-ivr-campaign"], call.invite["x-ivr-call"]) == (attempt_id, attempt_id)
        call.answer()
        end = await talked(ours, attempt_id, clients, call)
        assert not anna.calls
    assert ours.ear.told(attempt_id) == ["answered", "reached", "connected", "ended"]
    assert end.who is Who.PERSON


async def test_when_the_operator_who_chose_does_not_take_him_nobody_else_does(
    ours: Exchange, settings: AsteriskSettings, place: Endpoint
) -> None:
    async with (
        operator(ours, settings) as anna,
        telephone(settings, "boris", BORIS) as boris,
        client(settings, place) as clients,
    ):
        attempt_id = await ours.dial(number_of(5, Temper.PERSON), queue="clients", operator="boris")
        at_client = await clients.taken()
        (await boris.rung()).decline()
        await until(lambda: at_client.hears(NOTICE), 15)
        await ours.ends(attempt_id)
        assert not anna.calls
    assert ours.ear.told(attempt_id) == ["answered", "reached", "ended"]
    assert not list(spooled(settings.recordings_spool, attempt_id))


async def test_for_an_operator_without_a_telephone_nobody_is_called(ours: Exchange) -> None:
    with pytest.raises(NotDialled, match="operator"):
        await ours.dial(number_of(6, Temper.PERSON), queue="clients", operator="zoya")


async def test_a_machine_reaches_no_operator(
    ours: Exchange, people: Town, settings: AsteriskSettings
) -> None:
    async with operator(ours, settings):
        attempt_id = await ours.dial(number_of(2, Temper.MACHINE), queue="clients")
        [end] = await ours.ends(attempt_id)
    assert end.who is Who.MACHINE
    assert ours.ear.told(attempt_id) == ["answered", "ended"]


async def test_a_person_for_whom_nobody_is_there_is_told_so(
    ours: Exchange, settings: AsteriskSettings, place: Endpoint
) -> None:
    async with client(settings, place) as clients:
        attempt_id = await ours.dial(number_of(3, Temper.PERSON), queue="clients")
        call = await clients.taken()
        assert "sip:+74832111111@" in call.invite["from"], "the campaign's number, not the trunk's"
        assert "Энергосбыт" in call.invite["from"]
        assert "sip:+74832111111@" in call.invite["p-asserted-identity"]
        await until(lambda: call.hears(NOTICE), 15)
        [end] = await ours.ends(attempt_id)
    assert ours.ear.told(attempt_id) == ["answered", "reached", "ended"]
    assert end.who is Who.PERSON
    assert ours.story(attempt_id).disposition is Disposition.UNREACHED


@long
async def test_persons_have_their_operator_within_two_seconds(
    ours: Exchange, people: Town, settings: AsteriskSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the end of the greeting to the operator, over many calls, two at once."""
    at_once = asyncio.Semaphore(2)

    async def one(place: int) -> None:
        async with at_once:
            attempt_id = await ours.dial(number_of(100 + place, Temper.PERSON), queue="clients")
            await ours.ends(attempt_id)

    async with AsyncExitStack() as open_:
        for login in DEVICES:
            phone = await open_.enter_async_context(operator(ours, settings, login))
            serving = asyncio.create_task(serve(phone))
            open_.callback(serving.cancel)
        await asyncio.gather(*(one(place) for place in range(JOINS)))
    times = ours.ear.times
    waits = sorted(
        (at - times["reached", attempt]).total_seconds()
        for (what, attempt), at in times.items()
        if what == "connected"
    )
    told = statistics.quantiles(waits, n=20)
    with capsys.disabled():
        print(f"joined {len(waits)}: p50 {told[9]:.2f} s, p95 {told[18]:.2f} s, most {waits[-1]:.2f} s")  # noqa: T201
    assert len(waits) == JOINS
    assert waits[-1] < 2


async def serve(phone: Softphone) -> None:
    """Answer at once, as a telephone does that answers by itself, and talk for a second."""
    while True:
        call = await phone.taken(3600)
        await asyncio.sleep(1)
        call.hang_up()
