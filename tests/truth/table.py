"""The history as the table that `ivr kpi import-calls` reads."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from zoneinfo import ZoneInfo

from tests.truth.script import Call, History, Talk

COLUMNS = (
    "call_id", "came_at", "line", "number_called", "caller_number", "segment", "topic", "ended_at",
    "robot_outcome", "robot_completed", "queue", "queued_at", "abandoned_at", "agent", "agent_answered_at",
    "agent_ended_at", "ended_by", "hold_seconds", "wrapup_seconds", "personal", "alone", "transfers", "score",
    "blocked", "callback_promised_at", "callback_kept_at", "recording",
)  # fmt: skip

Written = Callable[[datetime], str]


def table(
    calls: Sequence[Call], zone: ZoneInfo, *, separator: str = ",", columns: Sequence[str] = COLUMNS
) -> str:
    """The whole table. Moments are written in turn in UTC, with the zone's offset, and without any."""
    random = Random(len(calls))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, delimiter=separator, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for call in calls:
        writer.writerows(_rows(call, lambda moment: _written(moment, zone, random)))
    return text.getvalue()


def as_told(history: History) -> History:
    """What the table has room for: whom operators have found, and when, is not told in it."""
    return replace(history, calls=[_without_finding(call) for call in history.calls])


def _without_finding(call: Call) -> Call:
    talks = tuple(replace(talk, identified_after=None) for talk in call.talks)
    return replace(call, account="", talks=talks)


def _rows(call: Call, written: Written) -> Iterator[Mapping[str, object]]:
    yield {**_of_call(call, written), **_of_talk(call, written)}
    for talk in call.talks[1:]:
        came = {"call_id": call.id, "came_at": written(call.came_at), "line": call.line}
        yield {**came, **_said(talk, written)}


def _of_call(call: Call, written: Written) -> Mapping[str, object]:
    row: dict[str, object] = {
        "call_id": call.id,
        "came_at": written(call.came_at),
        "line": call.line,
        "number_called": call.number_called,
        "caller_number": call.caller,
        "segment": call.segment,
        "topic": call.last_topic,
        "ended_at": written(call.ended_at),
        "robot_outcome": call.outcome,
        "robot_completed": _yes(call.robot == "served"),
        "transfers": sum(talk.ended_by == "transferred" for talk in call.talks),
        "score": call.score,
        "blocked": _yes(call.blocked),
        "recording": call.recording,
    }
    if len(call.waits) > 1:
        raise ValueError(f"{call.id}: the table has room for one wait")
    for wait in call.waits:
        row |= {"queue": wait.queue, "queued_at": written(wait.since)}
        row |= {} if wait.answered else {"abandoned_at": written(wait.until)}
    if call.promise:
        row["callback_promised_at"] = written(call.promise.at)
        row["callback_kept_at"] = call.promise.kept_at and written(call.promise.kept_at)
    return row


def _of_talk(call: Call, written: Written) -> Mapping[str, object]:
    if call.talks:
        return _said(call.talks[0], written)
    if call.rang_at_end:
        return {"agent": call.rings[-1].agent, "ended_by": "caller"}
    return {"ended_by": "robot" if call.robot == "served" else "caller"}


def _said(talk: Talk, written: Written) -> Mapping[str, object]:
    return {
        "agent": talk.agent,
        "agent_answered_at": written(talk.since),
        "agent_ended_at": written(talk.until),
        "ended_by": "caller" if talk.ended_by == "caller" else "agent",
        "hold_seconds": talk.held,
        "wrapup_seconds": talk.wrapup_seconds,
        "personal": _yes(talk.personal),
        "alone": _yes(talk.alone),
    }


def _yes(flag: bool) -> str:
    return "yes" if flag else "no"


def _written(moment: datetime, zone: ZoneInfo, random: Random) -> str:
    local = moment.astimezone(zone)
    way = random.randrange(3)
    if way == 0:
        return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    twice = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
    if way == 1 or twice:  # a moment whose wall clock comes twice needs its offset
        return local.isoformat(timespec="milliseconds")
    return local.replace(tzinfo=None).isoformat(timespec="milliseconds")
