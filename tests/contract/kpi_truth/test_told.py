"""The truth told to the ledger word by word, as Asterisk and people tell it: late, twice, out of order."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest

from ivr.store import Database, StoreSettings
from tests.contract.kpi_truth.chronicle import Chronicle
from tests.contract.kpi_truth.company import Company, Truth, differences, told
from tests.contract.kpi_truth.conftest import Found
from tests.truth.answers import with_wrapup
from tests.truth.cases import edges, outcomes, repeats, told_only
from tests.truth.events import Told, in_disorder, in_order
from tests.truth.script import Call, History
from tests.truth.world import Plan, days_of, play

NOON = datetime(2026, 9, 15, 9, 0, tzinfo=UTC)
SEPTEMBER = (date(2026, 9, 1), date(2026, 9, 30))
KRASNOYARSK = ZoneInfo("Asia/Krasnoyarsk")

NOT_TOLD = frozenset({"recording-coverage", "recordings-unexplained"})
"""Recordings are the archive's, which is not told of here."""


def truth_of(calls: Sequence[Call]) -> Truth:
    return Truth(History(zone=KRASNOYARSK, calls=calls), noted=with_wrapup, without=NOT_TOLD)


def tell(company: Company, history: Sequence[Told]) -> None:
    """Tell the company's ledger of it."""

    async def run() -> None:
        database = await Database.open(StoreSettings(url=company.url))
        try:
            await Chronicle(database, company.profile).tell(history)
        finally:
            await database.close()

    asyncio.run(run())


def every_case() -> list[Call]:
    """All cases; calls of the table's kind too."""
    return [*outcomes(NOON), *told_only(NOON), *repeats(NOON), *edges(KRASNOYARSK)]


@pytest.mark.parametrize("disorder", [False, True], ids=["in-order", "in-disorder"])
def test_every_case(found: Found, disorder: bool) -> None:
    calls = every_case()
    truth = truth_of(calls)
    company = found(KRASNOYARSK.key)
    tell(company, in_disorder(calls, Random(7)) if disorder else in_order(calls))
    assert not differences(truth.of(*SEPTEMBER), told(company.report(*SEPTEMBER)["kpis"]))
    days = days_of(truth.history)
    groups = company.report(days[0], days[-1], "--by", "day")["groups"]
    for day, group in zip(days, groups, strict=True):
        assert not differences(truth.of(day, day), told(group["kpis"])), day


def test_a_world_counted_while_it_happens_and_anew(found: Found) -> None:
    first, last = date(2026, 1, 30), date(2026, 2, 1)
    world = play(Plan(zone=KRASNOYARSK, first=first, days=3, calls_a_day=40), 11)
    truth = truth_of(world.calls)
    history = in_disorder(world.calls, Random(11))
    middle = len(history) // 2
    company = found(KRASNOYARSK.key)
    tell(company, history[:middle])
    company.report(first, last)  # counts what is known by now
    tell(company, history[middle:])
    assert not differences(truth.of(first, last), told(company.report(first, last)["kpis"]))
    company.ivr("kpi", "rebuild")
    assert not differences(truth.of(first, last), told(company.report(first, last)["kpis"]))
