"""The bench of events works, on few calls, and sees what is lost."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from ivr.asterisk.ami import Unobserved
from ivr.bench.events import Size, measure, missing
from ivr.bench.events_stream import EVENT_END, MARK_EVERY, Traces, invented
from ivr.kpi.metrics import Metrics

KEYS = {"bare_events_per_second", "engine_events_per_second", "ratio", "lost", "machine"}


async def test_few_calls_are_taken_in_and_none_is_lost(tmp_path: Path) -> None:
    measured = await measure(Size(calls=60, rounds=1), tmp_path, (Unobserved(), Metrics()), lambda text: None)
    document = measured.document({})
    assert set(document) >= KEYS
    assert document["lost"] == 0
    assert measured.events > 600
    assert measured.bare[0].seconds > 0
    assert measured.engine[0].seconds > 0


def test_what_the_database_lacks_is_lost() -> None:
    told = Traces(calls=3, ended=3, legs=2)
    assert missing(told, told) == 0
    assert missing(replace(told, ended=1, legs=1), told) == 3


def test_a_stream_is_the_same_each_time_and_tells_of_every_call() -> None:
    now = time.time()
    one, other = invented(200, now), invented(200, now)
    assert one.parts == other.parts
    events = b"".join(one.parts).decode().split(EVENT_END)[:-1]
    assert len(events) == one.events
    assert sum("UserEvent: IvrBenchCame" in event for event in events) == one.traces.calls == 200
    ended = one.traces.ended + one.traces.legs_ended
    assert sum(event.startswith("Event: Hangup\r\n") for event in events) == ended
    assert 0 < one.traces.abandoned < one.traces.joined == one.traces.abandoned + one.traces.answered
    assert [part.count(b"IvrBenchMark") for part in one.parts] == [1] * len(one.parts)
    assert one.parts[0].decode().count(EVENT_END) == MARK_EVERY + 1
