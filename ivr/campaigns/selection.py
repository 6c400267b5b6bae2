"""Who is called next: claims of dialers, and what becomes of them. Jobs for the database."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from ivr.campaigns import rows
from ivr.campaigns.entries import HistoryLine, Swept
from ivr.campaigns.model import CampaignState, Target, TargetState
from ivr.campaigns.tables import campaign_attempts, campaign_dialers, campaign_targets, campaigns

ENDS = frozenset({TargetState.DONE, TargetState.FAILED, TargetState.REFUSED, TargetState.EXPIRED})
_FREE: dict[str, Any] = {"state": TargetState.WAITING, "dialer": None, "attempt_id": None}
_of = campaign_targets.c


def alive(connection: Connection, dialer: str, now: datetime) -> None:
    """Note that a dialer works; a clock that was put back takes nothing back."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    seen = dialect.insert(campaign_dialers).values(name=dialer, seen_at=now)
    connection.execute(
        seen.on_conflict_do_update(index_elements=[campaign_dialers.c.name], set_={"seen_at": now})
    )


def claim(
    connection: Connection, campaign_ids: Collection[int], now: datetime, limit: int, dialer: str
) -> list[Target]:
    """Take the next targets that are due and nobody has; their dialer is thereby alive.

    The campaign whose window ends first comes first; in it whoever's day ends first (the easternmost);
    then who has been due for longest. The cost does not depend on how many wait.
    """
    alive(connection, dialer, now)
    found: list[Target] = []
    for campaign_id in _running(connection, campaign_ids):
        for ahead in _easts(connection, campaign_id):
            if len(found) == limit:
                return found
            found += _take(connection, _due(campaign_id, ahead, now).limit(limit - len(found)), dialer)
    return found


def claim_one(connection: Connection, target_id: int, now: datetime, dialer: str) -> Target | None:
    """Take this target, if it waits, is due and its campaign runs."""
    alive(connection, dialer, now)
    wanted = rows.find_target(connection, target_id)
    if wanted is None or not _running(connection, [wanted.campaign_id]):
        return None
    waits = and_(_of.id == target_id, _of.state == TargetState.WAITING, _of.due_at <= now)
    return next(iter(_take(connection, select(*rows.TARGET).where(waits), dialer)), None)


_RUNS = (
    select(campaigns.c.id)
    .where(campaigns.c.id == bindparam("campaign"), campaigns.c.state == CampaignState.RUNNING)
    .with_for_update(read=True)
)


def runs(connection: Connection, campaign_id: int) -> bool:
    """Whether a campaign runs; if so, it can't be paused or stopped until the transaction ends."""
    return connection.execute(_RUNS, {"campaign": campaign_id}).first() is not None


def _running(connection: Connection, campaign_ids: Collection[int]) -> list[int]:
    """Those of these campaigns that run; none can be paused or stopped until the transaction ends."""
    wanted = and_(campaigns.c.id.in_(list(campaign_ids)), campaigns.c.state == CampaignState.RUNNING)
    asked = select(campaigns.c.id, campaigns.c.last_day, campaigns.c.closes).where(wanted)
    found = connection.execute(asked.with_for_update(read=True)).all()
    return [
        each.id
        for each in sorted(found, key=lambda each: (each.last_day, each.closes is None, each.closes, each.id))
    ]


def _easts(connection: Connection, campaign_id: int) -> Iterator[int]:
    """The offsets of those who wait, the easternmost first: one look into the index for each."""
    waits = and_(_of.campaign_id == campaign_id, _of.state == TargetState.WAITING)
    furthest: int | None = connection.execute(select(func.max(_of.east)).where(waits)).scalar()
    while furthest is not None:
        yield furthest
        further_west = and_(waits, _of.east < furthest)
        furthest = connection.execute(select(func.max(_of.east)).where(further_west)).scalar()


def _due(campaign_id: int, ahead: int, now: datetime) -> Select[Any]:
    waits = and_(_of.campaign_id == campaign_id, _of.state == TargetState.WAITING, _of.east == ahead)
    return select(*rows.TARGET).where(waits, _of.due_at <= now).order_by(_of.due_at)


def _take(connection: Connection, asked: Select[Any], dialer: str) -> list[Target]:
    """The rows are locked by the reading, so that another dialer passes them over."""
    found = [rows.target(row) for row in connection.execute(asked.with_for_update(skip_locked=True))]
    if found:
        taken = {"state": TargetState.CALLING, "dialer": dialer, "attempt_id": None}
        connection.execute(
            update(campaign_targets).where(_of.id.in_([each.target_id for each in found])).values(taken)
        )
    return [replace(each, state=TargetState.CALLING) for each in found]


