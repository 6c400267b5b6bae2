"""How long a caller waited, talked and was on hold: pure figures of a story."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ivr.calls.legs import LegEnd
from ivr.calls.story import QueueMark, Story

Span = tuple[datetime, datetime | None]
"""From and until; None while it lasts."""


_NOBODY: Mapping[str, float | int | None] = {
    "wait_seconds": None,
    "requeued": 0,
    "talk_seconds": 0.0,
    "hold_seconds": 0.0,
    "transfers": 0,
}
"""Of a call that people had nothing to do with."""


@dataclass(frozen=True, slots=True)
class Wait:
    """One time that the caller waited for a person; the slices between which he hears the robot are one wait.

    Attributes:
        queue: Asterisk's queue that he entered first.
        until: When he was answered, or the call ended; None while he waits.
        answered: Whether a person answered.
    """

    queue: str
    since: datetime
    until: datetime | None = None
    answered: bool = False

    @property
    def seconds(self) -> float | None:
        """How long; None while it lasts."""
        return None if self.until is None else (self.until - self.since).total_seconds()


def waits(story: Story) -> list[Wait]:
    """The waits of a caller in order: the first, and one for each return to a queue after a talk."""
    if not story.queue_marks:
        return []
    found: list[Wait] = []
    waiting: Wait | None = None
    for mark in _timeline(story):
        if isinstance(mark, QueueMark):
            waiting = waiting or (Wait(mark.queue, mark.at) if mark.queue else None)
        elif waiting is not None:
            found.append(replace(waiting, until=mark, answered=True))
            waiting = None
    if waiting is not None:
        found.append(replace(waiting, until=story.ended_at))
    return found


def _timeline(story: Story) -> list[QueueMark | datetime]:
    """Marks of queues and answers of people, in order of time; of one moment the marks first."""
    answers = {leg.answered_at for leg in story.answered_legs() if leg.answered_at}
    if story.agent_answered_at is not None:
        answers.add(story.agent_answered_at)
    told: list[QueueMark | datetime] = [*story.queue_marks, *answers]
    return sorted(told, key=lambda one: (one.at, 0) if isinstance(one, QueueMark) else (one, 1))


def figures(story: Story) -> Mapping[str, float | int | None]:
    """The figures of a call by the names of their columns; talks that go on are left out."""
    if not (story.legs or story.queue_marks or story.agent_answered_at):
        return _NOBODY
    of_caller = waits(story)
    return {
        "wait_seconds": of_caller[0].seconds if of_caller else None,
        "requeued": max(0, len(of_caller) - 1),
        "talk_seconds": talk_seconds(story),
        "hold_seconds": hold_seconds(story),
        "transfers": transfers(story),
    }


def requeued(story: Story) -> int:
    """How often the caller came back to a queue after he had talked to a person."""
    return max(0, len(waits(story)) - 1)


def wait_seconds(story: Story) -> float | None:
    """From the first entry to a queue to the first answer or the end; None without a wait that has ended."""
    all_of_them = waits(story)
    return all_of_them[0].seconds if all_of_them else None


def talk_seconds(story: Story, now: datetime | None = None) -> float:
    """How long the caller was connected to people, each second once.

    Args:
        story: The call.
        now: Talks that go on are counted until then; None leaves them out.
    """
    spans: list[Span] = [(leg.answered_at, leg.ended_at) for leg in story.answered_legs() if leg.answered_at]
    if not spans and story.agent_answered_at is not None:
        spans = [(story.agent_answered_at, story.agent_ended_at or story.ended_at)]
    return _together(spans, now)


def hold_seconds(story: Story, now: datetime | None = None) -> float:
    """How long a caller was on hold, each second once; `now` as for talks."""
    return _together([(hold.since, hold.until) for leg in story.legs.values() for hold in leg.holds], now)


def transfers(story: Story) -> int:
    """How often the call was handed on by a person."""
    return sum(leg.end is LegEnd.TRANSFERRED for leg in story.legs.values())


def _together(spans: Iterable[Span], now: datetime | None) -> float:
    """Seconds that the spans cover."""
    total, covered = timedelta(), None
    for since, until in sorted(_closed(spans, now)):
        begins = since if covered is None else max(since, covered)
        if until > begins:
            total += until - begins
            covered = until
    return total.total_seconds()


def _closed(spans: Iterable[Span], now: datetime | None) -> Iterator[tuple[datetime, datetime]]:
    for since, until in spans:
        end = until or now
        if end is not None:
            yield since, end
