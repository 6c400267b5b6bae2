from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pytest
from structlog.testing import capture_logs

from ivr.access.audit import Action
from ivr.access.model import User
from ivr.calls import queries
from ivr.calls.legs import LegEnd, LegRole
from ivr.calls.wrapups import WrapUp
from ivr.web.api.card_models import CardTold
from ivr.web.api.cards import AccountPut, CallerNamed
from ivr.web.api.live import RingTold, TalkTold
from ivr.web.api.route import Refused
from tests.contract.workspace.conftest import ANNA, COMPLAINT, HOLDER, OLGA, PHONE, SECRETS, VERA, Desk, ask

NAMED = CallerNamed(name="Сергеева Мария", account="320 145 678")
ROBOT: Mapping[str, Any] = {"account": {"id": "1", "number": "320145678"}}


async def show(desk: Desk, user: User = ANNA, call_id: str = "c1") -> CardTold:
    answer = await ask(desk.card_routes(), "GET", "/cards/{call_id}", user, call_id=call_id)
    assert isinstance(answer, CardTold)
    return answer


async def identify(desk: Desk, named: CallerNamed = NAMED, user: User = ANNA) -> CardTold:
    path = "/cards/{call_id}/identify"
    answer = await ask(desk.card_routes(), "POST", path, user, body=named, call_id="c1")
    assert isinstance(answer, CardTold)
    return answer


async def test_a_known_number_shows_a_masked_card_at_the_ring(desk: Desk) -> None:
    desk.calls()
    desk.rings()
    ring = await desk.hub.after("ring")
    assert isinstance(ring, RingTold)
    card = ring.card
    assert [audience.login for _, audience in desk.hub.of("ring")] == ["anna"]
    assert (ring.role, ring.queue, ring.order_id) == (LegRole.QUEUE, "clients", None)
    assert (card.caller.number, card.caller.name, card.identification.level) == (
        PHONE,
        "С. М. П.",
        "recognised",
    )
    (account,) = card.accounts
    assert (account.number, account.address, account.masked) == (
        "•••• 5678",
        "Дебрянск, улица Пушкина",
        True,
    )
    assert (account.balance, account.meters) == (None, [])
    assert card.greeting == "Доброе утро! Энергосбыт Заречье, оператор Анна, чем могу помочь?"
    assert card.robot.topic is not None
    assert (card.robot.topic.title, card.robot.said) == ("Задолженность", ["долг после оплаты"])
    assert (card.norm.kind, card.norm.seconds, card.norm.preparation_seconds) == ("personal", 300, None)
    assert (card.queue_title, card.line, card.recording) == (
        "Общая",
        {"name": "private", "title": "Единый номер"},
        "on",
    )
    assert card.missing == []
    text = ring.model_dump_json()
    assert not [secret for secret in SECRETS if secret in text]
    assert desk.trail.entries == []


async def test_who_was_identified_by_the_robot_is_shown_in_full_and_that_is_put_down(desk: Desk) -> None:
    desk.calls(**ROBOT)
    desk.rings()
    ring = await desk.hub.after("ring")
    assert isinstance(ring, RingTold)
    text = ring.model_dump_json()
    assert not [secret for secret in SECRETS if secret not in text]
    assert (ring.card.identification.level, ring.card.identification.how) == ("identified", "robot")
    (zone,) = ring.card.accounts[0].meters[0].zones
    assert (zone.last, zone.digits) == (12_000, 5)
    (entry,) = desk.trail.entries
    assert (entry.login, entry.action, entry.subject, entry.call_id) == (
        "anna",
        Action.VIEWED,
        "320145678",
        "c1",
    )


async def test_without_the_audit_the_ring_shows_nothing_personal(desk: Desk) -> None:
    desk.trail.away = True
    desk.calls(**ROBOT)
    desk.rings()
    ring = await desk.hub.after("ring")
    text = ring.model_dump_json()
    assert not [secret for secret in SECRETS if secret in text]


