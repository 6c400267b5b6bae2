"""Who keeps which promise: nobody is overtaken, nobody is rung at night."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.desk.callback_choice import Rules, Scene, choose, may_call
from ivr.desk.model import Agent, AgentState
from ivr.desk.ports import Phone, PhoneKind
from ivr.requests.callback_model import Callback, CallbackSource, CallbackStatus
from ivr.requests.model import Wish

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=MOSCOW)
TOPICS = {"balance.debt": "clients.billing"}
RULES = Rules(
    queue_for=lambda topic: TOPICS.get(topic, "clients"),
    widen=timedelta(minutes=10),
    opens=time(8),
    closes=time(21),
)
QUEUES = ("clients", "clients.billing", "corporate")


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def promise(
    id: int = 1, *, queue: str = "clients", waits: float | None = 5, wish: Wish = Wish.SOON
) -> Callback:
    queued_at = None if waits is None else ago(waits)
    return Callback(
        id=id,
        phone="+74832000001",
        asked_at=ago(1),
        promised_at=ago(1),
        wish=wish,
        due_from=ago(1),
        topic="",
        account_number="",
        said="",
        status=CallbackStatus.OPEN,
        call_id=f"c{id}",
        source=CallbackSource.QUEUE,
        queue=queue,
        queued_at=queued_at,
        taken_by=None,
        taken_at=None,
        next_at=None,
        failures=0,
        closed_at=None,
        closed_as=None,
        note="",
    )


def agent(
    login: str = "anna",
    *skills: str,
    state: AgentState = AgentState.READY,
    idle: float = 1,
    reachable: bool = True,
) -> Agent:
    return Agent(
        login=login,
        name=login,
        extension="201",
        phone=Phone(PhoneKind.BROWSER, "201"),
        skills=skills or ("clients",),
        state=state,
        reason=None,
        since=ago(idle),
        reachable=reachable,
    )


def scene(*agents: Agent, **waiting: float) -> Scene:
    live = {queue.replace("_", "."): ago(minutes) for queue, minutes in waiting.items()}
    return Scene(now=NOW, agents=agents, live=live)


def test_a_ready_operator_keeps_a_promise_that_is_older_than_all_who_wait() -> None:
    assert [m.login for m in choose([promise(waits=5)], scene(agent(), clients=4.9), RULES)] == ["anna"]


def test_a_live_caller_who_waits_longer_goes_first() -> None:
    assert choose([promise(waits=5)], scene(agent(), clients=5.1), RULES) == []


def test_nobody_is_overtaken_in_another_queue_that_the_operator_serves() -> None:
    both = agent("anna", "clients", "corporate")
    assert choose([promise(waits=5)], scene(both, corporate=6), RULES) == []
    one = agent("boris", "clients", idle=0.5)
    assert [m.login for m in choose([promise(waits=5)], scene(both, one, corporate=6), RULES)] == ["boris"]


def test_whoever_named_a_time_waits_from_then_on() -> None:
    timed = promise(waits=30, wish=Wish.TIME)  # due a minute ago
    assert choose([timed], scene(agent(), clients=2), RULES) == []
    assert [m.promise.id for m in choose([timed], scene(agent(), clients=0.5), RULES)] == [1]


@pytest.mark.parametrize(
    "other",
    [
        agent(state=AgentState.TALKING),
        agent(state=AgentState.PAUSED),
        agent(state=AgentState.WRAP_UP),
        agent(reachable=False),
        replace(agent(), phone=None),
        agent("anna", "corporate"),
    ],
)
def test_who_is_not_ready_or_not_skilled_is_not_rung(other: Agent) -> None:
    assert choose([promise()], scene(other), RULES) == []


def test_a_promise_of_a_group_goes_to_the_base_queue_when_it_has_waited_long() -> None:
    general = scene(agent("anna", "clients"))
    assert choose([promise(queue="clients.billing", waits=9)], general, RULES) == []
    late = choose([promise(queue="clients.billing", waits=10)], general, RULES)
    assert [m.login for m in late] == ["anna"]


@pytest.mark.parametrize(
    ("topic", "login"), [("balance.debt", "boris"), ("outage.now", "anna"), ("", "anna")]
)
def test_a_promise_from_outside_the_queues_goes_to_the_queue_of_its_topic(topic: str, login: str) -> None:
    people = scene(agent("anna", "clients", idle=9), agent("boris", "clients.billing"))
    asked = replace(promise(queue="", waits=None), topic=topic)
    assert [m.login for m in choose([asked], people, RULES)] == [login]


def test_the_one_who_has_been_idle_longest_is_rung_and_not_who_missed_it() -> None:
    people = scene(agent("anna", idle=9), agent("boris", idle=3))
    assert [m.login for m in choose([promise()], people, RULES)] == ["anna"]
    missed = replace(people, missed=frozenset({(1, "anna")}))
    assert [m.login for m in choose([promise()], missed, RULES)] == ["boris"]


def test_a_promise_that_is_not_due_or_to_be_tried_later_waits() -> None:
    later = NOW + timedelta(minutes=1)
    assert choose([replace(promise(), due_from=later)], scene(agent()), RULES) == []
    assert choose([replace(promise(), next_at=later)], scene(agent()), RULES) == []


@pytest.mark.parametrize(
    ("phone", "at", "may"),
    [
        ("+74832000001", "08:00", True),
        ("+74832000001", "07:59", False),
        ("+74832000001", "21:00", False),
        ("+73952200000", "12:00", True),  # Irkutsk, five hours ahead
        ("+73952200000", "16:00", False),
        ("+73952200000", "03:00", True),
        ("+79161234567", "20:59", True),  # a mobile number is at home everywhere
        ("nonsense", "12:00", True),
    ],
)
def test_clients_are_called_by_their_own_clock(phone: str, at: str, may: bool) -> None:
    moment = datetime.combine(NOW.date(), time.fromisoformat(at), MOSCOW)
    assert may_call(phone, moment, RULES.opens, RULES.closes) is may


some_minutes = st.integers(0, 60)
promises_st = st.lists(st.tuples(st.sampled_from(QUEUES), some_minutes), max_size=6)
agents_st = st.lists(
    st.tuples(st.sets(st.sampled_from(QUEUES), min_size=1), st.sampled_from(AgentState), some_minutes),
    max_size=5,
)
live_st = st.dictionaries(st.sampled_from(QUEUES), some_minutes)


@given(promises_st, agents_st, live_st)
def test_no_overtaking_no_doubles_and_no_idling(
    wanted: list[tuple[str, int]],
    people: list[tuple[set[str], AgentState, int]],
    waiting: dict[str, int],
) -> None:
    promises = [promise(id, queue=queue, waits=waits) for id, (queue, waits) in enumerate(wanted)]
    agents = {
        f"a{number}": agent(f"a{number}", *sorted(skills), state=state, idle=idle)
        for number, (skills, state, idle) in enumerate(people)
    }
    live = {queue: ago(minutes) for queue, minutes in waiting.items()}
    matches = choose(promises, Scene(now=NOW, agents=list(agents.values()), live=live), RULES)

    rung = [match.login for match in matches]
    kept = [match.promise.id for match in matches]
    assert len(set(rung)) == len(rung)
    assert len(set(kept)) == len(kept)
    for match in matches:
        chosen = agents[match.login]
        assert chosen.state is AgentState.READY
        assert all(live[q] >= match.promise.place for q in chosen.skills if q in live)
    for left in (each for each in promises if each.id not in kept):
        for idle in (each for each in agents.values() if each.login not in rung):
            serves = left.queue in idle.skills
            overtakes = any(live[q] < left.place for q in idle.skills if q in live)
            assert idle.state is not AgentState.READY or not serves or overtakes
