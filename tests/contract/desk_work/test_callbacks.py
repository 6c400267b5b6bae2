"""Promises to call are kept: once, in order, whatever happens in between."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from ivr.calls.legs import LegEnd
from ivr.calls.story import CallKind
from ivr.desk.attempts import Attempt, AttemptOutcome
from ivr.desk.conflicts import Conflict, NotThere
from ivr.desk.lost_rows import PENDING, LostStage
from ivr.desk.model import AgentState
from ivr.desk.task_rows import TaskFilter, TaskKind
from ivr.dialogue.ports import Ending, EndingKind
from ivr.requests.callback_model import CallbackEnd, CallbackSource, CallbackStatus
from tests.contract.desk_work.bench import PHONE, Bench

RETRY = 600.0
EXPIRE = 24 * 3600.0


async def test_the_operator_is_rung_first_and_then_the_client_once(bench: Bench) -> None:
    promise = await bench.promise()
    bench.people.ready("anna")
    bench.work.callbacks.floor_changed()
    order = await bench.ordered(1)
    assert (order.agent, order.number, order.phone.device) == ("anna", PHONE, "PJSIP/op-201")
    story = bench.ledger.find(order.call_id)
    assert story is not None
    assert (story.story.kind, story.story.about_kind, story.story.about_id) == (
        CallKind.CALLBACK,
        "callback",
        str(promise.id),
    )
    taken = await bench.found(promise.id)
    assert (taken.status, taken.taken_by) == (CallbackStatus.TAKEN, "anna")

    bench.client_answers(order)
    await bench.until(lambda: is_done(bench, promise.id))
    kept = await bench.found(promise.id)
    assert (kept.status, kept.closed_as) == (CallbackStatus.DONE, CallbackEnd.CALLED)
    assert await bench.outcomes(promise.id) == [AttemptOutcome.ANSWERED]
    assert len(bench.exchange.orders) == 1


async def test_the_place_in_the_queue_is_kept(bench: Bench) -> None:
    bench.comes("c1")
    since = bench.clock.now()
    bench.clock.pass_by(120)
    promise = await bench.promise("c1")
    assert (promise.source, promise.queue, promise.queued_at, promise.place) == (
        CallbackSource.QUEUE,
        "clients",
        since,
        since,
    )
    bench.people.ready("anna")
    bench.people.waiting["clients"] = since - timedelta(seconds=1)
    bench.work.callbacks.floor_changed()
    await bench.settle()
    assert bench.exchange.orders == []
    bench.people.waiting["clients"] = since + timedelta(seconds=1)
    bench.work.callbacks.floor_changed()
    await bench.ordered(1)


async def test_a_promise_from_outside_the_queues_waits_in_the_queue_of_its_topic(bench: Bench) -> None:
    """It is kept by who has the skill, and is ahead of those who come to his queue."""
    promise = await bench.promise(topic="balance.debt")
    bench.people.ready("anna")
    bench.work.callbacks.floor_changed()
    await bench.until(lambda: bench.work.callbacks.places("clients.billing") == [promise.place])
    assert bench.work.callbacks.places("clients") == []
    assert bench.exchange.orders == []
    bench.people.ready("boris", skills=("clients.billing",))
    bench.work.callbacks.floor_changed()
    assert (await bench.ordered(1)).agent == "boris"


async def test_a_promise_for_later_is_ahead_of_nobody(bench: Bench) -> None:
    promise = await bench.promise(when="15:00")
    await bench.settle()
    assert bench.work.callbacks.places("clients") == []
    bench.clock.pass_by(3 * 3600)
    assert bench.work.callbacks.places("clients") == [promise.place]


async def test_a_promise_for_a_time_waits_for_it(bench: Bench) -> None:
    bench.people.ready("anna")
    await bench.promise(when="15:00")
    await bench.settle()
    assert bench.exchange.orders == []
    bench.clock.pass_by(3 * 3600)
    await bench.ordered(1)


async def test_busy_clients_are_tried_again_and_given_up_with_a_task_and_a_lost_caller(bench: Bench) -> None:
    promise = await bench.promise(said="нет света")
    bench.people.ready("anna")
    bench.work.callbacks.floor_changed()
    for attempt in (1, 2, 3):
        order = await bench.ordered(attempt)
        bench.client_is(LegEnd.BUSY, order)
        bench.people.release("anna")
        await bench.until(lambda attempt=attempt: settled(bench, promise.id, attempt))  # type: ignore[misc]
        await bench.settle()
        assert len(bench.exchange.orders) == attempt
        bench.clock.pass_by(RETRY + 1)
    await bench.until(lambda: is_done(bench, promise.id))
    broken = await bench.found(promise.id)
    assert (broken.status, broken.closed_as) == (CallbackStatus.FAILED, CallbackEnd.GAVE_UP)
    (caller,) = await bench.work.lost.listed(PENDING, 10)
    assert (caller.phone, caller.stage, caller.calls) == (PHONE, LostStage.PROMISE, 1)
    (task,) = await bench.work.tasks.listed(TaskFilter())
    assert (task.kind, task.phone, task.question.endswith("нет света")) == (
        TaskKind.CALLBACK_FAILED,
        PHONE,
        True,
    )


async def test_an_operator_who_does_not_answer_costs_no_attempt(bench: Bench) -> None:
    promise = await bench.promise()
    bench.people.ready("anna")
    bench.work.callbacks.floor_changed()
    bench.operator_misses(await bench.ordered(1))
    bench.people.release("anna")
    await bench.until(lambda: settled(bench, promise.id, 1))
    again = await bench.found(promise.id)
    assert (again.status, again.failures, again.taken_by) == (CallbackStatus.OPEN, 0, None)
    bench.people.ready("boris")
    bench.work.callbacks.floor_changed()
    assert (await bench.ordered(2)).agent == "boris"


async def test_an_engine_that_dies_before_the_exchange_was_asked_orders_nothing_twice(bench: Bench) -> None:
    promise = await bench.promise()
    bench.exchange.away = True
    bench.people.ready("anna")
    bench.work.callbacks.floor_changed()
    await bench.until(lambda: count_is(bench, promise.id, 1))
    bench.exchange.away = False
    second = await bench.again()
    second.people.ready("boris")
    second.work.callbacks.floor_changed()
    await second.settle()
    second.clock.pass_by(44)
    await second.settle()
    assert second.exchange.orders == []
    second.clock.pass_by(6)
    await second.until(lambda: settled(second, promise.id, 1))
    assert await second.outcomes(promise.id) in (
        [AttemptOutcome.NOT_MADE],
        [AttemptOutcome.NOT_MADE, None],
    )
    await second.ordered(1)
    await second.close()


async def test_while_nobody_watches_the_exchange_nothing_counts_as_not_made(bench: Bench) -> None:
    promise = await bench.promise()
    bench.exchange.away, bench.exchange.linked = True, False
    bench.people.ready("anna")
    bench.work.callbacks.floor_changed()
    await bench.until(lambda: count_is(bench, promise.id, 1))
    for _ in range(5):
        bench.clock.pass_by(60)
        await bench.settle()
    assert await bench.outcomes(promise.id) == [None]


async def test_a_talk_that_began_before_the_engine_died_is_known_after_it(bench: Bench) -> None:
    promise = await bench.promise()
    bench.people.ready("anna")
    bench.work.callbacks.floor_changed()
    order = await bench.ordered(1)
    await bench.work.close()  # what the legs tell now is heard by the ledger alone
    bench.client_answers(order)
    second = await bench.again()
    second.people.ready("boris")
    second.work.callbacks.floor_changed()
    await second.until(lambda: is_done(second, promise.id))
    assert (await second.found(promise.id)).closed_as is CallbackEnd.CALLED
    assert await second.outcomes(promise.id) == [AttemptOutcome.ANSWERED]
    assert len(second.exchange.orders) == 1
    await second.close()


async def test_who_calls_in_and_gets_through_is_not_called(bench: Bench) -> None:
    promise = await bench.promise("c0", when="18:00")
    bench.clock.pass_by(60)
    bench.comes("c1")
    await bench.settle()
    bench.is_answered("c1")
    await bench.until(lambda: is_done(bench, promise.id))
    assert (await bench.found(promise.id)).closed_as is CallbackEnd.CALLED_IN


async def test_who_got_through_while_nobody_watched_is_not_called(bench: Bench) -> None:
    promise = await bench.promise("c0", when="18:00")
    await bench.work.close()
    bench.clock.pass_by(60)
    bench.comes("c1")
    bench.is_answered("c1", end=LegEnd.CALLER)
    bench.ledger.hung_up("c1", at=bench.clock.now())
    second = await bench.again()
    await second.until(lambda: is_done(second, promise.id))
    assert (await second.found(promise.id)).closed_as is CallbackEnd.CALLED_IN
    await second.close()


async def test_a_promise_of_the_talk_itself_is_still_owed_when_it_ends(bench: Bench) -> None:
    bench.comes("c1")
    bench.is_answered("c1")
    bench.clock.pass_by(30)
    promise = await bench.promise("c1", when="18:00", topic="bill.explain")
    await bench.settle()
    bench.talk_ends("c1", LegEnd.AGENT)
    bench.ledger.hung_up("c1", at=bench.clock.now())
    await bench.settle()
    assert (await bench.found(promise.id)).status is CallbackStatus.OPEN


async def test_a_promise_that_nobody_could_keep_is_broken(bench: Bench) -> None:
    promise = await bench.promise()
    await bench.settle()
    bench.clock.pass_by(EXPIRE)
    await bench.until(lambda: is_done(bench, promise.id))
    broken = await bench.found(promise.id)
    assert (broken.status, broken.closed_as) == (CallbackStatus.EXPIRED, CallbackEnd.TOO_LATE)
    assert len(await bench.work.lost.listed(PENDING, 10)) == 1
    assert len(await bench.work.tasks.listed(TaskFilter())) == 1


async def test_by_hand_one_person_takes_it_and_may_give_it_back(bench: Bench) -> None:
    promise = await bench.promise(when="18:00")
    desk = bench.work.callbacks
    assert (await desk.take(promise.id, "anna")).taken_by == "anna"
    assert (await desk.take(promise.id, "anna")).taken_by == "anna"
    with pytest.raises(Conflict) as refused:
        await desk.take(promise.id, "boris")
    assert refused.value.why == "taken"
    assert (await desk.give_back(promise.id)).taken_by is None
    later = bench.clock.now() + timedelta(days=1)
    assert (await desk.postpone(promise.id, later)).due_from == later
    closed = await desk.close_by_hand(promise.id, "boris", "ответили письмом")
    assert (closed.status, closed.closed_as, closed.note) == (
        CallbackStatus.DONE,
        CallbackEnd.BY_HAND,
        "ответили письмом",
    )
    with pytest.raises(Conflict) as over:
        await desk.take(promise.id, "anna")
    assert over.value.why == "closed"
    with pytest.raises(NotThere):
        await desk.take(999, "anna")


async def test_one_key_calls_now_even_in_a_pause_and_never_twice(bench: Bench) -> None:
    promise = await bench.promise(when="18:00")
    bench.people.ready("anna", state=AgentState.PAUSED)
    bench.people.ready("boris", state=AgentState.WRAP_UP)
    bench.people.ready("vera", state=AgentState.TALKING)
    with pytest.raises(Conflict) as busy:
        await bench.work.callbacks.call(promise.id, "vera")
    assert busy.value.why == "not-ready"
    calls = [bench.work.callbacks.call(promise.id, login) for login in ("anna", "anna", "boris", "boris")]
    done = await asyncio.gather(*calls, return_exceptions=True)
    assert len(bench.exchange.orders) == 1
    placed = [each for each in done if isinstance(each, Attempt)]
    assert placed == [placed[0]] * 2, "who presses again is told of the same call"
    assert [each.why for each in done if isinstance(each, Conflict)] == ["taken"] * 2
    assert await bench.outcomes(promise.id) == [None]


async def test_news_tell_of_each_change(bench: Bench) -> None:
    told: list[str] = []
    bench.work.callbacks.news.subscribe(lambda promise: told.append(promise.status.value))
    promise = await bench.promise(when="18:00")
    await bench.until(lambda: told == ["open"])
    await bench.work.callbacks.take(promise.id, "anna")
    await bench.until(lambda: told == ["open", "taken"])
    await bench.work.callbacks.close_by_hand(promise.id, "anna", "готово")
    await bench.until(lambda: told == ["open", "taken", "done"])


async def test_a_call_that_is_promised_is_not_lost_until_the_promise_is_broken(bench: Bench) -> None:
    bench.comes("c1")
    bench.clock.pass_by(60)
    promise = await bench.promise("c1", when="18:00")
    call = bench.ledger.find("c1")
    assert call is not None
    call.ending(Ending(EndingKind.ENDED, "callback-promised"))
    bench.ledger.hung_up("c1", at=bench.clock.now())
    await bench.settle()
    assert await bench.work.lost.listed(PENDING, 10) == []
    bench.clock.pass_by(EXPIRE + 6 * 3600)
    await bench.until(lambda: is_done(bench, promise.id))
    (caller,) = await bench.work.lost.listed(PENDING, 10)
    assert (caller.stage, caller.call_id) == (LostStage.PROMISE, "c1")


async def is_done(bench: Bench, id: int) -> bool:
    return not (await bench.found(id)).status.is_pending


async def settled(bench: Bench, id: int, count: int) -> bool:
    outcomes = await bench.outcomes(id)
    return len([each for each in outcomes if each is not None]) == count


async def count_is(bench: Bench, id: int, count: int) -> bool:
    return len(await bench.outcomes(id)) == count
