"""Which talks are drawn for evaluation: by chance, but the same ones whoever asks and whenever."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from sqlalchemy import Connection, exists, select

from ivr.archive.tables import recordings
from ivr.calls.tables import call_legs, calls
from ivr.quality.tables import evaluations


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A talk that is to be evaluated.

    Attributes:
        talk_at: When it began, aware.
        seconds: Its length.
        topic: Of the call.
        evaluated: Whether anybody has evaluated it.
    """

    call_id: str
    agent: str
    talk_at: datetime
    seconds: float
    topic: str | None
    evaluated: bool


def draw(
    connection: Connection,
    agent: str,
    since: datetime,
    until: datetime,
    *,
    count: int,
    least_seconds: float,
) -> list[Drawn]:
    """So many of an operator's recorded talks of a period, those that wait for an evaluation first.

    The order is a hash of the call's id: nobody can choose, and asking again draws the same.

    Args:
        connection: To read with.
        agent: Login.
        since: Talks that began at this instant or later.
        until: And before this one.
        count: How many.
        least_seconds: Shorter talks are left out.
    """
    recorded = exists().where(
        recordings.c.call_id == call_legs.c.call_id, recordings.c.purge_begun_at.is_(None)
    )
    judged = exists().where(evaluations.c.call_id == call_legs.c.call_id, evaluations.c.agent == agent)
    columns = (call_legs.c.call_id, call_legs.c.answered_at, call_legs.c.ended_at, calls.c.topic)
    statement = (
        select(*columns, judged.label("evaluated"))
        .join(calls, calls.c.call_id == call_legs.c.call_id)
        .where(
            call_legs.c.agent == agent,
            call_legs.c.answered_at >= since,
            call_legs.c.answered_at < until,
            call_legs.c.ended_at.is_not(None),
            recorded,
        )
    )
    talks = {
        row.call_id: Drawn(
            call_id=row.call_id,
            agent=agent,
            talk_at=row.answered_at,
            seconds=(row.ended_at - row.answered_at).total_seconds(),
            topic=row.topic,
            evaluated=bool(row.evaluated),
        )
        for row in connection.execute(statement)
    }
    long_enough = [talk for talk in talks.values() if talk.seconds >= least_seconds]
    chosen = sorted(long_enough, key=lambda talk: _lot(talk.call_id, agent))[:count]
    return sorted(chosen, key=lambda talk: (talk.evaluated, talk.talk_at))


def _lot(call_id: str, agent: str) -> bytes:
    return blake2b(f"{call_id} {agent}".encode(), digest_size=8).digest()
