"""The history as it is told while it happens: in the order of Asterisk, then late, twice and out of order.

What is told are plain words; an adapter of the test translates them into the engine's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.truth.script import Call, Ring, Talk, Wait

ANSWERED_AFTER = timedelta(milliseconds=80)
LATE = 0.03
TWICE = 0.05
CORRECTED = 0.3
SCORE_AFTER = timedelta(seconds=8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Something that happened.

    Attributes:
        at: When it happened.
        heard_at: When it is told.
        what: `came`, `rang`, `wrapped-up` ...
        told: More of it.
    """

    at: datetime
    heard_at: datetime
    call: Call
    what: str
    told: Mapping[str, Any] = field(default_factory=dict)


Tell = Callable[..., Told]


def in_order(calls: Sequence[Call]) -> list[Told]:
    """Everything at the moment when it happens."""
    return sorted((each for call in calls for each in _of(call)), key=lambda told: told.heard_at)


def in_disorder(calls: Sequence[Call], random: Random) -> list[Told]:
    """The same, late by some hundredths of a second, now and then by minutes; some of it twice.

    Wrap-ups are first saved with something wrong in them, and corrected later.
    """
    told = [each for call in calls for each in _disturbed(call, random)]
    return sorted(told, key=lambda each: each.heard_at)


def _disturbed(call: Call, random: Random) -> Iterator[Told]:
    for each in _of(call):
        late = timedelta(seconds=random.uniform(20, 600) if random.random() < LATE else random.random() / 20)
        heard = each.heard_at if each.what == "came" else each.heard_at + late
        if each.what == "wrapped-up" and random.random() < CORRECTED:
            yield _again(each, each.heard_at, {**each.told, **_wrong(each.told)})
            heard = each.heard_at + timedelta(seconds=random.uniform(60, 3 * 86_400))
        yield _again(each, heard, each.told)
        if random.random() < TWICE and each.what not in ("came", "wrapped-up", "promised", "scored"):
            yield _again(each, heard + timedelta(seconds=random.uniform(0, 300)), each.told)


def _wrong(told: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"topic": "outage.reason", "personal": not told["personal"], "alone": not told["alone"]}


def _again(told: Told, heard_at: datetime, words: Mapping[str, Any]) -> Told:
    return Told(at=told.at, heard_at=heard_at, call=told.call, what=told.what, told=words)


def _of(call: Call) -> Iterator[Told]:
    def tell(what: str, at: datetime, **told: Any) -> Told:
        return Told(at=at, heard_at=at, call=call, what=what, told=told)

    yield tell("came", call.came_at)
    yield from _robot(call, tell)
    for wait in call.waits:
        yield from _wait(wait, tell)
    for number, ring in enumerate(call.rings):
        yield from _ring(call, number, ring, tell)
    for number, talk in enumerate(call.talks):
        yield from _talk(call, number, talk, tell)
    yield from _promise(call, tell)
    yield tell("hung-up", call.ended_at)
    if call.score is not None:
        yield tell("scored", call.ended_at + SCORE_AFTER, score=call.score, agent=call.talks[-1].agent)


def _robot(call: Call, tell: Tell) -> Iterator[Told]:
    yield tell("picked-up", call.came_at + ANSWERED_AFTER)
    how = "refused" if call.blocked else call.robot
    yield tell(f"robot-{how}", call.robot_until, topic=call.topic)
    if call.waits or call.talks:
        yield tell("handed-over", call.robot_until, topic=call.topic)


def _wait(wait: Wait, tell: Tell) -> Iterator[Told]:
    yield tell("joined", wait.since, queue=wait.queue)
    for left, back in wait.pauses:
        yield tell("left-queue", left)
        yield tell("joined", back, queue=wait.queue)
    if not wait.answered:
        yield tell("left-queue", wait.until)


def _ring(call: Call, number: int, ring: Ring, tell: Tell) -> Iterator[Told]:
    leg = f"{call.id}-r{number}"
    queue = call.waits[-1].queue if call.waits else ""
    gave_up = ring.until == call.ended_at
    yield tell("rang", ring.since, leg=leg, agent=ring.agent, queue=queue, role="queue")
    yield tell("rang-out", ring.until, leg=leg, by="caller" if gave_up else "no-answer")


def _promise(call: Call, tell: Tell) -> Iterator[Told]:
    if call.promise:
        yield tell("promised", call.promise.at)
        if call.promise.kept_at:
            yield tell("kept", call.promise.kept_at)
        if call.promise.broken_at:
            yield tell("broken", call.promise.broken_at)


def _talk(call: Call, number: int, talk: Talk, tell: Tell) -> Iterator[Told]:
    leg = f"{call.id}-t{number}"
    role = "queue" if talk.queue else "transfer"
    yield tell("rang", talk.rang_at, leg=leg, agent=talk.agent, queue=talk.queue, role=role)
    yield tell("answered", talk.since, leg=leg)
    if talk.queue:
        yield tell("connected", talk.since, agent=talk.agent)
    for since, until in talk.holds:
        yield tell("held", since, leg=leg)
        yield tell("resumed", until, leg=leg)
    if talk.identified_after is not None:
        found_at = talk.since + timedelta(seconds=talk.identified_after)
        yield tell("identified", found_at, agent=talk.agent, account=call.account)
    if talk.queue and talk.ended_by != "transferred":
        yield tell("completed", talk.until, by=talk.ended_by)
    yield tell("talk-ended", talk.until, leg=leg, by=talk.ended_by)
    if talk.wrapup_seconds is not None:
        saved_at = talk.until + timedelta(milliseconds=round(talk.wrapup_seconds * 1000))
        words = {"topic": talk.topic or call.last_topic, "personal": talk.personal, "alone": talk.alone}
        yield tell("wrapped-up", saved_at, agent=talk.agent, began_at=talk.until, **words)
