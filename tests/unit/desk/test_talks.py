"""An operator acts on the call he talks in, and only sends it where the company's lists allow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ivr.access.model import Role, User
from ivr.calls.deeds import Deed, DeedKind
from ivr.calls.legs import LegRole
from ivr.desk.model import AgentState
from ivr.desk.ports import CallNotThere, ExchangeAway, Target, TargetKind
from ivr.desk.talks import Why
from ivr.desk.targets import PlaceKind
from tests.unit.desk.talking import (
    ANNA,
    BORIS,
    CALL,
    SETTINGS,
    Scene,
    agent,
    refused,
)

DEEDS: Mapping[str, Any] = {
    "consult": lambda talks, user: talks.consult(user, CALL, PlaceKind.COLLEAGUE, "boris"),
    "complete": lambda talks, user: talks.complete(user, CALL),
    "withdraw": lambda talks, user: talks.withdraw(user, CALL),
    "conference": lambda talks, user: talks.conference(user, CALL),
    "transfer": lambda talks, user: talks.transfer(user, CALL, PlaceKind.QUEUE, "clients"),
    "hang_up": lambda talks, user: talks.hang_up(user, CALL),
    "record": lambda talks, user: talks.record(user, CALL, False),
    "warn": lambda talks, user: talks.warn(user, CALL),
    "abusive": lambda talks, user: talks.end_abusive(user, CALL),
    "silent": lambda talks, user: talks.end_silent(user, CALL),
}


@pytest.mark.parametrize("name", DEEDS)
async def test_nobody_acts_on_a_call_that_he_does_not_talk_in(scene: Scene, name: str) -> None:
    """A colleague's call, one that only rings, one that is over, the client's own telephone: all refused."""
    assert await refused(DEEDS[name](scene.talks, ANNA)) is Why.NOT_IN_TALK
    scene.leg("boris")
    scene.leg("anna", answered=False)
    scene.leg("anna").ended_at = scene.clock.now()
    scene.leg("anna", LegRole.CLIENT)
    assert await refused(DEEDS[name](scene.talks, ANNA)) is Why.NOT_IN_TALK
    assert scene.board.asked == []
    assert scene.noted == []


@pytest.mark.parametrize(
    ("fault", "why"), [(CallNotThere("gone"), Why.CALL_GONE), (ExchangeAway("away"), Why.EXCHANGE_AWAY)]
)
@pytest.mark.parametrize(
    "name", ["consult", "complete", "conference", "transfer", "hang_up", "record", "silent"]
)
async def test_what_asterisk_does_not_do_is_told_and_not_noted(
    scene: Scene, name: str, fault: Exception, why: Why
) -> None:
    scene.leg("anna")
    if name in ("complete", "conference"):
        scene.leg("boris", LegRole.CONSULT)
    scene.board.fault = fault
    assert await refused(DEEDS[name](scene.talks, ANNA)) is why
    assert scene.noted == []


# --- consultations ---


async def test_a_consultation_names_its_order(scene: Scene) -> None:
    leg = scene.leg("anna")
    order_id = await scene.talks.consult(ANNA, CALL, PlaceKind.DESK, "grid")
    assert scene.board.asked == [
        ("consult", CALL, leg.leg_id, order_id, Target(TargetKind.OUTSIDE, "4832000111"))
    ]
    assert scene.noted == [DeedKind.CONSULT_ASKED]


async def test_one_consultation_at_a_time(scene: Scene) -> None:
    scene.leg("anna")
    scene.leg(None, LegRole.CONSULT, answered=False)
    assert await refused(DEEDS["consult"](scene.talks, ANNA)) is Why.CONSULTS


@pytest.mark.parametrize("name", ["complete", "conference"])
async def test_connecting_needs_somebody_who_has_answered(scene: Scene, name: str) -> None:
    scene.leg("anna")
    assert await refused(DEEDS[name](scene.talks, ANNA)) is Why.NO_CONSULTATION
    asked = scene.leg("boris", LegRole.CONSULT, answered=False)
    assert await refused(DEEDS[name](scene.talks, ANNA)) is Why.NOT_ANSWERED
    asked.answered_at = scene.clock.now()
    await DEEDS[name](scene.talks, ANNA)
    assert [one[0] for one in scene.board.asked] == [name]


async def test_who_was_asked_may_ask_others_himself(scene: Scene) -> None:
    scene.leg("anna").ended_at = scene.clock.now()
    own = scene.leg("boris", LegRole.CONSULT)
    scene.floor.agents["anna"] = agent(ANNA, AgentState.WRAP_UP)
    await scene.talks.consult(BORIS, CALL, PlaceKind.COLLEAGUE, "anna")
    assert scene.board.asked[0][2] == own.leg_id


# --- where to ---


@pytest.mark.parametrize(
    ("kind", "value", "why"),
    [
        (PlaceKind.COLLEAGUE, "viktor", Why.NO_TARGET),
        (PlaceKind.COLLEAGUE, "anna", Why.NO_TARGET),  # oneself
        (PlaceKind.QUEUE, "managers", Why.NO_TARGET),
        (PlaceKind.ROBOT, "main", Why.NO_TARGET),  # a flow that is not on the list
        (PlaceKind.DESK, "moon", Why.NO_TARGET),
        (PlaceKind.OUTSIDE, "+12025550123", Why.NUMBER_REFUSED),
        (PlaceKind.OUTSIDE, "x\r\nAction: Originate", Why.NUMBER_REFUSED),
    ],
)
async def test_places_that_are_on_no_list(scene: Scene, kind: PlaceKind, value: str, why: Why) -> None:
    scene.leg("anna")
    assert await refused(scene.talks.transfer(ANNA, CALL, kind, value)) is why
    assert scene.board.asked == []


@pytest.mark.parametrize("state", [AgentState.TALKING, AgentState.RINGING, AgentState.OFFLINE])
async def test_a_colleague_who_is_busy(scene: Scene, state: AgentState) -> None:
    scene.leg("anna")
    scene.floor.agents["boris"] = agent(BORIS, state)
    assert await refused(DEEDS["consult"](scene.talks, ANNA)) is Why.TARGET_BUSY


async def test_a_transfer_hands_over_the_note_and_its_deed_holds_no_number(scene: Scene) -> None:
    scene.leg("anna")
    await scene.talks.transfer(ANNA, CALL, PlaceKind.OUTSIDE, "+7 483 262-22-22", "просит схему")
    assert scene.handed == [(CALL, "anna", "просит схему")]
    assert scene.board.asked[0][3] == Target(TargetKind.OUTSIDE, "+74832622222")
    assert scene.book.deeds == [(DeedKind.TRANSFER_ASKED, "anna", {"kind": "outside"})]


def test_offers_are_found_by_title_and_by_id_the_free_first(scene: Scene) -> None:
    scene.floor.agents["boris"] = agent(BORIS, AgentState.TALKING)
    scene.floor.agents["vera"] = agent(User(login="vera", name="Вера", role=Role.SENIOR, extension="203"))
    offers = scene.talks.offers(ANNA, "")
    assert [(one.kind.value, one.value, one.free) for one in offers] == [
        ("colleague", "vera", True),
        ("colleague", "boris", False),
        ("desk", "grid", True),
        ("queue", "clients.billing", True),
        ("queue", "clients", True),
        ("robot", "readings", True),
    ]
    assert [one.value for one in scene.talks.offers(ANNA, " ДИСП ")] == ["grid"]
    assert [one.title for one in scene.talks.offers(ANNA, "billing")] == ["clients.billing"]


# --- callers who can't be served ---


async def test_an_abusive_caller_is_warned_before_the_end(scene: Scene) -> None:
    scene.leg("anna")
    assert await refused(DEEDS["abusive"](scene.talks, ANNA)) is Why.NOT_WARNED
    await scene.talks.warn(ANNA, CALL)
    scene.clock.pass_by(SETTINGS.warning_seconds - 1)
    assert await refused(DEEDS["abusive"](scene.talks, ANNA)) is Why.WARNED_JUST_NOW
    scene.clock.pass_by(1)
    await scene.talks.end_abusive(ANNA, CALL)
    assert scene.board.asked == [("end_call", CALL, "abusive-end")]
    assert scene.noted == [DeedKind.ABUSIVE_WARNED, DeedKind.ABUSIVE_ENDED]


async def test_a_warning_holds_after_the_engine_was_started_again(scene: Scene) -> None:
    scene.leg("anna")
    scene.clock.pass_by(60)
    warned = Deed(call_id=CALL, kind=DeedKind.ABUSIVE_WARNED, agent="anna", at=scene.clock.now())
    other = Deed(call_id=CALL, kind=DeedKind.CARD_OPENED, agent="anna", at=scene.clock.start)
    scene.past = [other, warned]
    scene.clock.pass_by(SETTINGS.warning_seconds - 1)
    assert await refused(DEEDS["abusive"](scene.talks, ANNA)) is Why.WARNED_JUST_NOW
    scene.clock.pass_by(1)
    await scene.talks.end_abusive(ANNA, CALL)
    assert scene.board.asked == [("end_call", CALL, "abusive-end")]


async def test_a_silent_caller_hears_why_the_call_ends(scene: Scene) -> None:
    scene.leg("anna")
    await scene.talks.end_silent(ANNA, CALL)
    assert scene.board.asked == [("end_call", CALL, "caller-silent")]
    assert scene.noted == [DeedKind.SILENT_ENDED]
