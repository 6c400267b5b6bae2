"""What becomes of a caller whom the dialplan brings back: word is left as the last act, or none at all."""

from __future__ import annotations

from functools import partial

import pytest

from ivr.calls import queries
from ivr.calls.ledger import Ledger
from ivr.calls.story import Origin, Stage
from ivr.desk.ports_calls import End, Leave, QueueEnd, Return, Slice, Survey
from ivr.dialogue.ports import Ending, EndingKind
from ivr.store import Database
from tests.contract.agi.fake_asterisk import Exchange, FakeAsterisk
from tests.contract.agi.harness import until
from tests.contract.calls.conftest import T0, TestClock
from tests.contract.calls.test_ledger import QUICK, Seen
from tests.contract.telephone.conftest import FACTS, World

VISITED = "GET FULL VARIABLE ${IVR_QUEUE_END}:${IVR_KEY}"
RECORDED = Exchange("EXEC MixMonitor /spool/c1-after.raw,aD")


def told(end: str = "", key: str = "") -> Exchange:
    """What the dialplan tells of the caller who comes back."""
    return Exchange(VISITED, f"200 result=1 ({end}:{key})")


async def said(asterisk: FakeAsterisk, flow: str) -> None:
    await asterisk.exchange(Exchange(f"STREAM FILE /p/{flow}", "200 result=0 endpos=800"))


async def test_a_caller_waits_a_slice_after_the_robot_has_spoken(world: World) -> None:
    world.ledger.open(FACTS)
    world.desk.answer = Slice(queue="clients.debts", seconds=45, priority=2, position=3)
    async with await world.call("waiting/clients") as asterisk:
        await asterisk.exchange(told())
        await said(asterisk, "waiting")
        await asterisk.exchange(
            Exchange(
                "EXEC MSet IVR_QUEUE=clients.debts,IVR_SLICE=45,IVR_PRIORITY=2,IVR_POSITION=3,IVR_NEXT=queue"
            )
        )
        assert await asterisk.ended()
    (arrival,) = world.desk.arrivals
    assert arrival[0] == FACTS
    assert (arrival[1].queue, arrival[1].first, arrival[1].end, arrival[1].key) == ("clients", True, None, "")
    assert world.desk.outcomes == ["stays"]
    call = world.ledger.find("c1")
    assert call is not None
    assert (call.story.stage, call.story.queue) == (Stage.QUEUED, "clients")
    assert call.story.ending is None


async def test_who_is_called_away_goes_to_the_queue_at_once(world: World) -> None:
    world.ledger.open(FACTS)
    world.interruptible = True
    async with await world.call("waiting/clients") as asterisk:
        await asterisk.exchange(told())
        assert " ".join(await asterisk.command()).startswith("STREAM FILE /p/waiting D")
        world.desk.call_away()
        await until(lambda: bool(world.pressed))
        assert [key for _, key in world.pressed] == ["D"]
        await asterisk.reply("200 result=68 endpos=800")
        await asterisk.exchange(Exchange("EXEC MSet IVR_QUEUE=clients,IVR_SLICE=60"))
        assert await asterisk.ended()


async def test_who_is_called_away_before_anything_plays_hears_nothing(world: World) -> None:
    world.ledger.open(FACTS)
    world.interruptible = True
    world.desk.at_once = True
    async with await world.call("waiting/clients") as asterisk:
        await asterisk.exchange(told())
        await asterisk.exchange(Exchange("EXEC MSet IVR_QUEUE=clients,IVR_SLICE=60"))
        assert await asterisk.ended()
    assert world.pressed == []
    assert world.desk.outcomes == ["taken"]


@pytest.mark.parametrize(("end", "key"), [("", "1"), ("TIMEOUT", "1")])
async def test_who_came_by_the_key_is_not_called_away(world: World, end: str, key: str) -> None:
    world.ledger.open(FACTS)
    world.interruptible = True
    async with await world.call("waiting/clients") as asterisk:
        await asterisk.exchange(told(end, key))
        await asterisk.command()
        world.desk.call_away()
        await asterisk.reply("200 result=0 endpos=800")
        await asterisk.exchange(Exchange("EXEC MSet IVR_QUEUE=clients,IVR_SLICE=60"))
        assert await asterisk.ended()
    assert world.pressed == []


