"""Operators and the history of their states on every database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select, text, update

from ivr.calls.legs import LegRole
from ivr.desk.ports import Phone, PhoneKind
from ivr.desk.seat import LiveLeg, Presence, Seat, Talk, WrapUp
from ivr.desk.sessions import Handled, SessionBook
from ivr.desk.tables import agent_sessions, agent_states
from ivr.store import Database, StoreSettings, StoreUnavailable
from tests.contract.store.conftest import settings  # noqa: F401  a fixture
from tests.databases import with_tables
from tests.unit.desk.exchange import MONDAY, HandClock

SEAT = Seat(
    login="anna",
    name="Анна",
    phone=Phone(PhoneKind.DESK, "201"),
    skills=("clients", "clients.billing"),
    signed_in_at=MONDAY,
    since=MONDAY,
    presence=Presence.READY,
    reason="",
)
TALK = Talk(call_id="call", leg_id="leg", queue="clients", since=MONDAY)
LEG = LiveLeg(
    call_id="call", leg_id="leg", role=LegRole.QUEUE, queue="clients", rang_at=MONDAY, answered_at=MONDAY
)


def later(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


@pytest.fixture
async def database(settings: StoreSettings) -> AsyncIterator[Database]:  # noqa: F811
    opened = await with_tables(settings)
    yield opened
    await opened.close()


@pytest.fixture
async def book(database: Database) -> AsyncIterator[SessionBook]:
    made = SessionBook(database, HandClock(), retry_seconds=0.01)
    yield made
    await made.close()


async def test_everything_that_is_known_of_an_operator_is_read_again(book: SessionBook) -> None:
    busy = replace(
        SEAT,
        legs=(LEG,),
        talk=TALK,
        wrap_up=WrapUp(talk=TALK, until=MONDAY + later(60), prolonged=1),
        reserved_until=MONDAY + later(5),
        away_since=MONDAY,
        missed=1,
    )
    book.changed(SEAT, moved=True)
    book.changed(busy, moved=True)
    await book.durable()
    assert await book.load() == [busy]


async def test_who_left_is_not_read_again(book: SessionBook, database: Database) -> None:
    book.changed(SEAT, moved=True)
    book.changed(replace(SEAT, presence=Presence.OFFLINE, since=MONDAY + later(9)), moved=True)
    await book.durable()
    assert await book.load() == []
    rows = await database.read(lambda c: list(c.execute(select(agent_states.c.state, agent_states.c.until))))
    assert rows == [("ready", MONDAY + later(9))]


async def test_a_session_that_can_not_be_read_costs_only_itself(
    book: SessionBook, database: Database
) -> None:
    book.changed(SEAT, moved=True)
    book.changed(replace(SEAT, login="boris"), moved=True)
    await book.durable()
    spoilt = update(agent_sessions).where(agent_sessions.c.login == "boris").values(seat={"login": "boris"})
    await database.write(lambda connection: connection.execute(spoilt).close())
    assert await book.load() == [SEAT]


async def test_handling_times_are_talk_and_wrap_up_of_the_last_calls(book: SessionBook) -> None:
    now = MONDAY
    for number in range(3):
        talk = replace(TALK, call_id=f"call-{number}")
        talking = replace(SEAT, legs=(replace(LEG, call_id=talk.call_id),), talk=talk, since=now)
        wrapping = replace(SEAT, wrap_up=WrapUp(talk=talk, until=now), since=now + later(100 + number))
        now += later(130)
        for seat in (talking, wrapping, replace(SEAT, since=now)):
            book.changed(seat, moved=True)
    await book.durable()
    assert await book.handled(2) == [Handled(queue="clients", seconds=130.0)] * 2


def refuse(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE agent_states RENAME TO elsewhere"))


def allow(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE elsewhere RENAME TO agent_states"))


async def test_rows_that_the_database_refuses_are_told_and_block_nothing(
    book: SessionBook, database: Database
) -> None:
    await database.write(refuse)
    book.changed(SEAT, moved=True)
    with pytest.raises(StoreUnavailable):
        await book.durable()
    await database.write(allow)
    book.changed(SEAT, moved=True)
    await book.durable()
    assert await book.load() == [SEAT]
