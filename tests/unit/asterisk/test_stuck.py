"""A channel that outlives its hang-up is helped on until it ends; every other one is left alone."""

from __future__ import annotations

import asyncio
from typing import cast

import pytest
from structlog.testing import capture_logs

from ivr.asterisk.ami import AmiLink, Snapshot
from ivr.asterisk.stuck import StuckChannels
from ivr.errors import Fault
from tests.unit.asterisk.test_watching import Wire

PATIENCE = 0.05


class Place:
    """A manager link, and how often Asterisk was nudged."""

    def __init__(self) -> None:
        self.wire = Wire()
        self.nudges = self.counted = 0
        self.twice = asyncio.Event()
        self.fault: Fault | None = None
        self.stuck = StuckChannels(cast(AmiLink, self.wire), self.nudge, self.count, PATIENCE)

    def nudge(self) -> None:
        self.nudges += 1
        if self.nudges == 2:
            self.twice.set()
        if self.fault is not None:
            raise self.fault

    def count(self) -> None:
        self.counted += 1

    def asked_to_hang_up(self, channel: str) -> None:
        self.wire.send("HangupRequest", Uniqueid=channel, Cause="16")


@pytest.fixture
async def place() -> Place:
    return Place()


async def test_it_is_nudged_until_it_ends(place: Place) -> None:
    for _ in range(2):
        place.asked_to_hang_up("c-1")
    await asyncio.wait_for(place.twice.wait(), 5)
    place.wire.send("Hangup", Uniqueid="c-1")
    nudges = place.nudges
    await asyncio.sleep(3 * PATIENCE)
    assert place.nudges == place.counted == nudges


async def test_who_ends_in_time_and_who_was_not_asked_to_are_left_alone(place: Place) -> None:
    place.asked_to_hang_up("c-1")
    place.wire.send("Hangup", Uniqueid="c-1")
    place.wire.send("Hangup", Uniqueid="c-2")
    await asyncio.sleep(3 * PATIENCE)
    assert place.nudges == 0


async def test_who_ended_while_nobody_watched_is_forgotten(place: Place) -> None:
    place.asked_to_hang_up("c-1")
    place.wire.resync(Snapshot(channels=(), queues=()))
    await asyncio.sleep(3 * PATIENCE)
    assert place.nudges == 0


async def test_where_no_signal_reaches_asterisk_that_is_told(place: Place) -> None:
    place.fault = Fault("Asterisk can't be reached.", "here", "Run it as one user.")
    with capture_logs() as logs:
        place.stuck.help_on("c-1")
    assert [(entry["log_level"], entry["fix"]) for entry in logs] == [("error", "Run it as one user.")]
