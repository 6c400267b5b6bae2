"""Bad input and broken surroundings: each has a message that names the place, and calls end decently."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from ivr.bench.sipp import Hangup, place_calls
from ivr.calls.story import Disposition, Party, Stage
from ivr.dialogue.ports import EndingKind
from tests.real.company import MAIN, Company
from tests.real.instances import PROJECT, free_port
from tests.real.sipp import heard, operator
from tests.real.surroundings import (
    FILLER,
    GREETED,
    READ_BACK,
    THANKS,
    assert_refused_at,
    forget_transcripts,
    full,
    kill_asterisk,
    line_of,
    locked,
    log_of,
    newest_story,
    operator_seeker,
    patient_caller,
    reading_caller,
    run_all,
    small_disk,
    taken_port,
    unready,
    until_said,
    until_unready,
)

pytestmark = pytest.mark.real

THINKING = 3.0
"""Time for the test to break something before a caller's last answer, seconds."""


@pytest.fixture(scope="module")
def brittle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A company with scenarios of its own, whose data are all on a small disk."""
    folder = tmp_path_factory.mktemp("brittle")
    shutil.copytree(PROJECT / "scenarios", folder / "scenarios")
    with small_disk(folder / "disk", "48m") as disk:
        company = Company(
            folder,
            f"data_folder={disk}",
            f"archive.folder={disk / 'recordings'}",
            f"scenarios.transcripts={disk / 'transcripts'}",
            f"scenarios.folder={folder / 'scenarios'}",
            "archive.retry_seconds=1",
            "dialogue.first_key_seconds=6",
            "watchdog.drain_seconds=60",
        )
        company.prepare()
        with company.running():
            yield company


@pytest.fixture(autouse=True)
def _only_transcripts_of_this_test(brittle: Company) -> None:
    forget_transcripts(brittle)


# --- input -----------------------------------------------------------------------------------------------


async def test_scenarios_are_replaced_only_by_good_ones_and_running_calls_keep_theirs(
    brittle: Company,
) -> None:
    file = brittle.folder / "scenarios" / "operator.yaml"
    original = file.read_text(encoding="utf-8")
    broken = original.replace("start: hours", "start: huors")
    place = f"{file}:{line_of(broken, 'huors')}:"
    log_before = len(log_of(brittle))
    async with operator(brittle.operator(), brittle.operator_folder()), asyncio.TaskGroup() as tasks:
        first = tasks.create_task(brittle.place(operator_seeker(brittle, thinking=10)))
        await until_said(brittle, GREETED)
        file.write_text(broken, encoding="utf-8")
        linted, started = await asyncio.gather(
            asyncio.to_thread(brittle.ivr, "scenario", "lint", str(file.parent)),
            asyncio.to_thread(brittle.ivr, "serve", "--role", "agi"),
        )
        brittle.signal_engine(signal.SIGHUP)
        await brittle.until(lambda: place in log_of(brittle)[log_before:])
        second = tasks.create_task(brittle.place(operator_seeker(brittle, thinking=2)))
        await until_said(brittle, GREETED, calls=2)
        file.write_text(
            original.replace("=open(operators), then: people", "=open(operators), then: farewell"),
            encoding="utf-8",
        )
        brittle.signal_engine(signal.SIGHUP)
        await brittle.until(lambda: "scenarios reloaded" in log_of(brittle)[log_before:])
        third = tasks.create_task(brittle.place(operator_seeker(brittle, thinking=0.5)))
    file.write_text(original, encoding="utf-8")
    brittle.signal_engine(signal.SIGHUP)
    assert linted.returncode == 1
    assert place in linted.stdout
    assert "huors" in linted.stdout
    assert started.returncode == 2
    assert place in started.stderr
    assert "starting again" not in started.stderr
    for placed in (first.result(), second.result(), third.result()):
        assert placed.tally.successful == 1, placed.tally.errors
    endings = [story.ending for story, _ in await brittle.stories(3)]
    assert endings == [EndingKind.QUEUED, EndingKind.QUEUED, EndingKind.COMPLETED]


async def test_a_bad_file_of_billing_is_told_line_by_line_and_the_good_lines_go_in(brittle: Company) -> None:
    zone = brittle.single_zones[3]
    heading, *rows = (brittle.folder / "billing" / "accounts.csv").read_text(encoding="utf-8").splitlines()
    columns = heading.split(";")
    template = next(row.split(";") for row in rows if zone.account in row)

    def changed(**cells: str) -> str:
        return ";".join(cells.get(name, cell) for name, cell in zip(columns, template, strict=True))

    good = changed(number="399999991", name="Ёлкина Жанна")
    lines = [heading, good, changed(number="12ab"), changed(number="399999992", balance="много")]
    bad_file = brittle.folder / "bad.csv"
    bad_file.write_bytes("\n".join(lines).encode("cp1251"))
    other_file = brittle.folder / "other.csv"
    other_file.write_text("number;colour\n1;red\n")
    call = asyncio.create_task(brittle.place(reading_caller(brittle, zone)))
    first, again, other = [
        await asyncio.to_thread(brittle.ivr, "customers", "import", str(file))
        for file in (bad_file, bad_file, other_file)
    ]
    assert first.returncode == 1
    assert "1 added, 0 changed, 0 unchanged, 2 bad lines" in first.stdout
    assert f"{bad_file}:3: number:" in first.stderr
    assert f"{bad_file}:4: balance:" in first.stderr
    assert again.returncode == 1
    assert "0 added, 0 changed, 1 unchanged, 2 bad lines" in again.stdout
    assert other.returncode == 2
    assert f"{other_file}, line 1: " in other.stderr
    assert "Ёлкина Жанна" in brittle.ivr("customers", "show", "399999991").stdout
    placed = await call
    assert placed.tally.successful == 1, placed.tally.errors


LINE = (
    "lines=[{{name: main, title: T, numbers: ['100'], scenario: {}, segment: any, profile: {}, queue: {}}}]"
)

WRONG_SETTINGS = {
    "web.prot=8080": "web.prot",
    "web.port=eighty": "web.port",
    LINE.format("receptoin", "bryansk", "clients"): "'receptoin'",
    LINE.format("reception", "briansk", "clients"): "'briansk'",
    LINE.format("reception", "bryansk", "people"): "people",
    "store.url=sqlite:////proc/ivr.db": "/proc/ivr.db",
}
"""What is set wrongly, and what the message has to name."""


async def test_a_wrong_setting_is_named_and_nothing_is_started(brittle: Company) -> None:
    file = brittle.folder / "broken.yaml"
    file.write_text("company:\n  name: Энергосбыт\n lines: []\n", encoding="utf-8")
    calls = [("--set", setting, "serve") for setting in WRONG_SETTINGS]
    calls.append(("--settings", str(file), "serve"))
    places = [*WRONG_SETTINGS.values(), f"{file}:3:"]
    for place, done in zip(places, await run_all(brittle, calls), strict=True):
        assert_refused_at(place, done)


# --- ports -----------------------------------------------------------------------------------------------

PORTS = {
    "agi.port": (socket.SOCK_STREAM, ("serve", "--role", "agi")),
    "web.port": (socket.SOCK_STREAM, ("serve", "--role", "agi")),
    "asterisk.manager.port": (socket.SOCK_STREAM, ("asterisk", "up")),
    "asterisk.websocket.port": (socket.SOCK_STREAM, ("asterisk", "up")),
    "asterisk.sip.port": (socket.SOCK_DGRAM, ("asterisk", "up")),
}


async def test_an_occupied_port_is_named_once(brittle: Company, tmp_path: Path) -> None:
    with ExitStack() as holders:
        taken = {name: holders.enter_context(taken_port(kind)) for name, (kind, _) in PORTS.items()}
        calls = []
        for number, (occupied, (_, command)) in enumerate(PORTS.items()):
            ports = {name: free_port(kind) for name, (kind, _) in PORTS.items()}
            ports[occupied] = taken[occupied]
            changes = [word for name, value in ports.items() for word in ("--set", f"{name}={value}")]
            calls.append(("--set", f"data_folder={tmp_path / str(number)}", *changes, *command))
        found = await run_all(brittle, calls)
    for port, done in zip(taken.values(), found, strict=True):
        assert_refused_at(f"127.0.0.1:{port}", done)


async def test_a_second_engine_says_what_is_taken_and_the_first_goes_on(
    brittle: Company, tmp_path: Path
) -> None:
    pid, settings = brittle.stack.engine_pid, brittle.stack.settings
    for place, more in (
        (str(settings.data_folder), ()),
        (f"{settings.web.host}:{settings.web.port}", ("--set", f"data_folder={tmp_path}")),
    ):
        assert_refused_at(place, await asyncio.to_thread(brittle.ivr, *more, "serve", "--role", "agi"))
    assert brittle.stack.engine_pid == pid
    assert await unready(brittle) == {}


async def test_strangers_on_the_port_for_calls_harm_nobody(brittle: Company) -> None:
    agi = brittle.stack.settings.agi
    zones = brittle.single_zones[4:6]
    writers: list[asyncio.StreamWriter] = []
    tasks = await brittle.metric("ivr_running_tasks")
    async with asyncio.TaskGroup() as calls:
        running = calls.create_task(brittle.place(reading_caller(brittle, zones[0], thinking=3)))
        await until_said(brittle, GREETED)
        for number in range(500):
            _, writer = await asyncio.open_connection(agi.host, agi.port)
            if number % 5 == 0:
                writer.write(bytes(range(256)) * 4 + b"\n\n")
            writers.append(writer)
        later = calls.create_task(brittle.place(reading_caller(brittle, zones[1])))
        await asyncio.sleep(0)
        for _ in range(100):
            _, writer = await asyncio.open_connection(agi.host, agi.port)
            writer.close()
    for writer in writers:
        writer.close()
    for placed in (running.result(), later.result()):
        assert placed.tally.successful == 1, placed.tally.errors
    assert {story.outcome for story, _ in await brittle.stories(2)} == {"reading-accepted"}
    await brittle.until_tasks(tasks)


# --- the database and the disk ---------------------------------------------------------------------------


async def test_a_database_that_is_locked_for_a_moment_makes_the_caller_wait(brittle: Company) -> None:
    zone = brittle.single_zones[6]
    call = asyncio.create_task(brittle.place(reading_caller(brittle, zone, thinking=THINKING)))
    await until_said(brittle, READ_BACK)
    with locked(brittle):
        await until_said(brittle, FILLER)
    placed = await call
    assert placed.tally.successful == 1, placed.tally.errors
    [(story, _)] = await brittle.stories(1)
    assert story.disposition is Disposition.SERVED
    assert [row["value"] for row in await brittle.readings(zone.account)] == [zone.reading]


async def test_a_database_that_stays_locked_leads_to_a_person_without_thanks(brittle: Company) -> None:
    zone = brittle.single_zones[7]
    async with operator(brittle.operator(), brittle.operator_folder()):
        call = asyncio.create_task(brittle.place(reading_caller(brittle, zone, thinking=THINKING)))
        await until_said(brittle, READ_BACK)
        with locked(brittle):
            detail = await until_unready(brittle, "database")
            placed = await call
    assert placed.tally.successful == 1, placed.tally.errors
    assert detail
    [(story, steps)] = await brittle.stories(1)
    assert story.disposition is Disposition.ANSWERED
    assert [step.outcome for step in steps if step.state == "accept"] == ["error"]
    assert not any(THANKS in text for _, text in brittle.transcripts()[story.call_id])
    assert await brittle.readings(zone.account) == []
    assert await unready(brittle) == {}


async def test_a_disk_that_fills_up_leads_to_a_person_without_thanks_and_the_rest_is_made_up_for(
    brittle: Company,
) -> None:
    disk = brittle.stack.settings.data_folder
    zone = brittle.single_zones[8]
    async with operator(brittle.operator(), brittle.operator_folder()):
        call = asyncio.create_task(
            brittle.place(reading_caller(brittle, zone, thinking=THINKING), listen=True)
        )
        await until_said(brittle, READ_BACK)
        with full(disk):
            detail = await until_unready(brittle, "database")
            placed = await call
            pid = brittle.stack.engine_pid
    assert placed.tally.successful == 1, placed.tally.errors
    assert heard(brittle.prompt("to-operator"), placed.recordings[0]) is not None
    assert "full" in detail
    assert brittle.stack.engine_pid == pid
    [(story, steps)] = await brittle.stories(1)
    assert story.disposition is Disposition.ANSWERED
    assert [step.outcome for step in steps if step.state == "accept"] == ["error"]
    assert await brittle.readings(zone.account) == []
    archive = brittle.stack.settings.archive.folder
    await brittle.until(lambda: any(archive.rglob(f"{story.call_id}*.sealed")))
    assert await unready(brittle) == {}


async def test_an_engine_that_is_killed_while_the_disk_is_full_comes_back_when_there_is_room(
    brittle: Company,
) -> None:
    old = brittle.stack.engine_pid
    with full(brittle.stack.settings.data_folder):
        brittle.signal_engine(signal.SIGKILL)
        async with operator(brittle.operator(), brittle.operator_folder()):
            placed = await brittle.place(patient_caller())
    assert placed.tally.successful == 1, placed.tally.errors
    await brittle.stack.ready()
    assert brittle.stack.engine_pid != old
    assert await unready(brittle) == {}
    [(story, _)] = await brittle.stories(1)
    assert story.disposition is Disposition.ANSWERED


# --- Asterisk --------------------------------------------------------------------------------------------


async def test_an_asterisk_that_crashes_is_found_again_and_its_calls_are_not_told_as_ended_by_callers(
    brittle: Company,
) -> None:
    stack = brittle.stack
    calling = await place_calls(
        [reading_caller(brittle, brittle.single_zones[9], thinking=30)],
        brittle.sip,
        brittle.folder / "sipp" / "cut-off",
    )
    await until_said(brittle, READ_BACK)
    kill_asterisk(brittle)
    assert await until_unready(brittle, "asterisk")
    os.kill(calling.sipp.pid, signal.SIGKILL)
    await calling.sipp.wait()
    await asyncio.to_thread(stack.asterisk.up)
    await stack.ready()
    story = await newest_story(brittle, Stage.ENDED)
    assert story.disposition is Disposition.LOST_TRACK
    assert story.ending is not EndingKind.HUNG_UP
    assert story.ended_by is Party.UNKNOWN


# --- the engine's own end and beginning -------------------------------------------------------------------


async def test_a_stop_lets_the_running_call_end_and_new_ones_go_to_people(brittle: Company) -> None:
    zone = brittle.single_zones[10]
    async with operator(brittle.operator(), brittle.operator_folder()), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(brittle.place(reading_caller(brittle, zone, thinking=4)))
        await until_said(brittle, READ_BACK)
        stop = tasks.create_task(brittle.stack.stop_engine())
        await brittle.until(lambda: "engine.draining" in log_of(brittle))
        late = tasks.create_task(brittle.place(patient_caller(), listen=True))
    assert stop.result() == 0
    for placed in (running.result(), late.result()):
        assert placed.tally.successful == 1, placed.tally.errors
    assert heard(brittle.prompt("engine-away"), late.result().recordings[0]) is not None
    assert [row["value"] for row in await brittle.readings(zone.account)] == [zone.reading]


async def test_an_engine_may_be_started_before_asterisk(brittle: Company) -> None:
    stack = brittle.stack
    await asyncio.to_thread(stack.asterisk.down)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(stack.start_engine())
        await brittle.until(stack.log_file.exists)
        await brittle.until(lambda: "engine.started" in log_of(brittle).rpartition("engine.stopped")[2])
        assert set(await unready(brittle)) == {"asterisk"}
        await asyncio.to_thread(stack.asterisk.up)
    placed = await brittle.place(brittle.caller(MAIN, end=Hangup()))
    assert placed.tally.successful == 1, placed.tally.errors
    [(story, _)] = await brittle.stories(1)
    assert story.ending is EndingKind.HUNG_UP
