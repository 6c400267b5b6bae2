"""Supervisors who listen: written down before, one talk each, ended with it, over faults and restarts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, cast

import pytest
from sqlalchemy import StaticPool, create_engine, select

from ivr.access.tables import audit
from ivr.calls.legs import Leg, LegRole
from ivr.desk.agents import Listens, Paused, Ready, Reserved, after
from ivr.desk.listening import Changed, Listening, ListenRefused, Why
from ivr.desk.listening_book import ListeningBook, Stage
from ivr.desk.listening_tables import listenings
from ivr.desk.model import Agent, AgentState
from ivr.desk.ports import CallNotThere, ExchangeAway
from ivr.desk.ports_listening import ListenMode, ListenOrder
from ivr.desk.seat import Presence, Seat
from ivr.desk.settings import AgentsSettings
from ivr.store import StoreUnavailable, metadata
from tests.unit.desk.exchange import MONDAY, HandClock, phone

CHIEF, ANNA = "irina", "anna"


class Store:
    """Jobs run at once; it fails when told."""

    def __init__(self) -> None:
        self.engine = create_engine("sqlite://", poolclass=StaticPool)
        metadata.create_all(self.engine, tables=[listenings, audit])
        self.away = False

    async def write(self, job: Any) -> Any:
        await asyncio.sleep(0)
        if self.away:
            raise StoreUnavailable("for the test")
        with self.engine.begin() as connection:
            return job(connection)

    read = write

    def rows(self) -> list[Any]:
        with self.engine.begin() as connection:
            return list(connection.execute(select(listenings).order_by(listenings.c.id)))

    def audited(self) -> list[tuple[str, str, str]]:
        with self.engine.begin() as connection:
            rows = connection.execute(select(audit).order_by(audit.c.id))
            return [(row.login, row.subject, row.what) for row in rows]


class Post:
    """Notes what it is ordered to do, and how much was written down by then."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.done: list[tuple[object, ...]] = []
        self.fault: Exception | None = None

    async def listen(self, order: ListenOrder) -> None:
        self._do("listen", order.phone.device, order.leg_id, order.mode)

    async def set_mode(self, order_id: str, leg_id: str, mode: ListenMode) -> None:
        self._do("mode", mode)

    async def stop(self, order_id: str) -> None:
        self.done.append(("stop", order_id))

    def _do(self, *what: object) -> None:
        self.done.append((*what, len(self.store.rows())))
        if self.fault:
            raise self.fault


class Office:
    """Irina has a telephone, Anna talks."""

    def __init__(self) -> None:
        self.store, self.clock = Store(), HandClock()
        self.post = Post(self.store)
        self.deeds: list[tuple[str, str | None, object]] = []
        self.away: dict[str, bool] = {}
        self.people = {CHIEF: _agent(CHIEF, 202, AgentState.READY), ANNA: _talking()}
        self.known = [_leg()]
        self.free = True
        self.news: list[Changed] = []
        self.listening = self.open()

    def open(self) -> Listening:
        opened = Listening(
            post=self.post,
            book=ListeningBook(cast(Any, self.store), self.clock),
            operators=self,
            talks=self,
            clock=self.clock,
        )
        opened.news.subscribe(self.news.append)
        return opened

    def agent(self, login: str) -> Agent | None:
        return self.people.get(login)

    async def listens(self, login: str, begins: bool) -> bool:
        self.away[login] = begins
        return self.free or not begins

    def open_legs(self, login: str) -> list[Leg]:
        return [leg for leg in self.known if leg.agent == login]

    def legs(self, call_id: str) -> list[Leg]:
        return [leg for leg in self.known if leg.call_id == call_id]

    def note_deed(self, call_id: str, kind: str, agent: str | None, *, data: Any = None) -> None:
        self.deeds.append((kind, agent, data["mode"]))


def _agent(login: str, extension: int, state: AgentState) -> Agent:
    return Agent(
        login=login,
        name=login,
        extension=str(extension),
        phone=phone(extension),
        skills=(),
        state=state,
        reason=None,
        since=MONDAY,
        reachable=True,
    )


def _talking() -> Agent:
    return replace(_agent(ANNA, 201, AgentState.TALKING), call_id="call-1", leg_id="leg-1")


def _leg() -> Leg:
    return Leg(call_id="call-1", leg_id="leg-1", role=LegRole.QUEUE, agent=ANNA, answered_at=MONDAY)


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    office = Office()
    yield office
    await office.listening.close()
    office.store.engine.dispose()


