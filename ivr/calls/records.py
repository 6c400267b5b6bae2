"""Asterisk's own list of calls (`calls.csv`), written by the dialplan whether the engine is there or not.

One line a call, without quotes; the columns are those of the context `call-record` in
`asterisk-conf/extensions.conf.j2`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ivr.calls.events import HungUp
from ivr.calls.story import CallKind, Origin, Story

COLUMNS = (
    "call_id",
    "line",
    "trunk",
    "started_at",
    "ended_at",
    "answered",
    "result",
    "agi_status",
    "queue",
    "queue_status",
    "agent",
    "cause",
    "kind",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """One line.

    Attributes:
        call_id: Our own id of the call.
        line: Name of the line.
        trunk: Name of the trunk; of an outgoing call the one over which the client was reached, or nothing.
        started_at: When the call came or was ordered, aware.
        ended_at: When it ended, aware.
        answered: Whether the caller's channel was answered; of an outgoing call whether the client has.
        result: What the engine left in IVR_RESULT: `done`, `queue`, or nothing.
        agi_status: AGISTATUS; `FAILURE` when the engine could not be reached.
        queue: Queue that the caller was in, or nothing.
        queue_status: QUEUESTATUS; why the queue was left without an answer, or nothing.
        agent: Interface of the person who answered or who called out, or nothing.
        cause: Hang-up cause (Q.850), or None.
        kind: Who called whom.
    """

    call_id: str
    line: str
    trunk: str
    started_at: datetime
    ended_at: datetime
    answered: bool
    result: str
    agi_status: str
    queue: str
    queue_status: str
    agent: str
    cause: int | None
    kind: CallKind

    def story(self) -> Story:
        """The beginning of the story of a call that nobody watched; `complete` adds the rest."""
        return Story(call_id=self.call_id, origin=Origin.IMPORTED, came_at=self.started_at, kind=self.kind)

    def complete(self, story: Story) -> None:
        """Add what is missing in a story whose end was not seen."""
        story.apply(HungUp(self.ended_at, self.cause))
        story.line = story.line or self.line or None
        story.queue = story.queue or self.queue or None
        if self.kind is CallKind.INBOUND or self.answered:
            story.agent = story.agent or self.agent or None
        story.data = {**story.data, "asterisk": self._told()}

    def _told(self) -> dict[str, Any]:
        return {
            "answered": self.answered,
            "result": self.result,
            "agi_status": self.agi_status,
            "queue_status": self.queue_status,
            "trunk": self.trunk,
        }


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that was left out; `line` counts from 1."""

    line: int
    reason: str


@dataclass(slots=True)
class Parsed:
    """Records, and the lines that are none."""

    records: list[CallRecord] = field(default_factory=list)
    bad: list[BadLine] = field(default_factory=list)


def parse(lines: Iterable[str]) -> Parsed:
    """Read the list; a broken line (the last one may be cut) is reported and left out."""
    parsed = Parsed()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            parsed.records.append(_record(line.strip().split(",")))
        except ValueError as error:
            parsed.bad.append(BadLine(number, str(error)))
    return parsed


def _record(values: list[str]) -> CallRecord:
    if len(values) != len(COLUMNS):
        raise ValueError(f"{len(values)} columns instead of {len(COLUMNS)}")
    told: dict[str, Any] = dict(zip(COLUMNS, values, strict=True))
    if not told["call_id"]:
        raise ValueError("no call id")
    for name in ("started_at", "ended_at"):
        told[name] = _instant(told[name], name)
    told["answered"] = told["answered"] == "yes"
    told["cause"] = int(told["cause"]) if told["cause"].isdecimal() else None
    told["kind"] = CallKind(told["kind"])
    return CallRecord(**told)


def _instant(text: str, column: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"{column} is no instant") from error
    if instant.tzinfo is None:
        raise ValueError(f"{column} has no time zone")
    return instant
