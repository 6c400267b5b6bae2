"""What people do in calls, in a real database: legs, deeds, wrap-ups, identifications."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy.exc import IntegrityError

from ivr.calls import queries, whole
from ivr.calls.deeds import DeedKind
from ivr.calls.events import HungUp, QueueJoined
from ivr.calls.identifications import How, Identification, Identifications
from ivr.calls.ledger import Ledger
from ivr.calls.legs import Leg, LegAnswered, LegEnd, LegEnded, LegHeld, LegRang, LegResumed, LegRole
from ivr.calls.story import About, CallKind, Disposition, Stage, Story
from ivr.calls.wrapups import WrapUp, WrapUps
from ivr.dialogue.ports import Ending, EndingKind, QueueRequest
from ivr.store import Database, StoreUnavailable
from tests.contract.calls.conftest import T0, TestClock
from tests.contract.calls.test_ledger import FACTS, QUICK, STEP, Seen, eventually, row, running


class Told:
    """A listener that notes what it is told; it may be made to fail."""

    def __init__(self) -> None:
        self.stories: list[tuple[str, Stage]] = []
        self.legs: list[tuple[str, bool]] = []
        self.fails = False

    def story_changed(self, story: Story) -> None:
        self.stories.append((story.call_id, story.stage))

    def leg_changed(self, leg: Leg) -> None:
        if self.fails:
            raise RuntimeError
        self.legs.append((leg.leg_id, leg.talking))


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
async def ledger(database: Database, clock: TestClock, seen: Seen) -> AsyncIterator[Ledger]:
    async with running(database, clock, seen) as ledger:
        yield ledger


def rings(ledger: Ledger, call_id: str = "c1", leg_id: str = "op.1", agent: str = "anna") -> None:
    ledger.leg(
        LegRang(
            at=ledger.now(),
            call_id=call_id,
            leg_id=leg_id,
            role=LegRole.QUEUE,
            device="PJSIP/op-201",
            agent=agent,
            queue="clients",
        )
    )


def answers(ledger: Ledger, call_id: str = "c1", leg_id: str = "op.1") -> None:
    ledger.leg(LegAnswered(at=ledger.now(), call_id=call_id, leg_id=leg_id))


def ends(ledger: Ledger, end: LegEnd = LegEnd.AGENT, call_id: str = "c1", leg_id: str = "op.1") -> None:
    ledger.leg(LegEnded(at=ledger.now(), call_id=call_id, leg_id=leg_id, end=end))


async def legs(database: Database, call_id: str = "c1") -> list[Leg]:
    return await database.read(partial(queries.legs, call_id=call_id))


async def test_a_talk_is_durable_with_its_legs_and_told_at_once(
    ledger: Ledger, database: Database, clock: TestClock
) -> None:
    listener = Told()
    ledger.subscribe(listener)
    call = ledger.open(FACTS)
    call.handed_over(QueueRequest("clients", "balance.debt", {"said": "долг"}))
    ledger.queue_joined("c1", "clients")
    clock.seconds = 10
    rings(ledger)
    assert listener.legs == [("op.1", False)]
    clock.seconds = 12
    answers(ledger)
    assert ledger.legs("c1")[0].talking
    assert [leg.call_id for leg in ledger.open_legs("anna")] == ["c1"]
    clock.seconds = 20
    ledger.leg(LegHeld(at=ledger.now(), call_id="c1", leg_id="op.1"))
    clock.seconds = 25
    ledger.leg(LegResumed(at=ledger.now(), call_id="c1", leg_id="op.1"))
    clock.seconds = 60
    ends(ledger)
    ends(ledger)
    assert listener.legs[-1] == ("op.1", False)
    assert len(listener.legs) == 5
    assert listener.stories[-1] == ("c1", Stage.ROBOT)
    assert ledger.open_legs("anna") == []
    await call.durable()
    found = await row(database)
    assert (found["agent"], found["topic"], found["wait_seconds"]) == ("anna", "balance.debt", 12.0)
    assert (found["talk_seconds"], found["hold_seconds"], found["requeued"]) == (48.0, 5.0, 0)
    assert await legs(database) == list(ledger.legs("c1"))


async def test_a_listener_that_fails_harms_nobody(ledger: Ledger, database: Database) -> None:
    failing, other = Told(), Told()
    failing.fails = True
    ledger.subscribe(failing)
    ledger.subscribe(other)
    ledger.open(FACTS)
    rings(ledger)
    await ledger.durable()
    assert other.legs == [("op.1", False)]
    assert len(await legs(database)) == 1


async def test_calls_without_people_write_no_legs(ledger: Ledger, database: Database) -> None:
    call = ledger.open(FACTS)
    call.ending(Ending(EndingKind.COMPLETED, "told"))
    call.closed(16)
    await call.durable()
    assert await legs(database) == []
    assert (await row(database))["talk_seconds"] == 0


async def test_legs_of_a_call_that_is_not_in_memory_find_their_story(
    database: Database, clock: TestClock, seen: Seen
) -> None:
    async with running(database, clock, seen) as before:
        before.open(FACTS, "4832000000")
        before.queue_joined("c1", "clients")
        rings(before)
        clock.seconds = 5
        answers(before)
    async with running(database, clock, seen) as ledger:
        clock.seconds = 9
        answers(ledger)
        await eventually(lambda: ledger.find("c1") is not None)
        (leg,) = ledger.legs("c1")
        assert (leg.answered_at, leg.agent) == (T0 + timedelta(seconds=5), "anna")
        ledger.hung_up("c1", 16)
        ends(ledger)
        await ledger.durable()
    clock.seconds, writes = 100, seen.writes
    async with running(database, clock, seen) as ledger:
        ledger.leg(LegHeld(at=T0 + timedelta(seconds=6), call_id="c1", leg_id="op.1"))
        await eventually(lambda: seen.writes > writes)
        await ledger.durable()
        assert ledger.find("c1") is None
    (leg,) = await legs(database)
    assert leg.held(clock.now()).total_seconds() == 3


async def test_after_a_restart_talks_go_on_and_telephones_that_are_gone_have_ended(
    database: Database, clock: TestClock, seen: Seen
) -> None:
    async with running(database, clock, seen) as before:
        for call_id in ("lives", "alone", "gone"):
            before.open(replace(FACTS, call_id=call_id))
            before.queue_joined(call_id, "clients")
            rings(before, call_id, f"op.{call_id}", agent=call_id)
            answers(before, call_id, f"op.{call_id}")
    clock.seconds = 60
    listener = Told()
    async with running(database, clock, seen) as ledger:
        ledger.subscribe(listener)
        live = {"lives": None, "alone": None}
        found = await ledger.reconcile(
            live, clock.now(), channels={"caller.lives", "op.lives", "caller.alone"}
        )
        assert (found.resumed, found.lost) == (2, 1)
        assert ("op.lives", True) in listener.legs
        assert [leg.leg_id for leg in ledger.open_legs("lives")] == ["op.lives"]
        assert (ledger.open_legs("alone"), ledger.open_legs("gone")) == ([], [])
        clock.seconds = 90
        ends(ledger, LegEnd.CALLER, "lives", "op.lives")
        ledger.hung_up("lives", 16)
        await ledger.durable()
    assert (await row(database, "lives"))["talk_seconds"] == 90.0
    assert (await row(database, "alone"))["stage"] == Stage.ROBOT
    assert (await row(database, "gone"))["disposition"] == Disposition.ANSWERED
    assert {leg.end for leg in await legs(database, "gone")} == {LegEnd.UNKNOWN}


async def test_a_leg_left_open_by_an_ended_call_is_closed_at_the_next_look(
    database: Database, clock: TestClock, seen: Seen
) -> None:
    async with running(database, clock, seen) as before:
        before.open(FACTS)
        rings(before)
        before.note("c1", HungUp(before.now(), 16))
    clock.seconds = 30
    async with running(database, clock, seen) as ledger:
        assert (await ledger.reconcile({}, clock.now(), channels=set())).lost == 0
        await ledger.durable()
    (leg,) = await legs(database)
    assert (leg.end, leg.ended_at) == (LegEnd.UNKNOWN, clock.now())
    assert (await row(database))["ended_at"] == T0


async def test_a_call_that_goes_on_is_resumed_for_another_flow(
    database: Database, clock: TestClock, seen: Seen
) -> None:
    async with running(database, clock, seen) as before:
        call = before.open(FACTS, "4832000000")
        call.step(STEP)
        before.queue_joined("c1", "clients")
    async with running(database, clock, seen) as ledger:
        call = await ledger.resume(FACTS)
        assert (call.story.number_called, call.story.stage) == ("4832000000", Stage.QUEUED)
        assert await ledger.resume(FACTS) is call
        call.step(STEP)
        stranger = await ledger.resume(replace(FACTS, call_id="c2"))
        assert stranger.story.line == "private"
        await ledger.durable()
    steps = await database.read(partial(queries.steps, call_id="c1"))
    assert len(steps) == 2


async def test_an_outgoing_call_is_no_incoming_one(
    ledger: Ledger, database: Database, clock: TestClock, seen: Seen
) -> None:
    facts = replace(FACTS, line="")
    ledger.open_outgoing(facts, CallKind.CALLBACK, About("callback", "17"), "c0")
    ledger.open_outgoing(facts, CallKind.CALLBACK)
    rings(ledger)
    clock.seconds = 30
    ends(ledger, LegEnd.NO_ANSWER)
    await ledger.durable()
    found = await row(database)
    assert (found["kind"], found["about_kind"], found["about_id"], found["parent_call_id"]) == (
        "callback",
        "callback",
        "17",
        "c0",
    )
    assert (found["stage"], found["disposition"], found["line"]) == ("ended", "unreached", None)
    assert (seen.opened, seen.closed) == ([], [])


async def test_deeds_are_written_once_and_the_pause_of_the_recording_is_known(
    ledger: Ledger, database: Database, lockable: str, seen: Seen
) -> None:
    ledger.open(FACTS)
    await ledger.durable()
    lock = sqlite3.connect(lockable, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    ledger.note_deed("c1", DeedKind.RECORDING_PAUSED, "anna")
    ledger.note_deed("c1", "something-else", None, data={"target": "queue"})
    await eventually(lambda: seen.waiting >= 2)
    call = ledger.find("c1")
    assert call is not None
    assert call.story.recording_paused
    lock.execute("ROLLBACK")
    lock.close()
    await ledger.durable()
    deeds = await database.read(partial(queries.deeds, call_id="c1"))
    assert [(deed.kind, deed.agent, deed.data) for deed in deeds] == [
        ("recording-paused", "anna", {}),
        ("something-else", None, {"target": "queue"}),
    ]
    assert (await row(database))["recording_paused"]


# --- what operators note -------------------------------------------------------------------------------


DRAFT = WrapUp(call_id="c1", agent="anna", topic="balance.debt", note="перезвонить мужу")


async def test_a_wrap_up_is_a_draft_until_it_is_finished_once(
    ledger: Ledger, database: Database, clock: TestClock
) -> None:
    ledger.open(FACTS)
    await ledger.durable()
    wrapups = WrapUps(database, clock)
    assert await wrapups.save(DRAFT)
    assert await wrapups.of("c1", "anna") == DRAFT
    began, clock.seconds = clock.now(), 40
    final = replace(DRAFT, result="answered", began_at=began, saved_at=clock.now())
    assert await wrapups.save(final)
    assert final.seconds == 40.0
    assert not await wrapups.save(DRAFT)
    corrected = replace(final, result="resolved", saved_at=clock.now() + timedelta(seconds=99))
    assert await wrapups.save(corrected)
    assert await wrapups.of("c1", "anna") == replace(final, result="resolved")
    await wrapups.save(replace(DRAFT, agent="vera", note=""))
    assert [each.agent for each in await wrapups.of_call("c1")] == ["anna", "vera"]
    with pytest.raises(IntegrityError):
        await wrapups.save(replace(DRAFT, call_id="forged"))


async def test_an_identification_is_recorded_once(
    ledger: Ledger, database: Database, clock: TestClock
) -> None:
    ledger.open(FACTS)
    await ledger.durable()
    identifications = Identifications(database)
    step = Identification(
        call_id="c1", account_number="320145678", how=How.NAME_AND_ACCOUNT, agent="anna", at=clock.now()
    )
    await identifications.record(step)
    await identifications.record(replace(step, at=clock.now() + timedelta(seconds=5)))
    await identifications.record(replace(step, how=How.ATTACHED))
    assert await identifications.of_call("c1") == [step, replace(step, how=How.ATTACHED)]


async def test_earlier_calls_are_those_of_the_number_and_of_the_accounts(
    ledger: Ledger, database: Database, clock: TestClock
) -> None:
    for number, (call_id, phone) in enumerate(
        [("c1", FACTS.caller_number), ("c2", "+79990000000"), ("c3", "")]
    ):
        clock.seconds = number
        facts = replace(FACTS, call_id=call_id, caller_number=phone, started_at=clock.now())
        ledger.open(facts).closed(16)
    await ledger.durable()
    step = Identification(call_id="c3", account_number="7", how=How.ROBOT, agent="", at=clock.now())
    await Identifications(database).record(step)
    await WrapUps(database, clock).save(replace(DRAFT, result="answered", saved_at=clock.now()))

    async def earlier(number: str, accounts: tuple[str, ...] = (), but: str = "") -> list[str]:
        job = partial(queries.earlier, number=number, accounts=accounts, but=but, limit=5)
        return [each.call_id for each in await database.read(job)]

    assert await earlier(FACTS.caller_number) == ["c1"]
    assert await earlier(FACTS.caller_number, ("7",)) == ["c3", "c1"]
    assert await earlier(FACTS.caller_number, ("7",), but="c1") == ["c3"]
    assert await earlier("", ()) == []
    job = partial(queries.earlier, number=FACTS.caller_number, accounts=(), but="", limit=1)
    (call,) = await database.read(job)
    assert (call.topic, call.result, call.disposition) == ("balance.debt", "answered", Disposition.LOST)


async def test_a_whole_call_tells_its_moments_from_one_place(ledger: Ledger, database: Database) -> None:
    call = ledger.open(FACTS)
    call.step(STEP)
    rings(ledger)
    ledger.note_deed("c1", DeedKind.CARD_OPENED, "anna")
    await ledger.durable()
    told = await database.read(partial(whole.read, call_id="c1"))
    assert told is not None
    assert (len(told.steps), len(told.story.legs), len(told.deeds), told.survey) == (1, 1, 1, None)
    assert await database.read(partial(whole.read, call_id="c2")) is None


async def test_rows_given_up_are_counted_with_their_legs(
    database: Database, clock: TestClock, seen: Seen
) -> None:
    settings = QUICK.model_copy(update={"backlog_rows": 1, "flush_rows": 1, "flush_seconds": 60})
    ledger = Ledger(database, settings, clock, seen)
    ledger.open(FACTS)
    waiting = asyncio.create_task(ledger.durable())
    await asyncio.sleep(0)
    ledger.note("c1", QueueJoined(clock.now(), "clients"))
    rings(ledger)
    with pytest.raises(StoreUnavailable):
        await waiting
    ledger.start()
    await ledger.close()
    assert seen.lost == 1
    assert (await row(database))["queue"] == "clients"
    assert await legs(database) == []
