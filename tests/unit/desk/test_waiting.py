"""A caller's wait, visit by visit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from ivr.access.model import Role, User
from ivr.calls.deeds import Deed, DeedKind
from ivr.calls.legs import Leg, LegEnd, LegRole
from ivr.calls.story import QueueMark, Story, opened
from ivr.desk.actions import actions
from ivr.desk.callers import Callers
from ivr.desk.ports_calls import Leave, QueueEnd, Slice, Visit
from ivr.desk.routing import Claims
from ivr.desk.settings import WaitingSettings
from ivr.desk.told_book import ToldBook
from ivr.desk.waiting import Waiting
from ivr.dialogue.ports import CallFacts, Result, Value
from ivr.store import StoreUnavailable
from tests.unit.desk.conftest import House
from tests.unit.desk.exchange import MONDAY
from tests.unit.desk.test_floor import ANNA, at_work, ends, talks

LIMIT, ACT_BEFORE = 600, 180
BUSINESS = User(login="vera", name="Вера", role=Role.OPERATOR, extension="203", skills=("business",))


class Known:
    """Who is known, and a look-up that fails."""

    def __init__(self) -> None:
        self.claims_of: dict[str, Claims] = {}
        self.fails = False

    async def claims(self, facts: CallFacts) -> Claims:
        if self.fails:
            raise OSError
        return self.claims_of.get(facts.call_id, Claims())


class Hall:
    """Callers who wait over a floor, as the dialplan leads them."""

    def __init__(self, house: House, settings: WaitingSettings | None = None) -> None:
        self.house = house
        self.known = Known()
        self.stories: dict[str, Story] = {}
        self.open = True
        self.called_away: list[str] = []
        self.deeds: list[Deed] = []
        self.book_fails = False
        self.waiting = Waiting(
            floor=house.floor,
            settings=house.settings.model_copy(update={"waiting": settings or WaitingSettings()}),
            clock=house.clock,
            story=self.stories.get,
            max_wait={"bryansk": LIMIT}.get,
            at_work=lambda moment: self.open,
            acquaintances=self.known,
            told=ToldBook(self.note, self.written),
        )
        self.action = actions(self.waiting)[0]

    def note(
        self,
        call_id: str,
        kind: str,
        agent: str | None,
        at: datetime | None = None,
        data: Mapping[str, Any] | None = None,
    ) -> None:
        self.deeds.append(Deed(call_id=call_id, kind=kind, agent=agent, at=self.now, data=data or {}))

    async def written(self, call_id: str) -> list[Deed]:
        if self.book_fails:
            raise StoreUnavailable("for the test")
        return [deed for deed in self.deeds if deed.call_id == call_id]

    def again(self) -> Hall:
        """The engine is started again: the ledger is all that is left."""
        hall = Hall(self.house)
        hall.stories.update(self.stories)
        hall.deeds, hall.open = self.deeds, self.open
        for call_id in self.stories:
            self.callers.gone(call_id)
        return hall

    @property
    def now(self) -> datetime:
        return self.house.clock.now()

    @property
    def callers(self) -> Callers:
        return self.house.floor.board.callers

    def facts(self, call_id: str, number: str = "+74832000001") -> CallFacts:
        self.stories.setdefault(
            call_id,
            opened(
                CallFacts(
                    call_id=call_id,
                    line="main",
                    segment="private",
                    profile="bryansk",
                    caller_number=number,
                    started_at=self.now,
                )
            ),
        )
        return CallFacts(
            call_id=call_id,
            line="main",
            segment="private",
            profile="bryansk",
            caller_number=number,
            started_at=self.now,
        )

    async def visits(
        self,
        call_id: str,
        *,
        end: QueueEnd | None = None,
        key: str = "",
        queue: str = "clients",
        outcome: str = "waits",
    ) -> tuple[Result, Slice | Leave]:
        """He comes to the robot and goes on: what is said, and what becomes of him."""
        visit = Visit(call_id=call_id, queue=queue, first=not end and not key, end=end, key=key)
        facts = self.facts(call_id)
        self.waiting.arrived(facts, visit, lambda: self.called_away.append(call_id))
        said = await self.action.run(facts)
        then = await self.waiting.next(visit, outcome)
        if isinstance(then, Slice):
            self.stories[call_id].queue_marks.append(QueueMark(self.now, then.queue))
            self.callers.joined(then.queue, call_id, self.now)
        return said, then

    async def waits(self, call_id: str, seconds: float) -> tuple[Result, Slice | Leave]:
        """A slice goes by, and he is back."""
        self.house.pass_by(seconds)
        self.callers.left(call_id, self.now)
        return await self.visits(call_id, end=QueueEnd.TIMEOUT)


@pytest.fixture
def hall(house: House) -> Hall:
    return Hall(house)


def data(result: Result) -> Mapping[str, Value]:
    assert isinstance(result.data, Mapping)
    return result.data


async def test_place_and_wait_at_entry_then_silence(house: House, hall: Hall) -> None:
    await at_work(house, ANNA)
    talks(house)
    await hall.visits("first")
    house.pass_by(1)
    said, then = await hall.visits("second")
    assert (said.outcome, data(said)["position"], data(said)["minutes"]) == ("news", 2, 5)
    assert then == Slice(queue="clients", seconds=60, priority=0, position=2)
    said, then = await hall.waits("second", 60)
    assert said.outcome == "silent"
    assert isinstance(then, Slice)
    assert then.position == 2


async def test_the_place_is_kept_over_slices_and_a_restart_of_the_engine(house: House, hall: Hall) -> None:
    await at_work(house, ANNA)
    talks(house)
    for call_id in ("first", "second", "third"):
        await hall.visits(call_id)
        house.pass_by(1)
    _, then = await hall.waits("second", 60)
    assert isinstance(then, Slice)
    assert then.position == 2
    again = hall.again()
    _, then = await again.visits("third", end=QueueEnd.TIMEOUT)
    assert then == Slice(queue="clients", seconds=60, priority=0, position=1)
    _, then = await again.visits("second", end=QueueEnd.TIMEOUT)
    assert isinstance(then, Slice)
    assert then.position == 1


async def test_what_he_was_told_is_not_told_again_after_a_restart_of_the_engine(
    house: House, hall: Hall
) -> None:
    await at_work(house, ANNA)
    talks(house)
    for call_id in ("first", "second", "third"):
        said, _ = await hall.visits(call_id)
        assert (said.outcome, data(said)["offer"]) == ("news", True)
        house.pass_by(1)
    assert [(deed.call_id, deed.kind, deed.agent) for deed in hall.deeds] == [
        (call_id, DeedKind.WAIT_TOLD, None) for call_id in ("first", "second", "third")
    ]
    again = hall.again()
    for call_id in ("first", "second", "third"):
        said, _ = await again.visits(call_id, end=QueueEnd.TIMEOUT)
        assert said.outcome == "silent"
    again.callers.gone("first")
    said, _ = await again.waits("third", 60)
    assert (said.outcome, data(said)["position"], data(said)["offer"]) == ("news", 2, False)
    assert len(again.deeds) == 4


async def test_what_was_told_before_a_talk_is_forgotten_in_the_wait_after_it(
    house: House, hall: Hall
) -> None:
    said, _ = await hall.visits("back")
    assert said.outcome == "nobody"
    house.pass_by(60)
    leg = Leg(call_id="back", leg_id="lost", role=LegRole.QUEUE, device="PJSIP/op-207", agent="olga")
    leg.rang_at = leg.answered_at = house.clock.now()
    house.pass_by(60)
    leg.ended_at, leg.end = house.clock.now(), LegEnd.LOST
    hall.stories["back"].legs[leg.leg_id] = leg
    again = hall.again()
    said, _ = await again.visits("back", end=QueueEnd.TIMEOUT)
    assert said.outcome == "nobody"


async def test_without_the_ledger_he_is_told_once_more(house: House, hall: Hall) -> None:
    await hall.visits("call")
    again = hall.again()
    again.book_fails = True
    said, _ = await again.visits("call", end=QueueEnd.TIMEOUT)
    assert said.outcome == "nobody"


async def test_before_the_longest_wait_he_goes_first_and_everybody_serves_him(
    house: House, hall: Hall
) -> None:
    await at_work(house, ANNA, BUSINESS)
    talks(house)
    await hall.visits("late")
    said, then = await hall.waits("late", 400)
    assert isinstance(then, Slice)
    assert (then.priority, then.seconds) == (0, LIMIT - ACT_BEFORE - 400)
    await house.settle()
    assert ("clients", "PJSIP/op-203") not in house.exchange.members
    said, then = await hall.waits("late", then.seconds)
    assert said.outcome == "silent"  # Vera is ready for him now
    assert isinstance(then, Slice)
    assert then.priority == house.settings.routing.overdue
    house.floor.tick()
    await house.settle()
    assert house.exchange.members[("clients", "PJSIP/op-203")] is None


async def test_who_lost_his_operator_is_at_the_head(house: House, hall: Hall) -> None:
    await at_work(house, ANNA)
    talks(house)
    await hall.visits("first")
    house.pass_by(10)
    hall.facts("back")
    hall.stories["back"].queue_marks.append(QueueMark(MONDAY - timedelta(seconds=300), "clients"))
    leg = Leg(call_id="back", leg_id="lost", role=LegRole.QUEUE, device="PJSIP/op-207", agent="olga")
    leg.rang_at = leg.answered_at = MONDAY - timedelta(seconds=200)
    leg.ended_at, leg.end = house.clock.now(), LegEnd.LOST
    hall.stories["back"].legs[leg.leg_id] = leg
    _, then = await hall.visits("back", end=QueueEnd.TIMEOUT)
    place = hall.callers.place("back")
    assert place is not None
    assert place.since == house.clock.now()
    assert then == Slice(queue="clients", seconds=60, priority=house.settings.routing.interrupted, position=1)


async def test_what_speaks_for_him_is_looked_up_once_and_may_fail(house: House, hall: Hall) -> None:
    hall.known.claims_of["friend"] = Claims(returning=True)
    _, then = await hall.visits("friend")
    assert isinstance(then, Slice)
    assert then.priority == house.settings.routing.returning
    hall.known.fails = True
    _, then = await hall.visits("friend", end=QueueEnd.TIMEOUT)
    assert isinstance(then, Slice)
    assert then.priority == house.settings.routing.returning
    _, then = await hall.visits("stranger")
    assert isinstance(then, Slice)
    assert then.priority == 0


async def test_the_key_asks_for_a_call_back_whose_place_is_kept(house: House, hall: Hall) -> None:
    await hall.visits("call")
    house.pass_by(30)
    hall.callers.left("call", hall.now)
    visit = Visit(call_id="call", queue="clients", first=False, key="1")
    hall.waiting.arrived(hall.facts("call"), visit, lambda: None)
    assert (await hall.action.run(hall.facts("call"))).outcome == "callback"
    kept = hall.waiting.place_of("call")
    assert kept is not None
    assert (kept.queue, kept.since) == ("clients", MONDAY)
    assert await hall.waiting.next(visit, "callback-promised") == Leave()
    assert hall.waiting.place_of("call") is None


@pytest.mark.parametrize("outcome", ["callback-promised", "closed", "full"])
async def test_who_has_been_told_so_leaves(hall: Hall, outcome: str) -> None:
    _, then = await hall.visits("call", outcome=outcome)
    assert then == Leave()
    assert hall.callers.place("call") is None


@pytest.mark.parametrize("outcome", ["waits", "", "something-else"])
async def test_nobody_leaves_otherwise(hall: Hall, outcome: str) -> None:
    _, then = await hall.visits("call", outcome=outcome)
    assert isinstance(then, Slice)


async def test_nobody_there_then_the_end_of_the_hours(hall: Hall) -> None:
    said, _ = await hall.visits("call")
    assert (said.outcome, data(said)["offer"]) == ("nobody", True)
    hall.open = False
    said, _ = await hall.waits("call", 60)
    assert said.outcome == "closed"


async def test_another_queue_takes_over_when_somebody_serves_there(house: House) -> None:
    hall = Hall(house, WaitingSettings(overflow={"clients": "business"}, overflow_seconds=45))
    _, then = await hall.visits("call")
    assert then == Slice(queue="clients", seconds=45, priority=0, position=1)
    _, then = await hall.waits("call", 45)
    assert isinstance(then, Slice)
    assert then.queue == "clients"
    await at_work(house, BUSINESS)
    _, then = await hall.waits("call", 60)
    assert isinstance(then, Slice)
    assert then.queue == "business"


async def test_who_talks_or_has_gone_is_forgotten(hall: Hall) -> None:
    await hall.visits("call")
    story = hall.stories["call"]
    story.ended_at = hall.now
    hall.house.floor.story_changed(story)
    await hall.visits("other")
    assert hall.callers.place("call") is None
    assert set(hall.waiting._guests) == {"other"}


async def test_a_flow_without_arrival_still_gets_words(hall: Hall) -> None:
    """The engine was started again between arrival and flow."""
    assert (await hall.action.run(hall.facts("call"))).outcome == "nobody"
    then = await hall.waiting.next(Visit(call_id="stranger", queue="business", first=False), "")
    assert then == Slice(queue="business", seconds=60)


# --- an operator gets ready while the robot speaks ---------------------------------------------------------


async def told_of_the_wait(hall: Hall, call_id: str) -> Result:
    """The robot begins to speak to him."""
    facts = hall.facts(call_id)
    visit = Visit(call_id=call_id, queue="clients", first=True)
    hall.waiting.arrived(facts, visit, lambda: hall.called_away.append(call_id))
    return await hall.action.run(facts)


async def test_who_is_told_of_his_wait_is_called_away_by_an_operator_who_is_ready(
    house: House, hall: Hall
) -> None:
    await at_work(house, ANNA)
    leg = talks(house)
    assert (await told_of_the_wait(hall, "first")).outcome == "news"
    house.pass_by(1)
    assert (await told_of_the_wait(hall, "second")).outcome == "news"
    ends(house, leg)
    assert hall.called_away == []
    await house.floor.wrap_up_done("anna")
    assert hall.called_away == ["first"]
    house.pass_by(1)
    assert hall.called_away == ["first"]


async def test_the_next_one_is_called_away_when_nobody_is_before_him_any_more(
    house: House, hall: Hall
) -> None:
    await at_work(house, ANNA)
    leg = talks(house)
    await told_of_the_wait(hall, "first")
    house.pass_by(1)
    await told_of_the_wait(hall, "second")
    ends(house, leg)
    await house.floor.wrap_up_done("anna")
    hall.callers.gone("first")
    house.pass_by(1)
    assert hall.called_away == ["first", "second"]


async def test_nobody_is_called_away_from_what_is_more_than_news_or_has_ended(
    house: House, hall: Hall
) -> None:
    await at_work(house, ANNA)
    leg = talks(house)
    await hall.visits("silent")
    visit = Visit(call_id="key", queue="clients", first=False, key="1")
    hall.waiting.arrived(hall.facts("key"), visit, lambda: hall.called_away.append("key"))
    await hall.action.run(hall.facts("key"))
    ends(house, leg)
    await house.floor.wrap_up_done("anna")
    assert hall.called_away == []


async def test_who_has_an_operator_is_told_nothing(house: House, hall: Hall) -> None:
    await at_work(house, ANNA)
    said, _ = await hall.visits("call")
    assert said.outcome == "silent"


async def test_an_operator_of_another_queue_calls_nobody_away(house: House, hall: Hall) -> None:
    await at_work(house, ANNA)
    talks(house)
    await told_of_the_wait(hall, "call")
    await at_work(house, BUSINESS)
    assert hall.called_away == []