# --- what becomes of a claim ---


def settled() -> ColumnElement[bool]:
    """Of targets: no attempt at them is under way."""
    made = campaign_attempts.c
    return ~exists().where(made.target_id == _of.id, made.ended_at.is_(None))


_MINE = _of.id == bindparam("target")
_AGAIN = (
    update(campaign_targets)
    .where(_MINE, _of.state == TargetState.CALLING, settled())
    .values({**_FREE, "due_at": bindparam("at")})
)
_AGAIN_AFTER = _AGAIN.where(_of.attempt_id == bindparam("after"))
_OVER = (
    update(campaign_targets)
    .where(_MINE, *(_of.state != end for end in sorted(ENDS)), settled())
    .values(state=bindparam("end"), outcome=bindparam("why"), dialer=None, attempt_id=None)
)


def again(connection: Connection, target_id: int, due_at: datetime, after: str | None) -> bool:
    """Let a target wait until `due_at`; see `CampaignBook.again`."""
    told = {"target": target_id, "at": due_at}
    if after is None:
        return connection.execute(_AGAIN, told).rowcount > 0
    return connection.execute(_AGAIN_AFTER, {**told, "after": after}).rowcount > 0


def over(connection: Connection, target_id: int, state: TargetState, outcome: str) -> bool:
    """End a target; see `CampaignBook.over`."""
    if state not in ENDS:
        raise ValueError(f"{state} is no end of a target")
    told = {"target": target_id, "end": state, "why": outcome[:200]}
    return connection.execute(_OVER, told).rowcount > 0


def give_back(connection: Connection, target_ids: Collection[int], dialer: str) -> int:
    """Let targets wait on that this dialer has claimed and written no attempt for; how many these were."""
    mine = and_(_of.id.in_(list(target_ids)), _of.dialer == dialer, _of.attempt_id.is_(None))
    return connection.execute(update(campaign_targets).where(mine).values(_FREE)).rowcount


def gone(connection: Connection, before: datetime) -> list[str]:
    """Dialers not heard of since then."""
    silent = select(campaign_dialers.c.name).where(campaign_dialers.c.seen_at < before)
    return list(connection.execute(silent.order_by(campaign_dialers.c.name)).scalars())


def give_back_all(connection: Connection, dialers: Sequence[str]) -> int:
    """Let all targets wait on that these dialers have claimed and written no attempt for."""
    theirs = and_(_of.dialer.in_(dialers), _of.attempt_id.is_(None))
    return connection.execute(update(campaign_targets).where(theirs).values(_FREE)).rowcount


# --- the end of a window ---


def sweep(connection: Connection, now: datetime, limit: int) -> Swept:
    """End at most `limit` targets of campaigns that are over, then the campaigns; see `CampaignBook`."""
    today, expired, done = now.date(), 0, []
    for campaign_id, state, last_day in _begun(connection):
        stopped, late = state == CampaignState.STOPPED, last_day < today
        if stopped or late:
            why = "stopped" if stopped else "window-over"
            expired += _expire(connection, campaign_id, why, limit - expired)
        if not stopped and _all_ended(connection, campaign_id, late):
            line = HistoryLine(now, "", CampaignState.DONE, "window-over" if late else "all-ended")
            rows.set_state(connection, campaign_id, line)
            done.append(campaign_id)
    return Swept(expired, tuple(done))


def _begun(connection: Connection) -> list[tuple[int, str, date]]:
    begun = (CampaignState.RUNNING, CampaignState.PAUSED, CampaignState.STOPPED)
    asked = select(campaigns.c.id, campaigns.c.state, campaigns.c.last_day)
    begun_ones = connection.execute(asked.where(campaigns.c.state.in_(begun)).order_by(campaigns.c.id))
    return [(each.id, each.state, each.last_day) for each in begun_ones]


def _expire(connection: Connection, campaign_id: int, why: str, limit: int) -> int:
    waits = and_(_of.campaign_id == campaign_id, _of.state == TargetState.WAITING)
    asked = select(_of.id).where(waits).limit(limit).with_for_update(skip_locked=True)
    ids = list(connection.execute(asked).scalars())
    if ids:
        told = {"state": TargetState.EXPIRED, "outcome": why}
        connection.execute(update(campaign_targets).where(_of.id.in_(ids)).values(told))
    return len(ids)


def _all_ended(connection: Connection, campaign_id: int, none_is_enough: bool) -> bool:
    mine = _of.campaign_id == campaign_id
    pending = and_(mine, _of.state.in_((TargetState.WAITING, TargetState.CALLING)))
    if connection.execute(select(exists().where(pending))).scalar():
        return False
    return none_is_enough or bool(connection.execute(select(exists().where(mine))).scalar())
