"""Operators on the floor: signed in, routed, told of, kept for call-backs, found again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection, select

from ivr.access.model import Role, User
from ivr.calls.legs import Leg, LegEnd, LegRole
from ivr.desk.floor import InTalk, NotSignedIn, PhoneTaken
from ivr.desk.model import Agent, AgentState, QueueState
from ivr.desk.ports import Phone, PhoneKind
from ivr.desk.tables import agent_states
from ivr.store import StoreUnavailable
from tests.unit.desk.conftest import House
from tests.unit.desk.exchange import phone

ANNA = User(login="anna", name="Анна", role=Role.OPERATOR, extension="201", skills=("clients",))
BORIS = User(login="boris", name="Борис", role=Role.OPERATOR, extension="202", skills=("clients.billing",))
DESK = Phone(PhoneKind.DESK, "201")


async def at_work(house: House, *users: User) -> None:
    for user in users:
        where = phone(int(user.extension or 0))
        house.exchange.reachable.add(where.device)
        house.floor.phone_reachable(where.device, True)
        await house.floor.sign_in(user, where)
        await house.floor.ready(user.login)
    await house.settle()


def rung(house: House, login: str = "anna", leg_id: str = "leg", role: LegRole = LegRole.QUEUE) -> Leg:
    agent = house.floor.agent(login)
    assert agent is not None
    assert agent.phone is not None
    leg = Leg(
        call_id=f"call-of-{leg_id}",
        leg_id=leg_id,
        role=role,
        device=agent.phone.device,
        agent=login,
        queue="clients",
        rang_at=house.clock.now(),
    )
    house.exchange.talks[leg.device] = leg_id
    house.floor.leg_changed(leg)
    return leg


def talks(house: House, login: str = "anna", leg_id: str = "leg", role: LegRole = LegRole.QUEUE) -> Leg:
    leg = rung(house, login, leg_id, role)
    leg.answered_at = house.clock.now()
    house.floor.leg_changed(leg)
    return leg


def ends(house: House, leg: Leg, end: LegEnd = LegEnd.CALLER) -> None:
    leg.ended_at, leg.end = house.clock.now(), end
    house.exchange.talks.pop(leg.device, None)
    house.floor.leg_changed(leg)


def state(house: House, login: str = "anna") -> AgentState:
    agent = house.floor.agent(login)
    assert agent is not None
    return agent.state


async def test_who_signs_in_is_a_paused_member_of_his_queues(house: House) -> None:
    await house.floor.sign_in(ANNA, phone(201))
    await house.settle()
    assert house.exchange.members == {("clients", "PJSIP/op-201"): "sign-in"}
    assert house.exchange.agents == {("clients", "PJSIP/op-201"): "anna"}
    await house.floor.sign_out("anna")
    await house.settle()
    assert house.exchange.members == {}
    assert house.floor.agent("anna") is None


async def test_callers_are_kept_away_from_the_answer_to_the_end_of_wrap_up(house: House) -> None:
    await at_work(house, ANNA)
    member = ("clients", "PJSIP/op-201")
    leg = talks(house)
    await house.settle()
    assert house.exchange.members[member] == "talking"
    ends(house, leg)
    await house.settle()
    assert house.exchange.members[member] == "wrap-up"
    await house.floor.wrap_up_done("anna")
    await house.settle()
    assert house.exchange.members[member] is None


async def test_wrap_up_lasts_as_the_standard_of_the_call_says(house: House) -> None:
    await at_work(house, ANNA)
    leg = rung(house)
    leg.call_id = "omsk-call"
    leg.answered_at = house.clock.now()
    house.floor.leg_changed(leg)
    ends(house, leg)
    house.pass_by(89)
    assert state(house) is AgentState.WRAP_UP
    house.pass_by(1)
    assert state(house) is AgentState.READY


async def test_another_telephone_takes_the_place_of_the_first(house: House) -> None:
    await at_work(house, ANNA)
    house.floor.phone_reachable(DESK.device, True)
    await house.floor.sign_in(ANNA, DESK)
    await house.settle()
    assert house.exchange.members == {("clients", "PJSIP/desk-201"): None}
    assert house.floor.agent_of("PJSIP/desk-201-0000002a") == "anna"
    assert house.floor.agent_of("PJSIP/op-201") is None


async def test_what_can_not_be(house: House) -> None:
    await at_work(house, ANNA)
    talks(house)
    with pytest.raises(InTalk):
        await house.floor.sign_in(ANNA, DESK)
    with pytest.raises(PhoneTaken):
        await house.floor.sign_in(BORIS, phone(201))
    with pytest.raises(NotSignedIn):
        await house.floor.ready("boris")
    with pytest.raises(ValueError, match="no such reason"):
        await house.floor.pause("anna", "missed")


async def test_a_page_that_loads_again_changes_nothing(house: House) -> None:
    await at_work(house, ANNA)
    talks(house)
    before = house.floor.agent("anna")
    assert await house.floor.sign_in(ANNA, phone(201)) == before


async def test_the_clients_leg_of_an_outgoing_call_is_not_the_operators(house: House) -> None:
    await at_work(house, ANNA)
    own = talks(house, role=LegRole.OUT)
    client = Leg(
        call_id="call", leg_id="client", role=LegRole.CLIENT, agent="anna", rang_at=house.clock.now()
    )
    house.floor.leg_changed(client)
    ends(house, own)
    assert state(house) is AgentState.WRAP_UP


async def test_a_consulted_colleague_who_is_given_the_caller_wraps_up(house: House) -> None:
    await at_work(house, ANNA, BORIS)
    first, asked = talks(house), rung(house, "boris", "asked", LegRole.CONSULT)
    asked.call_id, asked.answered_at = first.call_id, house.clock.now()
    house.floor.leg_changed(asked)
    ends(house, first, LegEnd.TRANSFERRED)
    ends(house, asked)
    assert state(house) is AgentState.WRAP_UP
    assert state(house, "boris") is AgentState.WRAP_UP


BILLING_OF_ANNA = ("clients.billing", "PJSIP/op-201")


async def test_long_waits_bring_in_the_base_queue_and_at_last_everybody(grouped: House) -> None:
    await at_work(grouped, ANNA, BORIS)
    grouped.floor.caller_joined("clients.billing", "waits", grouped.clock.now())
    grouped.pass_by(59)
    await grouped.settle()
    assert BILLING_OF_ANNA not in grouped.exchange.members
    grouped.pass_by(1)
    await grouped.settle()
    assert grouped.exchange.members[BILLING_OF_ANNA] is None
    grouped.floor.board.callers.gone("waits")
    grouped.pass_by(1)
    await grouped.settle()
    assert BILLING_OF_ANNA not in grouped.exchange.members


async def test_a_group_whose_operators_are_all_absent_is_served_by_its_base_queue_at_once(
    grouped: House,
) -> None:
    await at_work(grouped, ANNA)
    assert grouped.exchange.members[BILLING_OF_ANNA] is None
    assert [queue.queue for queue in grouped.floor.queues() if queue.widened] == ["clients.billing"]
    grouped.floor.caller_joined("clients.billing", "waits", grouped.clock.now())
    grouped.pass_by(30)
    await grouped.floor.sign_in(BORIS, phone(202))  # paused at first: he does not serve yet
    await grouped.settle()
    assert BILLING_OF_ANNA in grouped.exchange.members
    await at_work(grouped, BORIS)
    assert BILLING_OF_ANNA not in grouped.exchange.members
    assert not any(queue.widened for queue in grouped.floor.queues())
    leg = talks(grouped, "boris")
    await grouped.settle()
    assert BILLING_OF_ANNA not in grouped.exchange.members
    ends(grouped, leg)
    assert state(grouped, "boris") is AgentState.WRAP_UP
    await grouped.settle()
    assert BILLING_OF_ANNA not in grouped.exchange.members
    await grouped.floor.pause("boris", "lunch")
    await grouped.settle()
    assert BILLING_OF_ANNA in grouped.exchange.members


async def test_who_comes_back_to_his_group_after_long_waits_is_still_helped(grouped: House) -> None:
    await at_work(grouped, ANNA)
    grouped.floor.caller_joined("clients.billing", "waits", grouped.clock.now())
    grouped.pass_by(60)
    await at_work(grouped, BORIS)
    assert BILLING_OF_ANNA in grouped.exchange.members
    grouped.floor.caller_left("clients.billing", "waits", grouped.clock.now())
    grouped.pass_by(60)
    await grouped.settle()
    assert BILLING_OF_ANNA not in grouped.exchange.members


async def test_an_engine_that_is_back_knows_at_once_which_groups_are_unattended(grouped: House) -> None:
    await at_work(grouped, ANNA)
    await grouped.floor.close()
    grouped.exchange.members.clear()
    await grouped.open()
    grouped.floor.resync(grouped.exchange.seen())
    await grouped.settle()
    assert grouped.exchange.members == {("clients", "PJSIP/op-201"): None, BILLING_OF_ANNA: None}


async def test_queues_tell_who_waits_who_serves_and_how_long_it_takes(house: House) -> None:
    await at_work(house, ANNA)
    told: list[list[QueueState]] = []
    house.floor.subscribe_queues(told.append)
    house.floor.tick()
    assert told[-1][0] == QueueState(
        queue="clients", waiting=0, longest_since=None, ready=1, serving=1, widened=False, estimate_seconds=0
    )
    house.floor.tick()
    assert len(told) == 1
    began = house.clock.now()
    talks(house)
    house.floor.caller_joined("clients", "waits", began)
    house.pass_by(1)
    clients = told[-1][0]
    assert (clients.waiting, clients.longest_since, clients.ready) == (1, began, 0)
    assert clients.estimate_seconds == 360
    assert told[-1][1].estimate_seconds is None


async def test_a_caller_whom_a_telephone_rings_for_is_not_counted_twice(house: House) -> None:
    await at_work(house, ANNA)
    told: list[list[QueueState]] = []
    house.floor.subscribe_queues(told.append)
    house.floor.caller_joined("clients", "rung", house.clock.now())
    rung(house)
    house.pass_by(1)
    assert told[-1][0].estimate_seconds == 180


async def test_calls_that_were_handled_shorten_the_estimate(house: House) -> None:
    await at_work(house, ANNA)
    for number in range(10):
        leg = talks(house, leg_id=f"leg-{number}")
        house.clock.pass_by(20)
        ends(house, leg)
        house.clock.pass_by(10)
        await house.floor.wrap_up_done("anna")
    mean = house.floor.board.handling.mean("clients")
    assert mean == pytest.approx((5 * 180 + 10 * 30) / 15)
    await house.floor.close()
    assert (await house.open()).board.handling.mean("clients") == pytest.approx(mean)


async def test_every_change_is_told_once(house: House) -> None:
    told: list[Agent] = []
    house.floor.subscribe(told.append)
    await at_work(house, ANNA)
    leg = talks(house)
    house.floor.leg_changed(leg)
    ends(house, leg)
    assert [agent.state for agent in told] == [
        AgentState.PAUSED,
        AgentState.READY,
        AgentState.RINGING,
        AgentState.TALKING,
        AgentState.WRAP_UP,
    ]


async def test_a_listener_that_fails_harms_nobody(house: House) -> None:
    def fail(agent: Agent) -> None:
        raise RuntimeError

    house.floor.subscribe(fail)
    await at_work(house, ANNA)
    assert house.exchange.members == {("clients", "PJSIP/op-201"): None}


# --- kept for a call-back --------------------------------------------------------------------------------


async def test_kept_for_a_call_back_means_that_asterisk_offers_nobody(house: House) -> None:
    await at_work(house, ANNA)
    assert await house.floor.reserve("anna", "callback")
    assert house.exchange.members == {("clients", "PJSIP/op-201"): "reserved"}
    assert not await house.floor.reserve("anna", "callback")
    house.floor.release("anna")
    await house.settle()
    assert house.exchange.members == {("clients", "PJSIP/op-201"): None}


async def test_without_asterisks_word_nobody_is_kept(house: House) -> None:
    await at_work(house, ANNA)
    house.exchange.failures = ["before"] * 10_000
    house.floor._rules = house.floor._rules.model_copy(update={"reserve_within_seconds": 0.01})
    assert not await house.floor.reserve("anna", "callback")
    house.exchange.failures = []
    await house.settle()
    assert house.exchange.members == {("clients", "PJSIP/op-201"): None}


async def test_who_is_rung_meanwhile_is_not_kept(house: House) -> None:
    await at_work(house, ANNA)
    rung(house)
    assert not await house.floor.reserve("anna", "callback")


# --- after restarts ---------------------------------------------------------------------------------------


async def test_the_engine_finds_talk_and_wish_again(house: House) -> None:
    await at_work(house, ANNA)
    leg = talks(house)
    await house.floor.pause("anna", "lunch")
    await house.floor.close()
    floor = await house.open()
    floor.resync(house.exchange.seen())
    floor.leg_changed(leg)
    agent = floor.agent("anna")
    assert agent is not None
    assert (agent.state, agent.call_id, agent.since) == (AgentState.TALKING, leg.call_id, leg.answered_at)
    ends(house, leg)
    house.pass_by(60)
    await house.settle()
    assert house.exchange.members == {("clients", "PJSIP/op-201"): "lunch"}


async def test_talks_that_ended_unseen_are_wrapped_up(house: House) -> None:
    await at_work(house, ANNA)
    talks(house)
    house.exchange.talks.clear()
    house.floor.resync(house.exchange.seen())
    assert state(house) is AgentState.WRAP_UP


async def test_asterisk_that_forgot_or_remembers_too_much_is_put_right(house: House) -> None:
    await at_work(house, ANNA)
    house.exchange.members = {
        ("business", "PJSIP/op-201"): None,
        ("clients", "PJSIP/op-209"): None,
        ("clients", "PJSIP/anna-at-home"): None,
    }
    house.floor.resync(house.exchange.seen())
    await house.settle()
    assert house.exchange.members == {
        ("clients", "PJSIP/op-201"): None,
        ("clients", "PJSIP/anna-at-home"): None,
    }


async def test_a_command_that_is_not_written_is_refused_and_written_later(house: House) -> None:
    await at_work(house, ANNA)
    house.database.failures = 1
    with pytest.raises(StoreUnavailable):
        await house.floor.pause("anna", "lunch")
    await house.floor.close()
    floor = await house.open()
    agent = floor.agent("anna")
    assert agent is not None
    assert agent.reason == "lunch"


def history(connection: Connection) -> list[tuple[str, str | None, float | None]]:
    rows = connection.execute(select(agent_states).order_by(agent_states.c.id))
    return [
        (row.state, row.reason, (row.until - row.since) / timedelta(seconds=1) if row.until else None)
        for row in rows
    ]


async def test_the_history_of_states_is_without_gaps(house: House) -> None:
    await at_work(house, ANNA)
    house.clock.pass_by(10)
    leg = rung(house)
    house.clock.pass_by(5)
    leg.answered_at = house.clock.now()
    house.floor.leg_changed(leg)
    house.clock.pass_by(100)
    ends(house, leg)
    house.clock.pass_by(30)
    await house.floor.pause("anna", "lunch")
    house.clock.pass_by(600)
    await house.floor.sign_out("anna")
    assert await house.database.read(history) == [
        ("paused", "sign-in", 0),
        ("ready", None, 10),
        ("ringing", None, 5),
        ("talking", None, 100),
        ("wrap-up", None, 30),
        ("paused", "lunch", 600),
    ]


async def test_a_leg_that_ended_unseen_goes_though_another_has_begun(house: House) -> None:
    await at_work(house, ANNA)
    rung(house, leg_id="dead")
    second = rung(house, leg_id="second")
    house.floor.resync(house.exchange.seen())
    ends(house, second)
    assert state(house) is AgentState.READY


async def test_both_legs_of_a_consultation_outlive_a_lost_link(house: House) -> None:
    await at_work(house, ANNA)
    main, asking = talks(house, leg_id="main"), talks(house, leg_id="asking", role=LegRole.CONSULT)
    house.floor._open_legs = lambda login: [main, asking]
    house.floor.resync(house.exchange.seen())
    ends(house, asking)
    assert state(house) is AgentState.TALKING


async def test_who_signs_in_while_his_telephone_rings_is_rung(house: House) -> None:
    await at_work(house, ANNA)
    leg = rung(house)
    await house.floor.sign_out("anna")
    house.floor._seats.clear()
    house.floor._open_legs = lambda login: [leg]
    await house.floor.sign_in(ANNA, phone(201))
    assert state(house) is AgentState.RINGING
