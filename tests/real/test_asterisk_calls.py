"""What becomes of a caller in the dialplan: the engine away, dying, answering; queues; strangers; trunks."""

from __future__ import annotations

import asyncio
import csv
import re
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ivr.asterisk.ami import AmiLink
from ivr.asterisk.host import AsteriskHost
from ivr.asterisk.settings import AsteriskSettings
from tests.real.instances import (
    NUMBER,
    ROOT,
    eventually,
    free_port,
    instance_settings,
    invite,
    manager,
    running,
    write_prompt,
)
from tests.real.sipp import (
    Caller,
    Endpoint,
    ExpectHangup,
    Hangup,
    Phone,
    Placed,
    Wait,
    heard,
    operator,
    place,
)
from tests.real.test_ami_real import ami_settings

pytestmark = pytest.mark.real

_RUSSIAN = ROOT / "usr/share/asterisk/sounds/ru_RU_f_IvrvoiceRU"


def records(settings: AsteriskSettings) -> list[list[str]]:
    file = settings.log_folder / "calls.csv"
    return list(csv.reader(file.read_text().splitlines())) if file.exists() else []


async def call(settings: AsteriskSettings, folder: Path, *, hang_up_after: float | None = None) -> Placed:
    last = ExpectHangup(20) if hang_up_after is None else Hangup()
    actions = (last,) if hang_up_after is None else (Wait(hang_up_after), last)
    target = Endpoint(str(settings.sip.host), settings.sip.port)
    placed = await place([Caller(number=NUMBER, actions=actions)], target, folder, listen=True)
    await eventually(lambda: len(records(settings)) > 0)
    assert "pbx.c" not in (settings.log_folder / "asterisk.log").read_text()
    return placed


