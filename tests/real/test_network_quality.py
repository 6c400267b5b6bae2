"""What the network does to the sound of a call is measured in a real Asterisk, as its RTCP tells.

On a loopback nothing is lost and nothing takes time. So the client's telephone leaves out packets on purpose,
and the operator's answers Asterisk's sender reports (RFC 3550, section 6.4.1) late: what is told must be so.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from ivr.asterisk.media import MediaWatch
from ivr.calls.lines import Line, Lines
from ivr.clock import SystemClock
from ivr.kpi.network import LegMedia, Link
from tests.real.desk_exchange import desk_settings, scene, until
from tests.real.instances import free_port, running
from tests.real.softphone import HOST, TelephoneCall

pytestmark = pytest.mark.real

REPORT_SECONDS = 5.0
"""Asterisk's `rtcpinterval`, which is that of RFC 3550: what is lost after the last report is not counted."""
LATE_SECONDS = 0.2


@dataclass
class Answering(asyncio.DatagramProtocol):
    """The RTCP port of a telephone: answers sender reports after a while with a receiver report."""

    reports: int = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        if data[1] != 200:  # a receiver report: Asterisk has sent no sound yet
            return
        self.reports += 1
        sender, high, low = struct.unpack("!4xIII", data[:16])
        last = (high << 16 | low >> 16) & 0xFFFFFFFF
        block = struct.pack("!IIIIII", sender, 0, 0, 0, last, 0)
        report = struct.pack("!BBHI", 0x81, 201, 7, 1) + block
        asyncio.get_running_loop().call_later(LATE_SECONDS, self._transport.sendto, report, address)


async def answer_reports(call: TelephoneCall) -> Answering:
    _, answering = await asyncio.get_running_loop().create_datagram_endpoint(
        Answering, local_addr=(HOST, call.media.port + 1)
    )
    return answering


async def test_lost_packets_and_a_long_way_are_measured(tmp_path: Path) -> None:
    outside = free_port(socket.SOCK_DGRAM)
    settings = desk_settings(tmp_path, f"{HOST}:{outside}")
    line = Line(
        name="main", title="Линия", numbers=("1",), scenario="reception", profile="bryansk", queue="clients"
    )
    told: list[LegMedia] = []
    with running(settings):
        async with scene(settings, outside) as people:
            MediaWatch(
                people.exchange.link, Lines([line]), told.append, SystemClock(ZoneInfo("Europe/Moscow"))
            )
            people.client.loses = lambda frame: frame % 50 == 7
            talk = await people.talk()
            reports = await answer_reports(talk.anna)
            await until(lambda: reports.reports, REPORT_SECONDS + 3)
            await asyncio.sleep(2 * LATE_SECONDS)
            talk.client.hang_up()
            await until(lambda: len(told) == 2)
    by_link = {leg.link: leg for leg in told}
    trunk, place = by_link[Link.TRUNK], by_link[Link.WORKPLACE]
    assert {leg.call_id for leg in told} == {talk.call_id}
    assert trunk.delay_seconds is None
    assert trunk.lost == pytest.approx(0.02 * REPORT_SECONDS * 50, abs=1)
    assert trunk.packets > REPORT_SECONDS * 50
    assert place.lost == 0
    assert place.delay_seconds == pytest.approx(LATE_SECONDS / 2, abs=0.03)
