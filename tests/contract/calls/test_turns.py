"""Turns in the database: written by the ledger, reported, reviewed, deleted after their term."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select
from structlog.testing import capture_logs

from ivr.calls import quality, review
from ivr.calls.ledger import Ledger
from ivr.calls.quality import Period, StateQuality
from ivr.calls.review import Misunderstood, Purged, ReviewSweep, purge
from ivr.calls.settings import ReviewSettings
from ivr.calls.tables import turns
from ivr.dialogue.ports import HeardTurn, TurnResult
from ivr.errors import Fault
from ivr.speech.recognition.clips import Clips
from ivr.store import Database
from tests.contract.calls.conftest import T0, TestClock
from tests.contract.calls.test_ledger import FACTS, QUICK, STEP, Seen, eventually, running

SAID = "когда дадут свет на речной"
TURN = HeardTurn(
    flow="reception@2",
    state="ask",
    kind="speech",
    result=TurnResult.NO_MATCH,
    voice=True,
    text=SAID,
    confidence=0.4,
    latency_seconds=0.8124,
)
SOUND = b"\x01\x00" * 800
DAY = timedelta(days=1)
ALL = Period()


async def rows(database: Database) -> list[dict[str, Any]]:
    def job(connection: Connection) -> list[dict[str, Any]]:
        found = connection.execute(select(turns).order_by(turns.c.call_id, turns.c.seq))
        return [dict(row) for row in found.mappings()]

    return await database.read(job)


async def waiting(database: Database, limit: int = 50) -> list[Misunderstood]:
    return await database.read(partial(review.waiting, limit=limit))


async def reported(database: Database, period: Period = ALL) -> list[StateQuality]:
    return await database.read(partial(quality.report, period=period))


@pytest.fixture
def clips(tmp_path: Path) -> Clips:
    return Clips(tmp_path / "clips", 1800)


# --- writing ---------------------------------------------------------------------------------------------


async def test_turns_are_written_in_order_with_what_may_be_kept(
    database: Database, clock: TestClock, clips: Clips
) -> None:
    ledger = Ledger(database, QUICK, clock, Seen(), clips)
    ledger.start()
    call = ledger.open(FACTS)
    missed, understood = clips.add(SOUND), clips.add(SOUND)
    call.turn(replace(TURN, clip=missed))
    clock.seconds = 5
    call.turn(replace(TURN, result=TurnResult.ANSWER, clip=understood, latency_seconds=None))
    call.turn(replace(TURN, result=TurnResult.NO_INPUT, voice=False, text="", latency_seconds=None))
    await call.durable()
    await ledger.close()
    first, second, third = await rows(database)
    assert (first["seq"], first["at"], first["flow"], first["state"]) == (1, T0, "reception@2", "ask")
    assert (first["kind"], first["result"], first["voice"]) == ("speech", "no-match", True)
    assert (first["text"], first["confidence"], first["latency_ms"]) == (SAID, 0.4, 812)
    assert first["clip"] == missed
    assert (second["seq"], second["text"], second["clip"]) == (2, None, None)
    assert (second["latency_ms"], second["confidence"]) == (None, 0.4)
    assert (third["result"], third["confidence"], third["voice"]) == ("no-input", None, False)
    assert clips.file(missed) is not None
    assert clips.keep(understood) is None


async def test_a_locked_database_delays_turns_and_loses_none(
    database: Database, clock: TestClock, lockable: str
) -> None:
    seen = Seen()
    async with running(database, clock, seen) as ledger:
        call = ledger.open(FACTS)
        await call.durable()
        lock = sqlite3.connect(lockable, isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        for _ in range(10):
            call.turn(TURN)
            call.step(STEP)
        written = asyncio.create_task(call.durable())
        await eventually(lambda: seen.waiting >= 20)
        lock.execute("ROLLBACK")
        lock.close()
        await written
    assert [row["seq"] for row in await rows(database)] == list(range(1, 11))
    assert seen.lost == 0


async def test_after_a_restart_turns_are_counted_on(database: Database, clock: TestClock) -> None:
    async with running(database, clock, Seen()) as before:
        before.open(FACTS).turn(TURN)
    async with running(database, clock, Seen()) as ledger:
        await ledger.reconcile({"c1": None}, clock.now())
        call = ledger.find("c1")
        assert call is not None
        call.turn(TURN)
    assert [row["seq"] for row in await rows(database)] == [1, 2]


# --- the report ------------------------------------------------------------------------------------------


async def fill(database: Database, clock: TestClock) -> None:
    """Two calls a day apart: one fares badly in `ask`, the other hangs up in `menu`."""
    async with running(database, clock, Seen()) as ledger:
        first = ledger.open(FACTS)
        for latency in (0.3, 0.5, 2.0):
            first.turn(replace(TURN, latency_seconds=latency))
        first.turn(replace(TURN, result=TurnResult.NO_INPUT, voice=False, text="", latency_seconds=None))
        first.turn(replace(TURN, result=TurnResult.UNSURE, latency_seconds=None))
        first.turn(replace(TURN, result=TurnResult.ANSWER, latency_seconds=None))
        first.step(replace(STEP, flow="reception@2", state="ask"))
        first.step(replace(STEP, flow="reception@2", state="quiet"))
        later = ledger.open(replace(FACTS, call_id="c2", started_at=T0 + DAY))
        later.turn(replace(TURN, state="menu", result=TurnResult.COMMAND, latency_seconds=None))
        later.step(replace(STEP, flow="reception@2", state="menu", outcome="hangup"))
        later.step(replace(STEP, flow="reception@2", state="menu"))
        later.turn(replace(TURN, flow="reception-old@1", result=TurnResult.ANSWER, latency_seconds=None))


async def test_the_report_has_what_hurts_most_first(database: Database, clock: TestClock) -> None:
    await fill(database, clock)
    worst, menu, old = await reported(database)
    assert (worst.state, menu.state, old.flow) == ("ask", "menu", "reception-old@1")
    told = quality.document(worst)
    assert told == {
        "flow": "reception@2",
        "state": "ask",
        "visits": 1,
        "turns": 5,
        "hurts": 4,
        "voice": 0.8,
        "answer": 0.2,
        "command": 0.0,
        "no_input": 0.2,
        "no_match": 0.6,
        "deaf": 0.0,
        "unsure": 0.2,
        "hang_up": 0.0,
        "latency_ms": {"p50": 500, "p95": 2000},
    }
    assert (menu.visits, menu.hang_ups, menu.hang_up_share, menu.hurts) == (2, 1, 0.5, 1)


async def test_the_report_keeps_to_its_days_and_its_flow(database: Database, clock: TestClock) -> None:
    await fill(database, clock)
    states = {
        period: [(found.flow, found.state) for found in await reported(database, period)]
        for period in (
            Period(until=T0 + DAY),
            Period(since=T0 + DAY),
            Period(flow="reception"),
            Period(flow="reception@2", since=T0 + DAY),
            Period(flow="recep"),
        )
    }
    assert list(states.values()) == [
        [("reception@2", "ask")],
        [("reception@2", "menu"), ("reception-old@1", "ask")],
        [("reception@2", "ask"), ("reception@2", "menu")],
        [("reception@2", "menu")],
        [],
    ]


# --- the review ------------------------------------------------------------------------------------------


async def test_the_list_shows_the_newest_first_and_gets_shorter(database: Database, clock: TestClock) -> None:
    async with running(database, clock, Seen()) as ledger:
        call = ledger.open(FACTS)
        for second in range(3):
            clock.seconds = second
            call.turn(replace(TURN, text=f"{SAID} {second}"))
        call.turn(replace(TURN, text=""))
        call.turn(replace(TURN, result=TurnResult.ANSWER))
    found = await waiting(database)
    assert [each.text for each in found] == [f"{SAID} {second}" for second in (2, 1, 0)]
    assert (found[0].line, found[0].kind, found[0].at) == ("private", "speech", T0 + timedelta(seconds=2))
    assert [each.id for each in await waiting(database, limit=1)] == [found[0].id]
    resolve = partial(
        review.resolve, ids={found[0].id, 999}, at=clock.now(), topic="outage.reason", note=None
    )
    assert await database.write(resolve) == {999}
    assert [each.id for each in await waiting(database)] == [found[1].id, found[2].id]
    assert await database.read(review.count_waiting) == 2
    again = partial(review.resolve, ids={found[0].id}, at=clock.now(), topic=None, note="улица")
    assert await database.write(again) == set()
    marked = next(row for row in await rows(database) if row["id"] == found[0].id)
    assert (marked["topic"], marked["note"], marked["text"]) == ("outage.reason", "улица", f"{SAID} 2")


async def test_a_turn_of_which_nothing_was_kept_can_not_be_marked(
    database: Database, clock: TestClock
) -> None:
    async with running(database, clock, Seen()) as ledger:
        ledger.open(FACTS).turn(replace(TURN, result=TurnResult.ANSWER))
    id_ = (await rows(database))[0]["id"]
    assert await database.write(
        partial(review.resolve, ids={id_}, at=clock.now(), topic=None, note=None)
    ) == {id_}
    assert (await rows(database))[0]["reviewed_at"] is None


# --- deletion --------------------------------------------------------------------------------------------


async def two_speeches(database: Database, clock: TestClock, clips: Clips) -> tuple[Path, Path]:
    """One said long ago and one now, both with their sound."""
    old, new = clips.add(SOUND), clips.add(SOUND)
    ledger = Ledger(database, QUICK, clock, Seen(), clips)
    ledger.start()
    call = ledger.open(FACTS)
    call.turn(replace(TURN, clip=old))
    clock.seconds = 40 * DAY.total_seconds()
    call.turn(replace(TURN, clip=new))
    await call.durable()
    await ledger.close()
    files = clips.file(old), clips.file(new)
    assert files[0] is not None
    assert files[1] is not None
    os.utime(files[0], (T0.timestamp(), T0.timestamp()))
    os.utime(files[1], (clock.now().timestamp(),) * 2)
    return files[0], files[1]


async def test_text_and_sound_go_after_their_term_and_the_turn_stays(
    database: Database, clock: TestClock, clips: Clips
) -> None:
    old, new = await two_speeches(database, clock, clips)
    unclaimed = old.parent / "pending" / f"{'0' * 32}.wav"
    unclaimed.write_bytes(b"RIFF")
    os.utime(unclaimed, (T0.timestamp(), T0.timestamp()))
    before = clock.now() - 30 * DAY
    assert await purge(database, old.parent, before, dry_run=True) == Purged(turns=1, files=2)
    assert old.exists()
    assert await purge(database, old.parent, before) == Purged(turns=1, files=2)
    assert (old.exists(), unclaimed.exists(), new.exists()) == (False, False, True)
    first, second = await rows(database)
    assert (first["text"], first["clip"], first["result"]) == (None, None, "no-match")
    assert second["text"] == SAID
    assert await purge(database, old.parent, before) == Purged(turns=0, files=0)


async def test_without_a_folder_there_is_nothing_to_delete(database: Database, tmp_path: Path) -> None:
    assert await purge(database, tmp_path / "none", T0) == Purged(turns=0, files=0)


async def test_sound_that_can_not_be_deleted_keeps_its_row_and_is_told(
    database: Database, clock: TestClock, clips: Clips, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, _ = await two_speeches(database, clock, clips)

    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(Fault, match="Permission denied"):
        await purge(database, old.parent, clock.now() - 30 * DAY)
    assert (await rows(database))[0]["clip"] is not None


async def test_the_sweep_deletes_again_and_again_and_outlives_a_fault(
    database: Database, clock: TestClock, clips: Clips, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = await two_speeches(database, clock, clips)
    sweep = ReviewSweep(database, old.parent, ReviewSettings(keep_days=30), clock)
    faults = [Fault("The sound can't be deleted.", "x", "y")]
    delete = review._delete

    def at_first_refused(files: list[Path]) -> None:
        if faults:
            raise faults.pop()
        delete(files)

    monkeypatch.setattr(review, "_delete", at_first_refused)
    with capture_logs() as logs:
        task = asyncio.create_task(sweep.run())
        await eventually(lambda: not old.exists())
        assert new.exists()
        clock.seconds += 31 * DAY.total_seconds()
        await eventually(lambda: not new.exists())
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert logs[0]["event"] == "review.not-swept"
    assert SAID not in str(logs)