@pytest.mark.parametrize("ring_wait", [0.05])
async def test_slow_billing_shows_the_rest_and_comes_later(desk: Desk) -> None:
    desk.billing.answers.clear()
    desk.calls()
    desk.rings()
    ring = await desk.hub.after("ring")
    assert isinstance(ring, RingTold)
    assert ring.card.accounts == []
    assert [part for part in ring.card.missing if "лицевые счета" in part]
    assert ring.card.robot.said == ["долг после оплаты"]
    desk.billing.answers.set()
    changed = await desk.hub.until("card", lambda event: bool(event.card.accounts))
    assert changed.card.accounts[0].number == "•••• 5678"


async def test_billing_that_is_away_is_missing_from_the_card(desk: Desk) -> None:
    desk.billing.away = True
    desk.calls()
    desk.rings()
    card = await show(desk)
    assert card.accounts == []
    assert [part for part in card.missing if "лицевые счета" in part]


async def test_identification_is_a_recorded_step_before_anything_personal(desk: Desk) -> None:
    desk.calls()
    desk.rings()
    await desk.hub.after("ring")
    desk.answers()
    before = (await show(desk)).model_dump_json()
    assert not [secret for secret in SECRETS if secret in before]
    card = await identify(desk)
    assert (card.caller.name, card.accounts[0].holder) == (HOLDER, HOLDER)
    assert (card.identification.how, card.identification.by) == ("name+account", "Анна Белова")
    assert [request.overdue for request in card.requests] == [True]
    assert {entry.subject for entry in desk.trail.entries} == {"320145678"}
    await desk.hub.until("card", lambda event: event.card.caller.name == HOLDER)
    assert (await show(desk)).accounts == card.accounts
    assert await desk.cards.identified_accounts("c1") == {"320145678"}
    assert desk.cards.speaks_for("c1", COMPLAINT)
    await desk.ledger.durable()
    deeds = await desk.database.read(partial(queries.deeds, call_id="c1"))
    assert [deed.kind for deed in deeds] == ["card-opened", "identified", "card-opened"]


@pytest.mark.parametrize(
    ("named", "code", "field"),
    [
        (CallerNamed(name="Петров Иван", account="320145678"), "other-name", "name"),
        (CallerNamed(name="Мария", account="320145678"), "other-name", "name"),
        (CallerNamed(name="Сергеева", account="999"), "no-account", "account"),
        (CallerNamed(name="Сергеева"), "need-one", "account"),
        (CallerNamed(name="Сергеева", account="•••• 5678"), "need-one", "account"),
        (CallerNamed(name="Сергеева", address="где-то"), "no-address", "address"),
        (CallerNamed(name="Сергеева", address="ул. Лесная, 1, кв. 1"), "not-at-address", "address"),
        (CallerNamed(name="Сергеева", address="ул. Пушкина, 14"), "several-there", "address"),
    ],
)
async def test_who_does_not_know_the_account_is_not_identified(
    desk: Desk, named: CallerNamed, code: str, field: str
) -> None:
    desk.calls()
    desk.rings()
    with pytest.raises(Refused) as refused:
        await identify(desk, named)
    assert (refused.value.status, refused.value.code, refused.value.field) == (422, code, field)
    after = (await show(desk)).model_dump_json()
    assert not [secret for secret in SECRETS if secret in after]


@pytest.mark.parametrize(
    "named",
    [
        CallerNamed(name="Сергеева", address="Дебрянск, ул. Пушкина, д. 14, кв. 37"),
        CallerNamed(name="Мария Петровна", address="Пушкина 14, кв. 37"),
        CallerNamed(name="Сиргеева", address="ул. Пушкина, 14", account="•••• 5678"),
    ],
)
async def test_an_address_identifies_as_well(desk: Desk, named: CallerNamed) -> None:
    desk.calls(phone="+79990000000")
    desk.rings()
    assert (await show(desk)).identification.level == "unknown"
    assert (await identify(desk, named)).identification.how == "name+address"