@pytest.mark.parametrize(
    ("end", "key", "wanted"),
    [("TIMEOUT", "", QueueEnd.TIMEOUT), ("FULL", "", QueueEnd.FULL), ("", "1", None), ("NEW", "", None)],
)
async def test_the_desk_is_told_why_he_came_back(
    world: World, end: str, key: str, wanted: QueueEnd | None
) -> None:
    world.ledger.open(FACTS)
    async with await world.call("waiting/clients") as asterisk:
        await asterisk.exchange(told(end, key))
        await said(asterisk, "waiting")
        await asterisk.exchange(Exchange("EXEC MSet IVR_QUEUE=clients,IVR_SLICE=60"))
        assert await asterisk.ended()
    visit = world.desk.arrivals[0][1]
    assert (visit.first, visit.end, visit.key) == (False, wanted, key)


async def test_who_was_promised_a_call_leaves(world: World) -> None:
    world.ledger.open(FACTS)
    world.ending = Ending(EndingKind.COMPLETED, "callback-promised")
    world.desk.answer = Leave()
    async with await world.call("waiting/clients") as asterisk:
        await asterisk.exchange(told(key="1"))
        await said(asterisk, "waiting")
        await asterisk.exchange(Exchange("EXEC MSet IVR_NEXT=hangup"))
        assert await asterisk.ended()
    assert world.desk.outcomes == ["callback-promised"]


async def test_a_fault_leaves_no_word_and_the_dialplan_goes_on_alone(world: World) -> None:
    world.ledger.open(FACTS)
    world.desk.answer = RuntimeError("the desk is broken")
    async with await world.call("waiting/clients") as asterisk:
        await asterisk.exchange(told())
        await said(asterisk, "waiting")
        assert await asterisk.ended()
    assert all("IVR_NEXT" not in " ".join(words) for words in asterisk.commands)


async def test_a_queue_with_an_impossible_name_leaves_no_word(world: World) -> None:
    world.ledger.open(FACTS)
    world.desk.answer = Slice(queue="clients,r,,,9999", seconds=60)
    async with await world.call("waiting/clients") as asterisk:
        await asterisk.exchange(told())
        await said(asterisk, "waiting")
        assert await asterisk.ended()
    assert asterisk.commands[-1][0] == "STREAM"


async def test_no_slice_is_without_a_limit(world: World) -> None:
    world.ledger.open(FACTS)
    world.desk.answer = Slice(queue="clients", seconds=0)
    async with await world.call("waiting/clients") as asterisk:
        await asterisk.exchange(told())
        await said(asterisk, "waiting")
        await asterisk.exchange(Exchange("EXEC MSet IVR_QUEUE=clients,IVR_SLICE=1,"))
        assert await asterisk.ended()


async def test_who_hangs_up_between_two_slices_has_abandoned_the_queue(world: World) -> None:
    call = world.ledger.open(FACTS)
    async with await world.call("waiting/clients") as asterisk:
        await asterisk.exchange(told("TIMEOUT"))
        await asterisk.command()
        await asterisk.hang_up()
        await asterisk.reply("200 result=-1")
        assert await asterisk.ended()
    await until(lambda: call.story.ended_at is not None)
    assert call.story.abandoned_at is not None
    assert world.desk.outcomes == []


async def test_a_call_of_an_earlier_engine_is_found_in_the_database(world: World, database: Database) -> None:
    """The ledger of this engine does not know it yet; nothing of its story is lost."""
    earlier = Ledger(database, QUICK, TestClock(), Seen())
    earlier.start()
    earlier.open(FACTS)
    earlier.queue_joined("c1", "clients", at=T0)
    await earlier.close()
    async with await world.call("waiting/clients") as asterisk:
        await asterisk.exchange(Exchange("GET VARIABLE IVR_LINE", "200 result=1 (private)"))
        await asterisk.exchange(told("TIMEOUT"))
        await said(asterisk, "waiting")
        await asterisk.exchange(Exchange("EXEC MSet IVR_QUEUE=clients"))
        assert await asterisk.ended()
    assert world.desk.arrivals[0][0] == FACTS
    await world.ledger.durable()
    found = await database.read(partial(queries.one, call_id="c1"))
    assert found is not None
    assert (found[0].origin, found[0].queued_at) == (Origin.ENGINE, T0)


