"""Outgoing calls are written down once, on every database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select

from ivr.calls.legs import LegRole
from ivr.calls.story import About
from ivr.desk.order_tables import call_orders
from ivr.desk.orders import Orders
from ivr.desk.ports import Order, Phone, PhoneKind
from ivr.store import Database, StoreSettings, StoreUnavailable
from tests.contract.store.conftest import settings  # noqa: F401  a fixture
from tests.databases import with_tables
from tests.unit.desk.exchange import HandClock


def order(number: int) -> Order:
    return Order(
        order_id=f"order-{number}",
        call_id=f"call-{number}",
        phone=Phone(PhoneKind.BROWSER, "201"),
        agent="anna",
        number="+74832622222",
        role=LegRole.OUT,
        profile="bryansk",
    )


@pytest.fixture
async def database(settings: StoreSettings) -> AsyncIterator[Database]:  # noqa: F811
    opened = await with_tables(settings)
    yield opened
    await opened.close()


async def written(database: Database) -> int:
    count = await database.read(
        lambda connection: connection.scalar(select(func.count()).select_from(call_orders))
    )
    return count or 0


async def test_presses_at_once_of_the_same_button_are_one_order(database: Database) -> None:
    orders = Orders(database, HandClock())
    placed = await asyncio.gather(
        *(orders.write_down(order(n), About("card", "c-1"), "press-0001") for n in range(5))
    )
    assert len({one.order_id for one in placed}) == 1
    assert sum(one.new for one in placed) == 1
    assert await written(database) == 1
    again = await orders.of_key("press-0001")
    assert again is not None
    assert (again.order_id, again.new) == (placed[0].order_id, False)


async def test_orders_without_a_key_stand_for_themselves(database: Database) -> None:
    orders = Orders(database, HandClock())
    for number in range(2):
        assert (await orders.write_down(order(number), About("none"), None)).new
    assert await written(database) == 2
    assert await orders.of_key("press-0001") is None


async def test_nothing_is_ordered_that_can_not_be_written(database: Database) -> None:
    orders = Orders(database, HandClock())
    await database.close()
    with pytest.raises(StoreUnavailable):
        await orders.write_down(order(1), About("none"), "press-0001")
