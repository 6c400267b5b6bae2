"""Whatever happens to either side, Asterisk's members are the wished ones in the end and nobody is stuck."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar, cast

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from ivr.access.model import Role, User
from ivr.calls.legs import Leg, LegEnd, LegRole
from ivr.desk.floor import Floor, InTalk
from ivr.desk.model import AgentState
from ivr.desk.ports import Phone, PhoneKind
from ivr.desk.settings import AgentsSettings, DeskSettings
from tests.unit.desk.exchange import HOUR, FakeExchange, HandClock, MemoryDatabase

T = TypeVar("T")
QUEUES = ("clients", "clients.billing", "business")
USERS = {
    user.login: user
    for user in (
        User(login="anna", name="А", role=Role.OPERATOR, extension="201", skills=("clients",)),
        User(login="boris", name="Б", role=Role.OPERATOR, extension="202", skills=QUEUES),
        User(login="vera", name="В", role=Role.OPERATOR, extension="203", skills=("business", "no-queue")),
    )
}
LOGINS = st.sampled_from(sorted(USERS))
RARELY = st.lists(st.booleans(), min_size=2, max_size=2)
SETTINGS = DeskSettings(agents=AgentsSettings(tick_seconds=HOUR))


class FloorMachine(RuleBasedStateMachine):
    """An engine and an Asterisk that talk, lose each other and start again."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock = HandClock()
        self.exchange = FakeExchange()
        self.database = MemoryDatabase()
        self.legs: dict[str, Leg] = {}
        self.told: set[str] = set()
        self.persisted: dict[tuple[str, str], str | None] = {}
        self.linked = True
        self.count = 0

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(doing)

    def now(self, doing: Callable[[], T]) -> T:
        """Do it on the loop, as everything is done there."""

        async def there() -> T:
            return doing()

        return self.run(there())

    @initialize()
    def begin(self) -> None:
        self.open_engine()
        for login, user in USERS.items():
            phone = Phone(PhoneKind.BROWSER, user.extension or "")
            self.telephone_comes_or_goes(login, PhoneKind.BROWSER, [True])
            self.run(self.floor.sign_in(user, phone))
            self.run(self.floor.ready(login))

    def open_engine(self) -> None:
        self.floor = Floor(
            database=cast(Any, self.database),
            settings=SETTINGS,
            switchboard=cast(Any, self.exchange),
            clock=self.clock,
            queues=QUEUES,
            wrap_up_norm=lambda call_id: None,
            open_legs=self.known_legs,
        )
        self.run(self.floor.start())

    # --- operators ---

    @rule(login=LOGINS, kind=st.sampled_from(PhoneKind))
    def signs_in(self, login: str, kind: PhoneKind) -> None:
        phone = Phone(kind, USERS[login].extension or "")
        with suppress(InTalk):
            self.run(self.floor.sign_in(USERS[login], phone))

    @rule(login=LOGINS, sure=RARELY)
    def signs_out(self, login: str, sure: list[bool]) -> None:
        if all(sure):
            self.run(self.floor.sign_out(login))

    @rule(login=LOGINS, reason=st.sampled_from([None, None, "lunch"]))
    def says_how_he_is(self, login: str, reason: str | None) -> None:
        if self.floor.agent(login):
            self.run(self.floor.pause(login, reason) if reason else self.floor.ready(login))

    @rule(login=LOGINS)
    def is_done_with_wrap_up(self, login: str) -> None:
        if self.floor.agent(login):
            self.run(self.floor.wrap_up_done(login))

    @rule(login=LOGINS)
    def is_kept_for_a_call_back(self, login: str) -> None:
        self.run(self.floor.reserve(login, "test"))

    # --- calls ---

    @rule(login=LOGINS, role=st.sampled_from([LegRole.QUEUE, LegRole.CALLBACK, LegRole.CONSULT]))
    def rings(self, login: str, role: LegRole) -> None:
        agent = self.floor.agent(login)
        if agent is None or agent.phone is None or agent.phone.device in self.exchange.talks:
            return
        self.count += 1
        leg = Leg(
            call_id=f"call-{self.count}",
            leg_id=f"leg-{self.count}",
            role=role,
            device=agent.phone.device,
            agent=login,
            queue="clients" if role is LegRole.QUEUE else None,
            rang_at=self.clock.now(),
        )
        self.legs[leg.leg_id] = leg
        self.exchange.talks[leg.device] = leg.leg_id
        self.tell(leg)

    @rule(pick=st.integers(0, 9))
    def answers(self, pick: int) -> None:
        for leg in self.picked(pick):
            leg.answered_at = leg.answered_at or self.clock.now()
            self.tell(leg)

    @rule(pick=st.integers(0, 9), end=st.sampled_from(LegEnd))
    def ends(self, pick: int, end: LegEnd) -> None:
        for leg in self.picked(pick):
            self.end(leg, end)
            self.tell(leg)

    def picked(self, pick: int) -> list[Leg]:
        going_on = list(self.legs.values())
        return [going_on[pick % len(going_on)]] if going_on else []

    def end(self, leg: Leg, end: LegEnd) -> None:
        leg.ended_at, leg.end = self.clock.now(), end
        del self.legs[leg.leg_id], self.exchange.talks[leg.device]

    def tell(self, leg: Leg) -> None:
        if self.linked:
            self.told.add(leg.leg_id)
            self.now(lambda: self.floor.leg_changed(leg))

    def known_legs(self, login: str) -> list[Leg]:
        """What the ledger would tell: it knows no more than it was told."""
        return [leg for leg in self.legs.values() if leg.agent == login and leg.leg_id in self.told]

    # --- the world ---

    @rule(seconds=st.sampled_from([1, 20, 61, 1000]))
    def time_passes(self, seconds: float) -> None:
        self.clock.pass_by(seconds)
        self.now(self.floor.tick)

    @rule(waits=st.booleans(), queue=st.sampled_from(QUEUES))
    def somebody_waits(self, waits: bool, queue: str) -> None:
        if waits:
            self.floor.caller_joined(queue, f"caller-{queue}", self.clock.now())
        else:
            self.floor.board.callers.gone(f"caller-{queue}")

    @rule(login=LOGINS, kind=st.sampled_from(PhoneKind), comes=RARELY)
    def telephone_comes_or_goes(self, login: str, kind: PhoneKind, comes: list[bool]) -> None:
        device, reachable = Phone(kind, USERS[login].extension or "").device, any(comes)
        (self.exchange.reachable.add if reachable else self.exchange.reachable.discard)(device)
        if self.linked:
            self.now(lambda: self.floor.phone_reachable(device, reachable))

    @rule(failures=st.lists(st.sampled_from(["", "before", "after"]), max_size=6))
    def commands_will_fail(self, failures: list[str]) -> None:
        self.exchange.failures = failures

    @rule()
    def everything_runs_a_little(self) -> None:
        self.run(asyncio.sleep(0))

    # --- losses ---

    @rule()
    def asterisk_saves_its_members(self) -> None:
        self.persisted = dict(self.exchange.members)

    @rule()
    def asterisk_restarts(self) -> None:
        self.linked = False
        self.exchange.members = dict(self.persisted)
        for leg in list(self.legs.values()):
            self.end(leg, LegEnd.UNKNOWN)

    @rule()
    def link_is_lost(self) -> None:
        self.linked = False

    @precondition(lambda self: not self.linked)
    @rule()
    def link_is_back(self) -> None:
        self.linked = True
        self.now(lambda: self.floor.resync(self.exchange.seen()))
        for leg in self.legs.values():
            self.tell(leg)

    @rule(dies=st.booleans())
    def engine_restarts(self, dies: bool) -> None:
        signed_in = {agent.login for agent in self.floor.agents()}
        self.run(self.kill() if dies else self.floor.close())
        self.open_engine()
        assert {agent.login for agent in self.floor.agents()} == signed_in
        self.linked = False
        self.link_is_back()

    async def kill(self) -> None:
        """Nothing is written or sent any more."""
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # --- in the end ---

    @precondition(lambda self: self.linked)
    @rule()
    def quiet(self) -> None:
        """Nothing fails for a moment: without any resync both sides agree."""
        self.exchange.failures = []
        self.run(self.floor._keeper.all_settled())
        self.agree()

    @rule()
    def peace(self) -> None:
        """The link stands, nothing fails: both sides agree."""
        self.exchange.failures = []
        self.link_is_back()
        self.run(self.floor._keeper.all_settled())
        self.agree()

    def agree(self) -> None:
        wished = {
            (queue, seat.phone.device): seat.kept_away
            for seat in self.floor.seats
            for queue in self.floor.board.of(seat.skills)
        }
        assert self.exchange.members == wished
        for agent in self.floor.agents():
            busy = bool(self.known_legs(agent.login))
            assert (agent.state in (AgentState.RINGING, AgentState.TALKING)) == busy

    def teardown(self) -> None:
        if hasattr(self, "floor"):
            for leg in list(self.legs.values()):
                self.end(leg, LegEnd.UNKNOWN)
            phones = [Phone(kind, str(number)) for kind in PhoneKind for number in (201, 202, 203)]
            self.exchange.reachable = {phone.device for phone in phones}
            self.peace()
            self.nobody_is_stuck()
            self.run(self.floor.close())
        self.loop.close()
        self.database.close()

    def nobody_is_stuck(self) -> None:
        """Who says that he is ready takes calls in all his queues."""
        self.time_passes(61)
        for agent in self.floor.agents():
            self.run(self.floor.ready(agent.login))
        self.run(self.floor._keeper.all_settled())
        for agent in self.floor.agents():
            assert agent.state is AgentState.READY
        assert set(self.exchange.members.values()) <= {None}
        self.agree()


TestFloor = FloorMachine.TestCase
TestFloor.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
