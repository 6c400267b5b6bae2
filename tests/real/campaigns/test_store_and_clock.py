"""The database goes away, the clock is moved, an engine beside this one dies: everybody is called once."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ivr.campaigns.model import Attempt, Disposition, TargetState
from ivr.store import Database, StoreSettings, upgrade
from tests.contract.store.conftest import POSTGRES, _empty_postgres, needs_postgres
from tests.real.campaigns.links import Links, links
from tests.real.campaigns.moved import FILE
from tests.real.campaigns.running import QUICK, Dialling, dialling
from tests.real.campaigns.subscribers import Temper, town
from tests.real.campaigns.test_links import LINES, _most_at_once, _sounds
from tests.real.instances import PROJECT, free_port
from tests.real.scripted_recogniser import ScriptedStack

pytestmark = pytest.mark.real

PEOPLE = 36
PER_SECOND = 3.0
HOUR, DAY = 3600, 86_400
AWAY_SECONDS = 10


@contextmanager
def _clock_file(folder: Path) -> Iterator[Path]:
    file = folder / "clock"
    os.environ[FILE] = str(file)
    yield file
    del os.environ[FILE]


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with _clock_file(tmp_path_factory.mktemp("clock")) as file:
        yield file


@pytest.fixture(scope="module")
def dials(tmp_path_factory: pytest.TempPathFactory, clock: Path) -> Iterator[Dialling]:
    with dialling(tmp_path_factory.mktemp("clocks"), program="tests.real.campaigns.moved") as made:
        yield made


async def _campaign(dials: Dialling, name: str, first: int) -> int:
    tempers = [Temper.PERSON if place % 2 else Temper.NO_ANSWER for place in range(PEOPLE)]
    return await dials.campaign(name, dials.debtors(tempers, first=first), PER_SECOND)


@asynccontextmanager
async def _goes_through(
    dials: Dialling, name: str, first: int, folder: Path, lost: bool = False
) -> AsyncIterator[int]:
    """A campaign in whose middle the block breaks something; in the end everybody was called once.

    Args:
        dials: Who dials.
        name: Of the campaign.
        first: Place of the first person.
        folder: Of the test.
        lost: Whether an engine is gone for good, so that nobody knows of its calls.
    """
    async with town(dials.place, folder / "town", _sounds(folder), talk_seconds=8) as people:
        campaign_id = await _campaign(dials, name, first)
        await dials.until_dialled(campaign_id, 8)
        yield campaign_id
        progress = await dials.done(campaign_id, seconds=400)
        count = people.count()
    attempts = await dials.attempts(campaign_id)
    assert not count.repeated
    _agrees(attempts, set(count.called), lost)
    assert sum(progress.targets.values()) == PEOPLE
    assert not {TargetState.WAITING, TargetState.CALLING} & progress.targets.keys()
    assert _most_at_once(attempts) <= LINES


def _agrees(attempts: list[Attempt], called: set[str], lost: bool) -> None:
    made = {one.number: one for one in attempts if one.disposition is not Disposition.NOT_DIALLED}
    assert len(made) == PEOPLE
    unknown = {number for number, one in made.items() if one.disposition is Disposition.LOST}
    assert called <= made.keys()
    assert made.keys() - called <= unknown
    assert lost or not unknown


async def test_a_database_that_is_locked_costs_nobody_his_call(dials: Dialling, tmp_path: Path) -> None:
    async with _goes_through(dials, "занято", 5000, tmp_path):
        file = dials.company.stack.settings.data_folder / "ivr.db"
        with sqlite3.connect(file, isolation_level=None, timeout=30) as held:
            held.execute("BEGIN EXCLUSIVE")
            await asyncio.sleep(AWAY_SECONDS)
            held.execute("ROLLBACK")
        held.close()


def _move(clock: Path, seconds: int) -> None:
    clock.write_text(str(seconds))


async def test_a_clock_that_is_moved_costs_nobody_his_call(
    dials: Dialling, clock: Path, tmp_path: Path
) -> None:
    async with _goes_through(dials, "часы", 6000, tmp_path):
        for wrong in (HOUR, -HOUR, DAY, -DAY):
            _move(clock, wrong)
            await asyncio.sleep(2)  # by a clock that is behind nobody is due
        _move(clock, 0)


# --- on PostgreSQL ---


@pytest.fixture(scope="module")
def postgres() -> Iterator[tuple[str, Links]]:
    """Where the engines find the database, and the way there."""
    parts = urlsplit(POSTGRES)
    asyncio.run(_with_tables())
    port = free_port(socket.SOCK_STREAM)
    with links(parts.port or 5432, port) as way:
        who = f"{parts.username}:{parts.password}@" if parts.password else f"{parts.username}@"
        yield parts._replace(netloc=f"{who}127.0.0.1:{port}").geturl(), way


async def _with_tables() -> None:
    await _empty_postgres()
    database = await Database.open(StoreSettings(url=POSTGRES))
    await upgrade(database)
    await database.close()


@pytest.fixture(scope="module")
def on_postgres(tmp_path_factory: pytest.TempPathFactory, postgres: tuple[str, Links]) -> Iterator[Dialling]:
    settings = {**QUICK["dialling"], "gone_seconds": 5}  # type: ignore[dict-item]
    folder = tmp_path_factory.mktemp("postgres")
    with dialling(folder, overrides=[f"store.url={postgres[0]}"], dialling=settings) as made:
        filled = made.company.ivr("customers", "demo", "--output", str(folder / "customers"))
        assert filled.returncode == 0, filled.stderr
        yield made


@needs_postgres
async def test_a_database_server_that_is_away_costs_nobody_his_call(
    on_postgres: Dialling, postgres: tuple[str, Links], tmp_path: Path
) -> None:
    async with _goes_through(on_postgres, "сервер", 5000, tmp_path):
        postgres[1].away(True)
        await asyncio.sleep(AWAY_SECONDS)
        postgres[1].away(False)


@needs_postgres
async def test_an_engine_beside_this_one_may_die(on_postgres: Dialling, tmp_path: Path) -> None:
    second = _beside(on_postgres, tmp_path / "second")
    await second.start_engine()
    try:
        async with _goes_through(on_postgres, "двое", 6000, tmp_path, lost=True) as campaign_id:
            await on_postgres.until_dialled(campaign_id, 14)
            assert second._watchdog is not None
            second._watchdog.kill()
            for pid in (second.engine_pid, second.recogniser_pid):
                os.kill(pid, signal.SIGKILL)
            second._watchdog.wait()
        async with on_postgres.book() as book:
            first_ones = (await book.attempts(campaign_id, limit=1000)).items
        assert len(first_ones) >= PEOPLE
        assert await _dialers(on_postgres) == 2
    finally:
        await second.stop_engine()


async def _dialers(dials: Dialling) -> int:
    """How many engines have been seen in the database."""
    async with dials.book() as book:
        return len(set(await book.gone())) + 1


def _beside(dials: Dialling, folder: Path) -> ScriptedStack:
    """Another engine with the same Asterisk and database, and all else of its own."""
    stack = dials.company.stack
    given = [
        each for flag, each in zip(stack.arguments, stack.arguments[1:], strict=False) if flag == "--set"
    ]
    asterisk = json.dumps(str(stack.settings.asterisk.data_folder))
    ports = ("agi.port", "aeap.port", "aeap.web_port", "web.port")
    return ScriptedStack(
        PROJECT / "ivr.yaml",
        [
            *given,
            f"data_folder={folder}",
            f"archive.folder={folder / 'recordings'}",
            f"asterisk.data_folder={asterisk}",
            *(f"{port}={free_port(socket.SOCK_STREAM)}" for port in ports),
        ],
    )
