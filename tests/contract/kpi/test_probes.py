"""What alarms are raised of, looked at as it is: queues, disks, a port, a database, a folder."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.app import probes
from ivr.archive.upkeep import Room
from ivr.asterisk.ami import LinkState
from ivr.desk.callers import Place
from ivr.kpi.alarm_settings import AlarmSettings
from ivr.kpi.alarms import Finding, Level
from ivr.store import Database, StoreUnavailable
from tests.contract.kpi.conftest import NOW, StillClock

SETTINGS = AlarmSettings()
ROOM = Room(free=1, spool_free=1, days_left=5.0)


def levels(findings: Collection[Finding]) -> dict[str, Level]:
    return {f"{each.name.value} {each.about}": each.level for each in findings}


def place(call_id: str, waited: float) -> Place:
    return Place(call_id=call_id, queue="clients", since=NOW - timedelta(seconds=waited))


async def test_who_is_nearest_to_his_own_longest_wait_counts() -> None:
    waiting = {"clients": [place("a", 100), place("b", 90), *(place(str(n), 1) for n in range(6))]}
    allowed = {"a": 600.0, "b": 100.0}
    look = probes.queues(
        ["clients", "empty"],
        lambda queue: waiting.get(queue, []),
        lambda one: allowed.get(one.call_id, 600.0),
        SETTINGS,
        StillClock(),
    )
    found = await look()
    assert levels(found) == {
        "queue clients": Level.BETWEEN,
        "wait clients": Level.BAD,
        "queue empty": Level.GOOD,
        "wait empty": Level.GOOD,
    }
    assert (found[1].value, found[1].limit) == (90, 80)  # type: ignore[index]


async def test_trunks_and_asterisk() -> None:
    found = await probes.trunks(lambda: {"one": True, "two": False, "three": None})()
    assert levels(found) == {"trunk one": Level.GOOD, "trunk two": Level.BAD, "trunk three": Level.UNKNOWN}
    for state in LinkState:
        [finding] = await probes.asterisk(lambda state=state: state)()  # type: ignore[misc]
        assert (finding.level is Level.GOOD) == (state is LinkState.UP)


@pytest.mark.parametrize(("limit", "level"), [(1, Level.GOOD), (10**18, Level.BAD)])
async def test_disks(tmp_path: Path, limit: int, level: Level) -> None:
    settings = SETTINGS.model_copy(update={"disk_free_bytes": limit})
    for warning in ("", "full in 3 days"):
        found = await probes.disks(tmp_path, lambda w=warning: replace(ROOM, warning=w), settings)()  # type: ignore[misc]
        assert levels(found) == {
            "disk data": level,
            "disk archive": Level.BAD if warning else Level.GOOD,
        }


async def test_a_recogniser_has_to_answer_not_only_to_be_there() -> None:
    answer = b"HTTP/1.1 404 Not Found\r\n\r\n"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        assert levels(await probes.recogniser("127.0.0.1", port)()) == {"recogniser speech": Level.GOOD}
        answer = b""
        assert levels(await probes.recogniser("127.0.0.1", port)()) == {"recogniser speech": Level.BAD}
    assert levels(await probes.recogniser("127.0.0.1", port)()) == {"recogniser speech": Level.BAD}


async def test_the_database_is_tried(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    assert levels(await probes.database(database, SETTINGS)()) == {"database store": Level.GOOD}

    async def away() -> None:
        raise StoreUnavailable("away", "here")

    monkeypatch.setattr(database, "probe", away)
    assert levels(await probes.database(database, SETTINGS)()) == {"database store": Level.BAD}


class Later(StillClock):
    """Time goes on when it is told to."""

    seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds


async def test_talks_that_nobody_records(tmp_path: Path) -> None:
    clock, talking = Later(), 0
    look = probes.recording(tmp_path, lambda: talking, SETTINGS, clock)
    good = {"recording silent": Level.GOOD, "recording stuck": Level.GOOD}
    assert levels(await look()) == good
    talking = 3
    assert levels(await look()) == good
    clock.seconds = 31
    assert levels(await look()) == good | {"recording silent": Level.BAD}
    file = tmp_path / "00000000-0000.raw"
    file.write_bytes(b"sound")
    os.utime(file, (NOW.timestamp(), NOW.timestamp() - 2))
    assert levels(await look()) == good
    os.utime(file, (NOW.timestamp(), NOW.timestamp() - 1000))
    assert levels(await look()) == {"recording silent": Level.BAD, "recording stuck": Level.BAD}
    talking = 0
    assert levels(await look()) == {"recording silent": Level.GOOD, "recording stuck": Level.BAD}
