from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

import pytest

from ivr.access.model import User
from ivr.calls import wrapups as kept
from ivr.calls.results import load_results
from ivr.web.api.route import Refused
from ivr.web.api.wrapups import WrapUpRoutes, WrapUpTold, WrapUpTyped
from tests.contract.workspace.conftest import ANNA, T0, VERA, Desk, ask

PATH = "/calls/{call_id}/wrap-up"
TYPED = WrapUpTyped(topic="balance.debt", result="answered", note="сверить платёж", survey=True)


@dataclass
class World:
    """The wrap-up's calls of the API, and what they told others."""

    desk: Desk
    done: list[tuple[str, str]] = field(default_factory=list)
    agreed: list[tuple[str, str, bool]] = field(default_factory=list)
    topics: frozenset[str] = frozenset({"balance.debt"})

    async def agree(self, call_id: str, agent: str, agreed: bool) -> None:
        self.agreed.append((call_id, agent, agreed))

    async def _done(self, login: str, call_id: str) -> None:
        (wrapup,) = await self.desk.database.read(partial(kept.of_call, call_id=call_id))
        assert wrapup.saved_at is not None
        self.done.append((login, call_id))

    async def ask(self, method: str, typed: WrapUpTyped = TYPED, user: User = ANNA) -> WrapUpTold:
        routes = WrapUpRoutes(
            wrapups=self.desk.wrapups,
            viewing=self.desk.viewing,
            ledger=self.desk.ledger,
            surveys=self,
            topics=lambda: self.topics,
            results=[each.id for each in load_results()],
            done=self._done,
            clock=self.desk.clock,
        ).routes()
        answer = await ask(routes, method, PATH, user, body=typed, call_id="c1")
        assert isinstance(answer, WrapUpTold)
        return answer


@pytest.fixture
async def world(desk: Desk) -> World:
    desk.calls()
    desk.rings()
    desk.answers()
    return World(desk)


async def test_a_draft_is_kept_while_the_talk_goes_on(world: World) -> None:
    draft = await world.ask("PUT", WrapUpTyped(note="сверить"))
    assert (draft.topic, draft.began_at, draft.saved_at) == (None, None, None)
    assert (await world.ask("PUT")).note == "сверить платёж"
    assert world.agreed == [("c1", "anna", True)]
    wrapup = await world.desk.wrapups.of("c1", "anna")
    assert wrapup is not None
    assert (wrapup.topic, wrapup.saved_at) == ("balance.debt", None)


async def test_the_next_call_comes_when_the_wrap_up_is_durable(world: World) -> None:
    world.desk.ends()
    world.desk.clock.at = T0 + timedelta(seconds=45)
    final = await world.ask("POST")
    assert (final.began_at, final.saved_at) == (T0, T0 + timedelta(seconds=45))
    assert world.done == [("anna", "c1")]
    again = await world.ask("POST")
    assert again.result == "answered"
    with pytest.raises(Refused) as refused:
        await world.ask("PUT")
    assert refused.value.code == "finished"


async def test_it_is_not_finished_before_the_talk_but_kept(world: World) -> None:
    with pytest.raises(Refused) as refused:
        await world.ask("POST")
    assert (refused.value.status, refused.value.code) == (409, "talk-goes-on")
    wrapup = await world.desk.wrapups.of("c1", "anna")
    assert wrapup is not None
    assert (wrapup.result, wrapup.saved_at) == ("answered", None)
    assert world.done == []


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"topic": None}, "need-topic", "topic"),
        ({"topic": "forged"}, "unknown-topic", "topic"),
        ({"result": None}, "need-result", "result"),
        ({"result": "forged"}, "unknown-result", "result"),
    ],
)
async def test_what_is_missing_is_said_beside_its_field(
    world: World, change: dict[str, str | None], code: str, field: str
) -> None:
    world.desk.ends()
    with pytest.raises(Refused) as refused:
        await world.ask("POST", TYPED.model_copy(update=change))
    assert (refused.value.code, refused.value.field) == (code, field)


async def test_before_the_knowledge_base_has_been_read_no_topic_is_called_unknown(world: World) -> None:
    world.desk.ends()
    world.topics = frozenset()
    assert (await world.ask("POST")).saved_at is not None


async def test_nobody_wraps_up_a_talk_of_others(world: World) -> None:
    for method in ("PUT", "POST"):
        with pytest.raises(Refused) as refused:
            await world.ask(method, user=VERA)
        assert refused.value.status == 403
