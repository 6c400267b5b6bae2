"""Keys of the manager's events reach the call that they were pressed in, and no other."""

from __future__ import annotations

import gc
from dataclasses import dataclass
from typing import cast

from ivr.asterisk.agi import AgiSession
from ivr.asterisk.agi.ahead import Typed
from ivr.asterisk.agi.news import KeyNews
from ivr.asterisk.ami import AmiLink, Snapshot
from ivr.asterisk.keys import KeyWatch
from tests.unit.asterisk.test_watching import Wire


def press(wire: Wire, unique_id: str, digits: str) -> None:
    for digit in digits:
        for event in ("DTMFBegin", "DTMFEnd"):
            wire.send(event, Uniqueid=unique_id, Digit=digit, Direction="Received", DurationMs="100")


@dataclass
class Channel:
    """Carries out each mark: what is on its way comes, and the mark behind it."""

    wire: Wire
    on_the_way: str = ""
    lost: bool = False

    async def execute(self, _application: str, _name: str, mark: str) -> None:
        press(self.wire, "1.1", self.on_the_way)
        if not self.lost:
            self.mark(mark)

    def mark(self, mark: str) -> None:
        self.wire.send("UserEvent", Uniqueid="1.1", Mark=mark.removeprefix("Mark: "))


async def catch_up(keys: KeyNews, channel: Channel) -> None:
    await keys.caught_up(cast(AgiSession, channel), 0.01 if channel.lost else 5)


def test_keys_go_to_their_call() -> None:
    wire = Wire()
    watch = KeyWatch(cast(AmiLink, wire))
    one, other = watch.follow("1.1"), watch.follow("1.2")
    press(wire, "1.1", "12")
    press(wire, "1.2", "3")
    press(wire, "9.9", "7")
    assert (one.ahead.take(9), other.ahead.take(9)) == (Typed("12"), Typed("3"))


async def test_keys_on_their_way_are_waited_for() -> None:
    wire = Wire()
    keys = KeyWatch(cast(AmiLink, wire)).follow("1.1")
    await catch_up(keys, Channel(wire, on_the_way="12"))
    assert keys.ahead.take(9) == Typed("12")


async def test_keys_that_come_too_late_never_count_and_those_behind_the_mark_do() -> None:
    wire = Wire()
    keys = KeyWatch(cast(AmiLink, wire)).follow("1.1")
    channel = Channel(wire, lost=True)
    await catch_up(keys, channel)
    press(wire, "1.1", "12")
    await catch_up(keys, Channel(wire, on_the_way="9"))  # no second mark while the first is awaited
    channel.mark("1")
    press(wire, "1.1", "3")
    assert keys.ahead.take(9) == Typed("3")


async def test_after_a_reconnect_nothing_is_matched_any_more() -> None:
    wire = Wire()
    keys = KeyWatch(cast(AmiLink, wire)).follow("1.1")
    await catch_up(keys, Channel(wire, on_the_way="12", lost=True))
    outcome = wire.resync(Snapshot(channels=(), queues=()))
    assert outcome is None
    press(wire, "1.1", "5")
    assert keys.ahead.take(9) == Typed("5")


def test_a_call_that_has_ended_is_forgotten() -> None:
    wire = Wire()
    watch = KeyWatch(cast(AmiLink, wire))
    watch.follow("1.1")
    gc.collect()
    press(wire, "1.1", "1")
    assert watch.follow("1.1").ahead.take(1) == Typed("")
