"""Calls drawn in few strokes: lengths in seconds, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.truth.script import Call, EndedBy, Promise, Ring, Robot, Talk, Wait

RING = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoke:
    """A talk to be: `hold` lies in its middle."""

    agent: str = "ivanova"
    seconds: float = 100.0
    hold: float = 0.0
    wrapup: float | None = 20.0
    ended_by: EndedBy = "caller"
    personal: bool = False
    alone: bool = True
    topic: str = ""
    found_after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stood:
    """A wait to be, after which follows a talk or, for the last one, nobody.

    Attributes:
        rings: Who was rung in vain on the way, 3 s each, the last one until the end.
        pause: How long the robot spoke to him in the middle of it.
    """

    seconds: float
    queue: str = "private"
    rings: tuple[str, ...] = ()
    pause: float = 0.0


def call(
    id: str,
    came_at: datetime,
    *,
    robot: Robot = "handed",
    robot_seconds: float = 30.0,
    stood: Sequence[Stood] = (),
    spoke: Sequence[Spoke] = (),
    after: float = 0.0,
    **known: Any,
) -> Call:
    """A call: the robot, then waits and talks in turn; talks that are more than waits follow directly.

    Args:
        id: Of the call.
        came_at: When it came.
        robot: How the robot's part ended.
        robot_seconds: How long it lasted.
        stood: Waits.
        spoke: Talks. The wait of the same number comes before each.
        after: How long the caller stays after all that.
        known: Other attributes of the call.
    """
    came_at = came_at.astimezone(UTC)  # lengths are added to instants, not to what a wall clock shows
    at = handed = came_at + seconds(robot_seconds)
    waits: list[Wait] = []
    rings: list[Ring] = []
    talks: list[Talk] = []
    for number in range(max(len(stood), len(spoke))):
        if number < len(stood):
            wait, rung = _wait(stood[number], at, answered=number < len(spoke))
            waits, rings, at = [*waits, wait], [*rings, *rung], wait.until
        if number < len(spoke):
            talk = _talk(spoke[number], at, stood[number].queue if number < len(stood) else "", came_at)
            talks, at = [*talks, talk], talk.until
    standard: dict[str, Any] = {
        "line": "main",
        "number_called": "74832000000",
        "caller": "",
        "segment": "private",
        "topic": "bill.explain",
        "outcome": {"served": "told", "handed": "operator", "left": ""}[robot],
    }
    return Call(
        id=id,
        came_at=came_at,
        ended_at=at + seconds(after),
        robot=robot,
        robot_until=handed,
        waits=tuple(waits),
        rings=tuple(rings),
        talks=tuple(talks),
        **{**standard, **known},
    )


def promised(drawn: Call, *, after: float, kept: float | None = None, broken: float | None = None) -> Call:
    """The same call with a promise to call, given so long after it came; kept or broken later, seconds."""
    at = drawn.came_at + seconds(after)
    kept_at = None if kept is None else at + seconds(kept)
    broken_at = None if broken is None else at + seconds(broken)
    return replace(drawn, promise=Promise(at=at, kept_at=kept_at, broken_at=broken_at))


def seconds(number: float) -> timedelta:
    """A length in whole milliseconds."""
    return timedelta(milliseconds=round(number * 1000))


def _wait(stood: Stood, since: datetime, *, answered: bool) -> tuple[Wait, list[Ring]]:
    until = since + seconds(stood.seconds)
    rings = [
        Ring(
            agent=agent,
            since=max(since, until - seconds(RING * (number + 1))),
            until=until - seconds(RING * number),
        )
        for number, agent in enumerate(reversed(stood.rings))
    ]
    middle = since + seconds((stood.seconds - stood.pause) / 2)
    pauses = ((middle, middle + seconds(stood.pause)),) if stood.pause else ()
    wait = Wait(queue=stood.queue, since=since, until=until, answered=answered, pauses=pauses)
    return wait, rings[::-1]


def _talk(spoke: Spoke, since: datetime, queue: str, came_at: datetime) -> Talk:
    held_at = since + seconds((spoke.seconds - spoke.hold) / 2)
    return Talk(
        agent=spoke.agent,
        rang_at=max(came_at, since - seconds(1)),
        since=since,
        until=since + seconds(spoke.seconds),
        holds=((held_at, held_at + seconds(spoke.hold)),) if spoke.hold else (),
        ended_by=spoke.ended_by,
        wrapup_seconds=spoke.wrapup,
        personal=spoke.personal,
        alone=spoke.alone,
        topic=spoke.topic,
        identified_after=spoke.found_after,
        queue=queue,
    )