async def _settled(office: Office) -> None:
    while office.listening._tasks:
        await asyncio.gather(*office.listening._tasks)


async def test_it_is_written_down_before_anything_is_heard(office: Office) -> None:
    one = await office.listening.listen(CHIEF, ANNA, ListenMode.LISTEN)
    assert office.post.done == [("listen", "PJSIP/op-202", "leg-1", ListenMode.LISTEN, 1)]
    assert office.away == {CHIEF: True}
    office.listening.began(one.order_id)
    office.clock.pass_by(30)
    await office.listening.change(CHIEF, ListenMode.WHISPER)
    assert office.post.done[-1] == ("mode", ListenMode.WHISPER, 2)
    office.clock.pass_by(30)
    office.listening.ended(one.order_id)
    office.listening.ended(one.order_id)
    await _settled(office)
    told = [
        (row.listener, row.agent, row.mode, (row.until - row.since).seconds) for row in office.store.rows()
    ]
    assert told == [(CHIEF, ANNA, "listen", 30), (CHIEF, ANNA, "whisper", 30)]
    audited = [(CHIEF, ANNA, what) for what in ("talk listen", "talk whisper", "talk left")]
    assert office.store.audited() == audited
    kinds = [("listening", "listen"), ("listening", "whisper"), ("listening-ended", "whisper")]
    assert [(kind, mode) for kind, _, mode in office.deeds] == kinds
    assert office.away == {CHIEF: False}
    assert [(changed.one.stage, changed.over) for changed in office.news] == [
        (Stage.RINGING, False),
        (Stage.HEARING, False),
        (Stage.HEARING, False),
        (Stage.HEARING, True),
    ]


async def test_without_the_audit_nothing_is_heard(office: Office) -> None:
    office.store.away = True
    with pytest.raises(StoreUnavailable):
        await office.listening.listen(CHIEF, ANNA, ListenMode.LISTEN)
    office.store.away = False
    assert [deed[0] for deed in office.post.done if deed[0] != "stop"] == []
    await _settled(office)
    assert office.away == {CHIEF: False}
    assert office.listening.of(CHIEF) is None


async def test_another_mode_that_is_not_written_is_not_taken(office: Office) -> None:
    one = await office.listening.listen(CHIEF, ANNA, ListenMode.LISTEN)
    office.listening.began(one.order_id)
    office.store.away = True
    with pytest.raises(StoreUnavailable):
        await office.listening.change(CHIEF, ListenMode.JOIN)
    office.store.away = False
    assert ("mode", ListenMode.JOIN) not in [deed[:2] for deed in office.post.done]


async def _refused(office: Office, agent: str = ANNA) -> Why:
    with pytest.raises(ListenRefused) as refused:
        await office.listening.listen(CHIEF, agent, ListenMode.LISTEN)
    return refused.value.why


async def test_who_can_not_listen_now(office: Office) -> None:
    assert await _refused(office, CHIEF) is Why.OWN
    assert await _refused(office, "nobody") is Why.NO_TALK
    office.known[0] = replace(office.known[0], answered_at=None)
    assert await _refused(office) is Why.NO_TALK
    office.known[0] = _leg()
    office.free = False
    assert await _refused(office) is Why.BUSY
    office.people[CHIEF] = replace(office.people[CHIEF], state=AgentState.TALKING)
    assert await _refused(office) is Why.BUSY
    office.people[CHIEF] = replace(office.people[CHIEF], state=AgentState.READY, reachable=False)
    assert await _refused(office) is Why.NO_TELEPHONE
    del office.people[CHIEF]
    assert await _refused(office) is Why.NO_TELEPHONE
    await _settled(office)
    assert all(row.until for row in office.store.rows())


async def test_one_talk_at_a_time(office: Office) -> None:
    both = await asyncio.gather(
        *(office.listening.listen(CHIEF, ANNA, ListenMode.LISTEN) for _ in range(2)), return_exceptions=True
    )
    assert sum(isinstance(one, ListenRefused) for one in both) == 1
    assert len(office.listening.at(ANNA)) == 1


