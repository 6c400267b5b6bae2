"""Keys that reach Asterisk in bunches, on a busy machine: what is heard is what was pressed, key by key."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from ivr.asterisk.agi import AgiCaller
from ivr.asterisk.host import AsteriskHost
from ivr.asterisk.settings import AsteriskSettings
from ivr.bench.sipp import ExpectHangup, Keys, Load, Wait
from ivr.bench.sipp.rtp import Packet, Track
from ivr.dialogue.ports import AnswerKind, Heard, Listen, Prompt, Speech, Turn
from ivr.dialogue.ports import Keys as Pressed
from tests.real.exchange import Exchange, exchange_settings, until
from tests.real.instances import running

pytestmark = pytest.mark.real

CALLS = Load(calls=6, per_second=3)
LISTEN = Listen(kind=AnswerKind.YES_NO, most_seconds=5)
NOTICE = Speech((Prompt("notice"),), interruptible=False)
NUMBER = Turn(speech=Speech((Prompt("number"),)), max_keys=9, first_key_seconds=10, next_key_seconds=5)
YES = replace(NUMBER, speech=Speech((Prompt("yes"),)), max_keys=1)
VALUE = replace(NUMBER, speech=Speech((Prompt("value"),)), max_keys=6)
FLOW = (NUMBER, YES, VALUE, YES)
"""A meter reading by keys."""

PRESSED = [Pressed("320114557"), Pressed("1"), Pressed("80657"), Pressed("1")]


@pytest.fixture(scope="module")
def asterisk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[AsteriskSettings, AsteriskHost]]:
    settings = exchange_settings(tmp_path_factory.mktemp("keys"))
    with running(settings) as host:
        yield settings, host


@pytest.fixture
async def exchange(
    asterisk: tuple[AsteriskSettings, AsteriskHost], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Exchange]:
    one = Exchange(*asterisk, tmp_path_factory.mktemp("calls"))
    async with one.open():
        yield one
    await until(lambda: one.channels() == 0)


@pytest.fixture
def busy() -> Iterator[None]:
    """One core has other work."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as other:
        yield
        other.kill()


@pytest.fixture
def bunched(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The network holds packets up and delivers all of so many milliseconds at once."""
    straight, together_ms = Track.keys, int(request.param)

    def keys(track: Track, pressed: str) -> list[Packet]:
        return [
            replace(packet, at_ms=packet.at_ms - packet.at_ms % together_ms)
            for packet in straight(track, pressed)
        ]

    monkeypatch.setattr(Track, "keys", keys)


@pytest.mark.parametrize(
    ("listen", "bunched"),
    [
        pytest.param(LISTEN, 20, id="voice-straight"),
        pytest.param(LISTEN, 480, id="voice-three-keys-at-once"),
        pytest.param(LISTEN, 1700, id="voice-all-keys-at-once"),
        pytest.param(None, 480, id="keys-three-at-once"),
    ],
    indirect=["bunched"],
)
@pytest.mark.usefixtures("busy", "bunched")
async def test_what_is_heard_is_what_was_pressed(exchange: Exchange, listen: Listen | None) -> None:
    async def work(caller: AgiCaller) -> list[Heard]:
        await caller.say(NOTICE)
        return [await caller.ask(replace(turn, listen=listen)) for turn in FLOW]

    await exchange.call(
        work, Wait(0.6), Keys("320114557#1"), Wait(1.0), Keys("80657#1"), ExpectHangup(30), load=CALLS
    )
    assert exchange.results == [PRESSED] * CALLS.calls
