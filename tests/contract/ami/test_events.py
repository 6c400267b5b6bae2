"""Events: subscribed, in order, guarded, and made up for when some were dropped."""

import asyncio

from ivr.asterisk.ami import AmiLink, Event, LinkState, Snapshot
from tests.contract.ami.conftest import MakeLink, Tally
from tests.contract.ami.fake_manager import FakeManager, Peer, error, listing, message
from tests.contract.ami.waiting import eventually

BURST = 5_000


def hangups(count: int) -> str:
    return "".join(message("Hangup", Uniqueid=number, CallerIDName="Щукин Ёж") for number in range(count))


async def test_a_burst_arrives_whole_and_in_order(
    manager: FakeManager, make_link: MakeLink, tally: Tally
) -> None:
    seen: list[int] = []

    def note(event: Event) -> None:
        assert event["CallerIDName"] == "Щукин Ёж"
        seen.append(int(event["Uniqueid"]))

    await make_link(prepare=lambda link: link.on("Hangup", note), observer=tally)
    manager.listener.send(hangups(BURST))
    await eventually(lambda: len(seen) == BURST, 20)
    assert seen == list(range(BURST))
    assert tally.received["Hangup"] == tally.handled["Hangup"] == BURST
    assert not tally.failed


async def test_types_nobody_wants_are_counted_together(
    manager: FakeManager, make_link: MakeLink, tally: Tally
) -> None:
    await make_link(observer=tally)
    before = tally.received["other"]
    manager.listener.send(message("Newexten") + message("RTCPSent") + message("UserEvent", UserEvent="x"))
    await eventually(lambda: tally.received["other"] == before + 3)
    assert set(tally.received) == {"other"}


async def test_only_wanted_values_reach_a_handler(manager: FakeManager, make_link: MakeLink) -> None:
    values: list[str] = []
    everything: list[str] = []

    def subscribe(link: AmiLink) -> None:
        link.on(
            "VarSet",
            lambda event: values.append(event["Value"]),
            only={"Variable": {"__CALL_ID", "IVR_RESULT"}},
        )
        link.on("VarSet", lambda event: everything.append(event["Value"]))

    await make_link(prepare=subscribe)
    for variable, value in [("__CALL_ID", "a"), ("MACRO", "b"), ("IVR_RESULT_2", "c"), ("IVR_RESULT", "d")]:
        manager.listener.send(message("VarSet", Value=value, Variable=variable))
    await eventually(lambda: len(everything) == 4)
    assert values == ["a", "d"]


async def test_garbage_between_messages_harms_nobody(manager: FakeManager, make_link: MakeLink) -> None:
    seen: list[str] = []
    await make_link(prepare=lambda link: link.on("Hangup", lambda event: seen.append(event["Uniqueid"])))
    manager.listener.send(b"\x00\xff\xfe garbage\r\n\r\n: \r\n\r\n\r\n\r\nEvent:\r\n\r\nResponse: \r\n\r\n")
    manager.listener.send("more garbage\r\n" + message("Hangup", Uniqueid="1"))
    await eventually(lambda: seen == ["1"])


async def test_failing_handlers_are_counted_and_passed_over(
    manager: FakeManager, make_link: MakeLink, tally: Tally
) -> None:
    seen: list[str] = []
    started: list[str] = []

    def fail(event: Event) -> None:
        raise KeyError("+79990000000")

    async def fail_later(event: Event) -> None:
        await asyncio.sleep(0)
        raise ValueError

    async def cancel_itself(event: Event) -> None:
        raise asyncio.CancelledError

    async def never_end(event: Event) -> None:
        started.append(event["Uniqueid"])
        await asyncio.Event().wait()

    def subscribe(link: AmiLink) -> None:
        for handler in (fail, fail_later, cancel_itself, never_end):
            link.on("Hangup", handler)
        link.on("Hangup", lambda event: seen.append(event["Uniqueid"]))

    await make_link(prepare=subscribe, observer=tally, handler_limit_seconds=0.05)
    manager.listener.send(hangups(2))
    await eventually(lambda: seen == ["0", "1"])
    assert started == ["0", "1"]
    assert tally.failed["Hangup"] == 8


async def test_a_failing_snapshot_handler_does_not_stop_events(
    manager: FakeManager, make_link: MakeLink, tally: Tally
) -> None:
    seen: list[str] = []

    def fail(snapshot: Snapshot) -> None:
        raise RuntimeError

    def subscribe(link: AmiLink) -> None:
        link.on_resync(fail)
        link.on("Hangup", lambda event: seen.append(event["Uniqueid"]))

    await make_link(prepare=subscribe, observer=tally)
    manager.listener.send(hangups(1))
    await eventually(lambda: seen)
    assert tally.failed["resync"] == 1


async def test_events_during_a_snapshot_come_after_it(manager: FakeManager, make_link: MakeLink) -> None:
    story: list[str] = []
    empty = listing("StatusComplete", [])

    def answer_in_the_rush(peer: Peer, action: dict[str, str]) -> str | None:
        return message("Hangup", Uniqueid="early") + (empty(peer, action) or "")

    manager.answers["Status"] = answer_in_the_rush

    def subscribe(link: AmiLink) -> None:
        link.on_resync(lambda snapshot: story.append("snapshot"))
        link.on("Hangup", lambda event: story.append(event["Uniqueid"]))

    await make_link(prepare=subscribe)
    manager.listener.send(message("Hangup", Uniqueid="later"))
    await eventually(lambda: len(story) == 3)
    assert story == ["snapshot", "early", "later"]


async def test_an_overflow_is_made_up_for_by_a_snapshot(
    manager: FakeManager, make_link: MakeLink, tally: Tally
) -> None:
    story: list[str] = []
    go_on = asyncio.Event()

    async def slow(event: Event) -> None:
        story.append(event["Uniqueid"])
        await go_on.wait()

    def subscribe(link: AmiLink) -> None:
        link.on_resync(lambda snapshot: story.append("snapshot"))
        link.on("Hangup", slow)

    link = await make_link(prepare=subscribe, observer=tally, queue_limit=100)
    manager.listener.send(hangups(1))
    await eventually(lambda: story == ["snapshot", "0"])
    manager.listener.send(hangups(500))
    await eventually(lambda: tally.dropped == 500)
    go_on.set()
    await eventually(lambda: story.count("snapshot") == 2)
    manager.listener.send(message("Hangup", Uniqueid="after"))
    await eventually(lambda: story[-1] == "after")
    assert story == ["snapshot", "0", "snapshot", "after"]
    assert tally.dropped == 500
    assert link.state is LinkState.UP


async def test_an_overflow_whose_snapshot_fails_ends_in_a_new_connection(
    manager: FakeManager, make_link: MakeLink, tally: Tally
) -> None:
    good = manager.answers["Status"]

    def refuse_once(peer: Peer, action: dict[str, str]) -> str | None:
        manager.answers["Status"] = good
        return error("Not now")(peer, action)

    snapshots: list[Snapshot] = []

    def subscribe(link: AmiLink) -> None:
        link.on_resync(snapshots.append)
        link.on("Hangup", lambda event: None)

    await make_link(prepare=subscribe, observer=tally, queue_limit=10)
    manager.answers["Status"] = refuse_once
    manager.listener.send(hangups(50))
    await eventually(lambda: len(snapshots) == 2)
    assert tally.reconnects == {"events": 1}
