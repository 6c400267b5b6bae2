"""Keys of the manager's events reach the call that they were pressed in, and no other."""

from __future__ import annotations

import gc
from typing import cast

from ivr.asterisk.agi.ahead import Typed
from ivr.asterisk.ami import AmiLink, Snapshot
from ivr.asterisk.keys import KeyWatch
from tests.unit.asterisk.test_watching import Wire


def press(wire: Wire, unique_id: str, digits: str) -> None:
    for digit in digits:
        wire.send("DTMFEnd", Uniqueid=unique_id, Digit=digit, Direction="Received")


def test_keys_go_to_their_call() -> None:
    wire = Wire()
    watch = KeyWatch(cast(AmiLink, wire))
    one, other = watch.follow("1.1"), watch.follow("1.2")
    press(wire, "1.1", "12")
    press(wire, "1.2", "3")
    press(wire, "9.9", "7")
    assert (one.take(9), other.take(9)) == (Typed("12"), Typed("3"))


async def test_after_a_reconnect_nothing_is_matched_any_more() -> None:
    wire = Wire()
    keys = KeyWatch(cast(AmiLink, wire)).follow("1.1")
    keys.gathered("5")
    press(wire, "1.1", "12")
    outcome = wire.resync(Snapshot(channels=(), queues=()))
    assert outcome is None
    press(wire, "1.1", "5")
    assert keys.take(9) == Typed("5")


def test_a_call_that_has_ended_is_forgotten() -> None:
    wire = Wire()
    watch = KeyWatch(cast(AmiLink, wire))
    watch.follow("1.1")
    gc.collect()
    press(wire, "1.1", "1")
    assert watch.follow("1.1").take(1) == Typed("")
