"""Actions: once, answered or failed, within their limit."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from ivr.asterisk.ami import ActionRefused, AmiLink, LinkLost, LinkState
from tests.contract.ami.conftest import MakeLink
from tests.contract.ami.fake_manager import FakeManager, Peer, error, listing, silent, success
from tests.contract.ami.waiting import eventually


async def test_replies_find_their_actions_in_any_order(manager: FakeManager, make_link: MakeLink) -> None:
    link = await make_link()
    waiting: list[tuple[Peer, dict[str, str]]] = []
    manager.answers["Getvar"] = lambda peer, action: waiting.append((peer, action))
    asked = [asyncio.create_task(link.actions.action("Getvar", Variable=f"V{n}")) for n in range(20)]
    await eventually(lambda: len(waiting) == 20)
    for peer, action in reversed(waiting):
        peer.send(
            f"Response: Success\r\nActionID: {action['ActionID']}\r\nValue: {action['Variable']}\r\n\r\n"
        )
    assert [(await task)["Value"] for task in asked] == [f"V{n}" for n in range(20)]


async def test_a_refusal_carries_asterisks_words(manager: FakeManager, make_link: MakeLink) -> None:
    manager.answers["Hangup"] = error("No such channel")
    link = await make_link()
    with pytest.raises(ActionRefused) as caught:
        await link.hangup("PJSIP/gone-1")
    assert (caught.value.action, caught.value.reason) == ("Hangup", "No such channel")


async def test_a_late_reply_is_nobodys(manager: FakeManager, make_link: MakeLink) -> None:
    link = await make_link(action_timeout_seconds=0.05)
    late: list[tuple[Peer, dict[str, str]]] = []
    manager.answers["Hangup"] = lambda peer, action: late.append((peer, action))
    with pytest.raises(TimeoutError):
        await link.hangup("PJSIP/a-1")
    peer, action = late[0]
    peer.send((success()(peer, action) or "") + "\r\n\r\n")
    del manager.answers["Hangup"]
    await link.hangup("PJSIP/a-2")
    assert link.state is LinkState.UP


@pytest.mark.parametrize("broken", ["a\rb", "a\nb", "a\r\nb", "a\0b", "a\udc80b"])
@pytest.mark.parametrize("place", ["action", "name", "value", "in a list"])
async def test_unsafe_text_is_not_sent(
    manager: FakeManager, make_link: MakeLink, broken: str, place: str
) -> None:
    link = await make_link()
    received = len(manager.received)
    cases: dict[str, tuple[str, dict[str, Any]]] = {
        "action": (broken, {}),
        "name": ("Setvar", {broken: "x"}),
        "value": ("Setvar", {"Value": broken}),
        "in a list": ("Setvar", {"Variable": ["x", broken]}),
    }
    action, fields = cases[place]
    with pytest.raises(ValueError, match="line end"):
        await link.actions.action(action, **fields)
    await link.actions.action("Ping")
    assert len(manager.received) == received + 1


async def test_an_action_fails_when_the_connection_ends_in_the_middle(
    manager: FakeManager, make_link: MakeLink
) -> None:
    link = await make_link()

    def cut_in_the_reply(peer: Peer, action: dict[str, str]) -> None:
        peer.send("Response: Succ")
        peer.close()

    manager.answers["Hangup"] = cut_in_the_reply
    with pytest.raises(LinkLost):
        await link.hangup("PJSIP/a-1")


async def test_an_action_without_a_link_fails_at_once(manager: FakeManager, make_link: MakeLink) -> None:
    link = await make_link(reconnect_first_seconds=60, reconnect_most_seconds=60)
    manager.close_all()
    await eventually(lambda: link.actions.state is LinkState.DOWN)
    with pytest.raises(LinkLost):
        await link.hangup("PJSIP/a-1")


async def test_stopping_fails_what_is_unanswered(manager: FakeManager, make_link: MakeLink) -> None:
    manager.answers["Hangup"] = silent
    link = await make_link()
    asked = asyncio.create_task(link.hangup("PJSIP/a-1"))
    await eventually(lambda: manager.count("Hangup"))
    await link.stop()
    with pytest.raises(LinkLost):
        await asked


@pytest.mark.parametrize(
    ("act", "sent"),
    [
        (
            lambda link: link.mute_recording("PJSIP/a-1", on=True),
            {"Action": "MixMonitorMute", "Channel": "PJSIP/a-1", "Direction": "read", "State": "1"},
        ),
        (
            lambda link: link.mute_recording("PJSIP/a-1", on=False),
            {"Action": "MixMonitorMute", "Channel": "PJSIP/a-1", "Direction": "read", "State": "0"},
        ),
        (lambda link: link.hangup("PJSIP/a-1"), {"Action": "Hangup", "Channel": "PJSIP/a-1"}),
        (
            lambda link: link.originate("our-1", Channel="Local/1@out", Timeout=30_000),
            {
                "Action": "Originate",
                "ChannelId": "our-1",
                "Async": "true",
                "Channel": "Local/1@out",
                "Timeout": "30000",
            },
        ),
    ],
)
async def test_what_is_sent(
    manager: FakeManager,
    make_link: MakeLink,
    act: Callable[[AmiLink], Awaitable[None]],
    sent: dict[str, str],
) -> None:
    link = await make_link()
    await act(link)
    received = {name: value for name, value in manager.received[-1].items() if name != "ActionID"}
    assert received == sent


async def test_a_snapshot_on_demand(manager: FakeManager, make_link: MakeLink) -> None:
    link = await make_link(snapshot_variables=("CALL_ID", "IVR_LINE"))
    manager.answers["Status"] = listing(
        "StatusComplete",
        [
            (
                "Status",
                [
                    ("Channel", "PJSIP/t-1"),
                    ("Uniqueid", "n-1.1"),
                    ("Linkedid", "n-1.1"),
                    ("ChannelStateDesc", "Up"),
                    ("Application", "Queue"),
                    ("Seconds", 7),
                    ("Variable", "CALL_ID=c1"),
                    ("Variable", "IVR_LINE=(null)"),
                ],
            )
        ],
    )
    manager.answers["QueueStatus"] = listing(
        "QueueStatusComplete",
        [
            ("QueueParams", [("Queue", "clients")]),
            ("QueueMember", [("Queue", "clients"), ("Location", "PJSIP/101"), ("Status", 1), ("Paused", 0)]),
            ("QueueEntry", [("Queue", "clients"), ("Uniqueid", "n-1.1"), ("Position", 1), ("Wait", 5)]),
            ("QueueParams", [("Queue", "empty")]),
        ],
    )
    manager.answers["DeviceStateList"] = listing(
        "DeviceStateListComplete",
        [("DeviceStateChange", [("Device", "PJSIP/op-201"), ("State", "NOT_INUSE")])],
    )
    snapshot = await link.snapshot()
    asked = [one for one in manager.received if one["Action"] == "Status"]
    assert asked[-1]["Variables"] == "CALL_ID,IVR_LINE"
    assert snapshot.devices == {"PJSIP/op-201": "NOT_INUSE"}
    assert [(one.name, one.seconds, one.variables) for one in snapshot.channels] == [
        ("PJSIP/t-1", 7, {"CALL_ID": "c1"})
    ]
    clients, empty = snapshot.queues
    assert [(one.interface, one.device_state, one.paused) for one in clients.members] == [
        ("PJSIP/101", 1, False)
    ]
    assert [(one.uniqueid, one.position, one.waited_seconds) for one in clients.callers] == [("n-1.1", 1, 5)]
    assert (empty.name, empty.members, empty.callers) == ("empty", (), ())
    assert await link.channels() == snapshot.channels
