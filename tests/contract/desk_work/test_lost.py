"""Lost callers: one row a person, from the ledger, through restarts, until somebody talks with them."""

from __future__ import annotations

import pytest

from ivr.calls.legs import LegEnd
from ivr.desk.attempts import AttemptOutcome, MatterKind
from ivr.desk.conflicts import Conflict
from ivr.desk.lost_rows import PENDING, LostCaller, LostEnd, LostKind, LostStatus
from ivr.dialogue.ports import Ending, EndingKind
from tests.contract.desk_work.bench import PHONE, Bench

OTHER = "+74832000002"


async def lose(bench: Bench, call: str, phone: str = PHONE, waits: float = 60) -> None:
    bench.comes(call, phone)
    bench.clock.pass_by(waits)
    bench.gives_up(call)
    await bench.settle()


async def pending(bench: Bench) -> list[LostCaller]:
    return await bench.work.lost.listed(PENDING, 10)


async def one(bench: Bench) -> LostCaller:
    (caller,) = await pending(bench)
    return caller


async def counted(bench: Bench) -> dict[LostKind, int]:
    return await bench.work.lost.counted(bench.clock.now().replace(hour=0))


async def test_several_calls_of_a_person_are_one_row(bench: Bench) -> None:
    await lose(bench, "c1", waits=90)
    await lose(bench, "c2", OTHER)
    await lose(bench, "c3", waits=30)
    mine = next(each for each in await pending(bench) if each.phone == PHONE)
    assert (mine.calls, mine.waited_seconds, mine.call_id, mine.queue) == (2, 90, "c3", "clients")
    assert mine.first_at < mine.last_at
    assert len(await pending(bench)) == 2


async def test_a_call_counts_once_however_often_it_is_told_of_and_after_restarts(bench: Bench) -> None:
    await lose(bench, "c1")
    bench.ledger.hung_up("c1", 16, bench.clock.now())
    await bench.settle()
    second = await bench.again()
    third = await second.again()
    await third.settle()
    assert (await one(third)).calls == 1
    await third.close()


async def test_who_was_lost_while_nobody_listened_is_found_at_the_start(bench: Bench) -> None:
    await bench.work.close()
    bench.comes("c1")
    bench.clock.pass_by(60)
    bench.gives_up("c1")
    await bench.ledger.durable()
    second = await bench.again()
    await second.settle()
    assert (await one(second)).phone == PHONE
    await second.close()


async def test_who_is_lost_and_gets_through_while_nobody_listens_is_not_called(bench: Bench) -> None:
    await bench.work.close()
    for call in ("c1", "c2"):
        bench.comes(call)
        bench.clock.pass_by(60)
        if call == "c1":
            bench.gives_up(call)
    bench.is_answered("c2", end=LegEnd.CALLER)
    bench.ledger.hung_up("c2", at=bench.clock.now())
    await bench.ledger.durable()
    second = await bench.again()
    await second.settle()
    assert await pending(second) == []
    assert await counted(second) == {LostKind.SETTLED: 1}
    await second.close()


async def test_who_gets_through_is_lost_no_longer(bench: Bench) -> None:
    await lose(bench, "c1")
    bench.clock.pass_by(60)
    bench.comes("c2")
    bench.is_answered("c2")
    await bench.settle()
    assert await pending(bench) == []
    (closed,) = await bench.work.lost.listed([LostStatus.DONE], 10)
    assert closed.closed_as is LostEnd.GOT_THROUGH


async def test_who_is_served_by_the_robot_is_lost_no_longer(bench: Bench) -> None:
    await lose(bench, "c1")
    bench.comes("c2", queue=None)
    call = bench.ledger.find("c2")
    assert call is not None
    call.ending(Ending(EndingKind.COMPLETED, "reading-accepted"))
    bench.clock.pass_by(20)
    bench.ledger.hung_up("c2", at=bench.clock.now())
    await bench.settle()
    assert await pending(bench) == []


async def test_short_abandons_and_withheld_numbers_stand_apart(bench: Bench) -> None:
    await lose(bench, "c1", waits=2)
    await lose(bench, "c2", phone="")
    await lose(bench, "c3", OTHER)
    assert [each.phone for each in await pending(bench)] == [OTHER]
    assert await counted(bench) == {LostKind.SHORT: 1, LostKind.WITHHELD: 1, LostKind.LISTED: 1}


async def test_one_key_claims_and_calls_and_a_talk_closes_the_row(bench: Bench) -> None:
    await lose(bench, "c1")
    caller = await one(bench)
    bench.people.ready("anna")
    bench.people.ready("boris")
    attempt = await bench.work.lost.call(caller.id, "anna")
    order = await bench.ordered(1)
    assert (order.order_id, order.number, order.agent) == (attempt.order_id, PHONE, "anna")
    with pytest.raises(Conflict) as taken:
        await bench.work.lost.call(caller.id, "boris")
    assert taken.value.why == "taken"
    assert bench.people.reserved == ["anna"]
    bench.client_answers(order)
    await bench.until(lambda: gone(bench))
    (closed,) = await bench.work.lost.listed([LostStatus.DONE], 10)
    assert closed.closed_as is LostEnd.CALLED_BACK
    await bench.until(lambda: outcome_is(bench, caller.id, AttemptOutcome.ANSWERED))


async def test_who_is_not_reached_stays_on_the_list_for_others(bench: Bench) -> None:
    await lose(bench, "c1")
    caller = await one(bench)
    bench.people.ready("anna")
    await bench.work.lost.call(caller.id, "anna")
    bench.client_is(LegEnd.NO_ANSWER, await bench.ordered(1))
    await bench.until(lambda: is_open(bench))
    assert await bench.outcomes(caller.id, MatterKind.LOST) == [AttemptOutcome.NO_ANSWER]
    bench.people.release("anna")
    await bench.work.lost.call(caller.id, "anna")
    await bench.ordered(2)


async def test_by_hand_with_a_reason(bench: Bench) -> None:
    await lose(bench, "c1")
    caller = await one(bench)
    told: list[LostStatus] = []
    bench.work.lost.news.subscribe(lambda row: told.append(row.status))
    await bench.work.lost.take(caller.id, "anna")
    with pytest.raises(Conflict):
        await bench.work.lost.take(caller.id, "boris")
    await bench.work.lost.give_back(caller.id)
    closed = await bench.work.lost.close_by_hand(caller.id, "boris", "ошибся номером")
    assert (closed.closed_as, closed.closed_by, closed.note) == (LostEnd.BY_HAND, "boris", "ошибся номером")
    assert told == [LostStatus.TAKEN, LostStatus.OPEN, LostStatus.DONE]
    with pytest.raises(Conflict) as over:
        await bench.work.lost.take(caller.id, "anna")
    assert over.value.why == "closed"
    await lose(bench, "c9")
    assert (await one(bench)).calls == 1


async def outcome_is(bench: Bench, id: int, outcome: AttemptOutcome) -> bool:
    return await bench.outcomes(id, MatterKind.LOST) == [outcome]


async def gone(bench: Bench) -> bool:
    return await pending(bench) == []


async def is_open(bench: Bench) -> bool:
    return [each.status for each in await pending(bench)] == [LostStatus.OPEN]
