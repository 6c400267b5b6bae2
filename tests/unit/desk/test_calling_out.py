"""An outgoing call is written down before it is ordered, and made once."""

from __future__ import annotations

import pytest

from ivr.calls.legs import LegRole
from ivr.calls.story import About, CallKind
from ivr.desk.conflicts import Conflict
from ivr.desk.model import Agent, AgentState
from ivr.desk.ports import ExchangeAway
from ivr.desk.talks import Number, Why
from tests.unit.desk.talking import (
    ABOUT,
    ANNA,
    CALL,
    Scene,
    agent,
    refused,
)


async def test_an_outgoing_call_is_written_down_then_begun_then_ordered(scene: Scene) -> None:
    about = About("request", "17")
    placed = await scene.talks.call_out(
        ANNA, Number(text="8 (483) 262-22-22", about=about, parent_call_id=CALL)
    )
    [order] = scene.paper.orders
    assert (order.order_id, order.call_id) == (placed.order_id, placed.call_id)
    assert (order.number, order.role, order.profile) == ("+74832622222", LegRole.OUT, "bryansk")
    [(facts, kind, told_about, parent)] = scene.book.opened
    assert (facts.caller_number, kind, told_about, parent) == ("+74832622222", CallKind.OUTBOUND, about, CALL)
    assert scene.board.asked == [("call_out", order)]


async def test_the_same_press_of_a_button_makes_one_call(scene: Scene) -> None:
    number = Number(text="+74832622222", about=ABOUT, key="press-0001")
    first = await scene.talks.call_out(ANNA, number)
    scene.floor.agents["anna"] = agent(ANNA, AgentState.RINGING)
    again = await scene.talks.call_out(ANNA, number)
    assert (again.order_id, again.call_id) == (first.order_id, first.call_id)
    assert len(scene.board.asked) == 1


@pytest.mark.parametrize(
    "who",
    [
        None,
        agent(ANNA, AgentState.TALKING),
        agent(ANNA, AgentState.RINGING),
        agent(ANNA, AgentState.PAUSED, reachable=False),
    ],
)
async def test_an_operator_who_cannot_be_rung_calls_nobody(scene: Scene, who: Agent | None) -> None:
    scene.floor.agents = {} if who is None else {"anna": who}
    assert (
        await refused(scene.talks.call_out(ANNA, Number(text="+74832622222", about=ABOUT))) is Why.NOT_READY
    )
    assert scene.paper.orders == []


async def test_an_operator_is_let_go_when_the_call_is_not_made(scene: Scene) -> None:
    scene.board.fault = ExchangeAway("away")
    number = Number(text="+74832622222", about=ABOUT)
    assert await refused(scene.talks.call_out(ANNA, number)) is Why.EXCHANGE_AWAY
    assert scene.floor.reserved == []


async def test_a_promised_call_is_made_by_who_keeps_promises(scene: Scene) -> None:
    placed = await scene.talks.call_out(ANNA, Number(text="", about=About("callback", "5")))
    assert (placed.order_id, scene.matters, scene.paper.orders) == ("order-7", [(5, "anna")], [])
    scene.conflict = Conflict("taken")
    assert (
        await refused(scene.talks.call_out(ANNA, Number(text="", about=About("callback", "5")))) is Why.TAKEN
    )
    scene.conflict = Conflict("not-ready")
    number = Number(text="", about=About("callback", "5"))
    assert await refused(scene.talks.call_out(ANNA, number)) is Why.NOT_READY
