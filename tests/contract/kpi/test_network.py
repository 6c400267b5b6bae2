"""The network's quality is kept by legs and by days, once each, and told in reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, func, select

from ivr.kpi.definitions import NO_DATA, Value
from ivr.kpi.network import LegMedia, Link, MeasuredNetwork, NetworkBook, keep
from ivr.kpi.periods import Period
from ivr.kpi.sums import Selection
from ivr.kpi.tables import network_days, network_legs
from ivr.store import Database, StoreUnavailable
from tests.contract.kpi.conftest import StillClock

ZONE = ZoneInfo("Asia/Krasnoyarsk")  # +7
CAME = datetime(2026, 11, 30, 16, 59, tzinfo=UTC)  # still the 30th there
TRUNK = LegMedia(
    leg_id="t-1",
    call_id="c-1",
    line="main",
    profile="bryansk",
    link=Link.TRUNK,
    at=CAME,
    packets=1000,
    lost=3,
    delay_seconds=None,
)
PLACE = replace(TRUNK, leg_id="w-1", link=Link.WORKPLACE, packets=500, lost=100, delay_seconds=0.04)
NETWORK = MeasuredNetwork()


def of(first: int, last: int, month: int = 11, **narrower: object) -> Selection:
    period = Period(date(2026, month, first), date(2026, month, last), ZONE)
    return Selection(period=period, **narrower)  # type: ignore[arg-type]


def told(connection: Connection, selection: Selection) -> tuple[Value, Value]:
    return NETWORK.delay(connection, selection), NETWORK.loss(connection, selection)


async def figures(database: Database, selection: Selection) -> tuple[Value, Value]:
    return await database.read(lambda connection: told(connection, selection))


async def test_loss_is_the_carriers_and_delay_the_workplaces(database: Database) -> None:
    legs = [TRUNK, replace(TRUNK, leg_id="t-2", packets=3000, lost=1, delay_seconds=9.0), PLACE]
    await database.write(lambda connection: keep(connection, legs, ZONE))
    slower = replace(PLACE, leg_id="w-2", delay_seconds=0.16, at=datetime(2026, 11, 2, tzinfo=UTC))
    unknown = replace(PLACE, leg_id="w-3", delay_seconds=None)
    await database.write(lambda connection: keep(connection, [slower, unknown], ZONE))
    assert await figures(database, of(1, 30)) == (Value(0.16, 2), Value(0.001, 2))
    assert await figures(database, of(30, 30)) == (Value(0.04, 1), Value(0.001, 2))


async def test_a_leg_that_is_told_twice_counts_once(database: Database) -> None:
    for _ in range(2):
        await database.write(lambda connection: keep(connection, [TRUNK, TRUNK], ZONE))
    assert (await figures(database, of(30, 30)))[1] == Value(0.003, 1)


async def test_days_are_the_companys(database: Database) -> None:
    later = replace(TRUNK, leg_id="t-2", at=datetime(2026, 11, 30, 17, 0, tzinfo=UTC), lost=0)
    await database.write(lambda connection: keep(connection, [TRUNK, later], ZONE))
    assert (await figures(database, of(30, 30)))[1] == Value(0.003, 1)
    assert (await figures(database, of(1, 1, month=12)))[1] == Value(0.0, 1)
    assert await figures(database, of(2, 2, month=12)) == (NO_DATA, NO_DATA)


async def test_a_report_of_one_standard_or_line_counts_its_own(database: Database) -> None:
    other = replace(TRUNK, leg_id="t-2", line="other", profile="omsk", lost=500)
    await database.write(lambda connection: keep(connection, [TRUNK, other], ZONE))
    assert (await figures(database, of(30, 30, profiles=("bryansk",))))[1] == Value(0.003, 1)
    assert (await figures(database, of(30, 30, line="other")))[1] == Value(0.5, 1)


class Away:
    """A database that can't be written, for a while."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.away = True

    async def write(self, job: object) -> object:
        if self.away:
            raise StoreUnavailable("away", "here")
        return await self.database.write(job)  # type: ignore[arg-type]


async def test_what_the_database_did_not_take_waits(database: Database) -> None:
    away = Away(database)
    book = NetworkBook(away, StillClock())  # type: ignore[arg-type]
    book.note(TRUNK)
    book.note(PLACE)
    with pytest.raises(StoreUnavailable):
        await book.write()
    away.away = False
    book.note(replace(TRUNK, leg_id="t-2"))
    await book.write()
    await book.write()
    counts = await database.read(
        lambda connection: (
            connection.execute(select(func.count()).select_from(network_legs)).scalar_one(),
            connection.execute(select(func.sum(network_days.c.legs))).scalar_one(),
        )
    )
    assert counts == (3, 3)


async def test_it_writes_by_itself_and_at_its_end(database: Database) -> None:
    book = NetworkBook(database, StillClock())
    book.start()
    book.note(TRUNK)
    await book.close()
    assert (await figures(database, of(30, 30)))[1].calls == 1
