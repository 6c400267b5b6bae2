"""Late events of calls that have left the memory while their rows still wait to be written."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace

import pytest

from ivr.calls.events import HungUp, QueueJoined
from ivr.calls.ledger import Ledger
from ivr.dialogue.ports import Ending, EndingKind
from ivr.store import Database
from tests.contract.calls.conftest import TestClock
from tests.contract.calls.test_ledger import FACTS, QUICK, Seen, at, row, running


@pytest.fixture
def seen() -> Seen:
    return Seen()


def live_and_end(ledger: Ledger, clock: TestClock) -> None:
    """A call that ends, and is let go of a while later."""
    call = ledger.open(FACTS)
    call.ending(Ending(EndingKind.ENDED, "gave-up"))
    call.closed()
    clock.seconds += 100
    ledger.open(replace(FACTS, call_id="c2"))
    assert ledger.find("c1") is None


def looked_up() -> list[asyncio.Task[object]]:
    return [task for task in asyncio.all_tasks() if task.get_name() == "ledger-strays"]


async def settled() -> None:
    await asyncio.gather(*looked_up())


async def test_a_late_event_waits_for_the_row_that_a_locked_database_keeps_waiting(
    database: Database, clock: TestClock, lockable: str, seen: Seen
) -> None:
    async with running(database, clock, seen) as ledger:
        lock = sqlite3.connect(lockable, isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        live_and_end(ledger, clock)
        ledger.note("c1", HungUp(clock.now(), 16))
        await asyncio.wait(looked_up(), timeout=0.1)
        lock.execute("ROLLBACK")
        lock.close()
        await settled()
        await ledger.durable()
    kept = await row(database)
    assert (kept["line"], kept["outcome"], kept["cause"]) == ("private", "gave-up", 16)
    assert kept["came_at"].timestamp() == FACTS.started_at.timestamp()


async def test_of_two_late_events_the_second_does_not_undo_the_first(
    database: Database, clock: TestClock, seen: Seen
) -> None:
    async with running(database, clock, seen, QUICK.model_copy(update={"flush_seconds": 0.2})) as ledger:
        live_and_end(ledger, clock)
        await ledger.durable()
        ledger.note("c1", HungUp(clock.now(), 16))
        await settled()
        ledger.note("c1", QueueJoined(at(1), "clients"))
        await settled()
        await ledger.durable()
    kept = await row(database)
    assert (kept["cause"], kept["queue"]) == (16, "clients")
