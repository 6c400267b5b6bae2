"""Questions about calls that other rooms and the command line ask; jobs for `Database.read`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select

from ivr.calls.rows import story_of
from ivr.calls.story import Stage, Story
from ivr.calls.tables import call_steps, calls
from ivr.dialogue.ports import Step


@dataclass(frozen=True, slots=True)
class Brief:
    """What the archive needs to know of a call."""

    profile: str | None
    ended: bool


def briefs(connection: Connection, call_ids: Iterable[str]) -> dict[str, Brief]:
    """Profile and state of these calls, as far as they are known."""
    statement = select(calls.c.call_id, calls.c.profile, calls.c.stage).where(
        calls.c.call_id.in_(list(call_ids))
    )
    return {
        row.call_id: Brief(row.profile, row.stage == Stage.ENDED) for row in connection.execute(statement)
    }


def conversations_ended(connection: Connection, since: datetime, until: datetime) -> list[str]:
    """Ids of the answered calls whose end was noted in that time (`until` included)."""
    statement = select(calls.c.call_id).where(
        or_(calls.c.answered_at.is_not(None), calls.c.agent.is_not(None)),
        or_(
            (calls.c.ended_at > since) & (calls.c.ended_at <= until),
            (calls.c.lost_track_at > since) & (calls.c.lost_track_at <= until),
        ),
    )
    return list(connection.execute(statement).scalars())


def latest(connection: Connection, limit: int) -> list[Story]:
    """The calls that came last, newest first."""
    statement = select(calls).order_by(calls.c.came_at.desc()).limit(limit)
    return [story_of(dict(row)) for row in connection.execute(statement).mappings()]


def one(connection: Connection, call_id: str) -> tuple[Story, list[Step]] | None:
    """A call with its steps in order, or None."""
    row = connection.execute(select(calls).where(calls.c.call_id == call_id)).mappings().one_or_none()
    if row is None:
        return None
    statement = select(call_steps).where(call_steps.c.call_id == call_id).order_by(call_steps.c.seq)
    steps = [_step(dict(found)) for found in connection.execute(statement).mappings()]
    return story_of(dict(row)), steps


def _step(row: dict[str, Any]) -> Step:
    del row["call_id"], row["seq"]
    return Step(**row)