async def test_a_call_that_came_while_no_engine_was_there_has_a_story(world: World) -> None:
    async with await world.call("waiting/clients") as asterisk:
        await asterisk.exchange(Exchange("GET VARIABLE IVR_LINE", "200 result=1 (private)"))
        await asterisk.exchange(told())
        await said(asterisk, "waiting")
        await asterisk.exchange(Exchange("EXEC MSet IVR_QUEUE=clients"))
        assert await asterisk.ended()
    facts = world.desk.arrivals[0][0]
    assert (facts.line, facts.segment, facts.profile) == ("private", "private", "bryansk")
    call = world.ledger.find("c1")
    assert call is not None
    assert call.story.origin is Origin.FOUND


async def test_a_survey_is_asked_and_the_call_ends(world: World) -> None:
    world.ledger.open(FACTS)
    world.desk.after = Survey()
    async with await world.call("after-talk") as asterisk:
        await asterisk.exchange(RECORDED)
        await said(asterisk, "survey")
        assert await asterisk.ended()


async def test_who_lost_his_operator_goes_back_to_the_head_of_the_queue(world: World) -> None:
    world.ledger.open(FACTS)
    world.desk.after = Return(Slice(queue="clients", seconds=60, priority=9, position=1))
    async with await world.call("after-talk") as asterisk:
        await asterisk.exchange(RECORDED)
        await said(asterisk, "returned")
        await asterisk.exchange(
            Exchange("EXEC MSet IVR_QUEUE=clients,IVR_SLICE=60,IVR_PRIORITY=9,IVR_POSITION=1,IVR_NEXT=queue")
        )
        assert await asterisk.ended()


async def test_he_goes_back_even_when_nothing_can_be_said(world: World) -> None:
    world.ledger.open(FACTS)
    world.desk.after = Return(Slice(queue="clients", seconds=60), flow="broken")
    async with await world.call("after-talk") as asterisk:
        await asterisk.exchange(RECORDED)
        await asterisk.exchange(Exchange("EXEC MSet IVR_QUEUE=clients,IVR_SLICE=60,IVR_PRIORITY=0"))
        assert await asterisk.ended()


@pytest.mark.parametrize("after", [End(), RuntimeError("the desk is broken")])
async def test_otherwise_the_call_ends(world: World, after: End | Exception) -> None:
    world.ledger.open(FACTS)
    world.desk.after = after
    async with await world.call("after-talk") as asterisk:
        assert await asterisk.ended()
    assert asterisk.commands == []


async def test_a_flow_of_its_own_ends_like_a_line(world: World) -> None:
    world.ledger.open(FACTS)
    async with await world.call("flow/meter-reading") as asterisk:
        await said(asterisk, "meter-reading")
        await asterisk.exchange(Exchange("EXEC MSet IVR_RESULT=done"))
        assert await asterisk.ended()
    assert world.forgotten == ["c1"]


async def test_a_flow_that_is_unknown_leaves_no_word(world: World) -> None:
    world.ledger.open(FACTS)
    async with await world.call("flow/broken") as asterisk:
        assert await asterisk.ended()
    assert asterisk.commands == []


# --- admission ---------------------------------------------------------------------------------------------


async def test_a_blocked_caller_hears_why_and_is_hung_up(world: World) -> None:
    world.blocked = "blocked"
    async with await world.call("line/private") as asterisk:
        await asterisk.play([Exchange("ANSWER"), Exchange("STREAM FILE /p/blocked", "200 result=0 endpos=8")])
        await asterisk.exchange(Exchange("EXEC MSet IVR_RESULT=done"))
        assert await asterisk.ended()
    call = world.ledger.find("c1")
    assert call is not None
    assert (call.story.ending, call.story.outcome) == (EndingKind.ENDED, "blocked")
    assert world.flows == []


async def test_when_the_block_list_fails_everybody_is_let_in(world: World) -> None:
    def broken() -> None:
        raise ConnectionError

    world.admission = broken
    async with await world.call("line/private") as asterisk:
        await asterisk.exchange(Exchange("ANSWER"))
        await said(asterisk, "reception")
        await asterisk.exchange(Exchange("EXEC MSet IVR_RESULT=done"))
        assert await asterisk.ended()
    assert world.flows == ["reception"]


async def test_an_unknown_way_is_refused(world: World) -> None:
    async with await world.call("elsewhere/clients") as asterisk:
        assert await asterisk.ended()
    assert asterisk.commands == []
