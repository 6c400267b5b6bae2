"""The contract of the store, on every driver."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from ivr.store import Database, Json, Money, RowId, StoreSettings, StoreUnavailable, UtcDateTime

notes = sa.Table(
    "notes",
    sa.MetaData(),
    sa.Column("id", RowId, primary_key=True),
    sa.Column("text", sa.String, unique=True),
    sa.Column("at", UtcDateTime),
    sa.Column("amount", Money),
    sa.Column("data", Json),
)


def insert(text: str) -> Callable[[sa.Connection], int]:
    def job(connection: sa.Connection) -> int:
        return int(connection.execute(notes.insert().values(text=text).returning(notes.c.id)).scalar_one())

    return job


def texts(connection: sa.Connection) -> set[str]:
    return set(connection.execute(sa.select(notes.c.text)).scalars())


@pytest.fixture
async def tabled(database: Database) -> Database:
    await database.write(notes.create)
    return database


async def test_what_is_written_is_read_by_another_connection(
    tabled: Database, settings: StoreSettings
) -> None:
    await tabled.write(insert("one"))
    other = await Database.open(settings)
    try:
        assert await other.read(texts) == {"one"}
    finally:
        await other.close()


async def test_jobs_that_wait_together_share_a_transaction(tabled: Database) -> None:
    before = tabled.statistics.transactions
    ids = await asyncio.gather(*(tabled.write(insert(str(n))) for n in range(50)))
    assert len(set(ids)) == 50
    assert await tabled.read(texts) == {str(n) for n in range(50)}
    assert tabled.statistics.transactions - before <= 2


async def test_a_bad_job_fails_alone(tabled: Database) -> None:
    results = await asyncio.gather(
        *(tabled.write(insert(text)) for text in ("a", "b", "a", "c")), return_exceptions=True
    )
    assert [isinstance(result, IntegrityError) for result in results] == [False, False, True, False]
    assert await tabled.read(texts) == {"a", "b", "c"}


async def test_a_job_that_raises_leaves_nothing_behind(tabled: Database) -> None:
    def job(connection: sa.Connection) -> None:
        insert("half")(connection)
        raise LookupError

    with pytest.raises(LookupError):
        await tabled.write(job)
    failed, written = await asyncio.gather(
        tabled.write(job), tabled.write(insert("whole")), return_exceptions=True
    )
    assert isinstance(failed, LookupError)
    assert isinstance(written, int)
    assert await tabled.read(texts) == {"whole"}


async def test_a_cancelled_caller_leaves_its_job_and_the_batch_running(tabled: Database) -> None:
    calls = [asyncio.create_task(tabled.write(insert(str(n)))) for n in range(3)]
    await asyncio.sleep(0)
    calls[1].cancel()
    with pytest.raises(asyncio.CancelledError):
        await calls[1]
    await calls[0]
    await calls[2]
    assert await tabled.read(texts) == {"0", "1", "2"}


async def test_closing_finishes_what_waits(settings: StoreSettings) -> None:
    first = await Database.open(settings)
    await first.write(notes.create)
    writes = [asyncio.create_task(first.write(insert(str(n)))) for n in range(10)]
    await asyncio.sleep(0)
    await first.close()
    await asyncio.gather(*writes)
    second = await Database.open(settings)
    try:
        assert await second.read(texts) == {str(n) for n in range(10)}
    finally:
        await second.close()


async def test_a_reading_job_cannot_write(tabled: Database) -> None:
    with pytest.raises((DBAPIError, StoreUnavailable)):
        await tabled.read(insert("sly"))
    await tabled.write(insert("honest"))
    assert await tabled.read(texts) == {"honest"}


async def test_values_come_back_as_they_were(tabled: Database) -> None:
    moscow = datetime(2026, 11, 24, 23, 58, 1, 5, tzinfo=timezone(timedelta(hours=3)))
    row = {"text": "x", "at": moscow, "amount": Decimal("-1200.05"), "data": {"имя": ["да", 1, None]}}
    await tabled.write(lambda c: c.execute(notes.insert(), row).close())
    found = await tabled.read(lambda c: c.execute(sa.select(notes)).one())
    assert found.at == moscow
    assert found.at.tzinfo is UTC
    assert found.amount == Decimal("-1200.05")
    assert found.data == {"имя": ["да", 1, None]}


@pytest.mark.parametrize(
    "bad", [{"text": "x", "at": datetime(2026, 1, 1)}, {"text": "x", "amount": Decimal("0.001")}]
)
async def test_ambiguous_values_are_refused(tabled: Database, bad: dict[str, object]) -> None:
    with pytest.raises(StatementError):
        await tabled.write(lambda c: c.execute(notes.insert(), bad).close())
    assert await tabled.read(texts) == set()


async def test_instants_sort_as_time_does(tabled: Database) -> None:
    start = datetime(2026, 10, 1, 0, 30, tzinfo=UTC)
    zones = [timezone(timedelta(hours=hours)) for hours in (3, -5, 0, 12)]
    rows = [
        {"text": str(n), "at": (start + timedelta(minutes=n)).astimezone(zone)}
        for n, zone in enumerate(zones)
    ]
    await tabled.write(lambda c: c.execute(notes.insert(), rows).close())
    ordered = sa.select(notes.c.text).where(notes.c.at > start).order_by(notes.c.at)
    assert await tabled.read(lambda c: list(c.execute(ordered).scalars())) == ["1", "2", "3"]


async def test_writers_that_lock_each_other_both_succeed(tabled: Database, settings: StoreSettings) -> None:
    other = await Database.open(settings)
    ids = [await tabled.write(insert(text)) for text in ("a", "b")]

    def touch(row: int) -> Callable[[sa.Connection], None]:
        statement = notes.update().where(notes.c.id == row).values(amount=Decimal(row))
        return lambda connection: connection.execute(statement).close()

    for _ in range(3):  # PostgreSQL locks by row: each of these pairs may end in a deadlock
        await asyncio.gather(
            *(tabled.write(touch(row)) for row in ids), *(other.write(touch(row)) for row in reversed(ids))
        )
    await other.close()