@asynccontextmanager
async def engine(settings: AsteriskSettings, commands: Sequence[str]) -> AsyncIterator[None]:
    """A stand-in for the engine: it sends its commands one by one, then closes the connection."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\n\n")
        for command in commands:
            writer.write(command.encode() + b"\n")
            await reader.readline()
        writer.close()

    server = await asyncio.start_server(serve, str(settings.agi.host), settings.agi.port)
    async with server:
        yield


async def test_without_an_engine_the_caller_is_told_and_waits_in_the_queue(tmp_path: Path) -> None:
    settings = instance_settings(tmp_path)
    prompt = write_prompt(settings, "engine-away", "tt-somethingwrong")
    with running(settings) as host:
        calling = asyncio.create_task(call(settings, tmp_path / "sipp", hang_up_after=8))
        await eventually(lambda: "Queue" in host.cli("core show channels concise"), 15)
        placed = await calling
        assert placed.tally.successful == 1
        assert heard(prompt, placed.recordings[0]) is not None
        ((call_id, line, trunk, *_, answered, result, agi, queue, _, _, _, _),) = records(settings)
        assert (line, trunk, answered, result, agi, queue) == (
            "clients",
            "main",
            "yes",
            "",
            "FAILURE",
            "clients",
        )
        assert not list(settings.recordings_spool.glob(f"{call_id}*"))
        await eventually(lambda: host.status().channels == 0)


async def test_without_prompts_the_caller_hears_asterisks_own_sounds(tmp_path: Path) -> None:
    settings = instance_settings(tmp_path)
    with running(settings):
        placed = await call(settings, tmp_path / "sipp", hang_up_after=8)
        assert heard(_RUSSIAN / "pls-hold-while-try.wav", placed.recordings[0]) is not None


async def test_without_music_the_waiting_caller_hears_ringing(tmp_path: Path) -> None:
    settings = instance_settings(tmp_path)
    write_prompt(settings, "engine-away", "beep")
    with running(settings):
        placed = await call(settings, tmp_path / "sipp", hang_up_after=7)
        assert placed.recordings[0].seconds_of_sound > 1.5  # the beep is 0.4 s, a ring 1 s in 5


@pytest.mark.parametrize("commands", [[], ["ANSWER"], ["ANSWER", "SET VARIABLE IVR_QUEUE other"]])
async def test_an_engine_that_dies_leaves_the_caller_to_people(tmp_path: Path, commands: list[str]) -> None:
    settings = instance_settings(tmp_path)
    prompt = write_prompt(settings, "engine-away", "tt-somethingwrong")
    with running(settings):
        async with engine(settings, commands):
            placed = await call(settings, tmp_path / "sipp", hang_up_after=8)
        assert heard(prompt, placed.recordings[0]) is not None
        assert records(settings)[0][6:9] == ["", "SUCCESS", "clients"]


async def test_a_finished_conversation_ends_the_call(tmp_path: Path) -> None:
    settings = instance_settings(tmp_path)
    with running(settings):
        async with engine(settings, ["ANSWER", "SET VARIABLE IVR_RESULT done"]):
            placed = await call(settings, tmp_path / "sipp")
        assert placed.tally.successful == 1
        assert records(settings)[0][5:9] == ["yes", "done", "SUCCESS", ""]


@pytest.mark.parametrize(("wanted", "got"), [("debts", "debts"), ("absent", "clients"), ("", "clients")])
async def test_the_engine_names_the_queue(tmp_path: Path, wanted: str, got: str) -> None:
    settings = instance_settings(tmp_path, queues={"clients": {}, "debts": {}})
    commands = ["ANSWER", f'SET VARIABLE IVR_QUEUE "{wanted}"', "SET VARIABLE IVR_RESULT queue"]
    with running(settings):
        async with engine(settings, commands):
            await call(settings, tmp_path / "sipp", hang_up_after=2)
        assert records(settings)[0][6:9] == ["queue", "SUCCESS", got]


async def test_nobody_answers_within_the_limit(tmp_path: Path) -> None:
    settings = instance_settings(tmp_path, queues={"clients": {"max_wait_seconds": 1}})
    write_prompt(settings, "engine-away", "beep")
    prompt = write_prompt(settings, "queue-closed", "tt-allbusy")
    with running(settings):
        placed = await call(settings, tmp_path / "sipp")
        assert placed.tally.successful == 1
        assert heard(prompt, placed.recordings[0]) is not None
        assert records(settings)[0][9] == "TIMEOUT"


async def test_an_operator_answers(tmp_path: Path) -> None:
    phone = Phone(address=Endpoint("127.0.0.1", free_port(socket.SOCK_DGRAM)), talk_seconds=2)
    member = f"sip:anna@{phone.address}"
    settings = instance_settings(tmp_path, queues={"clients": {"members": [member]}})
    write_prompt(settings, "engine-away", "beep")
    with running(settings):
        async with operator(phone, tmp_path / "phone"):
            placed = await call(settings, tmp_path / "sipp")
        assert placed.tally.successful == 1
        assert records(settings)[0][10].startswith("PJSIP/sip-anna-")


async def test_the_engine_is_told_of_calls_that_it_does_not_conduct(tmp_path: Path) -> None:
    settings = instance_settings(tmp_path)
    told: list[tuple[str, str]] = []
    with running(settings):
        classes = {"event_classes": "system,call,agent,user"}
        link = AmiLink(ami_settings(settings).model_copy(update=classes))
        link.on("UserEvent", lambda event: told.append((event["UserEvent"], event["CallId"])))
        await link.start()
        try:
            await link.ready(10)
            await call(settings, tmp_path / "sipp", hang_up_after=1)
            await eventually(lambda: ("IvrEngineAway", records(settings)[0][0]) in told)
            assert [name for name, _ in told].count("IvrEngineAway") == 1
        finally:
            await link.stop()


@pytest.mark.parametrize(("number", "status"), [("4832999999", 404), ("s", 404), ("clients", 404)])
async def test_other_numbers_are_refused(tmp_path: Path, number: str, status: int) -> None:
    settings = instance_settings(tmp_path)
    with running(settings):
        assert await invite(settings, number) == status


@pytest.mark.parametrize(
    "user", ["79990000000", "trunk-main", "main", "anonymous", "sip-anna-127-0-0-1-5099"]
)
async def test_strangers_are_refused(tmp_path: Path, user: str) -> None:
    trunks = [{"name": "main", "mode": "address", "addresses": ["192.0.2.7"]}]
    queues = {"clients": {"members": ["sip:anna@127.0.0.1:5099"]}}
    settings = instance_settings(tmp_path, trunks=trunks, queues=queues)
    with running(settings) as host:
        assert await invite(settings, NUMBER, user) == 401
        assert host.status().channels == 0


async def test_a_full_trunk_takes_no_more_calls(tmp_path: Path) -> None:
    trunk = {"name": "main", "mode": "address", "addresses": ["127.0.0.1"], "max_channels": 1}
    settings = instance_settings(tmp_path, trunks=[trunk])
    write_prompt(settings, "engine-away", "tt-somethingwrong")
    with running(settings) as host:
        calling = asyncio.create_task(call(settings, tmp_path / "sipp", hang_up_after=4))
        await eventually(lambda: host.status().channels == 1)
        assert await invite(settings, NUMBER) == 503
        await calling


async def test_an_outgoing_call_takes_the_next_trunk_when_one_fails(tmp_path: Path) -> None:
    phone = Phone(address=Endpoint("127.0.0.1", free_port(socket.SOCK_DGRAM)))
    dead = f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
    shared = {"mode": "address", "addresses": ["192.0.2.7"]}
    trunks = [
        shared | {"name": "second", "server": str(phone.address), "outbound_order": 2},
        shared | {"name": "first", "server": dead, "outbound_order": 1},
    ]
    settings = instance_settings(tmp_path, trunks=trunks)
    with running(settings) as host:
        states = {"first": "unavailable", "second": "available"}
        async with operator(phone, tmp_path / "phone"):
            await eventually(lambda: {t.name: t.state for t in host.status().trunks} == states, 20)
            await asyncio.to_thread(_originate, host, settings)
            await eventually(lambda: "PJSIP/trunk-second" in host.cli("core show channels concise"))
            assert re.search(r"PJSIP/trunk-second-\S+\s+second\s+trunk", host.cli("group show channels"))


async def test_an_outgoing_call_tries_a_trunk_that_did_not_answer_a_while_ago(tmp_path: Path) -> None:
    phone = Phone(address=Endpoint("127.0.0.1", free_port(socket.SOCK_DGRAM)))
    trunk = {"name": "main", "mode": "address", "addresses": ["192.0.2.7"], "outbound_order": 1}
    settings = instance_settings(tmp_path, trunks=[trunk | {"server": str(phone.address)}])
    with running(settings) as host:
        await eventually(lambda: [each.state for each in host.status().trunks] == ["unavailable"], 20)
        async with operator(phone, tmp_path / "phone"):
            await asyncio.to_thread(_originate, host, settings)
            await eventually(lambda: "PJSIP/trunk-main" in host.cli("core show channels concise"), 5)


def _originate(host: AsteriskHost, settings: AsteriskSettings) -> None:
    with manager(host, settings) as act:
        action = {
            "Action": "Originate",
            "Channel": "Local/s@dial-out/n",
            "Application": "Wait",
            "Data": "20",
            "Variable": "ARG1=4832000002,ARG2=15",
            "Async": "true",
        }
        assert "Success" in act(action)