async def test_no_mode_before_the_telephone_is_answered_and_none_after_the_end(office: Office) -> None:
    one = await office.listening.listen(CHIEF, ANNA, ListenMode.LISTEN)
    with pytest.raises(ListenRefused, match="not-answered"):
        await office.listening.change(CHIEF, ListenMode.JOIN)
    office.listening.began(one.order_id)
    office.post.fault = CallNotThere()
    with pytest.raises(ListenRefused, match="no-talk"):
        await office.listening.change(CHIEF, ListenMode.JOIN)
    office.listening.ended(one.order_id)
    await _settled(office)
    with pytest.raises(ListenRefused, match="not-listening"):
        await office.listening.change(CHIEF, ListenMode.JOIN)
    await office.listening.leave(CHIEF)
    assert all(row.until for row in office.store.rows())


async def test_an_exchange_that_does_not_answer_may_be_ringing_all_the_same(office: Office) -> None:
    office.post.fault = ExchangeAway()
    assert await _refused(office) is Why.EXCHANGE_AWAY
    await _settled(office)
    assert office.post.done[-1][0] == "stop"
    assert office.away == {CHIEF: False}
    assert office.listening.of(CHIEF) is None


async def test_the_end_is_written_when_the_database_is_back(office: Office) -> None:
    one = await office.listening.listen(CHIEF, ANNA, ListenMode.LISTEN)
    office.store.away = True
    office.listening.ended(one.order_id)
    for _ in range(20):
        await asyncio.sleep(0)
    assert office.listening._tasks
    office.store.away = False
    await _settled(office)
    assert all(row.until for row in office.store.rows())


async def test_what_a_killed_engine_has_left_is_ended_and_hung_up(office: Office) -> None:
    one = await office.listening.listen(CHIEF, ANNA, ListenMode.JOIN)
    office.listening = office.open()
    await office.listening.start()
    assert [row.until is None for row in office.store.rows()] == [False]
    assert office.store.audited()[-1] == (CHIEF, ANNA, "talk left")
    assert office.away == {CHIEF: False}
    office.listening.seen([one.order_id])
    await _settled(office)
    assert office.post.done[-1] == ("stop", one.order_id)


async def test_a_link_that_was_away_ends_who_is_gone_and_keeps_who_is_there(office: Office) -> None:
    one = await office.listening.listen(CHIEF, ANNA, ListenMode.LISTEN)
    office.listening.seen([one.order_id])
    assert office.listening.of(CHIEF) is not None
    office.listening.seen([])
    assert office.listening.of(CHIEF) is None


async def test_a_restart_hangs_up_and_writes_the_end(office: Office) -> None:
    one = await office.listening.listen(CHIEF, ANNA, ListenMode.LISTEN)
    await office.listening.close()
    assert office.post.done[-1] == ("stop", one.order_id)
    assert all(row.until for row in office.store.rows())


def test_callers_are_kept_away_from_who_listens() -> None:
    rules = AgentsSettings()
    seat = Seat(
        login=CHIEF,
        name="",
        phone=phone(202),
        skills=(),
        signed_in_at=MONDAY,
        since=MONDAY,
        presence=Presence.READY,
        reason="",
    )
    assert seat.free
    listens = after(seat, Listens(at=MONDAY, begins=True), rules)
    assert (listens.state, listens.pause_reason, listens.kept_away) == (
        AgentState.PAUSED,
        "listening",
        "listening",
    )
    for event in (Ready(at=MONDAY), Paused(at=MONDAY, reason="lunch")):
        assert after(listens, event, rules).kept_away == "listening"
    assert after(listens, Listens(at=MONDAY, begins=False), rules).free
    kept = after(seat, Reserved(at=MONDAY, until=MONDAY), rules)
    assert after(kept, Listens(at=MONDAY, begins=False), rules).reserved_until == MONDAY


async def test_nobody_joins_a_talk_of_three_but_may_whisper(office: Office) -> None:
    asked = replace(_leg(), leg_id="leg-2", role=LegRole.CONSULT, agent=None)
    office.known.append(asked)
    with pytest.raises(ListenRefused, match=r"three-talk"):
        await office.listening.listen(CHIEF, ANNA, ListenMode.JOIN)
    assert (office.post.done, office.store.rows()) == ([], [])
    one = await office.listening.listen(CHIEF, ANNA, ListenMode.WHISPER)
    office.listening.began(one.order_id)
    with pytest.raises(ListenRefused, match=r"three-talk"):
        await office.listening.change(CHIEF, ListenMode.JOIN)
    office.known[1] = replace(asked, ended_at=MONDAY)
    assert (await office.listening.change(CHIEF, ListenMode.JOIN)).mode is ListenMode.JOIN
