"""The link comes up, is lost in every way, is refused, and comes back."""

import asyncio

import pytest
from pydantic import SecretStr

from ivr.asterisk.ami import AmiLink, AmiLogin, AmiSettings, LinkState, Snapshot
from ivr.errors import Fault
from tests.contract.ami.conftest import MakeLink, Tally
from tests.contract.ami.fake_manager import FakeManager, error, listing, message, silent
from tests.contract.ami.waiting import eventually


class Naps:
    """A sleep that notes how long it was asked for, and takes hardly any time."""

    def __init__(self) -> None:
        self.asked: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        await asyncio.sleep(0.001)


async def test_a_restart_on_the_same_port_is_followed_by_a_snapshot_and_events(
    manager: FakeManager, make_link: MakeLink, tally: Tally
) -> None:
    snapshots: list[Snapshot] = []
    seen: list[str] = []

    def subscribe(link: AmiLink) -> None:
        link.on_resync(snapshots.append)
        link.on("Hangup", lambda event: seen.append(event["Uniqueid"]))

    link = await make_link(prepare=subscribe, observer=tally)
    await manager.stop()
    await eventually(lambda: link.state is LinkState.DOWN)
    manager.answers["QueueStatus"] = listing("QueueStatusComplete", [("QueueParams", [("Queue", "clients")])])
    await manager.start()
    await link.ready(3)
    manager.listener.send(message("Hangup", Uniqueid="1"))
    await eventually(lambda: seen == ["1"])
    assert [[queue.name for queue in one.queues] for one in snapshots] == [[], ["clients"]]
    assert tally.reconnects == {"events": 1, "actions": 1}


async def test_login_and_snapshot_may_come_byte_by_byte(manager: FakeManager, make_link: MakeLink) -> None:
    snapshots: list[Snapshot] = []
    manager.byte_by_byte = True
    manager.answers["QueueStatus"] = listing("QueueStatusComplete", [("QueueParams", [("Queue", "Клиенты")])])
    await make_link(prepare=lambda link: link.on_resync(snapshots.append))
    await eventually(lambda: snapshots)
    assert [queue.name for queue in snapshots[0].queues] == ["Клиенты"]


async def test_a_missed_pong_closes_both_sessions(
    manager: FakeManager, make_link: MakeLink, tally: Tally
) -> None:
    link = await make_link(observer=tally, ping_interval_seconds=0.02, pong_limit_seconds=0.1)
    await eventually(lambda: tally.pongs["events"] and tally.pongs["actions"])
    manager.frozen = True
    await eventually(lambda: {("events", LinkState.DOWN), ("actions", LinkState.DOWN)} <= set(tally.states))
    manager.frozen = False
    manager.close_all()
    await link.ready(3)
    await eventually(lambda: tally.reconnects == {"events": 1, "actions": 1})


async def test_delays_grow_with_jitter_until_the_limit(manager: FakeManager, make_link: MakeLink) -> None:
    naps = Naps()
    await manager.stop()
    link = await make_link(ready=False, sleep=naps, reconnect_first_seconds=1, reconnect_most_seconds=8)
    await eventually(lambda: len(naps.asked) >= 14)
    await link.stop()
    await manager.start()
    events, actions = naps.asked[0:14:2], naps.asked[1:14:2]
    for delays in (events, actions):
        for delay, longest in zip(delays, (1, 2, 4, 8, 8, 8, 8), strict=True):
            assert longest / 2 <= delay <= longest
    assert events != actions


async def test_a_wrong_secret_is_a_fault_that_is_shown_and_retried_slowly(
    manager: FakeManager, make_link: MakeLink, settings: AmiSettings
) -> None:
    naps = Naps()
    wrong = AmiLogin(user="ivr-actions", secret=SecretStr("wrong"))
    link = await make_link(ready=False, sleep=naps, actions=wrong)
    with pytest.raises(Fault) as caught:
        await link.ready(3)
    await eventually(lambda: link.fault)
    shown = str(caught.value)
    assert "ivr-actions" in shown
    assert "Authentication failed" in shown
    assert f"127.0.0.1:{manager.port}" in shown
    assert "wrong" not in shown
    await eventually(lambda: len(naps.asked) > 2)
    assert set(naps.asked) == {settings.refused_retry_seconds}


async def test_a_refused_link_comes_up_once_the_secret_is_right(
    manager: FakeManager, make_link: MakeLink
) -> None:
    good = manager.answers["Login"]
    manager.answers["Login"] = error("Authentication failed")
    link = await make_link(ready=False, refused_retry_seconds=0.05)
    await eventually(lambda: link.state is LinkState.REFUSED)
    manager.answers["Login"] = good
    await eventually(lambda: link.state is LinkState.UP)
    assert link.fault is None


async def test_a_missing_permission_is_a_fault(manager: FakeManager, make_link: MakeLink) -> None:
    manager.answers["QueueStatus"] = error("Permission denied")
    link = await make_link(ready=False)
    with pytest.raises(Fault, match=r"QueueStatus: Permission denied.*manager\.conf"):
        await link.ready(3)
    assert link.state is LinkState.REFUSED


