"""Campaigns with operators: a person is connected at once, or told that nobody is there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from ivr.asterisk.config import workplace_secret
from ivr.asterisk.settings import AsteriskSettings
from ivr.bench.sipp import Endpoint
from ivr.calls.story import Disposition
from ivr.campaigns.model import Who
from tests.real.campaigns.exchange import NOTICE, Exchange
from tests.real.campaigns.subscribers import Temper, Town, number_of
from tests.real.exchange import until
from tests.real.softphone import Softphone, softphone

pytestmark = pytest.mark.real

ANNA, CLIENT = 500, 1300
DEVICE = "PJSIP/desk-201"


@asynccontextmanager
async def operator(ours: Exchange, settings: AsteriskSettings) -> AsyncIterator[Softphone]:
    """Anna serves the queue at her telephone on the desk."""
    sip = (str(settings.sip.host), settings.sip.port)
    async with softphone(sip, "anna", ANNA, first_packet=40_000) as anna:
        await anna.register("desk-201", workplace_secret(settings, "desk-201").get_secret_value())
        await ours.link.actions.action("QueueAdd", Queue="clients", Interface=DEVICE, MemberName="anna")
        try:
            yield anna
        finally:
            await ours.link.actions.action("QueueRemove", Queue="clients", Interface=DEVICE)


async def test_a_person_is_connected_with_an_operator(
    ours: Exchange, people: Town, settings: AsteriskSettings
) -> None:
    async with operator(ours, settings) as anna:
        attempt_id = await ours.dial(number_of(1, Temper.PERSON), queue="clients")
        call = await anna.rung()
        assert "answer-after=0" in call.invite["call-info"]
        assert call.invite["x-ivr-campaign"] == attempt_id
        call.answer()
        await until(lambda: "connected" in ours.ear.told(attempt_id))
        call.hang_up()
        [end] = await ours.ends(attempt_id)
    assert ours.ear.told(attempt_id) == ["answered", "reached", "connected", "ended"]
    assert end.who is Who.PERSON
    times = ours.ear.times
    assert times["reached", attempt_id] >= times["answered", attempt_id]
    assert times["connected", attempt_id] >= times["reached", attempt_id]


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
    sip = (str(settings.sip.host), settings.sip.port)
    async with softphone(sip, "client", CLIENT, first_packet=10, port=place.port) as client:
        client.loses = lambda frame: frame > 25  # half a second of greeting, then silence
        attempt_id = await ours.dial(number_of(3, Temper.PERSON), queue="clients")
        call = await client.taken()
        assert "sip:+74832111111@" in call.invite["from"], "the campaign's number, not the trunk's"
        assert "Энергосбыт" in call.invite["from"]
        assert "sip:+74832111111@" in call.invite["p-asserted-identity"]
        await until(lambda: call.hears(NOTICE), 15)
        [end] = await ours.ends(attempt_id)
    assert ours.ear.told(attempt_id) == ["answered", "reached", "ended"]
    assert end.who is Who.PERSON
    assert ours.story(attempt_id).disposition is Disposition.UNREACHED
