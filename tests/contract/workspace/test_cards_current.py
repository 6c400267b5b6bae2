"""A card that is open follows what is done for its client, in the talk and in wrap-up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ivr.requests.model import Request, RequestStatus
from ivr.web.api.live import CardChanged
from tests.contract.workspace.conftest import COMPLAINT, PHONE, VERA, Desk
from tests.contract.workspace.test_cards import show

PROLONGED = replace(COMPLAINT, status=RequestStatus.PROLONGED)
OF_PHONE = replace(COMPLAINT, number="2026-000008", phone=PHONE)
OF_ANOTHER = replace(COMPLAINT, number="2026-000009", account_number="320145000")


async def wrapping_up(desk: Desk) -> None:
    """Anna has talked, and wraps up; she has seen the card."""
    desk.calls()
    desk.rings()
    await desk.hub.after("ring")
    desk.answers()
    desk.ends()
    desk.ledger.hung_up("c1")
    desk.wraps_up()
    await desk.ledger.durable()


def changed(desk: Desk, request: Request) -> None:
    """A step was taken with it, by somebody somewhere."""
    desk.owed.requests = [request]
    desk.cards.client_changed(request)


async def told(desk: Desk, status: RequestStatus) -> CardChanged:
    def follows(event: CardChanged) -> bool:
        return [each.status for each in event.card.requests] == [status.value]

    event: CardChanged = await desk.hub.until("card", follows)
    return event


async def test_who_wraps_up_sees_a_step_with_a_request_of_the_client(desk: Desk) -> None:
    await wrapping_up(desk)
    changed(desk, PROLONGED)
    await told(desk, RequestStatus.PROLONGED)
    assert {audience.login for _, audience in desk.hub.of("card")} == {"anna"}


@pytest.mark.parametrize("linger", [0.0])
async def test_so_he_does_when_the_ledger_remembers_the_call_no_longer(desk: Desk) -> None:
    await wrapping_up(desk)
    desk.calls("c2", phone="+74832000099")  # at every new call those that ended are let go
    assert desk.ledger.find("c1") is None
    changed(desk, PROLONGED)
    await told(desk, RequestStatus.PROLONGED)


async def test_who_talks_and_who_wraps_up_are_told_of_it(desk: Desk) -> None:
    desk.calls()
    desk.rings()
    await desk.hub.after("ring")
    desk.answers()
    desk.wraps_up(VERA)
    changed(desk, PROLONGED)
    await desk.hub.after("card", 2)
    assert [audience.login for _, audience in desk.hub.of("card")] == ["anna", "vera"]


async def test_what_is_of_his_telephone_concerns_the_caller_and_of_another_client_does_not(
    desk: Desk,
) -> None:
    await wrapping_up(desk)
    for request in (OF_ANOTHER, replace(OF_ANOTHER, account_number="", phone="")):
        desk.cards.client_changed(request)
        assert not desk.cards.speaks_for("c1", request)
    before = desk.billing.questions
    desk.cards.client_changed(replace(OF_PHONE, account_number=""))
    assert desk.cards.speaks_for("c1", OF_PHONE)
    assert not desk.cards.speaks_for("c1", COMPLAINT)  # nobody has identified himself for its account
    await desk.hub.after("card")
    assert desk.billing.questions == before + 1


async def test_after_wrap_up_nobody_is_told(desk: Desk) -> None:
    await wrapping_up(desk)
    desk.agents.clear()
    changed(desk, PROLONGED)
    (request,) = (await show(desk)).requests  # asked anew by now
    assert (request.status, desk.hub.of("card")) == (RequestStatus.PROLONGED.value, [])


async def test_the_card_shows_the_visits_that_the_client_has_before_him(desk: Desk) -> None:
    desk.calls()
    desk.rings()
    (visit,) = (await show(desk)).visits
    assert (visit.number, visit.office, visit.topic) == ("0104", "Центральный офис", "Задолженность")
