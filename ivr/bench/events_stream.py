"""Invented calls as Asterisk's events tell of them, laid out as a recorded Asterisk 22 wrote them.

The events are those that `asterisk-conf/manager.conf.j2` lets through: what an engine is sent. Calls go on
side by side, so that the events of one are spread over the stream.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Final

EVENT_END: Final = "\r\n\r\n"
CAME: Final = "IvrBenchCame"
"""User event in the place of the FastAGI request with which a call comes to the engine."""

MARK: Final = "IvrBenchMark"
"""User event behind every `MARK_EVERY` others: whoever has handled it asks for more."""

MARK_EVERY: Final = 500
LINE: Final = "clients"

_QUEUES: Final = ("clients.billing", "clients.readings", "clients.technical")
_AGENTS: Final = 60
_ROBOT_ALONE, _ABANDONED = 0.45, 0.12
_HELD: Final = 0.3
_AT_ONCE_SECONDS: Final = 0.05
"""Pause between two calls that come: with talks of some two minutes about a thousand go on at once."""

_STEP_SECONDS: Final = 0.0002
"""What the clock of the events moves on from one to the next: a stream stays younger than five minutes."""


@dataclass(slots=True)
class Traces:
    """What must be found in the database when nothing is lost, numbers of rows.

    Attributes:
        joined: Calls that entered a queue.
        abandoned: Those that left it unanswered.
        answered: Calls that a person took.
        completed: Those whose talk has ended.
        holds: Legs on which somebody was put on hold.
    """

    calls: int = 0
    ended: int = 0
    joined: int = 0
    abandoned: int = 0
    answered: int = 0
    completed: int = 0
    legs: int = 0
    legs_answered: int = 0
    legs_ended: int = 0
    holds: int = 0


@dataclass(slots=True)
class Stream:
    """The bytes to send, cut behind each mark.

    Attributes:
        events: Number of events in all of them, marks included.
    """

    parts: list[bytes] = field(default_factory=list)
    events: int = 0
    traces: Traces = field(default_factory=Traces)


Write = Callable[[str], str]
"""Gives the text of an event that happened at the moment given, as Asterisk writes moments."""


def invented(calls: int, before: float, seed: int = 20_261_101) -> Stream:
    """So many calls.

    Args:
        calls: How many.
        before: When the last event happened, seconds since the epoch.
        seed: Of the chance.
    """
    chance = random.Random(seed)  # noqa: S311  # invented data
    stream = Stream()
    told = list(_in_order(calls, chance, stream.traces))
    begins = before - len(told) * _STEP_SECONDS
    texts: list[str] = []
    for place, write in enumerate(told):
        texts.append(write(f"{begins + place * _STEP_SECONDS:.6f}"))
        if len(texts) == MARK_EVERY or place == len(told) - 1:
            _cut(stream, texts)
    return stream


def _cut(stream: Stream, texts: list[str]) -> None:
    texts.append(f"Event: UserEvent\r\nPrivilege: user,all\r\nUserEvent: {MARK}")
    stream.parts.append((EVENT_END.join(texts) + EVENT_END).encode())
    stream.events += len(texts)
    texts.clear()


def _in_order(calls: int, chance: random.Random, traces: Traces) -> Iterator[Write]:
    """The events of all calls in order of time."""
    waiting: list[tuple[float, int, Iterator[tuple[float, Write]], Write]] = []
    for number in range(calls):
        came = number * _AT_ONCE_SECONDS
        while waiting and waiting[0][0] <= came:
            yield _next(waiting)
        _wait_for(waiting, came, number, _Call(number, chance, traces).events())
    while waiting:
        yield _next(waiting)


def _next(waiting: list[tuple[float, int, Iterator[tuple[float, Write]], Write]]) -> Write:
    at, number, events, write = heappop(waiting)
    _wait_for(waiting, at, number, events)
    return write


def _wait_for(
    waiting: list[tuple[float, int, Iterator[tuple[float, Write]], Write]],
    at: float,
    number: int,
    events: Iterator[tuple[float, Write]],
) -> None:
    following = next(events, None)
    if following is not None:
        pause, write = following
        heappush(waiting, (at + pause, number, events, write))


class _Call:
    """One call: its events, each with the pause before it, seconds."""

    def __init__(self, number: int, chance: random.Random, traces: Traces) -> None:
        self._chance = chance
        self._traces = traces
        self._call_id = f"bench-{number}"
        self._caller = _Channel(f"PJSIP/trunk-in-{number:08x}", f"ivr-1795289352.{2 * number}")
        self._caller.number = f"7916{chance.randrange(10_000_000):07d}"
        self._phone = _Channel("", f"ivr-1795289352.{2 * number + 1}", linked=self._caller.id)
        self._agent = chance.randrange(_AGENTS)
        self._phone.name = f"PJSIP/op-{200 + self._agent}-{number:08x}"
        self._phone.number = f"{200 + self._agent}"
        self._queue = chance.choice(_QUEUES)

    def events(self) -> Iterator[tuple[float, Write]]:
        """From the beginning to the end."""
        way = self._chance.random()
        self._traces.calls += 1
        yield 0.0, self._user_event(CAME, Line=LINE, Number=self._caller.number)
        yield from self._keys(9 if way < _ROBOT_ALONE else 2)
        if way >= _ROBOT_ALONE:
            yield from self._queued(way < _ROBOT_ALONE + _ABANDONED)
        yield self._pause(3), self._media(self._caller)
        self._traces.ended += 1
        yield 0.01, self._of(self._caller, "Hangup", "call", {"Cause": "16", "Cause-txt": "Normal Clearing"})

    def _keys(self, count: int) -> Iterator[tuple[float, Write]]:
        for _ in range(count):
            key = {"Digit": self._chance.choice("0123456789#"), "Direction": "Received"}
            yield self._pause(2), self._of(self._caller, "DTMFBegin", "dtmf", key)
            yield 0.1, self._of(self._caller, "DTMFEnd", "dtmf", {"DurationMs": "120", **key})

    def _queued(self, abandons: bool) -> Iterator[tuple[float, Write]]:
        queue = {"Queue": self._queue, "Position": "1"}
        self._traces.joined += 1
        yield self._pause(2), self._of(self._caller, "QueueCallerJoin", "agent", {**queue, "Count": "1"})
        if abandons:
            self._traces.abandoned += 1
            left = {**queue, "OriginalPosition": "1", "HoldTime": "40"}
            yield self._pause(40), self._of(self._caller, "QueueCallerAbandon", "agent", left)
            yield 0.001, self._of(self._caller, "QueueCallerLeave", "agent", {**queue, "Count": "0"})
            yield 0.001, self._of(self._caller, "HangupRequest", "call", {"Cause": "16"})
            return
        yield from self._talk(queue)

    def _talk(self, queue: dict[str, str]) -> Iterator[tuple[float, Write]]:
        traces = self._traces
        member = {
            "Queue": self._queue,
            "Interface": self._phone.name.rpartition("-")[0],
            "MemberName": f"agent{self._agent:02d}",
        }
        both = {**self._phone.headers("Dest"), **member}
        traces.legs += 1
        yield self._pause(20), self._of(self._caller, "AgentCalled", "agent", both)
        yield self._pause(5), self._of(self._caller, "QueueCallerLeave", "agent", {**queue, "Count": "0"})
        traces.answered += 1
        traces.legs_answered += 1
        connected = {**both, "HoldTime": "20", "RingTime": "5"}
        yield 0.005, self._of(self._caller, "AgentConnect", "agent", connected)
        if self._chance.random() < _HELD:
            traces.holds += 1
            yield self._pause(60), self._of(self._phone, "Hold", "call", {"MusicClass": "default"})
            yield self._pause(20), self._of(self._phone, "Unhold", "call", {})
        yield self._pause(90), self._of(self._phone, "HangupRequest", "call", {"Cause": "16"})
        yield 0.005, self._media(self._phone)
        traces.legs_ended += 1
        ended = {"Cause": "16", "Cause-txt": "Normal Clearing"}
        yield 0.001, self._of(self._phone, "Hangup", "call", ended)
        traces.completed += 1
        complete = {**both, "HoldTime": "20", "TalkTime": "90", "Reason": "agent"}
        yield 0.001, self._of(self._caller, "AgentComplete", "agent", complete)

    def _media(self, channel: _Channel) -> Write:
        counts = (
            "ssrc=1634722946;themssrc=1488429274;lp=0;rxjitter=0.000000;rxcount=5000;txjitter=0.000000;"
            "txcount=4990;rlp=1;rtt=0.021000;rxmes=0.000000;txmes=0.000000"
        )
        return self._user_event("IvrMedia", channel, Line=LINE, RoundTrip="0.021000", Counts=counts)

    def _user_event(self, name: str, channel: _Channel | None = None, **told: str) -> Write:
        headers = {"UserEvent": name, "CallId": self._call_id, **told}
        return self._of(channel or self._caller, "UserEvent", "user", headers)

    def _of(self, channel: _Channel, event: str, privilege: str, told: dict[str, str]) -> Write:
        head = f"Event: {event}\r\nPrivilege: {privilege},all\r\nTimestamp: "
        rest = "\r\n".join(
            f"{name}: {value}" for name, value in {"SystemName": "ivr", **channel.headers(), **told}.items()
        )
        return lambda at: f"{head}{at}\r\n{rest}"

    def _pause(self, mean: float) -> float:
        return self._chance.expovariate(1 / mean)


@dataclass(slots=True)
class _Channel:
    """A channel as its events describe it."""

    name: str
    id: str
    number: str = ""
    linked: str = ""

    def headers(self, prefix: str = "") -> dict[str, str]:
        """What every event about it tells, in Asterisk's order."""
        told = {
            "Channel": self.name,
            "ChannelState": "6",
            "ChannelStateDesc": "Up",
            "CallerIDNum": self.number,
            "CallerIDName": "<unknown>",
            "ConnectedLineNum": "<unknown>",
            "ConnectedLineName": "<unknown>",
            "Language": "ru",
            "AccountCode": "",
            "Context": "people",
            "Exten": "s",
            "Priority": "22",
            "Uniqueid": self.id,
            "Linkedid": self.linked or self.id,
        }
        return {prefix + name: value for name, value in told.items()}
