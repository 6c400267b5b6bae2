"""Who serves whom, who goes first, and what Asterisk is told of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.desk.callers import Callers, Place
from ivr.desk.membership import NOWHERE, Belief, Command, Join, Quit, SetPause, Wish
from ivr.desk.ports import CallerSeen, MemberSeen
from ivr.desk.routing import Claims, Width, next_width, priority_of, queues_of, unattended
from ivr.desk.settings import RoutingSettings
from tests.unit.desk.exchange import MONDAY

RULES = RoutingSettings(widen_seconds=60, narrow_seconds=15)
QUEUES = ("clients", "clients.billing", "business")


# --- width ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("width", "waited", "overdue", "then"),
    [
        (Width.SKILLED, None, False, Width.SKILLED),
        (Width.SKILLED, 59, False, Width.SKILLED),
        (Width.SKILLED, 60, False, Width.BASE),
        (Width.BASE, 16, False, Width.BASE),
        (Width.BASE, 14, False, Width.SKILLED),
        (Width.BASE, None, False, Width.SKILLED),
        (Width.BASE, 420, True, Width.EVERYBODY),
        (Width.EVERYBODY, 60, False, Width.EVERYBODY),
        (Width.EVERYBODY, 14, False, Width.SKILLED),
    ],
)
def test_a_queue_is_wide_until_the_wait_is_gone(
    width: Width, waited: float | None, overdue: bool, then: Width
) -> None:
    assert next_width(width, waited, overdue, RULES) is then


@pytest.mark.parametrize(
    ("skills", "width", "served"),
    [
        (("clients",), Width.SKILLED, {"clients"}),
        (("clients",), Width.BASE, {"clients", "clients.billing"}),
        (("business",), Width.BASE, {"business"}),
        (("business",), Width.EVERYBODY, {"business", "clients.billing"}),
        (("clients.billing", "gone"), Width.SKILLED, {"clients.billing"}),
        ((), Width.EVERYBODY, set()),
    ],
)
def test_who_serves_a_group(skills: tuple[str, ...], width: Width, served: set[str]) -> None:
    assert queues_of(skills, QUEUES, {"clients.billing": width}) == served


@pytest.mark.parametrize(
    ("serving", "groups"),
    [
        ([], {"clients.billing"}),
        ([("clients",), ("business",)], {"clients.billing"}),
        ([("clients",), ("clients.billing", "business")], set()),
    ],
)
def test_a_group_without_anybody_who_has_the_skill_is_unattended(
    serving: list[tuple[str, ...]], groups: set[str]
) -> None:
    assert unattended(QUEUES, serving) == groups


def test_of_several_claims_the_greatest_counts() -> None:
    assert priority_of(Claims(), RULES) == 0
    assert priority_of(Claims(returning=True, promised=True), RULES) == RULES.promised
    everything = Claims(returning=True, promised=True, accessible=True, overdue=True, interrupted=True)
    assert priority_of(everything, RULES) == RULES.interrupted


# --- places -----------------------------------------------------------------------------------------------


def place(call_id: str, seconds: float, priority: int = 0) -> Place:
    since = MONDAY + timedelta(seconds=seconds)
    return Place(call_id=call_id, queue="clients", since=since, priority=priority, left_at=since)


def at(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def test_who_comes_back_has_his_place_again() -> None:
    callers = Callers(away_seconds=60)
    for number, call_id in enumerate(("first", "second", "third")):
        callers.take_place(place(call_id, number))
        callers.joined("clients", call_id, MONDAY + at(10 + number))
    callers.left("second", MONDAY + at(60))
    back = callers.take_place(place("second", 60))
    assert back.since == MONDAY + at(1)
    assert callers.position(back) == 2
    assert [each.call_id for each in callers.of("clients")] == ["first", "second", "third"]


def test_the_place_in_asterisk_counts_only_who_is_inside() -> None:
    callers = Callers(away_seconds=60)
    callers.take_place(place("first", 0))
    later = callers.take_place(place("later", 5))
    assert callers.ahead("clients", later.rank) == 1
    assert callers.position(later) == 1


def test_priority_goes_before_waiting_and_call_backs_keep_their_place() -> None:
    callers = Callers(away_seconds=60, promised=lambda queue: [MONDAY + at(3)])
    early, urgent = callers.take_place(place("early", 0)), callers.take_place(place("urgent", 9, priority=9))
    late = callers.take_place(place("late", 5))
    assert callers.ahead("clients", urgent.rank) == 0
    assert callers.ahead("clients", early.rank) == 1
    assert callers.ahead("clients", late.rank) == 3
    assert callers.longest_since("clients") == early.since


def test_who_does_not_come_back_waits_no_more() -> None:
    callers = Callers(away_seconds=60)
    callers.joined("clients", "call", MONDAY)
    callers.forget_absent(MONDAY + at(1000))
    callers.left("call", MONDAY + at(1000))
    callers.forget_absent(MONDAY + at(1059))
    assert callers.place("call")
    callers.forget_absent(MONDAY + at(1060))
    assert callers.place("call") is None


def test_after_a_time_unseen_those_in_asterisk_wait_and_the_others_may_come_back() -> None:
    callers = Callers(away_seconds=60)
    callers.joined("clients", "gone", MONDAY)
    callers.seen([CallerSeen(queue="business", call_id="new", since=MONDAY + at(5))], MONDAY + at(100))
    gone, new = callers.place("gone"), callers.place("new")
    assert gone is not None
    assert (gone.inside, gone.left_at) == (False, MONDAY + at(100))
    assert new is not None
    assert (new.queue, new.since, new.inside) == ("business", MONDAY + at(5), True)


# --- commands ---------------------------------------------------------------------------------------------

WISH = Wish(agent="anna", queues=frozenset({"clients", "business"}), pause="lunch")


def carried_out(belief: Belief, wish: Wish) -> list[Command]:
    done = []
    while due := belief.due(wish):
        belief.begun(due[0])
        belief.done(due[0])
        done.append(due[0])
    return done


def test_what_is_as_wished_is_left_alone() -> None:
    belief = Belief()
    assert Join("clients") in carried_out(belief, WISH)
    assert carried_out(belief, WISH) == []
    assert carried_out(belief, Wish(agent="anna", queues=WISH.queues)) == [SetPause(None)]
    assert carried_out(belief, NOWHERE) == [Quit("business"), Quit("clients")]


def test_a_pause_that_changes_while_a_join_is_on_its_way_is_made_sure_of() -> None:
    belief = Belief()
    carried_out(belief, Wish(queues=frozenset({"clients"})))
    carried_out(belief, NOWHERE)
    belief.begun(Join("clients"))  # with the pause of WISH
    belief.done(Join("clients"))
    assert SetPause(None) in belief.due(Wish(queues=frozenset({"clients"})))


@given(
    st.sets(st.sampled_from(QUEUES)),
    st.sets(st.sampled_from(QUEUES)),
    st.sampled_from([None, "lunch"]),
    st.lists(st.booleans(), max_size=8),
)
def test_doubts_and_failures_never_leave_a_wish_open(
    seen: set[str], wished: set[str], pause: str | None, fails: list[bool]
) -> None:
    """What Asterisk has in the end is what was wished, if a command that failed had its effect or not."""
    belief = Belief()
    members: dict[str, str | None] = dict.fromkeys(seen, "old")
    belief.doubt(
        [MemberSeen(queue=queue, device="PJSIP/op-201", paused=True, reason="old") for queue in seen]
    )
    wish = Wish(agent="anna", queues=frozenset(wished), pause=pause)
    while due := belief.due(wish):
        command = due[0]
        belief.begun(command)
        carry_out(command, wish, members)
        if not (fails and fails.pop()):
            belief.done(command)
    assert members == dict.fromkeys(wished, pause)


def carry_out(command: Command, wish: Wish, members: dict[str, str | None]) -> None:
    match command:
        case Join(queue):
            members.setdefault(queue, wish.pause)
        case Quit(queue):
            members.pop(queue, None)
        case SetPause(reason):
            members.update(dict.fromkeys(members, reason))
