"""The manager link against a real Asterisk: Cyrillic names, a frozen Asterisk, a restarted one."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ivr.asterisk.ami import ActionRefused, AmiLink, AmiLogin, AmiSettings, Channel, LinkState, Snapshot
from ivr.asterisk.config import manager_secret
from ivr.asterisk.host import AsteriskHost
from ivr.asterisk.settings import AsteriskSettings
from ivr.errors import Fault
from tests.real.instances import eventually, instance_settings, running

pytestmark = pytest.mark.real

CALLS = 30
LINE = "Local/s@line-clients"


@pytest.fixture
def settings(tmp_path: Path) -> AsteriskSettings:
    return instance_settings(tmp_path)


@pytest.fixture
def host(settings: AsteriskSettings) -> Iterator[AsteriskHost]:
    with running(settings) as host:
        yield host


def ami_settings(settings: AsteriskSettings) -> AmiSettings:
    manager, secret = settings.manager, manager_secret(settings)
    return AmiSettings(
        host=str(manager.host),
        port=manager.port,
        events=AmiLogin(user=manager.events_user, secret=secret),
        actions=AmiLogin(user=manager.actions_user, secret=secret),
        ping_interval_seconds=0.5,
        pong_limit_seconds=1,
        reconnect_first_seconds=0.1,
        reconnect_most_seconds=1,
    )


@pytest.fixture
async def link(settings: AsteriskSettings, host: AsteriskHost) -> AsyncIterator[AmiLink]:
    link = AmiLink(ami_settings(settings))
    yield link
    await link.stop()


async def call(link: AmiLink, number: int) -> None:
    """Someone calls the line while no engine is there, and so comes into the queue."""
    await link.originate(
        f"test-{number}",
        Channel=LINE,
        Application="Wait",
        Data="60",
        CallerID=f'"Ёжикова Щука № {number}" <7999000{number:04}>',
    )


def callers(channels: tuple[Channel, ...]) -> list[Channel]:
    return [channel for channel in channels if channel.variables and channel.application == "Queue"]


async def test_cyrillic_names_arrive_whole_in_many_events(link: AmiLink) -> None:
    joined: list[str] = []
    gone: list[str] = []
    names: list[str] = []
    call_ids: list[str] = []
    link.on("QueueCallerJoin", lambda event: joined.append(event["CallerIDName"]))
    link.on("OriginateResponse", lambda event: names.append(event["CallerIDName"]))
    link.on("Hangup", lambda event: gone.append(event["Channel"]))
    link.on("OriginateResponse", lambda event: call_ids.append(event["Uniqueid"]))
    await link.start()
    await link.ready(10)
    for number in range(CALLS):
        await call(link, number)
    await eventually(lambda: len(joined) == CALLS, 30)
    assert set(joined) == {"<unknown>"}  # the dialplan drops the name that a caller gives himself
    await eventually(lambda: len(call_ids) == CALLS)
    assert sorted(names) == sorted(f"Ёжикова Щука № {number}" for number in range(CALLS))
    assert sorted(call_ids) == sorted(f"test-{number}" for number in range(CALLS))

    snapshot = await link.snapshot()
    waiting = callers(snapshot.channels)
    assert len({channel.variables["CALL_ID"] for channel in waiting}) == CALLS
    (queue,) = snapshot.queues
    assert {one.uniqueid for one in queue.callers} == {channel.uniqueid for channel in waiting}
    with pytest.raises(ActionRefused, match="mute"):  # who waits is not recorded
        await link.mute_recording(waiting[0].name, on=True)
    for channel in waiting:
        await link.hangup(channel.name)
    await eventually(lambda: {channel.name for channel in waiting} <= set(gone))
    assert not callers(await link.channels())


async def test_a_frozen_asterisk_is_noticed_and_read_again_when_it_thaws(
    link: AmiLink, host: AsteriskHost
) -> None:
    snapshots: list[Snapshot] = []
    link.on_resync(snapshots.append)
    await link.start()
    await link.ready(10)
    await call(link, 1)
    pid = host.up().pid
    os.kill(pid, signal.SIGSTOP)
    try:
        await eventually(
            lambda: link.events.state is not LinkState.UP and link.actions.state is not LinkState.UP
        )
    finally:
        os.kill(pid, signal.SIGCONT)
    await link.ready(10)
    await eventually(lambda: len(snapshots) == 2)
    assert any(channel.uniqueid == "test-1" for channel in snapshots[-1].channels)


async def test_a_restarted_asterisk_is_read_again(link: AmiLink, host: AsteriskHost) -> None:
    snapshots: list[Snapshot] = []
    joined: list[str] = []
    link.on_resync(snapshots.append)
    link.on("QueueCallerJoin", lambda event: joined.append(event["Queue"]))
    await link.start()
    await link.ready(10)
    await call(link, 1)
    await asyncio.to_thread(host.down)
    await eventually(lambda: link.state is not LinkState.UP)
    await asyncio.to_thread(host.up)
    await link.ready(10)
    await eventually(lambda: len(snapshots) == 2)
    assert (snapshots[-1].channels, [queue.name for queue in snapshots[-1].queues]) == ((), ["clients"])
    await call(link, 2)
    await eventually(lambda: joined[-1:] == ["clients"])


async def test_a_wrong_secret_is_told_as_asterisk_tells_it(
    settings: AsteriskSettings, host: AsteriskHost
) -> None:
    wrong = ami_settings(settings).model_copy(update={"events": AmiLogin(user="ivr-events")})
    link = AmiLink(wrong)
    await link.start()
    with pytest.raises(Fault, match="Authentication failed"):
        await link.ready(10)
    assert link.state is LinkState.REFUSED
    await link.stop()