async def test_an_account_that_is_attached_stays_masked(desk: Desk) -> None:
    desk.calls(phone="")
    desk.rings()
    path = "/cards/{call_id}/account"
    body = AccountPut(account="320145679")
    card = await ask(desk.card_routes(), "POST", path, body=body, call_id="c1")
    assert isinstance(card, CardTold)
    assert [(account.number, account.masked) for account in card.accounts] == [("•••• 5679", True)]
    assert (card.caller.number, card.caller.known, card.identification.level) == (None, False, "unknown")


async def test_another_operators_card_is_refused_and_put_down(desk: Desk) -> None:
    desk.calls(**ROBOT)
    desk.rings("anna")
    desk.answers("anna")
    with capture_logs() as logs:
        for attempt in (show(desk, VERA), identify(desk, NAMED, VERA)):
            with pytest.raises(Refused) as refused:
                await attempt
            assert (refused.value.status, refused.value.code) == (403, "not-yours")
    line = {"event": "card.refused", "call_id": "c1", "login": "vera", "log_level": "warning"}
    assert logs == [line] * 2
    denied = [entry for entry in desk.trail.entries if entry.action is Action.DENIED]
    assert [(entry.login, entry.call_id) for entry in denied] == [("vera", "c1")] * 2
    with pytest.raises(Refused) as unknown:
        await show(desk, ANNA, "forged")
    assert unknown.value.status == 404
    assert (await show(desk, OLGA)).caller.name == HOLDER


async def test_who_did_not_take_a_call_does_not_see_it_afterwards(desk: Desk) -> None:
    desk.calls(**ROBOT)
    desk.rings("vera")
    await desk.hub.after("ring")
    assert (await show(desk, VERA)).caller.name == HOLDER
    desk.ends("vera", end=LegEnd.NO_ANSWER)
    with pytest.raises(Refused):
        await show(desk, VERA)


async def test_a_colleague_who_is_asked_has_the_card_and_the_note(desk: Desk) -> None:
    desk.calls(**ROBOT)
    desk.rings("anna")
    await desk.hub.after("ring")
    desk.answers("anna")
    await desk.ledger.durable()
    await desk.wrapups.save(WrapUp(call_id="c1", agent="anna", note="платёж от 7 ноября не зачислен"))
    desk.rings("vera", role=LegRole.CONSULT)
    ring = await desk.hub.after("ring", 2)
    assert isinstance(ring, RingTold)
    assert (ring.card.kind, ring.card.brought_by, ring.card.note) == (
        "consult",
        "Анна Белова",
        "платёж от 7 ноября не зачислен",
    )
    assert ring.order_id is None  # he has ordered nothing
    veras = {
        audience.login
        for told, audience in desk.hub.of("talk")
        if isinstance(told, TalkTold) and told.agent == "vera"
    }
    assert veras == {"anna", "vera"}


async def test_stages_are_told_once_to_the_operator_and_the_clients_to_who_calls(desk: Desk) -> None:
    desk.calls()
    desk.rings()
    desk.rings()
    await desk.hub.after("ring")
    desk.answers()
    desk.ends()
    told = [data for data, _ in desk.hub.of("talk")]
    assert all(isinstance(one, TalkTold) for one in told)
    assert [one.stage for one in told if isinstance(one, TalkTold)] == ["ringing", "talking", "ended"]
    assert len(desk.hub.of("ring")) == 1
    assert {audience.login for _, audience in desk.hub.of("talk")} == {"anna"}


async def test_a_telephone_that_answers_before_its_card_is_made_gets_the_card(desk: Desk) -> None:
    desk.calls()
    desk.rings()
    desk.answers()
    await desk.hub.after("card")
    assert desk.hub.of("ring") == []


async def test_what_strangers_write_is_data(desk: Desk) -> None:
    desk.calls(said="<script>alert(1)</script>")
    desk.rings()
    card = await show(desk)
    assert card.robot.said == ["<script>alert(1)</script>"]


async def test_a_second_ring_asks_nobody_again(desk: Desk) -> None:
    desk.calls(**ROBOT)
    desk.rings("vera")
    await desk.hub.after("ring")
    asked = desk.billing.questions
    desk.rings("anna")
    await desk.hub.after("ring", 2)
    assert (asked, desk.billing.questions) == (2, 2)
