"""Questions about calls that other rooms and the command line ask; jobs for `Database.read`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, false, or_, select

from ivr.calls.deeds import Deed
from ivr.calls.legs import Leg
from ivr.calls.rows import read_legs, read_stories, select_stories
from ivr.calls.story import CallKind, Disposition, Stage, Story
from ivr.calls.tables import call_deeds, call_steps, calls, identifications, wrapups
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


def callers(connection: Connection, call_ids: Iterable[str]) -> dict[str, str]:
    """Numbers of the callers of these calls, as far as they are known."""
    statement = select(calls.c.call_id, calls.c.caller_number).where(calls.c.call_id.in_(list(call_ids)))
    return {row.call_id: row.caller_number for row in connection.execute(statement) if row.caller_number}


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
    return list(
        select_stories(connection, select(calls).order_by(calls.c.came_at.desc()).limit(limit)).values()
    )


def one(connection: Connection, call_id: str) -> tuple[Story, list[Step]] | None:
    """A call with its steps in order, or None."""
    story = read_stories(connection, [call_id]).get(call_id)
    return None if story is None else (story, steps(connection, call_id))


def steps(connection: Connection, call_id: str) -> list[Step]:
    """The steps of a call in order."""
    statement = select(call_steps).where(call_steps.c.call_id == call_id).order_by(call_steps.c.seq)
    return [_step(dict(found)) for found in connection.execute(statement).mappings()]


def legs(connection: Connection, call_id: str) -> list[Leg]:
    """The legs of a call, the first to ring first."""
    return read_legs(connection, [call_id])


def deeds(connection: Connection, call_id: str) -> list[Deed]:
    """What people did in a call, in order of time."""
    statement = select(call_deeds).where(call_deeds.c.call_id == call_id)
    ordered = statement.order_by(call_deeds.c.at, call_deeds.c.id)
    return [_deed(dict(found)) for found in connection.execute(ordered).mappings()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A call that a client made, or that we made to him, before.

    Attributes:
        agent: Login of the first person who talked with him, or None.
        topic: Of the wrap-up, else what the robot understood, or None.
        result: Of the wrap-up, or None.
    """

    call_id: str
    kind: CallKind
    came_at: datetime
    disposition: Disposition
    outcome: str | None
    agent: str | None
    topic: str | None
    result: str | None


def earlier(
    connection: Connection, number: str, accounts: Sequence[str], but: str, limit: int
) -> list[Earlier]:
    """The last calls of a number, or in which the caller was identified for one of the accounts.

    Args:
        connection: To read with.
        number: In E.164; empty for none.
        accounts: Numbers of accounts.
        but: Id of a call to leave out.
        limit: How many at most; the newest first.
    """
    identified = select(identifications.c.call_id).where(identifications.c.account_number.in_(accounts))
    of_client = (calls.c.caller_number == number) if number else false()
    mine = or_(of_client, calls.c.call_id.in_(identified)) if accounts else of_client
    query = select(calls).where(mine, calls.c.call_id != but).order_by(calls.c.came_at.desc()).limit(limit)
    rows = list(connection.execute(query).mappings())
    summed_up = _last_wrapups(connection, [row["call_id"] for row in rows])
    return [_earlier(row, *summed_up.get(row["call_id"], (None, None))) for row in rows]


def _last_wrapups(connection: Connection, call_ids: list[str]) -> dict[str, tuple[str | None, str | None]]:
    """Topic and result that the last person noted for each call."""
    query = select(wrapups.c.call_id, wrapups.c.topic, wrapups.c.result)
    final = query.where(wrapups.c.call_id.in_(call_ids), wrapups.c.saved_at.is_not(None))
    return {
        row.call_id: (row.topic, row.result) for row in connection.execute(final.order_by(wrapups.c.saved_at))
    }


def _earlier(row: RowMapping, topic: str | None, result: str | None) -> Earlier:
    return Earlier(
        call_id=row["call_id"],
        kind=CallKind(row["kind"]),
        came_at=row["came_at"],
        disposition=Disposition(row["disposition"]),
        outcome=row["outcome"],
        agent=row["agent"],
        topic=topic or row["topic"],
        result=result,
    )


def _deed(row: dict[str, Any]) -> Deed:
    del row["id"]
    return Deed(**row)


def _step(row: dict[str, Any]) -> Step:
    del row["call_id"], row["seq"]
    return Step(**row)
