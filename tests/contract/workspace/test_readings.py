from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from ivr.access.audit import Action
from ivr.calls.identifications import How
from ivr.readings.tables import readings
from ivr.web.api.readings import ReadingGiven, ReadingRoutes, ReadingTaken, ZoneReading
from ivr.web.api.route import Refused
from tests.contract.workspace.conftest import Desk, ask

GIVEN = ReadingGiven(
    call_id="c1",
    account="320145678",
    meter="m1",
    readings=[ZoneReading(zone="single", value=12_200)],
    key="key-of-the-form",
)


def given(value: int = 12_200, **more: object) -> ReadingGiven:
    return GIVEN.model_copy(update={"readings": [ZoneReading(zone="single", value=value)], **more})


async def take(desk: Desk, reading: ReadingGiven = GIVEN) -> ReadingTaken:
    routes = ReadingRoutes(
        readings=desk.readings,
        billing=desk.billing,
        cards=desk.cards,
        viewing=desk.viewing,
        ledger=desk.ledger,
        audit=desk.trail,
        clock=desk.clock,
    ).routes()
    answer = await ask(routes, "POST", "/readings", body=reading)
    assert isinstance(answer, ReadingTaken)
    return answer


async def rows(desk: Desk) -> list[tuple[int, str, bool]]:
    query = select(readings.c.value, readings.c.source, readings.c.late).where(
        readings.c.superseded_at.is_(None)
    )
    return [tuple(row) for row in await desk.database.read(lambda c: c.execute(query).all())]


@pytest.fixture
async def identified(desk: Desk) -> Desk:
    desk.calls()
    desk.rings()
    desk.answers()
    await desk.cards.add("c1", "320145678", How.NAME_AND_ACCOUNT, "anna")
    return desk


async def test_a_reading_is_taken_once_and_put_down(identified: Desk) -> None:
    taken = await take(identified)
    assert (taken.message, taken.repeated) == ("Показания приняты за ноябрь.", False)
    assert (await take(identified)).repeated
    assert await rows(identified) == [(12_200, "operator", False)]
    changed = [entry for entry in identified.trail.entries if entry.action is Action.CHANGED]
    assert [(entry.subject, entry.call_id) for entry in changed] == [("320145678", "c1")] * 2


@pytest.mark.parametrize(
    ("value", "part"),
    [(11_999, "меньше прежнего показания 12000 от 23.10.2026"), (123_456, "только 5 цифр")],
)
async def test_what_can_not_be_true_is_explained_and_never_taken(
    identified: Desk, value: int, part: str
) -> None:
    for confirmed in (False, True):
        with pytest.raises(Refused) as refused:
            await take(identified, given(value, confirmed=confirmed))
        assert refused.value.status == 422
        assert part in refused.value.message
    assert await rows(identified) == []


async def test_what_looks_wrong_is_taken_when_it_is_confirmed(identified: Desk) -> None:
    with pytest.raises(Refused) as refused:
        await take(identified, given(19_000))
    assert (refused.value.status, refused.value.code) == (409, "confirm")
    assert "7000" in refused.value.message
    assert await rows(identified) == []
    await take(identified, given(19_000, confirmed=True))
    assert await rows(identified) == [(19_000, "operator", False)]


async def test_nothing_is_taken_from_who_is_not_identified(desk: Desk) -> None:
    desk.calls()
    desk.rings()
    desk.answers()
    await desk.cards.add("c1", "320145678", How.ATTACHED, "anna")
    with pytest.raises(Refused) as refused:
        await take(desk)
    assert (refused.value.status, refused.value.code) == (403, "not-identified")


async def test_another_accounts_meter_is_refused(identified: Desk) -> None:
    for forged in (
        given(meter="m9"),
        GIVEN.model_copy(update={"readings": [ZoneReading(zone="x", value=1)]}),
    ):
        with pytest.raises(Refused) as refused:
            await take(identified, forged)
        assert refused.value.code == "no-meter"
    with pytest.raises(Refused) as refused:
        await take(identified, given(account="320145679"))
    assert refused.value.code == "not-identified"


async def test_billing_that_is_away_is_said(identified: Desk) -> None:
    identified.billing.away = True
    with pytest.raises(Refused) as refused:
        await take(identified)
    assert (refused.value.status, refused.value.code) == (503, "billing-away")


async def test_the_robots_identification_counts(desk: Desk) -> None:
    desk.calls(account={"id": "1", "number": "320145678"})
    desk.rings()
    desk.answers()
    desk.clock.at = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
    assert (await take(desk)).message == "Показания приняты за ноябрь."