async def test_events_go_on_while_asterisk_lets_its_calls_end(
    manager: FakeManager, make_link: MakeLink, tally: Tally
) -> None:
    seen: list[str] = []
    link = await make_link(
        prepare=lambda link: link.on("Hangup", lambda event: seen.append(event["Uniqueid"])),
        observer=tally,
        ping_interval_seconds=0.01,
    )
    manager.answers["Ping"] = error("Asterisk is shutting down")
    pongs = tally.pongs["events"]
    await eventually(lambda: tally.pongs["events"] > pongs + 2)
    manager.listener.send(message("Hangup", Uniqueid="1"))
    await eventually(lambda: seen == ["1"])
    assert link.state is LinkState.UP
    assert not tally.reconnects


async def test_an_asterisk_that_stops_is_tried_again_soon(
    manager: FakeManager, make_link: MakeLink, tally: Tally
) -> None:
    good = manager.answers["Login"]
    manager.answers["Login"] = error("Asterisk is shutting down")
    link = await make_link(ready=False, observer=tally)
    await eventually(lambda: manager.count("Login") >= 4)
    manager.answers["Login"] = good
    await link.ready(3)
    assert LinkState.REFUSED not in {state for _, state in tally.states}


async def test_a_late_banner_is_waited_for(manager: FakeManager, make_link: MakeLink) -> None:
    manager.banner_allowed.clear()
    link = await make_link(ready=False)
    await eventually(lambda: len(manager.peers) == 2)
    assert link.state is LinkState.CONNECTING
    manager.banner_allowed.set()
    await link.ready(3)


async def test_a_login_without_answer_is_given_up(manager: FakeManager, make_link: MakeLink) -> None:
    manager.frozen = True
    link = await make_link(ready=False, action_timeout_seconds=0.05)
    await eventually(lambda: manager.connections >= 4)
    with pytest.raises(Fault, match="does not answer"):
        await link.ready(0.01)


async def test_an_asterisk_that_boots_is_waited_for(manager: FakeManager, make_link: MakeLink) -> None:
    manager.booted = False
    link = await make_link(ready=False)
    await eventually(lambda: link.actions.state is LinkState.UP and manager.hears)
    assert not manager.count("Status")
    manager.listener.send(message("FullyBooted", Status="Fully Booted"))
    await link.ready(3)
    assert manager.count("Status") == 1


async def test_an_asterisk_that_does_not_boot_is_left(manager: FakeManager, make_link: MakeLink) -> None:
    manager.booted = False
    await make_link(ready=False, boot_limit_seconds=0.02)
    await eventually(lambda: manager.count("Login") >= 4)
    assert not manager.count("Status")


async def test_events_of_the_old_connection_are_handled_before_the_new_snapshot(
    manager: FakeManager, make_link: MakeLink
) -> None:
    story: list[str] = []
    go_on = asyncio.Event()

    async def slow(event: object) -> None:
        await go_on.wait()
        story.append("event")

    def subscribe(link: AmiLink) -> None:
        link.on_resync(lambda snapshot: story.append("snapshot"))
        link.on("Hangup", slow)

    link = await make_link(prepare=subscribe)
    listener = manager.listener
    await listener.send_in_pieces((message("Hangup") * 2).encode(), 1000)
    logins = manager.count("Login")
    manager.close_all()
    await eventually(lambda: manager.count("Login") == logins + 2 and link.state is LinkState.UP)
    go_on.set()
    await eventually(lambda: len(story) == 4)
    assert story == ["snapshot", "event", "event", "snapshot"]


@pytest.mark.parametrize("silenced", ["banner", "Login", "FullyBooted", "Status", "QueueStatus", "Ping"])
async def test_stopping_in_every_phase_leaves_nothing(
    manager: FakeManager, make_link: MakeLink, silenced: str
) -> None:
    match silenced:
        case "banner":
            manager.banner_allowed.clear()
        case "FullyBooted":
            manager.booted = False
        case _:
            manager.answers[silenced] = silent
    link = await make_link(ready=False, ping_interval_seconds=0.01)
    await eventually(
        lambda: manager.count(silenced) or (silenced in ("banner", "FullyBooted") and len(manager.peers) == 2)
    )
    await link.stop()
    assert link.state is LinkState.DOWN
    manager.banner_allowed.set()
    await eventually(lambda: not manager.peers)


async def test_the_connection_may_end_at_every_byte_of_what_asterisk_says(
    manager: FakeManager, make_link: MakeLink
) -> None:
    """Login reply, list of channels, event: wherever it is cut, the link comes back."""
    link = await make_link(reconnect_first_seconds=0.001, reconnect_most_seconds=0.002)
    said = f"Response: Success\r\nActionID: x\r\n\r\n{message('Hangup', CallerIDName='Ёж')}".encode()
    for cut in range(len(said)):
        connections = manager.connections
        manager.listener.send(said[:cut])
        manager.listener.close()
        await eventually(
            lambda before=connections: manager.connections > before and link.state is LinkState.UP  # type: ignore[misc]
        )


async def test_nobody_listens(manager: FakeManager, make_link: MakeLink) -> None:
    await manager.stop()
    link = await make_link(ready=False)
    with pytest.raises(Fault, match=rf"127\.0\.0\.1:{manager.port}: .*does not answer"):
        await link.ready(0.1)
    await manager.start()
    await link.ready(3)
