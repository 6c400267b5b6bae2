"""Each fault of panoramisk 1.4 that the adapter heals.

Every test runs on bare panoramisk too, where it must fail: should a later panoramisk pass one,
the strict xfail says that this healing is no longer needed.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ivr.asterisk.ami import ActionRefused
from tests.contract.ami.fake_manager import FakeManager, error, message, silent
from tests.contract.ami.subjects import Bare, Healed, Subject
from tests.contract.ami.waiting import eventually


@pytest.fixture(
    params=[
        pytest.param(Bare, marks=pytest.mark.xfail(strict=True, reason="a fault of panoramisk 1.4")),
        Healed,
    ]
)
async def subject(request: pytest.FixtureRequest, manager: FakeManager) -> AsyncIterator[Subject]:
    made: Subject = request.param()
    yield made
    await made.close()


async def test_cyrillic_survives_a_cut_at_every_byte(manager: FakeManager, subject: Subject) -> None:
    names: list[str] = []
    subject.on("Hangup", lambda event: names.append(event["CallerIDName"]))
    await subject.connect(manager.port)
    await manager.listener.send_in_pieces(message("Hangup", CallerIDName="Щукин Ёж, кв. 7").encode())
    await eventually(lambda: names)
    assert names == ["Щукин Ёж, кв. 7"]


async def test_invalid_bytes_are_replaced_not_dropped(manager: FakeManager, subject: Subject) -> None:
    names: list[str] = []
    subject.on("Hangup", lambda event: names.append(event["CallerIDName"]))
    await subject.connect(manager.port)
    manager.listener.send(b"Event: Hangup\r\nCallerIDName: A\xffB\r\n\r\n")
    await eventually(lambda: names)
    assert names == ["A\ufffdB"]


async def test_a_failing_handler_costs_neither_connection_nor_chunk(
    manager: FakeManager, subject: Subject
) -> None:
    seen: list[str] = []

    def fail(event: Any) -> None:
        raise RuntimeError("handler")

    subject.on("Newchannel", fail)
    subject.on("Hangup", lambda event: seen.append(event["Uniqueid"]))
    await subject.connect(manager.port)
    connections = manager.connections
    manager.listener.send(message("Newchannel") + message("Hangup", Uniqueid="1"))
    await eventually(lambda: seen, 0.5)
    manager.listener.send(message("Hangup", Uniqueid="2"))
    await eventually(lambda: seen == ["1", "2"], 0.5)
    assert manager.connections == connections


async def test_a_frozen_server_is_noticed(manager: FakeManager, subject: Subject) -> None:
    await subject.connect(manager.port)
    connections = manager.connections
    manager.frozen = True
    await eventually(lambda: manager.connections > connections, 1)


async def test_state_is_read_again_after_a_reconnect(manager: FakeManager, subject: Subject) -> None:
    await subject.connect(manager.port)
    manager.received.clear()
    manager.close_all()
    await eventually(lambda: manager.count("Status") and manager.count("QueueStatus"), 1)


async def test_an_unanswered_action_fails_with_the_link(manager: FakeManager, subject: Subject) -> None:
    manager.answers["Originate"] = silent
    await subject.connect(manager.port)
    sent = asyncio.ensure_future(subject.send("Originate", Channel="Local/1@x", ChannelId="a1", Async="true"))
    await eventually(lambda: manager.count("Originate"))
    manager.close_all()
    with pytest.raises(ConnectionError):
        await asyncio.wait_for(sent, 0.5)


async def test_an_unanswered_originate_is_never_sent_again(manager: FakeManager, subject: Subject) -> None:
    seen: list[str] = []
    manager.answers["Originate"] = silent
    subject.on("Hangup", lambda event: seen.append(event["Uniqueid"]))
    await subject.connect(manager.port)
    sent = asyncio.ensure_future(subject.send("Originate", Channel="Local/1@x", ChannelId="a1", Async="true"))
    await eventually(lambda: manager.count("Originate"))
    connections = manager.connections
    manager.close_all()
    await eventually(lambda: manager.connections > connections and manager.hears)
    manager.listener.send(message("Hangup", Uniqueid="1"))
    await eventually(lambda: seen)
    pings = manager.count("Ping")
    await eventually(lambda: manager.count("Ping") > pings + 1)
    sent.cancel()
    await asyncio.gather(sent, return_exceptions=True)
    assert manager.count("Originate") == 1


async def test_an_originate_is_answered_without_events(manager: FakeManager, subject: Subject) -> None:
    manager.answers["Originate"] = lambda peer, action: (
        f"Response: Success\r\nActionID: {action['ActionID']}\r\nMessage: Originate successfully queued"
    )
    await subject.connect(manager.port)
    await asyncio.wait_for(subject.send("Originate", Channel="Local/1@x", ChannelId="a1", Async="true"), 0.5)


async def test_a_line_end_in_a_value_sends_nothing(manager: FakeManager, subject: Subject) -> None:
    await subject.connect(manager.port)
    with pytest.raises(ValueError, match="line end"):
        await asyncio.wait_for(subject.send("Hangup", Channel="x\r\n\r\nAction: Originate\r\nFoo: y"), 0.5)
    assert not manager.count("Hangup")
    assert not manager.count("Originate")


async def test_an_answer_without_end_is_not_gathered_for_ever(manager: FakeManager, subject: Subject) -> None:
    await subject.connect(manager.port)
    listener = manager.listener
    listener.send("x" * 1_500_000)
    await eventually(lambda: listener not in manager.peers, 1)


async def test_a_list_that_breaks_off_fails(manager: FakeManager, subject: Subject) -> None:
    manager.answers["QueueSummary"] = lambda peer, action: (
        f"Response: Success\r\nActionID: {action['ActionID']}\r\nEventList: start\r\nMessage: will follow"
    )
    await subject.connect(manager.port)
    sent = asyncio.ensure_future(subject.send_list("QueueSummary"))
    await eventually(lambda: manager.count("QueueSummary"))
    manager.close_all()
    with pytest.raises(ConnectionError):
        await asyncio.wait_for(sent, 0.5)


async def test_a_refused_list_ends_the_wait(manager: FakeManager, subject: Subject) -> None:
    manager.answers["QueueSummary"] = error("No such queue")
    await subject.connect(manager.port)
    with pytest.raises(ActionRefused):
        await asyncio.wait_for(subject.send_list("QueueSummary"), 0.5)
