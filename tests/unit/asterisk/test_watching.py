"""Asterisk's events reach the ledger under our call id, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from ivr.asterisk.ami import AmiLink, Channel, Event, Snapshot
from ivr.asterisk.watching import CallWatch
from ivr.calls.ledger import Ledger
from ivr.calls.lines import Line, Lines
from ivr.calls.story import Party
from ivr.dialogue.ports import CallFacts, Clock

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
LINE = Line(
    name="main", title="Единый номер", numbers=("100",), scenario="x", profile="bryansk", queue="clients"
)
RECORD = (
    "c-7,main,operator,2026-11-21T08:00:00Z,2026-11-21T08:01:00Z,"
    "yes,,FAILURE,clients,,PJSIP/anna,16,inbound\n"
)


class Wire:
    """Hands events to the handlers that were subscribed."""

    def __init__(self) -> None:
        self.handlers: dict[str, Callable[[Event], Any]] = {}
        self.resync: Callable[[Snapshot], Any]

    def on(self, name: str, handler: Callable[[Event], Any], only: object = None) -> None:
        self.handlers[name] = handler

    def on_resync(self, handler: Callable[[Snapshot], Any]) -> None:
        self.resync = handler

    def send(self, name: str, **headers: str) -> None:
        self.handlers[name](Event(name, headers))


class Book:
    """What the ledger is told."""

    def __init__(self) -> None:
        self.told: list[tuple[object, ...]] = []
        self.live: Mapping[str, CallFacts | None] = {}
        self.channels: Collection[str] = ()

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *arguments: self.told.append((name, *arguments))

    def find(self, _call_id: str) -> None:
        return None

    def notice(self, facts: CallFacts) -> None:
        self.told.append(("notice", facts.call_id, facts.line, facts.profile))

    async def reconcile(
        self, live: Mapping[str, CallFacts | None], seen_at: datetime, channels: Collection[str]
    ) -> None:
        self.live, self.channels = live, channels
        self.told.append(("reconcile", seen_at))

    async def import_records(self, records: list[Any], channels: Collection[str]) -> None:
        self.told.append(("import", *(record.call_id for record in records)))


class Noon:
    def now(self) -> datetime:
        return NOW


class Watched:
    """A watch over a wire, with a book and the calls that were told to have ended."""

    def __init__(self, folder: Path) -> None:
        self.wire, self.book, self.ended = Wire(), Book(), list[str]()
        self.records = folder / "calls.csv"
        self.watch = CallWatch(
            cast(AmiLink, self.wire),
            cast(Ledger, self.book),
            lines=Lines([LINE]),
            records=self.records,
            clock=cast(Clock, Noon()),
            on_end=self.ended.append,
        )


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def channel(name: str, seconds: int, **variables: str) -> Channel:
    return Channel(
        name=name,
        uniqueid=f"{name}-id",
        linkedid="",
        state="Up",
        context="",
        extension="",
        application="",
        bridge="",
        seconds=seconds,
        variables=variables,
    )


def test_a_call_through_the_queue(watched: Watched) -> None:
    watched.watch.bind("1.1", "c-1")
    watched.wire.send("QueueCallerJoin", Uniqueid="1.1", Queue="clients")
    watched.wire.send("AgentConnect", Uniqueid="1.1", Interface="PJSIP/anna")
    watched.wire.send("AgentComplete", Uniqueid="1.1", Reason="agent")
    watched.wire.send("Hangup", Uniqueid="1.1", Cause="16")
    assert watched.book.told == [
        ("queue_joined", "c-1", "clients", NOW),
        ("agent_connected", "c-1", "PJSIP/anna", NOW),
        ("agent_completed", "c-1", Party.AGENT, NOW),
        ("hung_up", "c-1", 16, NOW),
    ]
    assert watched.ended == ["c-1"]
    assert watched.watch.calls == 0


def test_events_have_happened_when_asterisk_says_and_not_when_they_are_heard(watched: Watched) -> None:
    watched.watch.bind("1.1", "c-1")
    earlier = NOW - timedelta(seconds=1.25)
    stamp = f"{earlier.timestamp():.6f}"
    watched.wire.send("QueueCallerJoin", Uniqueid="1.1", Queue="clients", Timestamp=stamp)
    watched.wire.send("QueueCallerAbandon", Uniqueid="1.1", Timestamp=stamp)
    watched.wire.send("AgentConnect", Uniqueid="1.1", Interface="x", Timestamp=stamp)
    watched.wire.send("AgentComplete", Uniqueid="1.1", Timestamp=stamp)
    watched.wire.send("Hangup", Uniqueid="1.1", Timestamp=stamp)
    assert [told[-1] for told in watched.book.told] == [earlier] * 5


def test_events_of_other_channels_are_left_alone(watched: Watched) -> None:
    watched.watch.bind("1.1", "c-1")
    for name in ("QueueCallerJoin", "QueueCallerAbandon", "AgentConnect", "AgentComplete", "Hangup"):
        watched.wire.send(name, Uniqueid="1.2", Queue="clients", Interface="x", Reason="", Cause="16")
    assert watched.book.told == []
    assert watched.ended == []


def test_a_call_without_an_engine_is_noticed_and_followed(watched: Watched) -> None:
    watched.wire.send("UserEvent", Uniqueid="1.3", CallId="c-3", Line="main", CallerIDNum="")
    watched.wire.send("QueueCallerAbandon", Uniqueid="1.3")
    assert watched.book.told == [("notice", "c-3", "main", "bryansk"), ("queue_abandoned", "c-3", NOW)]


async def test_after_a_reconnect_the_oldest_channel_of_a_call_is_the_callers(watched: Watched) -> None:
    watched.records.write_text(RECORD)
    channels = (
        channel("agent", 5, CALL_ID="c-5", IVR_LINE="main"),
        channel("caller", 60, CALL_ID="c-5", IVR_LINE="main"),
        channel("other", 90),
    )
    await watched.wire.resync(Snapshot(channels=channels, queues=()))
    assert watched.book.told == [("import", "c-7"), ("reconcile", NOW)]
    assert set(watched.book.live) == {"c-5"}
    assert watched.book.channels == {"agent-id", "caller-id", "other-id"}
    watched.wire.send("Hangup", Uniqueid="agent-id", Cause="16")
    assert watched.ended == []
    watched.wire.send("Hangup", Uniqueid="caller-id", Cause="")
    assert watched.book.told[-1] == ("hung_up", "c-5", None, NOW)


async def test_records_are_read_once_and_a_rotated_list_from_its_beginning(watched: Watched) -> None:
    watched.records.write_text(RECORD + RECORD.replace("c-7", "c-8"))
    await watched.watch.import_records()
    await watched.watch.import_records()
    watched.records.write_text(RECORD.replace("c-7", "c-9"))
    await watched.watch.import_records()
    assert watched.book.told == [("import", "c-7", "c-8"), ("import",), ("import", "c-9")]


async def test_a_line_that_is_half_written_is_read_when_it_is_whole(watched: Watched) -> None:
    watched.records.write_text(RECORD + RECORD[:20])
    await watched.watch.import_records()
    watched.records.write_text(RECORD + RECORD.replace("c-7", "c-8"))
    await watched.watch.import_records()
    assert watched.book.told == [("import", "c-7"), ("import", "c-8")]
