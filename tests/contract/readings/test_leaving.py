"""Readings leave to billing: by file, each in exactly one, and by the hook, until it takes them."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr

from ivr.errors import Fault
from ivr.readings import export as exporting
from ivr.readings.export import COLUMNS, Exported, export_readings
from ivr.readings.handover import ReadingHandover
from ivr.readings.hook import Hook
from ivr.readings.outbox import DeliveryState, count, revive
from ivr.readings.service import Readings
from ivr.readings.settings import HookSettings, ReadingsSettings
from ivr.store import Database
from tests.contract.readings.test_acceptance import submission
from tests.unit.customers.samples import ClockByHand


@pytest.fixture
def clock() -> ClockByHand:
    return ClockByHand()


# --- by file ---------------------------------------------------------------------------------------------


@pytest.fixture
def by_file(database: Database, clock: ClockByHand) -> Readings:
    return Readings(database, ReadingsSettings(), clock)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "billing"
    made.mkdir()
    return made


def names(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def lines(files: list[Exported]) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for each in files:
        with each.file.open(encoding="utf-8", newline="") as file:
            rows.extend(csv.DictReader(file, delimiter=";"))
    return rows


async def test_a_reading_is_in_exactly_one_file(
    by_file: Readings, database: Database, clock: ClockByHand, folder: Path
) -> None:
    assert await export_readings(database, folder, clock) == []
    await by_file.accept(submission(20_000, doubtful=True))
    (first,) = lines(await export_readings(database, folder, clock))
    assert tuple(first) == COLUMNS
    assert first == {
        "id": first["id"],
        "account": "320145678",
        "serial": "04512873",
        "zone": "single",
        "period": "2026-11",
        "value": "20000",
        "consumption": "8050",
        "mark": "too_high",
        "late": "",
        "source": "ivr",
        "captured_at": "2026-11-24T10:00:00+03:00",
    }
    assert await export_readings(database, folder, clock) == []
    await by_file.accept(submission(12_345, call_id="c2"))
    (second,) = lines(await export_readings(database, folder, clock))
    assert second["value"] == "12345"
    assert [Path(name).suffix for name in names(folder)] == [".csv", ".csv"]


async def test_only_the_last_correction_leaves(
    by_file: Readings, database: Database, clock: ClockByHand, folder: Path
) -> None:
    for value in (12_345, 12_346, 12_347):
        await by_file.accept(submission(value))
    assert [row["value"] for row in lines(await export_readings(database, folder, clock))] == ["12347"]


@pytest.mark.parametrize("step", ["_write", "_finish", "_sync_folder"])
async def test_a_run_that_was_cut_off_is_finished_by_the_next(
    by_file: Readings,
    database: Database,
    clock: ClockByHand,
    folder: Path,
    step: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def crash(*arguments: object) -> None:
        raise KeyError("cut off")

    await by_file.accept(submission(12_345))
    with monkeypatch.context() as patched:
        patched.setattr(exporting, step, crash)
        with pytest.raises(KeyError):
            await export_readings(database, folder, clock)
    cut_off = names(folder)
    clock.pass_by(60)
    await by_file.accept(submission(13_345, call_id="c2", zone=replace(submission().zone, code="night")))
    done = await export_readings(database, folder, clock)
    assert [row["value"] for row in lines(done)] == ["12345", "13345"]
    # the same name again, so that billing can't take it twice
    assert cut_off <= {each.file.name for each in done}
    assert await database.read(count) == {"csv": {"done": 2}}


async def test_a_folder_that_cannot_be_written_loses_nothing(
    by_file: Readings, database: Database, clock: ClockByHand, folder: Path
) -> None:
    await by_file.accept(submission())
    blocked = folder / "blocked"
    blocked.write_text("a file where a folder should be")
    with pytest.raises(Fault, match="blocked"):
        await export_readings(database, blocked, clock)
    assert len(lines(await export_readings(database, folder / "good", clock))) == 1


# --- by the hook -----------------------------------------------------------------------------------------


@dataclass
class BillingHook:
    """The reference server: takes each idempotency key once."""

    statuses: list[int] = field(default_factory=list)
    taken: dict[str, Any] = field(default_factory=dict)
    requests: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def post(self, request: web.Request) -> web.Response:
        self.requests += 1
        status = self.statuses.pop(0) if self.statuses else 201
        if request.headers.get("Authorization") != "Bearer secret":
            status = 401
        if status < 300 or status == 599:  # 599: taken, but the answer is lost
            self.taken[request.headers["Idempotency-Key"]] = await request.json()
            self.arrived.set()
        if status == 599:
            assert request.transport
            request.transport.close()
        return web.Response(status=status)


class Rig:
    """A hook, its server and the worker."""

    def __init__(self, database: Database, clock: ClockByHand, server: BillingHook, url: str) -> None:
        self.settings = HookSettings(
            url=url, token=SecretStr("secret"), attempts=3, first_delay_seconds=8, longest_delay_seconds=20
        )
        self.database, self.clock, self.server = database, clock, server
        self.settled: list[DeliveryState] = []
        self.readings = Readings(database, ReadingsSettings(csv=False, hook=self.settings), clock)

    async def start(self) -> None:
        self.hook = await Hook.open(self.settings)
        self.worker = ReadingHandover(
            self.database,
            self.settings,
            self.clock,
            self.hook,
            random=Random(1),
            settled=self.settled.append,
        )

    async def states(self) -> dict[str, int]:
        return (await self.database.read(count)).get("http", {})


@pytest.fixture
async def rig(database: Database, clock: ClockByHand) -> AsyncIterator[Rig]:
    server = BillingHook()
    app = web.Application()
    app.router.add_post("/readings", server.post)
    async with TestServer(app) as listening:
        made = Rig(database, clock, server, str(listening.make_url("/readings")))
        await made.start()
        yield made
        await made.hook.close()


async def test_a_reading_is_posted_once(rig: Rig) -> None:
    await rig.readings.accept(submission())
    assert await rig.worker.deliver_due() == 1
    assert await rig.worker.deliver_due() == 0
    (message,) = rig.server.taken.values()
    assert message == {
        "id": message["id"],
        "account_id": "678",
        "account_number": "320145678",
        "meter_id": "m678",
        "serial": "04512873",
        "zone": "single",
        "period": "2026-11",
        "value": 12_345,
        "consumption": 395,
        "mark": None,
        "late": False,
        "source": "ivr",
        "captured_at": "2026-11-24T07:00:00+00:00",
    }
    assert await rig.states() == {"done": 1}
    assert rig.settled == [DeliveryState.DONE]


@pytest.mark.parametrize("status", [500, 503, 429, 599, 302])
async def test_what_may_pass_is_tried_again_later(rig: Rig, status: int) -> None:
    rig.server.statuses = [status]
    await rig.readings.accept(submission())
    assert await rig.worker.deliver_due() == 1
    assert await rig.states() == {"waiting": 1}
    rig.clock.pass_by(3.9)  # no attempt before half of the delay
    assert await rig.worker.deliver_due() == 0
    rig.clock.pass_by(4.2)
    assert await rig.worker.deliver_due() == 1
    assert await rig.states() == {"done": 1}
    assert len(rig.server.taken) == 1


async def test_a_reading_that_billing_has_is_done(rig: Rig) -> None:
    rig.server.statuses = [409]
    await rig.readings.accept(submission())
    await rig.worker.deliver_due()
    assert await rig.states() == {"done": 1}


async def test_a_reading_that_billing_refuses_is_laid_aside_at_once(rig: Rig) -> None:
    rig.server.statuses = [422]
    await rig.readings.accept(submission())
    await rig.worker.deliver_due()
    assert await rig.states() == {"dead": 1}
    assert rig.settled == [DeliveryState.DEAD]


async def test_after_the_last_attempt_a_reading_is_laid_aside_until_a_person_revives_it(rig: Rig) -> None:
    rig.server.statuses = [500] * 3
    await rig.readings.accept(submission())
    for _ in range(3):
        assert await rig.worker.deliver_due() == 1
        rig.clock.pass_by(20.1)
    assert await rig.worker.deliver_due() == 0
    assert await rig.states() == {"dead": 1}
    assert await rig.database.write(lambda connection: revive(connection, rig.clock.now())) == 1
    await rig.worker.deliver_due()
    assert await rig.states() == {"done": 1}


async def test_a_worker_that_died_in_between_sends_the_same_key_again(rig: Rig, clock: ClockByHand) -> None:
    await rig.readings.accept(submission())
    hold = asyncio.Event()

    class Dying:
        async def send(self, delivery: object) -> None:
            hold.set()
            await asyncio.Event().wait()

    dying = ReadingHandover(rig.database, rig.settings, clock, Dying(), random=Random(1))
    task = asyncio.create_task(dying.deliver_due())
    await hold.wait()
    assert await rig.worker.deliver_due() == 0  # claimed by the other
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    clock.pass_by(3_600)
    assert await rig.worker.deliver_due() == 1
    assert await rig.states() == {"done": 1}


async def test_two_workers_do_not_send_one_reading_twice(rig: Rig) -> None:
    for number in range(20):
        await rig.readings.accept(submission(zone=replace(submission().zone, code=f"z{number}")))
    other = ReadingHandover(rig.database, rig.settings, rig.clock, rig.hook, random=Random(2))
    await asyncio.gather(rig.worker.deliver_due(), other.deliver_due())
    await rig.worker.deliver_due()
    assert rig.server.requests == 20
    assert await rig.states() == {"done": 20}


async def test_the_worker_works_until_it_is_cancelled(rig: Rig) -> None:
    class Breathing(ClockByHand):
        async def sleep(self, seconds: float) -> None:
            await asyncio.sleep(0)

    rig.worker = ReadingHandover(rig.database, rig.settings, Breathing(), rig.hook, random=Random(1))
    task = asyncio.create_task(rig.worker.run())
    await rig.readings.accept(submission())
    await rig.server.arrived.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
