"""Alarms are told at once, kept, seen by people; they outlive restarts and a database that is away."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import timedelta
from functools import partial

import pytest

from ivr.kpi.alarm_book import AlarmBook, since
from ivr.kpi.alarm_settings import AlarmSettings
from ivr.kpi.alarms import Alarm, Finding, Name, State, whether
from ivr.store import Database, StoreUnavailable
from tests.contract.kpi.conftest import NOW, StillClock

SETTINGS = AlarmSettings(raise_seconds=0, over_seconds=0, kept_days=1)


class Trunk:
    """Is up or down, or can't be looked at."""

    def __init__(self) -> None:
        self.down = True
        self.broken = False
        self.names = ["one"]

    async def __call__(self) -> Collection[Finding]:
        if self.broken:
            raise OSError
        return [whether(Name.TRUNK, name, self.down) for name in self.names]


class Room:
    def __init__(self, database: Database, trunk: Trunk, clock: StillClock) -> None:
        self.trunk = trunk
        self.clock = clock
        self.told: list[Alarm] = []
        self.book = AlarmBook(database, SETTINGS, clock)
        self.book.watch("trunk", trunk)
        self.book.subscribe(self.told.append)

    async def start(self) -> Room:
        """Without its task: the test looks."""
        await self.book.start()
        await self.book.close()
        return self

    @property
    def states(self) -> list[State]:
        return [alarm.state for alarm in self.told]


@pytest.fixture
async def room(database: Database) -> Room:
    return await Room(database, Trunk(), StillClock()).start()


async def kept(database: Database) -> list[Alarm]:
    return await database.read(partial(since, moment=NOW - timedelta(days=30), most=100))


async def test_an_alarm_is_told_and_kept_from_beginning_to_end(database: Database, room: Room) -> None:
    await room.book.look()
    [raised] = room.book.open
    assert await kept(database) == [raised]
    seen = await room.book.see(raised.id, "senior")
    assert await room.book.see(raised.id, "other") == seen
    room.trunk.down = False
    await room.book.look()
    assert room.states == [State.RAISED, State.SEEN, State.OVER]
    [row] = await kept(database)
    assert (row.state, row.seen_by, row.over_at) == (State.OVER, "senior", NOW)
    assert room.book.open == []
    assert await room.book.since(NOW - timedelta(hours=1), 10) == [row]


async def test_an_alarm_of_before_goes_on_after_a_restart(database: Database, room: Room) -> None:
    await room.book.look()
    again = await Room(database, room.trunk, room.clock).start()
    await again.book.look()
    assert again.told == []
    assert again.book.open == room.book.open
    again.trunk.names = ["two"]
    await again.book.look()
    assert [(alarm.about, alarm.state) for alarm in again.told] == [
        ("two", State.RAISED),
        ("one", State.OVER),
    ]


async def test_what_could_not_be_looked_at_stays_as_it_was(room: Room) -> None:
    await room.book.look()
    room.trunk.broken = True
    await room.book.look()
    assert [alarm.state for alarm in room.book.open] == [State.RAISED]


async def test_a_database_that_is_away_hears_of_it_later(
    database: Database, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(job: object) -> None:
        raise StoreUnavailable("away", "here")

    with monkeypatch.context() as patched:
        patched.setattr(database, "write", away)
        await room.book.look()
        [raised] = room.book.open
        with pytest.raises(StoreUnavailable):
            await room.book.see(raised.id, "senior")
    assert room.states == [State.RAISED, State.SEEN]
    assert [alarm.state for alarm in await room.book.since(NOW, 10)] == [State.SEEN]
    await room.book.look()
    assert [alarm.seen_by for alarm in await kept(database)] == ["senior"]


async def test_old_alarms_are_forgotten(database: Database, room: Room) -> None:
    await room.book.look()
    room.trunk.down = False
    await room.book.look()
    room.clock.moment = NOW + timedelta(days=2)
    await room.book.look()
    assert await kept(database) == []


async def test_it_looks_by_itself(database: Database) -> None:
    room = Room(database, Trunk(), StillClock())
    looked = asyncio.Event()
    room.book.subscribe(lambda alarm: looked.set())
    await room.book.start()
    await asyncio.wait_for(looked.wait(), 5)
    await room.book.close()
