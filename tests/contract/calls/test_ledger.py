from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from ivr.calls import queries
from ivr.calls.events import HungUp
from ivr.calls.ledger import Ledger, Reconciled
from ivr.calls.legs import LegAnswered, LegEnd, LegRang, LegRole
from ivr.calls.records import parse
from ivr.calls.settings import LedgerSettings
from ivr.calls.story import CallKind, Disposition, Origin, Party, Stage
from ivr.calls.tables import call_steps, calls
from ivr.dialogue.ports import CallFacts, Ending, EndingKind, HeardTurn, Step
from ivr.store import Database, StoreUnavailable
from tests.contract.calls.conftest import T0, TestClock

FACTS = CallFacts(
    call_id="c1",
    line="private",
    segment="private",
    profile="bryansk",
    caller_number="+74832000001",
    started_at=T0,
)
STEP = Step(
    flow="meter-reading@1",
    state="identify",
    verb="ask",
    started_at=T0,
    seconds=2.5,
    outcome="ok",
    heard="320145678",
    personal=True,
)
QUICK = LedgerSettings(flush_seconds=0.005, retry_seconds=0.01, linger_seconds=10)


class Seen:
    """Notes what the ledger reports."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.closed: list[tuple[str, str, str]] = []
        self.steps: list[tuple[str, str, str]] = []
        self.waiting = 0
        self.lost = 0
        self.writes = 0

    def call_opened(self, line: str) -> None:
        self.opened.append(line)

    def call_closed(self, line: str, disposition: str, outcome: str) -> None:
        self.closed.append((line, disposition, outcome))

    def turn_heard(self, turn: HeardTurn) -> None:
        pass

    def step_noted(self, flow: str, state: str, outcome: str) -> None:
        self.steps.append((flow, state, outcome))

    def backlog(self, rows: int) -> None:
        self.waiting = rows

    def rows_lost(self, rows: int) -> None:
        self.lost += rows

    def written(self, seconds: float) -> None:
        self.writes += 1


@pytest.fixture
def seen() -> Seen:
    return Seen()


@asynccontextmanager
async def running(
    database: Database, clock: TestClock, seen: Seen, settings: LedgerSettings = QUICK
) -> AsyncIterator[Ledger]:
    ledger = Ledger(database, settings, clock, seen)
    ledger.start()
    try:
        yield ledger
    finally:
        await ledger.close()
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("ledger")]


@pytest.fixture
async def ledger(database: Database, clock: TestClock, seen: Seen) -> AsyncIterator[Ledger]:
    async with running(database, clock, seen) as ledger:
        yield ledger


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


async def row(database: Database, call_id: str = "c1") -> dict[str, Any]:
    def job(connection: Connection) -> dict[str, Any]:
        return dict(connection.execute(select(calls).where(calls.c.call_id == call_id)).mappings().one())

    return await database.read(job)


async def count(database: Database, table: Any) -> int:
    return await database.read(lambda c: c.execute(select(func.count()).select_from(table)).scalar_one())


async def eventually(told: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not told():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.002)


async def test_a_call_with_all_its_steps(
    ledger: Ledger, database: Database, clock: TestClock, seen: Seen
) -> None:
    call = ledger.open(FACTS, "4832000000")
    clock.seconds = 1
    call.answered()
    call.step(STEP)
    call.step(replace(STEP, state="value", heard=None, personal=False))
    clock.seconds = 40
    call.ending(Ending(EndingKind.COMPLETED, "reading-accepted", {"value": 12345}))
    call.closed(16)
    await call.durable()
    found = await row(database)
    assert (found["line"], found["number_called"], found["caller_number"]) == (
        "private",
        "4832000000",
        "+74832000001",
    )
    assert (found["stage"], found["disposition"], found["ended_by"]) == ("ended", "served", "robot")
    assert (found["answered_at"] - T0).total_seconds() == 1
    assert (found["ended_at"] - T0).total_seconds() == 40
    assert found["data"] == {"value": 12345}
    steps = await database.read(
        lambda c: c.execute(select(call_steps).order_by(call_steps.c.seq)).mappings().all()
    )
    assert [(step["seq"], step["state"], step["heard"], step["personal"]) for step in steps] == [
        (1, "identify", "320145678", True),
        (2, "value", None, False),
    ]
    assert seen.opened == ["private"]
    assert seen.closed == [("private", "served", "reading-accepted")]
    assert seen.steps[0] == ("meter-reading@1", "identify", "ok")


async def test_the_opening_is_durable_soon_by_itself(ledger: Ledger, database: Database, seen: Seen) -> None:
    ledger.open(FACTS)
    await eventually(lambda: seen.writes == 1)
    assert (await row(database))["stage"] == "in-robot"


async def test_many_calls_share_a_write(database: Database, clock: TestClock, seen: Seen) -> None:
    async with running(database, clock, seen, LedgerSettings(flush_seconds=60)) as ledger:
        for number in range(50):
            call = ledger.open(replace(FACTS, call_id=f"c{number}"))
            for _ in range(4):
                call.step(STEP)
        await ledger.durable()
        assert seen.writes == 1
    assert (await count(database, calls), await count(database, call_steps)) == (50, 200)


async def test_enough_rows_are_written_without_waiting(
    database: Database, clock: TestClock, seen: Seen
) -> None:
    settings = LedgerSettings(flush_seconds=60, flush_rows=10)
    async with running(database, clock, seen, settings) as ledger:
        call = ledger.open(FACTS)
        for _ in range(9):
            call.step(STEP)
        await eventually(lambda: seen.writes == 1)
    assert await count(database, call_steps) == 9


async def test_what_waits_is_written_at_the_end(database: Database, clock: TestClock, seen: Seen) -> None:
    async with running(database, clock, seen, LedgerSettings(flush_seconds=60)) as ledger:
        ledger.open(FACTS).step(STEP)
    assert await count(database, call_steps) == 1


async def test_a_hangup_before_the_scenario_ends_is_counted_once_with_its_outcome(
    ledger: Ledger, seen: Seen
) -> None:
    call = ledger.open(FACTS)
    ledger.hung_up("c1", 16)
    assert seen.closed == []
    call.ending(Ending(EndingKind.HUNG_UP, "hung-up"))
    ledger.hung_up("c1", 16)
    call.closed()
    assert seen.closed == [("private", "lost", "hung-up")]


async def test_events_of_asterisk_join_the_story_in_any_order(ledger: Ledger, database: Database) -> None:
    call = ledger.open(FACTS)
    ledger.agent_connected("c1", "PJSIP/anna")
    ledger.queue_joined("c1", "clients")
    ledger.agent_completed("c1", Party.AGENT)
    ledger.hung_up("c1", 16)
    ledger.agent_connected("c1", "PJSIP/anna")
    await call.durable()
    found = await row(database)
    assert (found["queue"], found["agent"], found["ended_by"], found["cause"]) == (
        "clients",
        "PJSIP/anna",
        "agent",
        16,
    )
    assert found["disposition"] == Disposition.ANSWERED


async def test_a_call_that_the_engine_never_took_gets_a_story(ledger: Ledger, database: Database) -> None:
    ledger.queue_joined("c9", "clients")
    await eventually(lambda: ledger.find("c9") is not None)
    await ledger.durable()
    found = await row(database, "c9")
    assert (found["origin"], found["stage"], found["line"]) == ("found", "queued", None)


async def test_a_call_that_a_killed_engine_left_to_people_keeps_its_story(
    database: Database, clock: TestClock, seen: Seen
) -> None:
    async with running(database, clock, seen) as before:
        call = before.open(FACTS, "4832000000")
        call.answered()
        call.step(STEP)
    async with running(database, clock, seen) as ledger:
        ledger.notice(FACTS)
        ledger.queue_joined("c1", "clients")
        ledger.notice(replace(FACTS, call_id="refused"))
        await eventually(lambda: ledger.find("c1") is not None and ledger.find("refused") is not None)
        again = ledger.find("c1")
        assert again is not None
        again.step(STEP)
        await ledger.durable()
        found = await row(database)
        assert (found["number_called"], found["answered_at"] - T0) == ("4832000000", clock.now() - T0)
        assert (found["origin"], found["queue"]) == ("engine", "clients")
        refused = await row(database, "refused")
        assert (refused["origin"], refused["line"]) == ("found", "private")
        ledger.hung_up("refused", 16)
        assert seen.closed == [("private", "lost", "none")]
    assert await count(database, call_steps) == 2


async def test_rows_that_come_during_a_write_wait_for_the_next(
    database: Database, clock: TestClock, seen: Seen
) -> None:
    async with running(database, clock, seen, LedgerSettings(flush_seconds=60)) as ledger:
        call = ledger.open(FACTS)
        first = asyncio.create_task(call.durable())
        await asyncio.sleep(0)
        await eventually(lambda: ledger._writer.waiting == 0)
        call.step(STEP)
        await first
        assert seen.writes == 1
        await call.durable()
        assert seen.writes == 2


async def test_an_event_before_the_opening_is_not_lost(ledger: Ledger, database: Database) -> None:
    ledger.queue_joined("c1", "clients")
    call = ledger.open(FACTS)
    assert call.story.queue == "clients"
    ledger.queue_joined("c2", "clients")
    await eventually(lambda: ledger.find("c2") is not None)
    later = ledger.open(replace(FACTS, call_id="c2"))
    assert (later.story.origin, later.story.queue, later.story.line) == (Origin.ENGINE, "clients", "private")


async def test_a_late_event_of_a_call_long_ended_reaches_its_row(
    ledger: Ledger, database: Database, clock: TestClock, seen: Seen
) -> None:
    call = ledger.open(FACTS)
    call.ending(Ending(EndingKind.ENDED, "gave-up"))
    call.closed()
    await call.durable()
    clock.seconds = 100
    ledger.open(replace(FACTS, call_id="c2"))
    assert ledger.find("c1") is None
    ledger.note("c1", HungUp(clock.now(), 16))
    async with asyncio.timeout(5):
        while (await row(database))["cause"] is None:  # noqa: ASYNC110  # rows raise no event
            await asyncio.sleep(0.01)
    await ledger.durable()
    assert ((await row(database))["cause"], await count(database, calls)) == (16, 2)
    assert len(seen.closed) == 1


async def test_a_locked_database_delays_rows_and_keeps_their_order(
    ledger: Ledger, database: Database, lockable: str, seen: Seen
) -> None:
    call = ledger.open(FACTS)
    await call.durable()
    lock = sqlite3.connect(lockable, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    for number in range(20):
        call.step(replace(STEP, state=f"s{number}"))
    waiting = asyncio.create_task(call.durable())
    await eventually(lambda: seen.waiting >= 20)
    call.step(replace(STEP, state="s20"))
    assert not waiting.done()
    lock.execute("ROLLBACK")
    lock.close()
    await waiting
    await call.durable()
    states = await database.read(
        lambda c: list(c.execute(select(call_steps.c.state).order_by(call_steps.c.seq)).scalars())
    )
    assert states == [f"s{number}" for number in range(21)]
    assert seen.lost == 0


async def test_beyond_the_limit_the_oldest_steps_are_given_up_and_counted(
    database: Database, clock: TestClock, seen: Seen
) -> None:
    settings = LedgerSettings(flush_seconds=60, flush_rows=5, backlog_rows=10)
    ledger = Ledger(database, settings, clock, seen)
    call = ledger.open(FACTS)
    waiting = asyncio.create_task(call.durable())
    await asyncio.sleep(0)
    for number in range(30):
        call.step(replace(STEP, state=f"s{number}"))
    with pytest.raises(StoreUnavailable):
        await waiting
    ledger.start()
    await ledger.close()
    states = await database.read(
        lambda c: list(c.execute(select(call_steps.c.state).order_by(call_steps.c.seq)).scalars())
    )
    assert states == [f"s{number}" for number in range(21, 30)]
    assert seen.lost == 21
    assert (await row(database))["stage"] == "in-robot"


async def test_a_row_that_the_database_refuses_is_given_up_alone(
    ledger: Ledger, database: Database, seen: Seen
) -> None:
    good = ledger.open(FACTS)
    ledger.step("unknown-call", 1, STEP)
    good.step(STEP)
    with pytest.raises(StoreUnavailable):
        await ledger.durable()
    await ledger.durable()
    assert (seen.lost, await count(database, calls), await count(database, call_steps)) == (1, 1, 1)


async def test_closing_with_a_locked_database_ends_and_counts(
    database: Database, clock: TestClock, seen: Seen, lockable: str
) -> None:
    lock = sqlite3.connect(lockable, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    async with running(database, clock, seen) as ledger:
        ledger.open(FACTS).step(STEP)
    lock.close()
    assert seen.lost == 2


async def test_after_a_restart_open_stories_are_taken_up_closed_or_found(
    database: Database, clock: TestClock, seen: Seen
) -> None:
    async with running(database, clock, seen) as before:
        for call_id in ("lives", "gone", "ended"):
            call = before.open(replace(FACTS, call_id=call_id))
            call.step(STEP)
            call.step(STEP)
        before.hung_up("ended", 16)
    clock.seconds = 60
    async with running(database, clock, seen) as ledger:
        young = ledger.open(replace(FACTS, call_id="young", started_at=clock.now()))
        result = await ledger.reconcile(
            {"lives": None, "stranger": replace(FACTS, call_id="stranger"), "silent": None}, clock.now()
        )
        assert result == Reconciled(resumed=1, found=2, lost=1)
        assert young.story.stage is Stage.ROBOT
        lives = ledger.find("lives")
        assert lives is not None
        lives.step(STEP)
        await ledger.durable()
        gone = await row(database, "gone")
        assert (gone["disposition"], gone["ended_at"], gone["ended_by"]) == ("lost-track", None, "unknown")
        stranger = await row(database, "stranger")
        assert (stranger["origin"], stranger["line"], stranger["stage"]) == ("found", "private", "in-robot")
        assert (await row(database, "silent"))["line"] is None
        assert (await row(database, "ended"))["disposition"] == "lost"
        assert await count(database, call_steps) == 7


async def test_a_call_thought_lost_that_is_there_goes_on(
    ledger: Ledger, database: Database, clock: TestClock
) -> None:
    ledger.open(FACTS)
    clock.seconds = 1
    assert (await ledger.reconcile({}, clock.now())).lost == 1
    assert (await ledger.reconcile({"c1": None}, clock.now())).resumed == 1
    await ledger.durable()
    found = await row(database)
    assert (found["stage"], found["lost_track_at"]) == ("in-robot", None)


async def test_asterisks_records_fill_what_nobody_watched_once(
    ledger: Ledger, database: Database, clock: TestClock
) -> None:
    ledger.open(FACTS)
    done = ledger.open(replace(FACTS, call_id="done"))
    done.closed(16)
    clock.seconds = 1
    await ledger.reconcile({}, clock.now())
    lines = [
        f"{call_id},private,demo,2026-11-24T07:00:00Z,2026-11-24T07:02:00Z,yes,,FAILURE,clients,,,16,inbound"
        for call_id in ("c1", "done", "new", "new")
    ]
    records = parse(lines).records
    assert await ledger.import_records(records) == 2
    assert await ledger.import_records(records) == 0
    lost, new = await row(database, "c1"), await row(database, "new")
    assert (lost["disposition"], (lost["ended_at"] - T0).total_seconds()) == ("lost", 120)
    assert (new["origin"], new["queue"], new["answered_at"]) == ("imported", "clients", None)
    assert (await row(database, "done"))["data"] == {}


@pytest.mark.parametrize("remembered", [True, False])
async def test_an_outgoing_call_is_closed_with_its_legs_from_its_record(
    database: Database, clock: TestClock, seen: Seen, remembered: bool
) -> None:
    """The engine, or only its link to Asterisk, was away when the talk ended."""
    async with AsyncExitStack() as running_engine:
        ledger = await running_engine.enter_async_context(running(database, clock, seen))
        ledger.open_outgoing(FACTS, CallKind.OUTBOUND)
        for leg_id, role, agent in (("n-1", LegRole.OUT, "anna"), ("n-2", LegRole.CLIENT, None)):
            ledger.leg(LegRang(at=T0, call_id="c1", leg_id=leg_id, role=role, device="", agent=agent))
            ledger.leg(LegAnswered(at=at(10), call_id="c1", leg_id=leg_id))
        await ledger.durable()
        if not remembered:
            await running_engine.aclose()
            ledger = await running_engine.enter_async_context(running(database, clock, seen))
        clock.seconds = 3600
        line = "c1,,demo,2026-11-24T07:00:00Z,2026-11-24T07:02:00Z,yes,,,,,PJSIP/op-201,16,outbound"
        assert await ledger.import_records(parse([line]).records, {"other"}) == 1
        assert await ledger.reconcile({}, clock.now(), {"other"}) == Reconciled(0, 0, 0)
        await ledger.durable()
        call, legs = await row(database), await database.read(partial(queries.legs, call_id="c1"))
    assert (call["kind"], call["disposition"], call["agent"]) == ("outbound", "answered", "anna")
    assert (call["ended_at"], call["lost_track_at"]) == (at(120), None)
    assert [(leg.ended_at, leg.end) for leg in legs] == [(at(120), LegEnd.UNKNOWN)] * 2


async def test_a_leg_that_goes_on_outlives_the_record_of_its_call(
    ledger: Ledger, database: Database, clock: TestClock
) -> None:
    ledger.open(FACTS)
    for leg_id in ("n-1", "n-2"):
        ledger.leg(LegRang(at=T0, call_id="c1", leg_id=leg_id, role=LegRole.CONSULT, device="PJSIP/x"))
    line = "c1,private,demo,2026-11-24T07:00:00Z,2026-11-24T07:02:00Z,yes,queue,SUCCESS,,,,16,inbound"
    await ledger.import_records(parse([line]).records, {"n-2"})
    assert [(leg.leg_id, leg.ended_at) for leg in ledger.legs("c1")] == [("n-1", at(120)), ("n-2", None)]
